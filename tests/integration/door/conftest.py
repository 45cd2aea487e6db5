"""One real service (gunicorn, two processes) for the whole folder, looked after by every test."""

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from domain.faq.routing import Router
from tests.conftest import Servers, replace_database
from tests.integration.door.client import Door
from tests.integration.door.deliveries import PERSONAL
from tests.integration.door.processes import Service, make_var
from tests.support import make_environment


@pytest.fixture(scope="package")
def place(
    package_router: Router,
    models_folder: Path,
    servers: Servers,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    """The environment of services with a database and a Redis of the folder's own."""
    name = "zpt_door"

    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(servers.database_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    asyncio.run(execute(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"'))
    var = make_var(tmp_path_factory.mktemp("door"), models_folder)
    yield make_environment(
        replace_database(servers.database_url, name), choose_redis(servers.redis_url, 1), var
    )
    asyncio.run(execute(f'DROP DATABASE "{name}" WITH (FORCE)'))


def choose_redis(url: str, number: int) -> str:
    """Another of the server's databases: tests elsewhere empty theirs as they like."""
    if url.startswith("unix:"):
        return f"{url.partition('?')[0]}?db={number}"
    return replace_database(url, str(number))


@pytest.fixture(scope="package")
def serving(place: dict[str, str]) -> Iterator[Service]:
    """`zpt serve` as it runs for a city, started where a process may open few files at first."""

    def allow_few_files() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))

    service = Service(
        place, Path(place["ZPT_VAR"]), "serve", "--workers", "2", before=allow_few_files
    )
    try:
        asyncio.run(service.wait_ready())
        yield service
    finally:
        service.stop()


@pytest.fixture
async def door(serving: Service, place: dict[str, str]) -> AsyncIterator[Door]:
    """The door. Whatever a test does to it: it answers afterwards, nothing personal is in its
    log, and nothing there is an alarm."""
    redis = Redis.from_url(place["REDIS_URL"])
    logged = serving.log.stat().st_size
    door = Door(serving, redis, place["DATABASE_URL"])
    # The first question after a start loads the open dialogues: let that be behind us.
    await door.answers()
    yield door
    await door.answers()
    await redis.aclose()
    log = serving.read_log(logged)
    escaped = [json.dumps(word)[1:-1] for word in PERSONAL]
    assert not [word for word in (*PERSONAL, *escaped) if word in log]
    alarms = serving.list_alarms(logged)
    assert [line for line in alarms if line.get("event") != "unknown_message"] == []


@pytest.fixture
async def refusing(door: Door) -> AsyncIterator[Door]:
    """The door, in a test of which nothing may remain."""
    before = await door.look()
    yield door
    keys, records, rows = await door.look()
    assert keys - before[0] == set()
    assert (records, rows) == before[1:]
