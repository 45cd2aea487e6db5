"""Reading a request's JSON body strictly.

Python's parser, and aiohttp-pydantic over it, let through what other parsers read
differently or what breaks later: bodies in another charset, duplicate names (RFC 8259
section 4: behaviour unpredictable), NaN, numbers of thousands of digits, nesting that
exhausts the stack. Here each is one stable code.
"""

import asyncio
import json
from typing import Any, NoReturn

from aiohttp import web
from aiohttp.http_exceptions import PayloadEncodingError
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

from domain.errors import DomainError

#: Deeper than any body of ours, far from the interpreter's own limit.
MAX_DEPTH = 32

_JSON = "application/json"
_UTF8_NAMES = frozenset({None, "utf-8", "utf8", "us-ascii", "ascii"})
_MEDIA = "__media__"


def accept_media(*content_types: str) -> Any:
    """Mark a handler that takes bodies of these types instead of JSON and reads them itself."""

    def mark(handler: Any) -> Any:
        setattr(handler, _MEDIA, frozenset(content_types))
        return handler

    return mark


def check_json_bodies(prefix: str, seconds: float) -> Middleware:
    """Middleware: below `prefix`, a body is read within `seconds` and is JSON that all read alike.

    The body stays in the request (`request.read()` answers it again), so the view that
    parses it afterwards meets nothing it cannot take. Raises DomainError: bad_request,
    malformed_json, wrong_encoding, unsupported_media_type, too_large; aiohttp's
    HTTPRequestTimeout for a body that trickles in.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(prefix) and request.can_read_body:
            await _check(request, seconds)
        return await handler(request)

    return check


async def _check(request: web.Request, seconds: float) -> None:
    if request.match_info.http_exception is not None:
        return
    other_media = _other_media(request)
    if request.content_type != _JSON and request.content_type not in other_media:
        raise DomainError("unsupported_media_type", accepted=sorted(other_media) or [_JSON])
    if request.content_type != _JSON:
        return
    charset = request.charset
    if (charset and charset.lower()) not in _UTF8_NAMES:
        raise DomainError("wrong_encoding")
    parse_json(await read_body(request, seconds))


def _other_media(request: web.Request) -> frozenset[str]:
    handler = request.match_info.handler
    if isinstance(handler, type):
        handler = getattr(handler, request.method.lower(), handler)
    media: frozenset[str] = getattr(handler, _MEDIA, frozenset())
    return media


async def read_body(request: web.Request, seconds: float) -> bytes:
    """The whole body, within `seconds` and the application's client_max_size.

    aiohttp itself waits for a body for ever. Raises DomainError too_large or bad_request
    (a body that is not packed as its Content-Encoding says), HTTPRequestTimeout.
    """
    limit = request.client_max_size
    if limit and (request.content_length or 0) > limit:
        raise DomainError("too_large", limit_bytes=limit)
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except TimeoutError:
        request.protocol.close()
        raise web.HTTPRequestTimeout from None
    except web.HTTPRequestEntityTooLarge:
        raise DomainError("too_large", limit_bytes=limit) from None
    except (PayloadEncodingError, RequestPayloadError):
        raise DomainError("bad_request", about="compression") from None


def parse_json(body: bytes) -> object:
    """The one value that `body` states. Raises DomainError malformed_json or wrong_encoding."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise DomainError("wrong_encoding") from None
    try:
        value: object = _DECODER.decode(text)
    except (ValueError, RecursionError):
        # ValueError covers JSONDecodeError, our own refusals and integers of too many digits.
        raise DomainError("malformed_json") from None
    if _depth(value, MAX_DEPTH) > MAX_DEPTH:
        raise DomainError("malformed_json")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate name")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates)


def _depth(value: object, limit: int) -> int:
    """Levels of lists and objects, counted no further than one past `limit`."""
    depth, level = 0, [value]
    while level and depth <= limit:
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        depth += 1
    return depth
