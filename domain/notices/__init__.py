"""Telling people what has happened to something of theirs.

`news.py` leaves a notice, in the action's own transaction; `sending.py` is what a job does with
it. Another channel than the official account belongs beside it.
"""
