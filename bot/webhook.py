"""Door 1: the official account's callback. Verify, decrypt, hand on, answer in time."""

import asyncio
import time
from collections.abc import Callable

import structlog
from aiohttp import web

from bot.inbox import Inbox
from bot.replies import SUCCESS
from bot.wire.envelope import Malformed, NotFromWeChat, Query, Wire
from bot.wire.inbound import Inbound
from web.access import Access, allow
from web.body_limits import body

log = structlog.get_logger(__name__)

PATH = "/wechat"
#: The platform's messages are far shorter; nothing longer is even read.
MOST_BODY_BYTES = 64 * 1024
_BODY_SECONDS = 5.0
_CODING = "Transfer-Encoding"
_XML = {"Content-Type": "application/xml; charset=utf-8"}


class Webhook:
    """The callback of one official account."""

    def __init__(
        self,
        wire: Wire,
        inbox: Inbox,
        count_refused: Callable[[str], object] = lambda _reason: None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._wire = wire
        self._inbox = inbox
        self._count_refused = count_refused
        self._now = wall_clock

    def add_routes(self, app: web.Application) -> None:
        """GET proves to the platform that the address is ours, POST brings the messages."""
        app.router.add_get(PATH, self.verify, allow_head=False)
        app.router.add_post(PATH, self.receive)

    @allow(Access.WECHAT_SIGNED)
    async def verify(self, request: web.Request) -> web.Response:
        """The echostr, verbatim."""
        try:
            echostr = self._wire.verify_address(Query.read(request.query), self._now())
        except NotFromWeChat as refusal:
            return self._refuse(403, refusal)
        return web.Response(text=echostr)

    @allow(Access.WECHAT_SIGNED)
    @body(most_bytes=MOST_BODY_BYTES, seconds=_BODY_SECONDS, streamed=True)
    async def receive(self, request: web.Request) -> web.Response:
        """One message or event."""
        try:
            message = await _read_body(request)
            fields = self._wire.open(Query.read(request.query), message, self._now())
        except NotFromWeChat as refusal:
            return self._refuse(403, refusal)
        except Malformed as refusal:
            return self._refuse(400, refusal)
        rendered = await self._inbox.answer(Inbound(fields))
        if not rendered:
            return web.Response(body=SUCCESS, content_type="text/plain")
        return web.Response(body=self._wire.seal(rendered, self._now()), headers=_XML)

    def _refuse(self, status: int, refusal: Exception) -> web.Response:
        log.info("callback_refused", status=status, reason=str(refusal))
        self._count_refused(type(refusal).__name__)
        return web.Response(status=status)


async def _read_body(request: web.Request) -> bytes:
    """The body, read no further than the limit; a length that says more was refused before.

    Raises Malformed, HTTPRequestEntityTooLarge and HTTPRequestTimeout.
    """
    packings = request.headers.getall("Content-Encoding", ())
    if any(packing.lower() != "identity" for packing in packings):
        # The platform never compresses; what does not unpack would fail deep inside aiohttp, which
        # goes by the last of several.
        raise Malformed("a compressed body")
    if any(coding.lower() != "chunked" for coding in request.headers.getall(_CODING, ())):
        raise Malformed("a coded body")
    content = request.content
    if content.is_eof() and content.total_bytes <= MOST_BODY_BYTES:
        # It is all here already, as with nearly every message: nothing to wait for.
        return content.read_nowait()
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in content.iter_any():
                size += len(chunk)
                if size > MOST_BODY_BYTES:
                    raise web.HTTPRequestEntityTooLarge(MOST_BODY_BYTES, size)
                chunks.append(chunk)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return b"".join(chunks)
