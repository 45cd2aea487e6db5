"""The name of the request at work, which ties its log lines together."""

import re
import secrets
from contextvars import ContextVar

#: The header in which it goes out, and comes in from a trusted proxy.
REQUEST_ID_HEADER = "X-Request-ID"

_REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")

#: What a proxy's X-Request-ID may look like; anything else could forge or flood the log.
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def current_request_id() -> str:
    """The id of the request being answered in this task; "" outside of one."""
    return _REQUEST_ID.get()


def set_request_id(request_id: str) -> None:
    """Name the request of this task; aiohttp runs each request in a context of its own."""
    _REQUEST_ID.set(request_id)


def make_request_id() -> str:
    """A fresh id, 16 hexadecimal digits."""
    return secrets.token_hex(8)


def is_sane(request_id: str) -> bool:
    """Whether an id that a proxy sent may be taken over."""
    return _SANE.fullmatch(request_id) is not None
