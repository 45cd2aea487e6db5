"""What happens below the middleware: requests that aiohttp cannot read, told in our own way.

aiohttp answers a request line that is too long, a header that is none, an encoding that it cannot
unpack before any middleware runs: in English, with its name and version in `Server`, seen by
no counter. Here they get the form of every other failure (web/problems.py), a request id, a
log line and a count.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import ContentEncodingError, LineTooLong, PayloadEncodingError
from aiohttp.web_protocol import RequestHandler, RequestPayloadError
from multidict import CIMultiDict

from observing.request_id import (
    REQUEST_ID_HEADER,
    current_request_id,
    make_request_id,
    set_request_id,
)
from web.problems import Asker, Problems

log = structlog.get_logger("web.protocol")

#: What a packet with the beginning of a request begins with.
_BEGINNINGS = tuple(
    f"{method} ".encode()
    for method in ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT")
)
#: Bytes kept of that packet: enough for the method and the first steps of the path.
_KEPT = 64
#: The method of the empty request that aiohttp makes up where it could read none.
_UNREAD = "UNKNOWN"
#: What a body may be packed with (RFC 9110, 15.5.16: a 415 says so in Accept-Encoding).
_ENCODINGS = "gzip, deflate"


class UnreadableRequests:
    """The answers to requests that never became one, and to failures beyond the middleware.

    `count` is Metrics.observe_request: (method, route, status, seconds).
    """

    def __init__(self, problems: Problems, count: Callable[[str, str, int, float], None]) -> None:
        self._problems = problems
        self._count = count

    def refuse(self, asker: Asker, error: BaseException | None, max_line: int) -> web.Response:
        """The answer to what the parser refused with `error`; `max_line` tells a line too long
        from a header too long."""
        log.info("malformed_http", error=type(error).__qualname__)
        if isinstance(error, ContentEncodingError):
            code, status, about = "unsupported_media_type", 415, "compression"
        elif isinstance(error, LineTooLong) and error.args[1] == max_line:
            code, status, about = "too_large", 414, "address"
        elif isinstance(error, LineTooLong):
            code, status, about = "too_large", 431, "headers"
        else:
            code, status, about = "bad_request", 400, "unreadable"
        headers = {"Accept-Encoding": _ENCODINGS} if status == 415 else None
        answer = self._problems.answer_asker(
            asker, code, {"about": about}, status=status, headers=headers
        )
        return self._finish(asker, answer)

    def answer_unexpected(self, asker: Asker, error: BaseException | None) -> web.Response:
        """The answer to an exception that got past the middleware."""
        return self._finish(asker, self._problems.answer_unexpected(asker, error))

    def _finish(self, asker: Asker, answer: web.Response) -> web.Response:
        self._count(asker.method, "", answer.status, 0.0)
        response = _NamelessResponse(
            status=answer.status, body=answer.body, headers=CIMultiDict(answer.headers)
        )
        response.headers[REQUEST_ID_HEADER] = current_request_id()
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.force_close()
        return response


UNREADABLE = web.AppKey("unreadable", UnreadableRequests)


class _NamelessResponse(web.Response):
    """Without aiohttp's name: the signal that removes it elsewhere (web/headers.py) does not
    reach an answer to a request that no route was looked up for."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall(hdrs.SERVER, None)


class Runner(web.AppRunner):
    """aiohttp's runner, with connections that answer what they cannot read as we do."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler,
            unreadable=self.app[UNREADABLE],
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,
        )


class _Server(web.Server):
    def __init__(self, handler: Any, *, unreadable: UnreadableRequests, **options: Any) -> None:
        super().__init__(handler, **options)
        self._unreadable = unreadable

    def __call__(self) -> RequestHandler:
        return _Connection(
            self, unreadable=self._unreadable, loop=asyncio.get_running_loop(), **self._kwargs
        )


class _Connection(RequestHandler):
    """One connection. Only what the parser or the middleware let through is our own."""

    __slots__ = ("_beginning", "_unreadable")

    def __init__(
        self, manager: web.Server, *, unreadable: UnreadableRequests, **options: Any
    ) -> None:
        super().__init__(manager, **options)
        self._unreadable = unreadable
        self._beginning = b""

    def data_received(self, data: bytes) -> None:
        # Where the parser fails, the path is lost with it, and with the path the form of the
        # answer; so the beginning of the latest request is kept.
        if data.startswith(_BEGINNINGS):
            self._beginning = bytes(data[:_KEPT])
        super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,  # noqa: ARG002 - ours follows from the error
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's words are not for people
    ) -> web.StreamResponse:
        """The answer to what was refused below the middleware; it closes the connection.

        Raises ConnectionError where a part of another answer is out already.
        """
        if not current_request_id():
            set_request_id(make_request_id())
        if request.writer.output_size > 0:
            log.error("failed_after_the_answer_began", exc_info=exc)
            raise ConnectionError("an answer is under way, this one cannot be sent")
        if request.method == _UNREAD:
            return self._unreadable.refuse(_read_asker(self._beginning), exc, self.max_line_size)
        return self._unreadable.answer_unexpected(Asker.of(request), exc)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """A body that cannot be unpacked fails once more while aiohttp throws its rest away."""
        if isinstance(kw.get("exc_info"), RequestPayloadError | PayloadEncodingError):
            log.info("malformed_body")
            return
        super().log_exception(*args, **kw)


def _read_asker(beginning: bytes) -> Asker:
    """Method and path out of the first bytes of a request; nothing of them is sent or logged."""
    method, _, target = beginning.decode("latin-1").partition(" ")
    if "://" in target:
        target = "/" + target.partition("://")[2].partition("/")[2]
    return Asker(method, target.partition(" ")[0].partition("?")[0], accept="")
