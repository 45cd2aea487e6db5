"""The whole service, a school with staff, and its class screens as browsers open them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from app import create_app
from domain.actor import Role, System
from domain.calendar import LOCAL
from domain.faq.routing.router import Router
from domain.staff.actions import create_account
from domain.staff.passwords import Hasher
from domain.staff.rules import Post
from domain.staff.sessions import begin_session, csrf_of
from domain.staff.tools import StaffTools
from domain.vault import Vault
from models.institutions import Institution
from models.staff import StaffAccount
from models.transactions import transaction
from tests.integration.attendance.conftest import (
    NOW,
    Screen,
    clerk,
    come,
    content,
    hold_class,
    institution,
    join,
    make_class,
    make_trainee,
    officer,
    screen,
    vault,
)
from tests.integration.enrolments.conftest import COUNTY, make_institution
from tests.support import make_settings

__all__ = [
    "Screen",
    "clerk",
    "come",
    "content",
    "hold_class",
    "institution",
    "join",
    "make_class",
    "make_trainee",
    "officer",
    "screen",
    "vault",
]

#: Generous: what comes each second comes within it.
PATIENCE = 20.0


class Time:
    """What the service's clock says. It stands still until somebody moves it."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at.astimezone(LOCAL)

    def pass_by(self, **much: float) -> datetime:
        self.at += timedelta(**much)
        return self.at


class Stream:
    """A screen's events, as an open page hears them."""

    def __init__(self, answer: ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> tuple[str, dict[str, Any]] | None:
        """The next event; None at the end."""
        try:
            raw = await self.answer.content.readuntil(b"\n\n")
        except asyncio.IncompleteReadError:
            return None
        if not raw:
            return None
        event, data = raw.decode().strip().split("\n")
        return event.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    async def wait_for(self, event: str) -> dict[str, Any]:
        """The data of the next event of this name; what comes before it is let go by."""
        async with asyncio.timeout(PATIENCE):
            while (told := await self.next()) is not None:
                if told[0] == event:
                    return told[1]
        raise AssertionError(f"the stream has ended without {event}")

    async def has_ended(self) -> bool:
        """Whether nothing more comes, within our patience."""
        async with asyncio.timeout(PATIENCE):
            while await self.next() is not None:
                pass
        return True


class Browser:
    """Somebody's cookies, and what they open with them."""

    def __init__(self, client: TestClient[web.Request, web.Application], token: str = "") -> None:
        self._client = client
        self.cookies = {"zpt_console": token} if token else {}
        self.token = token

    async def open(self, path: str) -> ClientResponse:
        """A page, without being led on."""
        answer = await self._client.get(
            path, cookies=self.cookies, headers={"Accept": "text/html"}, allow_redirects=False
        )
        await answer.read()
        return answer

    async def status_of(self, path: str) -> int:
        """That of a page."""
        return (await self.open(path)).status

    async def send(self, path: str, **fields: str) -> ClientResponse:
        """A form of the console."""
        answer = await self._client.post(
            path,
            data={"csrf": csrf_of(self.token), **fields},
            cookies=self.cookies,
            headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
        )
        await answer.read()
        return answer

    async def listen(self, session: object) -> ClientResponse:
        """The stream of a session's screen, or why not."""
        return await self._client.get(
            f"/screen/{session}/events",
            cookies=self.cookies,
            headers={"Accept": "text/event-stream"},
        )


class Service:
    """What runs, and who sits before it."""

    def __init__(self, app: web.Application, client: Any, time: Time, tools: StaffTools) -> None:
        self.app, self.client, self.time, self._tools = app, client, time, tools
        self._accounts = 0

    def browser(self, token: str = "") -> Browser:
        """One without an account, unless it has somebody's token."""
        return Browser(self.client, token)

    async def sign_in(self, role: Role, institution: Institution | None = None) -> Browser:
        """Somebody new of the staff, in a browser of their own."""
        self._accounts += 1
        issued = await create_account(
            *(System("tests"), self._tools),
            username=f"staff.{self._accounts}",
            name="王敏",
            post=Post(
                role,
                COUNTY if role is Role.COUNTY_OFFICER else "",
                institution.id if institution else None,
            ),
            password=f"雨后南山有一只白鹭飞过水面{self._accounts}",
            demo=True,
            now=self.time(),
        )
        account = await StaffAccount.get(id=issued.account_id)
        async with transaction() as connection:
            token = await begin_session(
                connection,
                account,
                complete=True,
                code_passed=True,
                device="",
                now=self.time(),
            )
        return self.browser(token)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def service(
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    package_router: Router,
    content: Any,
    vault: Vault,
    time: Time,
) -> AsyncIterator[Service]:
    settings = make_settings(database_url, redis_url, tmp_path)
    app = create_app(settings, router=package_router, clock=time)
    hasher = Hasher(time_cost=1, memory_kib=64, parallelism=1)
    tools = StaffTools(vault, hasher, lambda: {one.code for one in content.counties}, True)
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield Service(app, client, time, tools)
    hasher.close()


@pytest.fixture
async def database(service: Service, database_url: str) -> str:
    """The service has the models open already."""
    return database_url


Listen = Callable[..., Awaitable[Stream]]


@pytest.fixture
async def listen(service: Service) -> AsyncIterator[Listen]:
    """Open pages; they are shut at the end."""
    async with AsyncExitStack() as stack:

        async def open_one(browser: Browser, session: object) -> Stream:
            answer = await browser.listen(session)
            stack.callback(answer.close)
            assert answer.status == 200, await answer.text()
            assert answer.content_type == "text/event-stream"
            return Stream(answer)

        yield open_one


@pytest.fixture
async def teacher(service: Service, institution: Institution) -> Browser:
    return await service.sign_in(Role.INSTITUTION, institution)


@pytest.fixture
async def foreigner(service: Service, institution: Institution) -> Browser:
    """Of another school."""
    return await service.sign_in(Role.INSTITUTION, await make_institution("阳谷县另一所学校"))
