"""PostgreSQL away is told as such by any route, and rings no alarm; what is ours still does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from tortoise.connection import get_connection

from models.availability import Database, DatabaseAway, DatabaseSlow
from models.database import close_database, open_database
from models.messages import Dialogue
from models.transactions import transaction
from observing.metrics import Metrics
from tests.integration.api.applications import make_application
from tests.integration.api.test_failures import alarms, assert_problem
from tests.integration.bot.database import fetch, locked
from tests.integration.road import fill_pool
from web.access import Access, allow
from web.body_limits import body

#: In the service 10 s.
STATEMENT_SECONDS = 0.3


async def read() -> None:
    await Dialogue.all().count()


async def write() -> None:
    async with transaction():
        await Dialogue.filter(name="x").delete()


async def ask() -> None:
    await Database().ask(read(), seconds=STATEMENT_SECONDS)


async def sleep() -> None:
    await get_connection("default").execute_query("SELECT pg_sleep(60)")


async def open_nothing() -> None:
    raise FileNotFoundError(2, "a file")


async def say_away() -> None:
    raise DatabaseAway


async def say_slow() -> None:
    raise DatabaseSlow


def handle(action: Callable[[], Awaitable[None]]) -> Any:
    @allow(Access.ANYONE)
    @body(most_bytes=1, seconds=1.0)
    async def handler(_request: web.Request) -> web.Response:
        await action()
        return web.json_response({})

    return handler


ACTIONS = (read, write, ask, sleep, open_nothing, say_away, say_slow)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def client(aiohttp_client, metrics):
    def add_routes(app: web.Application) -> None:
        for action in ACTIONS:
            app.router.add_route("*", f"/v1/{action.__name__}", handle(action))

    app = make_application(metrics=metrics, extend=add_routes)
    app.router.add_get("/page", handle(read))
    return await aiohttp_client(app)


async def assert_unavailable(client: Any, metrics: Metrics, action: Any) -> None:
    response = await client.post(f"/api/v1/{action.__name__}")
    problem = await assert_problem(response, 503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    assert "没有办理" in problem["detail"]
    assert alarms(metrics) == 0


DATABASE_ACTIONS = pytest.mark.parametrize("action", [read, write, ask])


@DATABASE_ACTIONS
async def test_nobody_listens(client, metrics, action):
    await open_database("postgres://postgres@127.0.0.1:1/none")
    await assert_unavailable(client, metrics, action)
    await close_database()


@DATABASE_ACTIONS
async def test_the_socket_is_not_there(client, metrics, action, tmp_path):
    await open_database(f"postgres://postgres@/none?host={tmp_path}")
    await assert_unavailable(client, metrics, action)
    await close_database()


@DATABASE_ACTIONS
async def test_it_hangs(client, metrics, action, road, database_url):
    await close_database()
    await open_database(road.url, statement_seconds=STATEMENT_SECONDS)
    await fill_pool()
    with road.shut():
        await assert_unavailable(client, metrics, action)
    async with asyncio.timeout(10):
        while (await client.get(f"/api/v1/{action.__name__}")).status != 200:
            await asyncio.sleep(0.05)
    assert alarms(metrics) == 0


async def test_its_connections_are_killed(client, metrics, database):
    waiting = asyncio.create_task(client.post("/api/v1/sleep"))
    async with asyncio.timeout(10):
        while not await fetch(
            database, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%'"
        ):
            await asyncio.sleep(0.05)
    await fetch(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    await assert_problem(await waiting, 503, "unavailable")
    assert alarms(metrics) == 0
    async with asyncio.timeout(10):
        while (await client.get("/api/v1/read")).status != 200:
            await asyncio.sleep(0.05)


async def test_a_page_tells_it_to_people(client, metrics):
    await open_database("postgres://postgres@127.0.0.1:1/none")
    page = await client.get("/page", headers={"Accept": "text/html"})
    assert (page.status, page.content_type) == (503, "text/html")
    assert "暂时连不上" in await page.text()
    assert int(page.headers["Retry-After"]) > 0
    assert alarms(metrics) == 0
    await close_database()


@pytest.mark.parametrize("action", [say_away, say_slow])
async def test_what_a_query_with_a_time_limit_says(client, metrics, action):
    await assert_unavailable(client, metrics, action)


async def test_a_statement_that_takes_too_long_is_ours(client, metrics, database_url):
    """PostgreSQL is there: somebody has to look at that statement, or at who holds the lock."""
    await open_database(database_url, statement_seconds=STATEMENT_SECONDS)
    async with locked(database_url, "dialogues"):
        await assert_problem(await client.get("/api/v1/read"), 500, "unexpected")
        await assert_problem(await client.get("/api/v1/write"), 500, "unexpected")
    assert alarms(metrics) == 2
    await assert_problem(await client.get("/api/v1/open_nothing"), 500, "unexpected")
    assert alarms(metrics) == 3
    await close_database()
