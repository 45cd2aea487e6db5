"""What a worker tells of itself."""

import asyncio
import contextlib
import socket
import time
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis
from structlog.testing import capture_logs

import jobs.listening
from clients.wechat.client import AsyncWeChatClient
from domain.calendar import local_now
from domain.vault import Vault
from jobs.context import JobTools
from jobs.dead_letters import DeadLetters
from jobs.listening import listen, make_listener
from jobs.measuring import Measuring
from jobs.metrics import WorkerMetrics
from jobs.sightings import Sightings
from sandbox.platform.memory import Platform
from settings import Address
from tests.integration.bot.database import fetch
from tests.integration.jobs.conftest import SEND, queue_late_reply
from tests.integration.messaging.conftest import make_record, put
from tests.support import APP_ID
from tests.working import run_due_jobs

LATE_REPLY = "messaging.send_late_reply"


def value(metrics: WorkerMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def run_observed(database_url: str, tools: JobTools) -> None:
    observe = [tools.metrics.observe_job]
    await run_due_jobs(database_url, tools, delete_jobs="successful", task_middleware=observe)


async def test_jobs_are_timed_by_how_they_end(
    database: str, redis: Redis, vault: Vault, platform: Platform, platform_url: str
) -> None:
    metrics = WorkerMetrics()
    platform.faults.add({"endpoint": SEND, "times": 100, "errcode": -1})
    await queue_late_reply(vault)
    client = AsyncWeChatClient(APP_ID, "a-secret-of-the-tests", api_base=platform_url, redis=redis)
    async with client:
        tools = JobTools(vault, client, local_now, metrics)
        await run_observed(database, tools)
        assert value(metrics, "zpt_job_seconds_count", task=LATE_REPLY, outcome="retried") == 1
        platform.faults.waiting.clear()
        await fetch(database, "UPDATE procrastinate_jobs SET scheduled_at = now()")
        await run_observed(database, tools)
        assert value(metrics, "zpt_job_seconds_count", task=LATE_REPLY, outcome="succeeded") == 1
        platform.faults.add({"endpoint": SEND, "times": 100, "errcode": -1})
        await queue_late_reply(vault, 1)
        await fetch(database, "UPDATE procrastinate_jobs SET attempts = 6")
        await run_observed(database, tools)
        assert value(metrics, "zpt_job_seconds_count", task=LATE_REPLY, outcome="failed") == 1


async def test_the_queue_and_redis_are_measured(database: str, redis: Redis) -> None:
    await fetch(
        database,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at) VALUES"
        " ('default', 'some.task', 'failed', null),"
        " ('default', 'some.task', 'todo', now() - interval '100 seconds'),"
        " ('default', 'some.task', 'todo', now() + interval '100 seconds'),"
        " ('upkeep', 'other.task', 'todo', null)",
    )
    await fetch(
        database,
        "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, job_id) VALUES"
        " ('ended.well', 1000, null),"
        " ('failed.last', 2000, (SELECT id FROM procrastinate_jobs WHERE status = 'failed'))",
    )
    await put(redis, make_record(1), make_record(2))
    await DeadLetters(redis).put([(b"1-1", {b"m": b"nonsense"})])
    seen: list[None] = []
    metrics = WorkerMetrics()
    await Measuring(redis, metrics, lambda: seen.append(None)).measure()
    assert value(metrics, "zpt_jobs", task="some.task", status="failed") == 1
    assert value(metrics, "zpt_jobs", task="some.task", status="todo") == 2
    oldest = value(metrics, "zpt_job_oldest_due_seconds", queue="default")
    assert oldest is not None
    assert 100 <= oldest < 200
    oldest = value(metrics, "zpt_job_oldest_due_seconds", queue="upkeep")
    assert oldest is not None
    assert 0 <= oldest < 100, "it was due when it was queued"
    assert value(metrics, "zpt_periodic_last_run", task="ended.well") == 1000
    assert value(metrics, "zpt_periodic_last_run", task="failed.last") is None
    assert value(metrics, "zpt_records_waiting") == 2
    assert value(metrics, "zpt_dead_letters") == 1
    assert len(seen) == 1
    await fetch(database, "DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    await Measuring(redis, metrics, lambda: None).measure()
    assert value(metrics, "zpt_jobs", task="some.task", status="todo") is None
    assert value(metrics, "zpt_job_oldest_due_seconds", queue="default") == 0


async def test_a_store_that_is_away_does_not_hide_the_other(redis: Redis) -> None:
    """PostgreSQL is not connected here."""
    metrics = WorkerMetrics()
    await put(redis, make_record(1))
    with capture_logs() as lines:
        await Measuring(redis, metrics, lambda: None).measure()
    assert value(metrics, "zpt_records_waiting") == 1
    assert [(line["event"], line["store"]) for line in lines] == [("not_measured", "postgres")]


async def test_the_listener_answers() -> None:
    now = 1000.0
    sightings = Sightings(("queue", "drain"), lambda: now)
    metrics = WorkerMetrics()
    async with TestClient(TestServer(make_listener(metrics, sightings))) as client:

        async def ask(path: str) -> tuple[int, Any]:
            async with client.get(path) as response:
                return response.status, await response.json()

        assert await ask("/healthz") == (200, {"status": "ok"})
        everything = {"status": "unavailable", "missing": ["queue", "drain"]}
        assert await ask("/readyz") == (503, everything)
        sightings.see("queue")
        now += 20
        sightings.see("drain")
        assert await ask("/readyz") == (200, {"status": "ok", "missing": []})
        now += 20
        assert await ask("/readyz") == (503, {"status": "unavailable", "missing": ["queue"]})
        metrics.records_waiting.set(7)
        async with client.get("/metrics") as response:
            assert response.content_type == "text/plain"
            assert "zpt_records_waiting 7.0" in await response.text()


async def test_a_busy_port_is_said_once_and_taken_when_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs.listening, "_TRY_AGAIN_SECONDS", 0.05)
    app = make_listener(WorkerMetrics(), Sightings(()))
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with capture_logs() as lines:
        task = asyncio.create_task(listen(app, Address("127.0.0.1", port)))
        await asyncio.sleep(0.3)
        assert not task.done()
        taken.close()
        until = time.monotonic() + 10
        while "worker_listens" not in [line["event"] for line in lines]:
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
    assert [(line["event"], line.get("code")) for line in lines] == [
        ("worker_cannot_listen", "EADDRINUSE"),
        ("worker_listens", None),
    ]
    async with (
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/healthz") as response,
    ):
        assert response.status == 200
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
