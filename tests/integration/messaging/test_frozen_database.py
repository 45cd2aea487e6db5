"""A PostgreSQL that hangs and comes back, as a frozen machine or a failover does."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
from redis.asyncio import Redis

from jobs.drain import Drain
from models.database import close_database, migrate_database, open_database
from models.messages import InboundMessage
from scripts.embedded.services import EmbeddedServices
from tests.integration.messaging.conftest import make_record, put, running, wait_until_empty

#: In the service 10 s; here nobody wants to wait for so long.
STATEMENT_SECONDS = 0.3


@contextlib.contextmanager
def frozen(services: EmbeddedServices) -> Iterator[None]:
    """PostgreSQL with all its processes stands still."""
    (postgres,) = [psutil.Process(server.pid) for server in services.servers if server.pid]
    processes = [postgres, *postgres.children(recursive=True)]
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


async def test_the_drain_goes_on_after_postgresql_was_frozen(tmp_path: Path, redis: Redis) -> None:
    """A transaction that cannot even begin gives its connection back, in the drain's context."""
    async with EmbeddedServices(tmp_path / "own", redis=False, durable=False) as services:
        await migrate_database(services.database_url)
        await open_database(services.database_url, statement_seconds=STATEMENT_SECONDS)
        try:
            async with running(Drain(redis)):
                await put(redis, make_record(1))
                await wait_until_empty(redis)
                with frozen(services):
                    await put(redis, make_record(2))
                    await asyncio.sleep(6 * STATEMENT_SECONDS)
                await put(redis, make_record(3))
                await wait_until_empty(redis, seconds=15)
            assert await InboundMessage.all().count() == 3
        finally:
            await close_database()
