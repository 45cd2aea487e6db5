"""Reading a request's address strictly: what its percent-encoding states must be UTF-8.

aiohttp puts replacement characters where it is not, and a question would be answered that
nobody asked.
"""

from urllib.parse import unquote_to_bytes

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from domain.errors import DomainError


def check_addresses(prefix: str) -> Middleware:
    """Middleware: below `prefix`, path and query are UTF-8. Raises DomainError wrong_encoding."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(prefix) and not is_utf8(request.raw_path):
            raise DomainError("wrong_encoding")
        return await handler(request)

    return check


def is_utf8(target: str) -> bool:
    """Whether the bytes behind the percent-encoding of a request's target are UTF-8."""
    if "%" not in target and target.isascii():
        return True
    try:
        unquote_to_bytes(target).decode("utf-8")
    except UnicodeError:
        return False
    return True
