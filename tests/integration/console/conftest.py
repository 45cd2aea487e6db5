"""The console with real PostgreSQL behind it, for whoever the test says is signed in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from domain.actor import Staff
from tests.consoles import NOW, TOKEN, let_in, make_console


class Visitor:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self._client = client
        self.status = 0
        #: Where the last answer was, after it has led on.
        self.path = ""

    async def get(self, path: str) -> str:
        """The page at `path` below /console."""
        answer = await self._client.get(f"/console{path}", headers={"Accept": "text/html"})
        return await self._read(answer)

    async def fetch(self, path: str) -> ClientResponse:
        """What is no page: a file."""
        return await self._client.get(f"/console{path}")

    async def post(self, path: str, **fields: str) -> str:
        """The page that a form leads to."""
        answer = await self._client.post(
            f"/console{path}", data={"csrf": TOKEN, **fields}, headers={"Accept": "text/html"}
        )
        return await self._read(answer)

    async def hand_in(self, path: str, content: bytes, **fields: str) -> str:
        """The page that a form with a file leads to."""
        data = FormData()
        for name, value in {"csrf": TOKEN, **fields}.items():
            data.add_field(name, value)
        data.add_field("file", content, filename="sheet", content_type="application/octet-stream")
        answer = await self._client.post(
            f"/console{path}", data=data, headers={"Accept": "text/html"}
        )
        return await self._read(answer)

    async def _read(self, answer: Any) -> str:
        self.status, self.path = answer.status, str(answer.url.relative())
        return str(await answer.text())


OpenConsole = Callable[[Staff], Awaitable[Visitor]]


@pytest.fixture
async def open_console(database: str) -> AsyncIterator[OpenConsole]:
    # What happens later is later, also where an order is that of time.
    ticks = count()
    async with AsyncExitStack() as stack:

        async def open_for(staff: Staff) -> Visitor:
            app = make_console(let_in(staff), clock=lambda: NOW + timedelta(seconds=next(ticks)))
            client = TestClient(TestServer(app))
            return Visitor(await stack.enter_async_context(client))

        yield open_for
