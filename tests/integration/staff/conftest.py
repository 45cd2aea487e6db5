"""Accounts of the console in a database, with hashes that cost little."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from api.console.application import create, make_refusal_page
from api.console.ground import GROUND
from api.console.guard import DOOR, StaffDoor, guard_staff
from api.console.page import PREFIX
from domain.actor import Role, Staff, System
from domain.calendar import LOCAL
from domain.staff.actions import create_account
from domain.staff.browsers import Whence, mark_browser
from domain.staff.passwords import Hasher
from domain.staff.rules import Post, Step
from domain.staff.second_factor import code_at
from domain.staff.sessions import actor_of
from domain.staff.signing_in import (
    Entered,
    enter_code,
    enter_password,
    offer_second_factor,
    set_up_second_factor,
)
from domain.staff.tools import StaffTools
from domain.vault import Vault
from models.columns import new_id
from models.institutions import Institution
from models.staff import StaffAccount
from observing.metrics import Metrics
from settings import DataKey
from tests.integration.staff.browser import Browser
from tests.support import package_content
from web import application
from web.access import Access
from web.limits import Limiter

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=LOCAL)
PASSWORD = "雨后南山有一只白鹭飞过水面"
HOME = Whence("203.0.113.7")
VAULT = Vault([DataKey("k1", bytes(range(32)))])
#: Where wang.min has signed in before, but whence they come today nobody else does.
OWN_BROWSER = Whence("192.0.2.77", mark_browser(VAULT, "wang.min", NOW))
DONGCHANGFU, YANGGU = "371502", "371521"


class InterruptedHasher(Hasher):
    """Hashes; and what was looked up before it is another thing when it is done."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(time_cost=1, memory_kib=64, parallelism=1)
        self._meanwhile = meanwhile

    async def matches(self, hash: str | None, password: str) -> bool:
        right = await super().matches(hash, password)
        await self._meanwhile()
        return right


@pytest.fixture
def hasher() -> Iterator[Hasher]:
    hasher = Hasher(time_cost=1, memory_kib=64, parallelism=1)
    yield hasher
    hasher.close()


@pytest.fixture
def tools(hasher: Hasher) -> StaffTools:
    return StaffTools(VAULT, hasher, lambda: (DONGCHANGFU, YANGGU), sandbox=False)


@pytest.fixture
def in_sandbox(tools: StaffTools) -> StaffTools:
    return replace(tools, sandbox=True)


async def make_institution(county: str = "371502", name: str = "聊城市启明职业培训学校") -> UUID:
    id = new_id()
    uscc = f"5237{id.hex[-14:].upper()}"
    await Institution.create(id=id, name=name, uscc=uscc, county=county, created_at=NOW)
    return id


async def make_account(
    tools: StaffTools,
    username: str,
    role: Role = Role.HOTLINE,
    county: str = "",
    institution: UUID | None = None,
    *,
    password: str = PASSWORD,
    demo: bool = False,
) -> Staff:
    post = Post(role, county, institution)
    issued = await create_account(
        System("trial"),
        tools,
        username=username,
        name="王敏",
        post=post,
        password=password,
        demo=demo,
        now=NOW,
    )
    return actor_of(await StaffAccount.get(id=issued.account_id))


async def enter(
    tools: StaffTools,
    username: str,
    password: str = PASSWORD,
    whence: Whence = HOME,
    now: datetime = NOW,
) -> Entered:
    return await enter_password(
        tools, username=username, password=password, whence=whence, device="Edge · Windows", now=now
    )


async def enrol(tools: StaffTools, username: str, now: datetime = NOW) -> tuple[str, Entered]:
    """Sign in for the first time; the authenticator's secret, and who has come in."""
    entered = await enter(tools, username, now=now)
    assert entered.step is Step.SECOND_FACTOR
    secret, _ = await offer_second_factor(tools, token=entered.token, now=now)
    code = code_at(secret, now)
    done = await set_up_second_factor(tools, token=entered.token, code=code, whence=HOME, now=now)
    assert done.step is Step.DONE
    return secret, done


async def sign_in(
    tools: StaffTools, username: str, secret: str, now: datetime, whence: Whence = HOME
) -> Entered:
    entered = await enter(tools, username, whence=whence, now=now)
    return await enter_code(
        tools, token=entered.token, code=code_at(secret, now), whence=whence, now=now
    )


def later(**some: float) -> datetime:
    return NOW + timedelta(**some)


@dataclass
class Clock:
    """The time of a test, which it moves by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def serve_console(
    tools: StaffTools, clock: Clock, *, secure: bool
) -> AsyncIterator[TestClient[Any, Any]]:
    """The console with the real guard, as assembly/ puts it together."""
    content = package_content()
    console = create(read_content=lambda: content, vault=VAULT, clock=clock, secure=secure)
    door = StaffDoor(tools, [], secure)
    console[DOOR] = door
    app = application.create(
        texts=content.texts,
        metrics=Metrics(),
        checks={},
        limiter=Limiter(VAULT, redis=None),
        guards={Access.STAFF: guard_staff(door, clock)},
        framed_pages={PREFIX: make_refusal_page(console[GROUND])},
    )
    app.add_subapp(PREFIX, console)
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield client


@pytest.fixture
async def open_browser(
    tools: StaffTools, clock: Clock, database: str
) -> AsyncIterator[Callable[[], Browser]]:
    """Browsers at a console."""
    async with serve_console(tools, clock, secure=False) as client:
        yield lambda: Browser(client)
