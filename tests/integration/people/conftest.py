"""The whole service beside the stand-in of WeChat, and mini-programs on people's phones."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from app import create_app
from domain.calendar import local_now
from domain.faq.routing.router import Router
from domain.people.naming import Homes, Named, find_or_make_person
from domain.people.rules import complete_id_number
from domain.vault import Vault
from models.transactions import transaction
from observing.metrics import Metrics
from settings import Settings
from tests.contract.support import MINI, OFFICIAL, StandIn, run_stand_in
from tests.support import make_settings

#: Fictional people; 169 has been given to no operator.
WANG = ("王素梅", complete_id_number("37150219780316902"))
LI = ("李建国", complete_id_number("37152119690822911"))
PHONE, OTHER_PHONE = "16900000001", "16900000002"
#: The version of the privacy notice that holds.
VERSION = "2026-11"


class Answer(NamedTuple):
    status: int
    data: Any
    headers: Any

    @property
    def code(self) -> str:
        """Of a refusal: what programs go by, and which case of it."""
        about = self.data.get("facts", {}).get("about", "")
        return f"{self.status} {self.data['code']} {about}".rstrip()


@pytest.fixture(scope="session")
def router(package_router: Router) -> Router:
    """The real content."""
    return package_router


@pytest.fixture
async def stand_in(tmp_path: Path) -> AsyncIterator[StandIn]:
    async with run_stand_in(tmp_path) as running:
        yield running


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path, stand_in: StandIn) -> Settings:
    return make_settings(
        database_url,
        redis_url,
        tmp_path,
        WECHAT_API_BASE=stand_in.url,
        WECHAT_MP_APP_ID=OFFICIAL.app_id,
        WECHAT_MP_SECRET=OFFICIAL.secret,
        WECHAT_MINI_APP_ID=MINI.app_id,
        WECHAT_MINI_SECRET=MINI.secret,
    )


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault(settings.data_keys)


class Time:
    """The service's clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return local_now() + self.ahead

    def pass_by(self, **duration: float) -> None:
        self.ahead += timedelta(**duration)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


StartServer = Callable[[Settings], Awaitable[TestServer]]


@pytest.fixture
async def start(router: Router, time: Time, metrics: Metrics) -> AsyncIterator[StartServer]:
    """Starts the application of some settings; all stop with the test."""
    servers: list[TestServer] = []

    async def start_one(settings: Settings) -> TestServer:
        server = TestServer(create_app(settings, router=router, clock=time, metrics=metrics))
        await server.start_server()
        servers.append(server)
        return server

    yield start_one
    for server in servers:
        await server.close()


@pytest.fixture
async def server(start: StartServer, settings: Settings) -> TestServer:
    return await start(settings)


class MiniPhone:
    """The mini-program on one phone of one WeChat user."""

    def __init__(
        self, server: TestServer, session: ClientSession, stand_in: StandIn, openid: str
    ) -> None:
        self._url = str(server.make_url("/api/v1"))
        self._session = session
        self._stand_in = stand_in
        self.openid = openid
        self.token = ""

    async def ask(self, method: str, path: str, **json: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self._session.request(
            method, self._url + path, json=json or None, headers=headers
        ) as response:
            return Answer(response.status, await response.json(), response.headers)

    async def log_in(self) -> Answer:
        """With a code of wx.login; the token is this phone's from then on."""
        people = self._stand_in.platform.people
        people.meet(self.openid)
        answer = await self.ask("POST", "/login", code=people.make_login_code(self.openid))
        if answer.status == 200:
            self.token = answer.data["token"]
        return answer

    async def give_phone(self, phone: str) -> Answer:
        """With a code of getPhoneNumber."""
        people = self._stand_in.platform.people
        people.meet(self.openid, phone)
        return await self.ask("POST", "/phone", code=people.make_phone_code(self.openid))

    async def bind(self, name: str, id_number: str, consent: str = VERSION) -> Answer:
        return await self.ask("POST", "/identity", name=name, id_number=id_number, consent=consent)

    async def me(self) -> Any:
        answer = await self.ask("GET", "/me")
        assert answer.status == 200, answer.data
        return answer.data


MakePhone = Callable[..., MiniPhone]


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as client:
        yield client


@pytest.fixture
def make_phone(server: TestServer, session: ClientSession, stand_in: StandIn) -> MakePhone:
    """A phone of WeChat user number 1, 2, …; a user may have several."""

    def make(user: int, on: TestServer = server) -> MiniPhone:
        return MiniPhone(on, session, stand_in, f"oTESTS-mini-{user:016}")

    return make


async def put_on_roster(vault: Vault, name: str, id_number: str, phone: str = "") -> UUID:
    """As an institution does before the person has ever written."""
    async with transaction() as connection:
        return await find_or_make_person(
            connection,
            vault,
            Named(name, id_number, phone),
            source="roster",
            homes=Homes(frozenset({"371502", "371521", "371581"}), ""),
            now=local_now(),
        )
