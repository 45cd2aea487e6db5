"""Reading a request's JSON body strictly.

Python's parser, and aiohttp-pydantic over it, let through what other parsers read
differently or what breaks later: bodies in another charset, duplicate names (RFC 8259
section 4: behaviour unpredictable), NaN, numbers of thousands of digits, nesting that
exhausts the stack. Here each is one stable code.
"""

import json
from typing import NoReturn

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from domain.errors import DomainError
from web.body_limits import body_limit_of

#: Deeper than any body of ours, far from the interpreter's own limit.
MAX_DEPTH = 32

_JSON = "application/json"
_UTF8_NAMES = frozenset({None, "utf-8", "utf8", "us-ascii", "ascii"})


def check_json_bodies(prefix: str) -> Middleware:
    """Middleware: below `prefix`, a body is JSON that all read alike.

    It stands behind web.body_limits, so the body is read and lies in the request: the view that
    parses it afterwards meets nothing it cannot take. Streamed views judge their own.
    Raises DomainError: malformed_json, wrong_encoding, unsupported_media_type.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(prefix) and request.body_exists and not _is_exempt(request):
            body = await request.read()
            if body:
                _check(request, body)
        return await handler(request)

    return check


def _is_exempt(request: web.Request) -> bool:
    match = request.match_info
    if match.http_exception is not None:
        return True
    limit = body_limit_of(match.handler, request.method)
    return limit is not None and limit.streamed


def _check(request: web.Request, body: bytes) -> None:
    if request.content_type != _JSON:
        raise DomainError("unsupported_media_type", accepted=[_JSON])
    charset = request.charset
    if (charset and charset.lower()) not in _UTF8_NAMES:
        raise DomainError("wrong_encoding")
    parse_json(body)


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
