"""The phone as people reach it: through the web process, with the real service behind it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from app import create_app
from domain.faq.routing import Router
from sandbox.phone.conversations import CONVERSATIONS
from sandbox.server import create_application
from tests.integration.sandbox.support import OPENID, Hand, watch
from tests.support import make_settings

JSON = {"Content-Type": "application/json"}
StartWeb = Callable[..., Awaitable[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def start_web(
    package_router: Router, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[StartWeb]:
    """Starts the web application at a port; says its address."""
    async with AsyncExitStack() as stack:

        async def start(port: int = 0, **more: str) -> str:
            settings = make_settings(database_url, redis_url, tmp_path, **more)
            server = TestServer(create_app(settings, router=package_router), port=port or None)
            await server.start_server()
            stack.push_async_callback(server.close)
            return f"http://127.0.0.1:{server.port}"

        yield start


@asynccontextmanager
async def run_stand_in(port: int, service: str, tmp_path: Path) -> AsyncIterator[web.Application]:
    url = f"http://127.0.0.1:{port}"
    settings = make_settings("postgres://x/y", "redis://x", tmp_path, WECHAT_API_BASE=url)
    application = create_application(settings, service=service)
    server = TestServer(application, port=port)
    await server.start_server(access_log=None)
    try:
        yield application
    finally:
        await server.close()


@pytest.fixture
async def hand(start_web: StartWeb, tmp_path: Path) -> AsyncIterator[Hand]:
    """Uses the phone at the web process; the real service answers."""
    stand_in_port, web_port = free_port(), free_port()
    service = f"http://127.0.0.1:{web_port}"
    async with run_stand_in(stand_in_port, service, tmp_path):
        url = await start_web(web_port, WECHAT_API_BASE=f"http://127.0.0.1:{stand_in_port}")
        async with aiohttp.ClientSession() as session:
            yield Hand(url, session)


async def ask(hand: Hand, method: str, path: str, headers: dict[str, str], **more: Any) -> Any:
    url = URL(f"{hand.url}/sandbox/{path}", encoded=True)
    async with hand.session.request(
        method, url, headers=headers, allow_redirects=False, **more
    ) as response:
        return response.status, await response.text()


async def test_a_conversation_with_the_real_service(hand: Hand):
    async with watch(hand) as stream:
        item = await hand.do("text", text="以工代训补贴一个月多少钱")
        assert (await stream.item())["text"] == item["text"]
    (reply,) = await hand.theirs()
    assert "500元" in reply["content"]["content"] and "依据：" in reply["content"]["content"]
    # WeChat's retry, and the very same reply.
    await hand.act("again", number=item["number"], trip={"copies": 3})
    item = await hand.settled(item["number"], deliveries=4)
    assert [one["same_as_first"] for one in item["deliveries"]] == [None, True, True, True]
    assert len(await hand.theirs()) == 1


async def test_pictures_places_voices_and_following(hand: Hand):
    for act in (
        {"kind": "image", "picture": "roster"},
        {"kind": "voice", "recognition": "以工代训补贴多少钱"},
        {"kind": "voice", "recognition": ""},
        {"kind": "location", "latitude": 36.4, "longitude": 115.9, "label": "聊城市"},
        {"kind": "unfollow"},
        {"kind": "follow"},
    ):
        item = await hand.do(**act)
        assert item["deliveries"][0]["status"] == 200, act
        assert item["state"] in ("answered", "silent")
    assert await hand.system("failed") == []


async def test_a_picture_of_two_mebibytes_passes_and_more_does_not(hand: Hand):
    import base64

    most = b"\x89PNG\r\n\x1a\n" + bytes(2 * 1024 * 1024 - 8)
    item = await hand.do("image", data=base64.b64encode(most).decode())
    async with hand.session.get(hand.url + item["picture_url"]) as response:
        assert await response.read() == most
    status, _ = await ask(
        hand, "POST", "phone/acts", {**JSON, "Content-Length": str(4 * 1024 * 1024)}
    )
    assert status == 413


async def test_wechats_refusals_come_through_as_they_are(hand: Hand):
    await hand.refuse("menu", 404, path=[0])
    await hand.refuse("dance", 400)
    assert (await ask(hand, "GET", "media/none", {}))[0] == 404
    assert (await ask(hand, "DELETE", "faults", {}))[0] == 200
    assert (await ask(hand, "PUT", "faults", JSON, data=b"{}"))[0] == 405
    status, _ = await ask(hand, "GET", "../cgi-bin/menu/get", {})
    assert status == 404
    status, _ = await ask(hand, "GET", "%2e%2e/cgi-bin/menu/get", {})
    assert status == 404


async def test_the_stand_in_is_told_no_cookie_and_no_credentials(
    start_web: StartWeb, tmp_path: Path
):
    seen: list[Any] = []

    async def keep(request: web.Request) -> web.Response:
        seen.append((request.raw_path, dict(request.headers), await request.read()))
        headers = {"Set-Cookie": "a=b", "X-Kept": "1", "Keep-Alive": "timeout=5"}
        return web.Response(text="{}", content_type="application/json", headers=headers)

    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", keep)
    server = TestServer(application)
    await server.start_server()
    stand_in = f"127.0.0.1:{server.port}"
    try:
        url = await start_web(WECHAT_API_BASE=f"http://{stand_in}")
        headers = {
            "Cookie": "session=secret",
            "Authorization": "Bearer secret",
            "TE": "trailers",
            "Connection": "keep-alive, X-Hop",
            "X-Hop": "secret",
            "X-Own": "1",
            "Last-Event-ID": "7",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                URL(f"{url}/sandbox/a%2Fb?q=%E4%BD%A0+1", encoded=True),
                headers=headers | JSON,
                data=b'{"a": 1}',
            ) as response,
        ):
            assert response.status == 200
            assert "Set-Cookie" not in response.headers and response.headers["X-Kept"] == "1"
            # Only what is below /sandbox/ is handed on, whatever the way there looks like.
            for path in ("../cgi-bin/menu/get", "%2e%2e/cgi-bin/menu/get", "a/..%2f..%2fb"):
                assert (await ask(Hand(url, session), "GET", path, {}))[0] == 404
    finally:
        await server.close()
    ((path, given, content),) = seen
    assert path == "/sandbox/a%2Fb?q=%E4%BD%A0+1"
    assert content == b'{"a": 1}' and given["Content-Type"] == "application/json"
    assert (given["X-Own"], given["Last-Event-ID"]) == ("1", "7")
    assert "secret" not in str(given) and "TE" not in given
    assert given["Host"] == stand_in


async def test_while_the_stand_in_is_away(start_web: StartWeb, tmp_path: Path):
    port = free_port()
    url = await start_web(WECHAT_API_BASE=f"http://127.0.0.1:{port}")
    async with aiohttp.ClientSession() as session:
        hand = Hand(url, session)
        status, text = await ask(hand, "GET", "", {})
        assert status == 502 and "微信沙箱" in text
        assert (await ask(hand, "POST", "phone/acts", JSON, data=b"{}"))[0] == 502
        # It comes back by itself, and the explanation was there all the time.
        assert (await ask(hand, "GET", "explain?q=x", {}))[0] == 200
        async with run_stand_in(port, url, tmp_path):
            assert (await ask(hand, "GET", "phone/setup", {}))[0] == 200


async def test_a_stream_ends_with_the_stand_in(start_web: StartWeb, tmp_path: Path):
    port = free_port()
    url = await start_web(WECHAT_API_BASE=f"http://127.0.0.1:{port}")
    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        application = await stack.enter_async_context(run_stand_in(port, url, tmp_path))
        async with watch(Hand(url, session)) as stream:
            application[CONVERSATIONS].close()
            with pytest.raises(EOFError):
                await asyncio.wait_for(stream.event(), 10)


async def test_open_streams_do_not_keep_the_web_process_from_stopping(
    package_router: Router, database_url: str, redis_url: str, tmp_path: Path
):
    port = free_port()
    settings = make_settings(
        database_url, redis_url, tmp_path, WECHAT_API_BASE=f"http://127.0.0.1:{port}"
    )
    server = TestServer(create_app(settings, router=package_router))
    await server.start_server()
    url = f"http://127.0.0.1:{server.port}"
    async with (
        run_stand_in(port, url, tmp_path),
        aiohttp.ClientSession() as session,
        watch(Hand(url, session)) as stream,
    ):
        # The server would wait a minute for a request at work.
        await asyncio.wait_for(server.close(), 10)
        with pytest.raises((EOFError, aiohttp.ClientError)):
            await asyncio.wait_for(stream.event(), 10)


async def test_a_browser_that_does_not_read_is_not_waited_for(
    package_router: Router, database_url: str, redis_url: str, tmp_path: Path
):
    port = free_port()
    settings = make_settings(
        database_url, redis_url, tmp_path, WECHAT_API_BASE=f"http://127.0.0.1:{port}"
    )
    server = TestServer(create_app(settings, router=package_router))
    await server.start_server()
    loop = asyncio.get_running_loop()
    async with run_stand_in(port, "http://127.0.0.1:1", tmp_path) as application:
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setblocking(False)
            await loop.sock_connect(slow, ("127.0.0.1", server.port))
            request = b"GET /sandbox/phone/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            await loop.sock_sendall(slow, request)
            await loop.sock_recv(slow, 100)
            for _ in range(150):
                application[CONVERSATIONS].add(OPENID, "system", text="x" * 100_000)
                await asyncio.sleep(0)
            await asyncio.sleep(0.3)
            await asyncio.wait_for(server.close(), 10)


async def test_the_router_explains_itself(hand: Hand):
    said = await hand.get("explain?q=%E4%BB%A5%E5%B7%A5%E4%BB%A3%E8%AE%AD%E8%A1%A5%E8%B4%B4")
    assert said["q"] == "以工代训补贴" and said["read"] == "以工代训补贴"
    assert set(said) == {
        *("q", "read", "kind", "entry", "intent", "title", "score", "sources", "sources_named"),
        *("how", "recorded", "lines"),
    }
    assert any(line.startswith("第一名：") for line in said["lines"])
    assert (await hand.get("explain"))["kind"] == "none"
    assert (await ask(hand, "GET", "explain?q=" + "a" * 2001, {}))[0] == 413
    for data in (b"{}", b"[]", b'{"message_xml": 1}', b"{"):
        assert (await ask(hand, "POST", "explain", JSON, data=data))[0] in (400, 422), data
    assert (await ask(hand, "POST", "explain", JSON, data=b" " * 300_000))[0] == 413


async def test_a_message_of_the_phone_is_explained(hand: Hand):
    item = await hand.do("text", text="以工代训补贴一个月多少钱")
    said = await hand.post("explain", {"message_xml": item["message_xml"]})
    assert (said["how"], said["entry"]) == ("打的字，按问法找", "work-training-amount")


ACT = b'{"openid": "%s", "act": {"kind": "text", "text": "x"}}' % OPENID.encode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (JSON, 202),
        ({}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({**JSON, "Origin": "https://elsewhere.example"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**JSON, "Host": "rebound.example", "Origin": "http://rebound.example"}, 403),
        ({**JSON, "Host": "192.168.1.5:8080", "Origin": "http://192.168.1.5:8080"}, 202),
        ({**JSON, "Host": "[::1"}, 403),
    ],
)
async def test_pages_of_other_sites_cannot_act(hand: Hand, headers: Any, status: int):
    assert (await ask(hand, "POST", "phone/acts", headers, data=ACT))[0] == status
    assert len([one for one in await hand.items() if one["side"] == "mine"]) == (status == 202)


async def test_its_own_page_acts(hand: Hand):
    headers = {**JSON, "Origin": hand.url, "Sec-Fetch-Site": "same-origin"}
    assert (await ask(hand, "POST", "phone/acts", headers, data=ACT))[0] == 202


async def test_no_name_that_points_here_looks_in(hand: Hand):
    for path in ("phone/setup", "explain?q=x"):
        assert (await ask(hand, "GET", path, {"Host": "rebound.example"}))[0] == 403


async def test_outside_the_sandbox_there_is_none_of_it(start_web: StartWeb):
    real = {"ZPT_SANDBOX": "", "WECHAT_API_BASE": ""}
    async with aiohttp.ClientSession() as session:
        hand = Hand(await start_web(**real), session)
        for path in ("", "phone/setup", "explain?q=x", "healthz"):
            assert (await ask(hand, "GET", path, {}))[0] == 404
        assert (await ask(hand, "POST", "phone/acts", JSON, data=ACT))[0] == 404
