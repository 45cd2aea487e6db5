"""A stand-in for the WeChat platform, so that the whole product runs with no account.

It speaks the platform's HTTP, and `sandbox.phone` speaks as a person's phone would. State is
in memory and kept small. It imports nothing of the product but its settings.
"""
