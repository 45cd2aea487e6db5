"""Accounts of the console: who may sign in, how they prove it, and in which role they act.

`signing_in.py` are the steps from a name to a session, `sessions.py` what a cookie stands for,
`attempts.py` the pauses after wrong tries, `actions.py` what is done to accounts.
"""
