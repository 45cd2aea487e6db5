"""PostgreSQL and Redis from wheels, run as children of ours. docs/decisions says why.

`EmbeddedServices` starts and stops both; `attach_or_start` is what a command that needs them uses.
"""

from scripts.embedded.attach import ServiceUrls, attach_or_start
from scripts.embedded.errors import AlreadyRunningError, EmbeddedError
from scripts.embedded.services import EmbeddedServices

__all__ = [
    "AlreadyRunningError",
    "EmbeddedError",
    "EmbeddedServices",
    "ServiceUrls",
    "attach_or_start",
]
