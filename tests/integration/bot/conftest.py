"""The whole web application over loopback, with a phone that signs and encrypts as WeChat does."""

import os
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from app import create_app
from bot.inbox import Inbox
from domain.faq.routing.router import Router
from domain.vault import Vault
from sandbox.callback.messages import build_event, build_message
from sandbox.callback.posting import PhoneAccount, PhoneReply, send
from scripts.embedded.services import EmbeddedServices
from settings import Settings
from tests.support import AES_KEY, APP_ID, TOKEN, make_settings

ACCOUNT = PhoneAccount(app_id=APP_ID, token=TOKEN, aes_key=AES_KEY, original_id="gh_tests")
#: Fictional.
OPENID = "oTESTS-wang-xiulan-000000001"
OTHER_OPENID = "oTESTS-li-jianguo-0000000002"
#: Nobody listens there.
NO_DATABASE = "postgres://postgres@127.0.0.1:1/none"
NO_REDIS = "redis://127.0.0.1:1/0"
#: Has one answer, and needs no dialogue.
QUESTION = "以工代训补贴一个月多少钱"
ANSWER = "500元"
#: Is answered with options, so that a dialogue is written to PostgreSQL.
UNCLEAR = "补贴"

StartServer = Callable[..., Awaitable[TestServer]]


@pytest.fixture(scope="session")
def router(package_router: Router) -> Router:
    """The real content."""
    return package_router


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, redis_url, tmp_path)


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault(settings.data_keys)


@pytest.fixture
def sender(vault: Vault) -> bytes:
    """The blind index of OPENID."""
    return vault.index(f"{ACCOUNT.app_id}\0{OPENID}", "person")


@pytest.fixture
async def start(router: Router, database_url: str, redis_url: str) -> AsyncIterator[StartServer]:
    """Starts the application of some settings; all stop with the test."""
    servers: list[TestServer] = []

    async def start_one(settings: Settings, **more: Any) -> TestServer:
        server = TestServer(create_app(settings, router=router, **more))
        await server.start_server()
        servers.append(server)
        return server

    yield start_one
    for server in servers:
        await server.close()


class Phone:
    """One person's phone."""

    def __init__(self, server: TestServer, session: ClientSession, openid: str = OPENID) -> None:
        self._url = str(server.make_url("/")).rstrip("/")
        self._session = session
        self.openid = openid

    def text(self, text: str, **fields: Any) -> dict[str, Any]:
        """A text message, to be sent as often as one likes."""
        return build_message("text", self.openid, ACCOUNT.original_id, Content=text, **fields)

    async def say(self, text: str, **fields: Any) -> PhoneReply:
        """A text message."""
        return await self.send(self.text(text, **fields))

    async def event(self, event: str, **fields: Any) -> PhoneReply:
        return await self.send(build_event(event, self.openid, ACCOUNT.original_id, **fields))

    async def message(self, kind: str, **fields: Any) -> PhoneReply:
        return await self.send(build_message(kind, self.openid, ACCOUNT.original_id, **fields))

    async def send(self, message: Any, **options: Any) -> PhoneReply:
        """Any message, delivered once."""
        delivery: dict[str, Any] = {"attempts": 1, "session": self._session} | options
        return await send(self._url, ACCOUNT, message, **delivery)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as client:
        yield client


@pytest.fixture
async def server(start: StartServer, settings: Settings) -> TestServer:
    return await start(settings)


@pytest.fixture
async def phone(server: TestServer, session: ClientSession) -> Phone:
    return Phone(server, session)


@pytest.fixture
async def second_phone(start: StartServer, settings: Settings, session: ClientSession) -> Phone:
    """The same person, whose message reaches another application on the same servers."""
    return Phone(await start(settings), session)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door promises an answer after 0.6 s instead of 4.5 s, which must do for a message that
    nothing is in the way of. Ask for it before `phone`."""
    defaults: Any = Inbox.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "answer_seconds", 0.6)


@pytest.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[EmbeddedServices]:
    """A Redis of this test's own, to be stopped and frozen."""
    async with EmbeddedServices(tmp_path / "own", postgres=False, durable=False) as services:
        yield services


class Freezer:
    """Stops a process without ending it, and lets it go on."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def freeze(self) -> None:
        os.kill(self._pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._pid, signal.SIGCONT)


@pytest.fixture
def freezer(own_redis: EmbeddedServices) -> Iterator[Freezer]:
    pid = own_redis.servers[0].pid
    assert pid is not None
    freezer = Freezer(pid)
    yield freezer
    freezer.thaw()


@pytest.fixture
async def own_client(own_redis: EmbeddedServices) -> AsyncIterator[Redis]:
    async with Redis.from_url(own_redis.redis_url) as client:
        yield client


@pytest.fixture
def own_settings(database_url: str, own_redis: EmbeddedServices, tmp_path: Path) -> Settings:
    return make_settings(database_url, own_redis.redis_url, tmp_path)


def first_option(text: str) -> str:
    """The title of option 1, to be asked for by its words."""
    return re.sub("<[^>]+>", "", text.splitlines()[1]).lstrip("1１．.、 ")


async def list_redis(redis: Any) -> dict[bytes, list[bytes]]:
    """Everything in Redis: the values below each key."""
    found: dict[bytes, list[bytes]] = {}
    async for key in redis.scan_iter():
        match await redis.type(key):
            case b"string":
                found[key] = [await redis.get(key)]
            case b"list":
                found[key] = await redis.lrange(key, 0, -1)
            case b"stream":
                entries = await redis.xrange(key)
                found[key] = [value for _, fields in entries for value in fields.values()]
            case other:
                raise AssertionError(f"{key!r}: a {other!r} is not looked into")
    return found
