"""The composition root: the only place where parts are made and put together.

Each module gives one whole: what lies outside a process, the router, the web application, the
worker. Everything else is handed what it works with.
"""
