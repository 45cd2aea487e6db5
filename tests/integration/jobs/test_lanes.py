"""The queue at work: several at once, the purge aside, and on again after PostgreSQL was away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from redis.asyncio import Redis

from clients.wechat.client import AsyncWeChatClient
from domain.calendar import local_now
from domain.vault import Vault
from jobs.context import JobTools
from jobs.lanes import run_lanes
from jobs.queue import make_job_app
from models.database import migrate_database
from sandbox.platform.memory import Platform
from scripts.embedded.services import EmbeddedServices
from tests.integration.bot.database import fetch, locked, wait_for_rows
from tests.integration.jobs.conftest import SEND, StartWorker, queue_late_reply
from tests.integration.messaging.conftest import make_record, put
from tests.support import APP_ID

PATIENCE_SECONDS = 60.0


@pytest.fixture
async def tools(vault: Vault, platform_url: str, redis: Redis) -> AsyncIterator[JobTools]:
    client = AsyncWeChatClient(APP_ID, "a-secret-of-the-tests", api_base=platform_url, redis=redis)
    async with client:
        yield JobTools(vault, client, local_now)


@contextlib.asynccontextmanager
async def lanes_running(database_url: str, tools: JobTools) -> AsyncIterator[None]:
    task = asyncio.create_task(run_lanes(make_job_app(database_url), tools, lambda: None))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_late_answer_does_not_wait_for_the_purge(
    database: str, tools: JobTools, vault: Vault, platform: Platform
) -> None:
    await fetch(
        database,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        " VALUES ('upkeep', 'messaging.purge_messages', '{\"timestamp\": 1}')",
    )
    # The purge hangs on the counts, which neither a late answer nor another task touches.
    async with locked(database, "message_counts"), lanes_running(database, tools):
        doing = "SELECT * FROM procrastinate_jobs WHERE task_name = $1 AND status = 'doing'"
        await wait_for_rows(database, doing, "messaging.purge_messages")
        await queue_late_reply(vault)
        sent = "SELECT * FROM late_replies WHERE status = 'sent'"
        await wait_for_rows(database, sent)
        assert await fetch(database, doing, "messaging.purge_messages")


async def test_a_slow_one_does_not_keep_the_others(
    database: str, tools: JobTools, vault: Vault, platform: Platform
) -> None:
    platform.faults.add({"endpoint": SEND, "times": 1, "delay_ms": 4000})
    for number in range(4):
        await queue_late_reply(vault, number)
    async with lanes_running(database, tools):
        three = "SELECT 1 FROM late_replies WHERE status = 'sent' HAVING count(*) >= 3"
        await wait_for_rows(database, three)
        assert await fetch(database, "SELECT * FROM late_replies WHERE status = 'sending'")


async def is_ready(session: ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
            return response.status == 200
    except ClientError:
        return False


@pytest.mark.parametrize("away_seconds", [0, 8])
async def test_the_worker_goes_on_after_postgresql_was_killed(
    tmp_path: Path,
    redis: Redis,
    redis_url: str,
    start_worker: StartWorker,
    free_port: int,
    away_seconds: float,
) -> None:
    async with (
        EmbeddedServices(tmp_path / "own", redis=False, durable=False) as services,
        ClientSession() as session,
    ):
        url = services.database_url
        await migrate_database(url)
        worker = start_worker(url, redis_url, ZPT_WORKER_LISTEN=f"127.0.0.1:{free_port}")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_ready(session, free_port):
                await asyncio.sleep(0.2)
        (postgres,) = services.servers
        postgres.kill()
        await postgres.wait_exit()
        await asyncio.sleep(away_seconds)
        await postgres.start()
        # The job of a late answer that is not there any more has nothing to do.
        await fetch(
            url,
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
            " VALUES ('default', 'messaging.send_late_reply', '{\"late_reply_id\": 1}')",
        )
        await put(redis, make_record(1))
        done = "SELECT 1 WHERE NOT EXISTS (SELECT FROM procrastinate_jobs WHERE task_name = $1)"
        # Ten seconds, and what a busy machine may add.
        await wait_for_rows(url, done, "messaging.send_late_reply", seconds=20)
        await wait_for_rows(url, "SELECT * FROM inbound_messages", seconds=20)
        assert worker.process.poll() is None
        assert "queue_waits" in worker.read_log()
        assert await asyncio.to_thread(worker.stop) == 0


async def test_the_worker_waits_for_a_postgresql_that_is_away_at_the_start(
    tmp_path: Path, redis_url: str, start_worker: StartWorker
) -> None:
    worker = start_worker("postgres://postgres@127.0.0.1:1/none", redis_url)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while worker.read_log().count("queue_waits") < 2:
            await asyncio.sleep(0.2)
    assert worker.process.poll() is None
    assert await asyncio.to_thread(worker.stop) == 0
