"""People by real name: who somebody on WeChat is, and what is held of them.

`binding.py` makes an identity of WeChat a person's (`moving.py` where an officer has to), on what
it shares with domain/login in `identities.py`; `unionids.py` joins the two of one user. `naming.py`
meets people whom others name (a roster, a firm, the hotline): known already, or made. `lookups.py`
is what staff see, `corrections.py` what people ask to have put right.
"""
