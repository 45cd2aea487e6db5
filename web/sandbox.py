"""`/sandbox/`: the way to the stand-in's phone. Outside the sandbox there is no such route.

The stand-in listens on loopback alone, at a port of its own; what comes here is handed on to it
as it is, streams too. How a message reached its answer is told here, where the router is.
"""

import io
import ipaddress
from collections.abc import Awaitable, Callable, Container, Iterable
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs, web
from yarl import URL

from web.access import Access, Guard, allow
from web.bodies import parse_json
from web.body_limits import body
from web.limits import By, Limit, limited

#: A picture of 2 MiB as base64, and what stands around it.
MOST_BYTES = 3 * 1024 * 1024
MOST_CHARACTERS = 2000
#: Of a message to be explained: more than the callback takes, with what JSON escapes.
MOST_EXPLAINED_BYTES = 256 * 1024
#: A person taps; a script that plays the phone is quicker.
ACTS = Limit("sandbox acts", calls=1200, seconds=60, by=By.ADDRESS)
EXPLANATIONS = Limit("sandbox explanations", calls=300, seconds=60, by=By.ADDRESS)
SCREENS = Limit("sandbox screens", calls=600, seconds=60, by=By.ADDRESS)

_CONNECT_SECONDS = 5.0
#: The stand-in says something every 15 s, also where nothing happens.
_SILENCE_SECONDS = 40.0
_AWAY = "微信沙箱现在没有应答，它重新启动好以后再试。"
#: What concerns one connection only (RFC 9110), and what the stand-in need not know.
_NOT_HANDED_ON = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "cookie",
        "authorization",
        "content-length",
        "accept-encoding",
        "origin",
    }
)
_NOT_HANDED_BACK = _NOT_HANDED_ON | {"set-cookie", "server", "date", "content-encoding"}


def refuse_other_sites(own_urls: Iterable[str]) -> Guard:
    """Guard: pages of other sites cannot act here, nor look in by a name that points to us.

    `own_urls` hold the names under which the service is known; addresses are always good.
    """
    known = {"localhost", *filter(None, map(_name_of, own_urls))}

    async def guard(request: web.Request) -> None:
        host = request.headers.get(hdrs.HOST, "")
        if not _is_address_or(known, _name_of(f"//{host}")):
            raise web.HTTPForbidden
        if request.method in ("GET", "HEAD"):
            return
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and urlsplit(origin).netloc != host:
            raise web.HTTPForbidden
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise web.HTTPForbidden
        if request.can_read_body and request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType

    return guard


