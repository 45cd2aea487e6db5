"""What all tests share: real servers, a database of one's own, and nothing left behind."""

import asyncio
import fcntl
import logging
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import structlog
from redis.asyncio import Redis
from tortoise import Tortoise

from domain.faq.routing import Router
from domain.faq.routing.training import ModelStore
from domain.faq.wording import Contact
from models.database import close_database, migrate_database, open_database
from scripts.embedded.services import EmbeddedServices
from tests.quick import PREFIX, documents_made_once, find_memory_folder
from tests.support import package_content

_DEFAULTS = structlog.get_config()["processors"]
_PLAIN = structlog.dev.ConsoleRenderer(
    colors=False, exception_formatter=structlog.dev.plain_traceback
)


@dataclass(frozen=True)
class Servers:
    """The servers that the tests run against."""

    database_url: str
    redis_url: str


@pytest.fixture(autouse=True)
async def no_task_left_behind() -> AsyncIterator[None]:
    """A test that leaves a task running fails: in the service it would be lost at shutdown."""
    yield
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    assert not left, f"tasks left running: {[task.get_coro() for task in left]}"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A test that sets the logs up, as a process does at its start, does so for itself alone.

    structlog's own set-up prints with an exception whatever each frame holds: of a router that
    takes seconds.
    """
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlog.configure(processors=[*_DEFAULTS[:-1], _PLAIN])
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def one_document() -> Iterator[None]:
    with documents_made_once():
        yield


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """DATABASE_URL and REDIS_URL where given (the Redis database is emptied!), else embedded."""
    given = Servers(os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", ""))
    if given.database_url and given.redis_url:
        yield given
        return
    memory = find_memory_folder()
    parent = memory or tmp_path_factory.mktemp("servers")
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent) as var,
        asyncio.Runner() as runner,
    ):
        services = EmbeddedServices(
            Path(var),
            postgres=not given.database_url,
            redis=not given.redis_url,
            durable=False,
            temporary_folder=str(memory) if memory else None,
        )
        runner.run(services.start())
        try:
            yield Servers(
                given.database_url or services.database_url,
                given.redis_url or services.redis_url,
            )
        finally:
            runner.run(services.stop())


@pytest.fixture(scope="session")
def models_folder(pytestconfig: pytest.Config) -> Path:
    """Where the tests keep what is learned from the package's content: that takes a while."""
    return pytestconfig.cache.mkdir("models")


@pytest.fixture(scope="session")
def package_router(models_folder: Path) -> Router:
    """A router over the package's own content, as the service has it."""
    contact = Contact("12333", "12345")
    # Of processes that share the work one learns, and the others read what it has learned.
    with models_folder.with_name("models.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Router(package_content(), contact=contact, models=ModelStore(models_folder))


def replace_database(url: str, name: str) -> str:
    """`url` with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def template_database(servers: Servers) -> Iterator[str]:
    """The name of a database that the real migrations have built."""
    name = f"zpt_template_{secrets.token_hex(4)}"

    async def build() -> None:
        await _run_sql(servers.database_url, f'CREATE DATABASE "{name}"')
        await migrate_database(replace_database(servers.database_url, name))

    asyncio.run(build())
    yield name
    asyncio.run(_run_sql(servers.database_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def copy_database(servers: Servers, template: str, name: str) -> None:
    """Nobody may be connected to `template`. Its files are copied as they are: that is quicker
    than page by page through the log, as PostgreSQL does it by itself."""
    await _run_sql(
        servers.database_url,
        f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY',
    )


@pytest.fixture
async def database_url(servers: Servers, template_database: str) -> AsyncIterator[str]:
    """A migrated database of this test's own."""
    name = f"zpt_test_{secrets.token_hex(6)}"
    await copy_database(servers, template_database, name)
    yield replace_database(servers.database_url, name)
    await _run_sql(servers.database_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The same, with the models connected to it."""
    if Tortoise._inited:
        # A service that runs has connected already: nobody would close its connections.
        await close_database()
    await open_database(database_url)
    yield database_url
    await close_database()


@pytest.fixture
async def redis_url(servers: Servers) -> AsyncIterator[str]:
    """An empty Redis."""
    client = Redis.from_url(servers.redis_url)
    await client.flushdb()
    yield servers.redis_url
    await client.flushdb()
    await client.aclose()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client to an empty Redis."""
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def _run_sql(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
