"""How large a body may be and how long it may take: every view that takes one says so.

`@body(most_bytes=…, seconds=…)` marks a function, a view class or one method of it. The
middleware then reads the whole body before the view runs, no further than the mark allows, and
the view finds it read (`request.read()`, a Shape, web/forms.py). A view marked `streamed=True`
reads for itself, through web/uploads.py. An application with a POST, PUT, PATCH or DELETE
without a mark does not start.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import PayloadEncodingError
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

from domain.errors import DomainError

_MARK = "__body__"
#: Methods whose views must say what they take; of others a body means nothing.
_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")

Marked = TypeVar("Marked", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """What a body may be: its bytes as they come and unpacked, and the seconds for all of it."""

    most_bytes: int
    seconds: float
    #: The view reads the body itself, through web/uploads.py.
    streamed: bool = False


#: For a body that comes with a GET of the API: it is still checked, and means nothing.
_UNASKED = BodyLimit(most_bytes=64 * 1024, seconds=5.0)

#: What is to be thrown away when the request ends; only where a view is marked as streamed.
AT_END = web.RequestKey("at_end", ExitStack)


def body(*, most_bytes: int, seconds: float, streamed: bool = False) -> Callable[[Marked], Marked]:
    """Mark a view that takes a body. Raises ValueError for a limit that is none."""
    if most_bytes < 1 or seconds <= 0:
        raise ValueError("a body's limits are at least one byte and some time")
    limit = BodyLimit(most_bytes, seconds, streamed)

    def mark(handler: Marked) -> Marked:
        setattr(handler, _MARK, limit)
        return handler

    return mark


def body_limit_of(handler: object, method: str) -> BodyLimit | None:
    """The mark of `handler` for an HTTP method such as "POST"; None where it has none."""
    own = getattr(handler, method.lower(), None) if isinstance(handler, type) else None
    limit: BodyLimit | None = getattr(own, _MARK, None)
    return limit if limit is not None else getattr(handler, _MARK, None)


def find_unlimited(app: web.Application) -> Iterator[str]:
    """Each "METHOD /path" of `app` and its parts that takes a body and does not say how large."""
    for route in app.router.routes():
        handler = route.handler
        path = "" if route.resource is None else route.resource.canonical
        for method in _WITH_BODY:
            is_there = (
                hasattr(handler, method.lower())
                if isinstance(handler, type)
                else route.method in (method, "*")
            )
            if is_there and body_limit_of(handler, method) is None:
                yield f"{method} {path}"


async def require_body_limits(app: web.Application) -> None:
    """For `app.on_startup`. Raises RuntimeError that names the views without a mark."""
    unlimited = sorted(find_unlimited(app))
    if unlimited:
        raise RuntimeError(f"no @body(most_bytes=…, seconds=…) on {', '.join(unlimited)}")


def limit_bodies(api_prefix: str) -> Middleware:
    """Middleware: enforces the marks. Below `api_prefix` what is not marked is read too.

    Raises DomainError too_large or bad_request, aiohttp's HTTPRequestTimeout (408).
    """

    @web.middleware
    async def enforce(request: web.Request, handler: Handler) -> web.StreamResponse:
        match = request.match_info
        if match.http_exception is not None:
            return await handler(request)
        limit = body_limit_of(match.handler, request.method)
        if limit is None and request.path.startswith(api_prefix):
            limit = _UNASKED
        if limit is None:
            return await handler(request)
        if (request.content_length or 0) > limit.most_bytes:
            raise DomainError("too_large", limit_bytes=limit.most_bytes)
        if limit.streamed:
            with ExitStack() as at_end:
                request[AT_END] = at_end
                return await handler(request)
        if not request.can_read_body:
            return await handler(request)
        # aiohttp has one limit for a whole application; a clone has one of its own.
        request = request.clone(client_max_size=limit.most_bytes)
        async with within(request, limit):
            await request.read()
        return await handler(request)

    return enforce


@asynccontextmanager
async def within(request: web.Request, limit: BodyLimit) -> AsyncIterator[None]:
    """Reading inside takes `limit.seconds` at most and fails by code; aiohttp waits for ever.

    Raises DomainError too_large or bad_request (a body that is not packed as its
    Content-Encoding says), HTTPRequestTimeout.
    """
    try:
        async with asyncio.timeout(limit.seconds):
            yield
    except TimeoutError:
        request.protocol.close()
        raise web.HTTPRequestTimeout from None
    except web.HTTPRequestEntityTooLarge:
        raise DomainError("too_large", limit_bytes=limit.most_bytes) from None
    except (PayloadEncodingError, RequestPayloadError):
        raise DomainError("bad_request", about="compression") from None