class SandboxWay:
    """Hands on to the stand-in at `url` what comes for it."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._streams: dict[aiohttp.ClientResponse, web.Request] = {}

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/sandbox", self.look)
        app.router.add_get("/sandbox/{tail:.*}", self.look)
        app.router.add_post("/sandbox/{tail:.*}", self.act)
        app.router.add_delete("/sandbox/{tail:.*}", self.act)
        # Streams would otherwise keep a stopping process waiting for its last requests.
        app.on_shutdown.append(self._end_streams)
        app.on_cleanup.append(self._close)

    @allow(Access.SANDBOX)
    async def look(self, request: web.Request) -> web.StreamResponse:
        """GET: pages, items, the stream of events."""
        return await self._hand_on(request, None)

    @allow(Access.SANDBOX)
    @limited(ACTS)
    @body(most_bytes=MOST_BYTES, seconds=15)
    async def act(self, request: web.Request) -> web.StreamResponse:
        """POST, DELETE: what a person does, and what the stand-in is told."""
        return await self._hand_on(request, await request.read())

    async def _hand_on(self, request: web.Request, content: bytes | None) -> web.StreamResponse:
        target = request.rel_url.raw_path_qs
        if ".." in request.path.split("/"):
            raise web.HTTPNotFound
        if self._session is None:
            timeout = aiohttp.ClientTimeout(
                total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS
            )
            self._session = aiohttp.ClientSession(
                timeout=timeout, connector=aiohttp.TCPConnector(limit=0)
            )
        of_this_connection = {
            name.strip().lower() for name in request.headers.get(hdrs.CONNECTION, "").split(",")
        }
        headers = [
            (name, value)
            for name, value in request.headers.items()
            if name.lower() not in _NOT_HANDED_ON | of_this_connection
            and not name.lower().startswith("sec-fetch-")
        ]
        try:
            answer = await self._session.request(
                request.method,
                # As it came: what is percent-encoded stays so.
                URL(self._url + target, encoded=True),
                headers=headers,
                data=None if content is None else io.BytesIO(content),
                allow_redirects=False,
                auto_decompress=False,
                skip_auto_headers=(hdrs.USER_AGENT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE),
            )
        except (aiohttp.ClientError, TimeoutError):
            return web.Response(status=502, text=_AWAY, headers={"Cache-Control": "no-store"})
        if answer.content_type == "text/event-stream":
            self._streams[answer] = request
        try:
            return await _hand_back(request, answer)
        finally:
            self._streams.pop(answer, None)
            answer.close()

    async def _end_streams(self, _app: web.Application) -> None:
        for answer, request in self._streams.items():
            answer.close()
            # uvloop's are no asyncio.WriteTransport by their class.
            transport: Any = request.transport
            # A browser that does not read would be waited for.
            if transport is not None and transport.get_write_buffer_size():
                transport.abort()

    async def _close(self, _app: web.Application) -> None:
        if self._session is not None:
            await self._session.close()


class Explainer(Protocol):
    """Says how a message reached its answer, in the shape that docs/sandbox.md names."""

    async def explain_text(self, text: str) -> dict[str, Any]:
        """Of a text, as if it were typed."""

    async def explain_message(self, xml: str) -> dict[str, Any]:
        """Of a message as WeChat has posted it, decrypted.

        Raises ValueError, with words for the person, for what is no message.
        """


class ExplanationRoutes:
    """/sandbox/explain: answered here, where the router is."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/sandbox/explain", self.explain_text)
        app.router.add_post("/sandbox/explain", self.explain_message)

    @allow(Access.SANDBOX)
    @limited(EXPLANATIONS)
    async def explain_text(self, request: web.Request) -> web.Response:
        """GET ?q=: how the router reads a text and why it answers as it does."""
        q = request.query.get("q", "")
        if len(q) > MOST_CHARACTERS:
            return _refuse(f"只解释 {MOST_CHARACTERS} 个字以内的话", 413)
        return web.json_response(await self._explainer.explain_text(q))

    @allow(Access.SANDBOX)
    @limited(EXPLANATIONS)
    @body(most_bytes=MOST_EXPLAINED_BYTES, seconds=5)
    async def explain_message(self, request: web.Request) -> web.Response:
        """POST {"message_xml"}: how this message reached its answer."""
        data = parse_json(await request.read())
        xml = data.get("message_xml") if isinstance(data, dict) else None
        if not isinstance(xml, str):
            return _refuse("要有一条消息", 400)
        try:
            return web.json_response(await self._explainer.explain_message(xml))
        except ValueError as error:
            return _refuse(str(error), 400)


#: What a camera would see of the class screens that hang somewhere now: `session_id`, `title`,
#: `topic`, `qr` (what the QR code says), `changes_at`.
Camera = Callable[[], Awaitable[list[dict[str, Any]]]]


class CameraRoutes:
    """/sandbox/screens: what the phone's camera would see, for it has none."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/sandbox/screens", self.look)

    @allow(Access.SANDBOX)
    @limited(SCREENS)
    async def look(self, _request: web.Request) -> web.Response:
        """GET: the screens in front of which somebody may stand."""
        items = await self._camera()
        return web.json_response({"items": items}, headers={"Cache-Control": "no-store"})


def _refuse(words: str, status: int) -> web.Response:
    return web.json_response({"error": words}, status=status)


async def _hand_back(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        if name.lower() not in _NOT_HANDED_BACK:
            response.headers.add(name, value)
    if answer.content_length is not None and request.method != "HEAD":
        response.content_length = answer.content_length
    await response.prepare(request)
    try:
        async for piece in answer.content.iter_any():
            await response.write(piece)
    except (aiohttp.ClientError, TimeoutError):
        # The stand-in has gone in the middle, or we stop: a browser sees that it was cut off.
        response.force_close()
        if answer.content_length is not None and request.transport is not None:
            request.transport.abort()
            return response
    except ConnectionError:
        return response  # the browser has gone
    await response.write_eof()
    return response


def _name_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_address_or(known: Container[str], name: str | None) -> bool:
    """A number cannot be made to point elsewhere, unlike a name."""
    if name is None:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in known
    return True


def add_sandbox(app: web.Application, url: str, explainer: Explainer, camera: Camera) -> None:
    """Serve /sandbox/, of which all but what is added here is handed on to the stand-in at
    `url`."""
    ExplanationRoutes(explainer).add_routes(app)
    CameraRoutes(camera).add_routes(app)
    SandboxWay(url).add_routes(app)
