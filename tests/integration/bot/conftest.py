"""The whole web application over loopback, with a phone that signs and encrypts as WeChat does."""

import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from app import create_app
from content.loader import PACKAGE_CONTENT, load_content
from domain.faq.routing.router import Router
from sandbox.phone import PhoneAccount, PhoneReply, send
from sandbox.phone_messages import build_event, build_message
from settings import Settings, read_settings

ACCOUNT = PhoneAccount(
    app_id="wxsandbox0123456789",
    token="a-token-of-the-tests",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    original_id="gh_tests",
)
#: Fictional.
OPENID = "oTESTS-wang-xiulan-000000001"


def make_settings(database_url: str, redis_url: str, var: Path, **more: str) -> Settings:
    """Settings as the environment of a sandbox gives them."""
    return read_settings(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "ZPT_VAR": str(var),
            "ZPT_SANDBOX": "1",
            "WECHAT_API_BASE": "http://127.0.0.1:9",
            "WECHAT_MP_APP_ID": ACCOUNT.app_id,
            "WECHAT_MP_SECRET": "a-secret-of-the-tests",
            "WECHAT_MP_TOKEN": ACCOUNT.token,
            "WECHAT_MP_AES_KEY": ACCOUNT.aes_key,
            "ZPT_DATA_KEYS": "k1:" + base64.b64encode(bytes(range(32))).decode(),
            **more,
        }
    )


@pytest.fixture(scope="session")
def router() -> Router:
    """The real content."""
    return Router(load_content(PACKAGE_CONTENT))


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, redis_url, tmp_path)


@pytest.fixture
async def start(
    router: Router, database_url: str, redis_url: str
) -> AsyncIterator[Callable[[Settings], Any]]:
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

    async def say(self, text: str, **fields: Any) -> PhoneReply:
        """A text message."""
        return await self.send(
            build_message("text", self.openid, ACCOUNT.original_id, Content=text, **fields)
        )

    async def event(self, event: str, **fields: Any) -> PhoneReply:
        return await self.send(build_event(event, self.openid, ACCOUNT.original_id, **fields))

    async def message(self, kind: str, **fields: Any) -> PhoneReply:
        return await self.send(build_message(kind, self.openid, ACCOUNT.original_id, **fields))

    async def send(self, message: Any, **options: Any) -> PhoneReply:
        """Any message, delivered once."""
        options = {"attempts": 1, "session": self._session} | options
        return await send(self._url, ACCOUNT, message, **options)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as client:
        yield client


@pytest.fixture
async def server(start: Callable[[Settings], Any], settings: Settings) -> web.Application:
    return await start(settings)


@pytest.fixture
async def phone(server: TestServer, session: ClientSession) -> Phone:
    return Phone(server, session)
