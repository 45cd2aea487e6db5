"""Door 1: the official account, from a request to WeChat's callback to the answer."""
