"""A service that is told what to answer, and a hand that uses the phone."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from clients.wechat import AsyncWeChatClient, open_official_account
from sandbox.callback.messages import render_xml
from sandbox.phone.conversations import CONVERSATIONS
from sandbox.platform.inputs import PLATFORM
from sandbox.platform.memory import Platform, StoredMedia
from sandbox.server import create_application
from tests.contract.support import OFFICIAL, make_settings

OPENID = "oSandboxPerson00000000000001"
OTHER = "oSandboxPerson00000000000002"
ORIGINAL_ID = "gh_demo"

Item = dict[str, Any]
SENDING = "/cgi-bin/message/custom/send"
PATIENCE = aiohttp.ClientTimeout(total=20)


def text_reply(text: str) -> str:
    """The XML of a passive text reply."""
    return render_xml(
        {
            "ToUserName": OPENID,
            "FromUserName": ORIGINAL_ID,
            "CreateTime": 1,
            "MsgType": "text",
            "Content": text,
        }
    )


@dataclass
class ScriptedService:
    """Checks and decrypts with wechatpy, keeps what it read, and answers as it is told.

    `answers` are used up one by one, the last again and again: XML to be sealed, "success",
    or a whole response.
    """

    url: str = ""
    read: list[ElementTree.Element] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    answers: list[str | Callable[[], web.Response]] = field(default_factory=lambda: ["success"])
    delays: list[float] = field(default_factory=list)
    token: str = OFFICIAL.token

    async def handle(self, request: web.Request) -> web.Response:
        query, body = request.query, await request.text()
        check_signature(OFFICIAL.token, query["signature"], query["timestamp"], query["nonce"])
        crypto = WeChatCrypto(OFFICIAL.token, OFFICIAL.aes_key, OFFICIAL.app_id)
        message = crypto.decrypt_message(
            body, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        self.bodies.append(body)
        with contextlib.suppress(ElementTree.ParseError):
            self.read.append(ElementTree.fromstring(message))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await asyncio.sleep(self.delays.pop(0) if self.delays else 0)
        if not isinstance(answer, str):
            return answer()
        if answer in ("success", ""):
            return web.Response(text=answer)
        sealing = WeChatCrypto(self.token, OFFICIAL.aes_key, OFFICIAL.app_id)
        return web.Response(text=sealing.encrypt_message(answer, query["nonce"]))

    def contents(self, name: str) -> list[str | None]:
        """What each message that came had as `name`."""
        return [read.findtext(name) for read in self.read]


@dataclass
class Hand:
    """Uses the phone at `url` as the page does."""

    url: str
    session: aiohttp.ClientSession
    platform: Platform | None = None

    async def get(self, path: str) -> Any:
        async with self.session.get(f"{self.url}/sandbox/{path}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def post(self, path: str, data: Any, status: int = 200) -> Any:
        body = io.BytesIO(json.dumps(data).encode())
        headers = {"Content-Type": "application/json"}
        async with self.session.post(
            f"{self.url}/sandbox/{path}", data=body, headers=headers
        ) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def act(self, kind: str, openid: str = OPENID, trip: Any = None, **act: Any) -> int:
        data = {"openid": openid, "act": {"kind": kind, **act}}
        if trip is not None:
            data["trip"] = trip
        number: int = (await self.post("phone/acts", data, 202))["number"]
        return number

    async def refuse(
        self, kind: object, status: int, openid: str = OPENID, trip: Any = None, **act: Any
    ) -> str:
        """An act that is refused; why."""
        data = {"openid": openid, "act": {"kind": kind, **act}, "trip": trip}
        error: str = (await self.post("phone/acts", data, status))["error"]
        return error

    async def items(self, openid: str = OPENID) -> list[Item]:
        items: list[Item] = (await self.get(f"phone/items?openid={openid}"))["items"]
        return items

    async def settled(self, number: int, openid: str = OPENID, deliveries: int = 1) -> Item:
        """The mine-item once it is no longer on its way and all its deliveries have ended."""
        for _ in range(400):
            for item in await self.items(openid):
                if (
                    item["number"] == number
                    and item["state"] != "on_the_way"
                    and len(item["deliveries"]) >= deliveries
                    and all(one["result"] != "waiting" for one in item["deliveries"])
                ):
                    return item
            await asyncio.sleep(0.02)
        raise AssertionError(f"item {number} has not settled: {await self.items(openid)}")

    async def do(self, kind: str, openid: str = OPENID, trip: Any = None, **act: Any) -> Item:
        """An act, and what has become of it."""
        return await self.settled(await self.act(kind, openid, trip, **act), openid)

    async def theirs(self, openid: str = OPENID) -> list[Item]:
        return [item for item in await self.items(openid) if item["side"] == "theirs"]

    async def system(self, kind: str, openid: str = OPENID) -> list[str]:
        """The lines of this kind."""
        return [
            item["text"]
            for item in await self.items(openid)
            if item["side"] == "system" and item["kind"] == kind
        ]


@dataclass
class Stream:
    response: aiohttp.ClientResponse

    async def event(self) -> dict[str, str]:
        """The next event; its comments are passed over."""
        event: dict[str, str] = {}
        while True:
            line = (await self.response.content.readline()).decode()
            if not line:
                raise EOFError
            name, _, value = line.rstrip("\n").partition(": ")
            if name in ("id", "event", "data"):
                event[name] = value
            elif not line.strip() and event:
                return event

    async def item(self) -> Any:
        return json.loads((await self.event())["data"])


@contextlib.asynccontextmanager
async def watch(hand: Hand, after: object = None, *, header: bool = True) -> AsyncIterator[Stream]:
    headers = {"Last-Event-ID": str(after)} if after is not None and header else {}
    query = {"after": str(after)} if after is not None and not header else {}
    url = f"{hand.url}/sandbox/phone/events"
    async with hand.session.get(url, headers=headers, params=query, timeout=PATIENCE) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        assert response.headers["Cache-Control"] == "no-cache"
        assert (await response.content.readline()).startswith(b":")
        yield Stream(response)


@contextlib.asynccontextmanager
async def run_scripted() -> AsyncIterator[ScriptedService]:
    service = ScriptedService()
    application = web.Application()
    application.router.add_post("/wechat", service.handle)
    server = TestServer(application)
    await server.start_server(access_log=None)
    service.url = str(server.make_url("")).rstrip("/")
    try:
        yield service
    finally:
        await server.close()


@contextlib.asynccontextmanager
async def run_phone(var: Path, service: str, patience: float = 0.3) -> AsyncIterator[Hand]:
    """The stand-in with an impatient platform, and the two people of a demo."""
    people = [{"openid": OPENID, "name": "王素梅"}, {"openid": OTHER, "name": "李建国"}]
    demo = {"wechat": {"original_id": ORIGINAL_ID}, "people": people}
    (var / "demo.json").write_text(json.dumps(demo), encoding="utf-8")
    # The stand-in says where its pictures are, so its address is known before it starts.
    server = TestServer(web.Application())
    await server.start_server()
    url = f"http://127.0.0.1:{server.port}"
    port = server.port
    await server.close()
    settings = make_settings(var, wechat_api_base=url)
    application = create_application(settings, service=service, patience=patience)
    server = TestServer(application, port=port)
    await server.start_server(access_log=None)
    try:
        async with aiohttp.ClientSession() as session:
            yield Hand(url, session, application[PLATFORM])
            # Streams that a test has left open end before the server waits for them.
            application[CONVERSATIONS].close()
    finally:
        await server.close()


def open_client(hand: Hand) -> AsyncWeChatClient:
    """The service's own client for the official account, at this stand-in."""
    return open_official_account(OFFICIAL, hand.url, None)


async def call(hand: Hand, token: str, path: str, data: Any) -> Any:
    """One call of the API as it stands; what is answered, as JSON where it is any."""
    async with hand.session.post(
        hand.url + path, params={"access_token": token}, json=data
    ) as response:
        text = await response.text("utf-8", "replace")
        try:
            return json.loads(text)
        except ValueError:
            return response.status


async def template_of(hand: Hand, kind: str) -> str:
    templates = (await hand.get("phone/setup"))["templates"]
    found: str = next(one["id"] for one in templates if one["kind"] == kind)
    return found


def keep_media(hand: Hand) -> None:
    """A file of each kind that can be uploaded, with the kind as its id."""
    assert hand.platform is not None
    for kind in ("image", "voice", "video", "thumb"):
        content_type = "image/png" if kind in ("image", "thumb") else "audio/amr"
        stored = StoredMedia(b"x", content_type, kind, hand.platform.now(), kind)
        hand.platform.keep_media(kind, stored)
