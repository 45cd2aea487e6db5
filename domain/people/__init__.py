"""People by real name: who somebody on WeChat is, and what is held of them."""
