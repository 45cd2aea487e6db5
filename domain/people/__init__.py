"""People by real name: who somebody on WeChat is, and what is held of them.

`actions.py` logs in an identity of WeChat, `binding.py` makes it a person's (`moving.py` where an
officer has to), on what all of them share in `identities.py`. `roster.py` meets people whom others
name, `lookups.py` is what staff see, `corrections.py` what people ask to have put right.
"""
