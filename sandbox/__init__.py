"""A stand-in for the WeChat platform, so that the whole product runs with no account.

`platform/` speaks the platform's HTTP, `callback/` posts to the service as the platform does, and
`phone/` is a person's phone in the browser; control.py is for tests. State is in memory and kept
small. It imports nothing of the product but its settings.
"""
