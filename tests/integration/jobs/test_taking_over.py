"""What a killed worker left half done is done by another."""

import asyncio

from structlog.testing import capture_logs

from domain.vault import Vault
from jobs.queue import make_job_app
from jobs.upkeep import take_over
from sandbox.platform.memory import Platform
from tests.integration.bot.database import fetch, wait_for_rows
from tests.integration.jobs.conftest import SEND, StartWorker, queue_late_reply
from tests.working import run_due_jobs

#: A worker that starts beside other tests takes its time.
PATIENCE_SECONDS = 60.0


async def test_a_killed_workers_job_is_done_by_another(
    database: str,
    redis_url: str,
    start_worker: StartWorker,
    vault: Vault,
    platform: Platform,
    platform_url: str,
) -> None:
    """kill -9 in the middle of the call to the platform."""
    platform.faults.add({"endpoint": SEND, "times": 1, "delay_ms": 60_000, "status": 502})
    await queue_late_reply(vault)
    killed = start_worker(database, redis_url, WECHAT_API_BASE=platform_url)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not platform.calls[SEND]:
            await asyncio.sleep(0.1)
    killed.kill()
    (job,) = await fetch(
        database, "SELECT * FROM procrastinate_jobs WHERE task_name LIKE 'messaging.send%'"
    )
    assert job["status"] == "doing"
    start_worker(database, redis_url, WECHAT_API_BASE=platform_url)
    app = make_job_app(database)
    with capture_logs() as lines:
        async with app.open_async(), asyncio.timeout(PATIENCE_SECONDS):
            assert await take_over(app.job_manager) == 0, "its worker may still live"
            while not await take_over(app.job_manager, dead_after=2.0):
                await asyncio.sleep(0.2)
    assert ("job_taken_over", "messaging.send_late_reply") in [
        (line["event"], line["task"]) for line in lines
    ]
    sent = "SELECT * FROM late_replies WHERE status = 'sent'"
    await wait_for_rows(database, sent, seconds=PATIENCE_SECONDS)
    assert [message["content"]["text"]["content"] for message in platform.sent] == ["答复0"]


async def make_stalled(
    url: str, *, attempts: int = 0, queueing_lock: str | None = None, status: str = "doing"
) -> int:
    """A job that no worker has any more; answers its id."""
    (row,) = await fetch(
        url,
        "INSERT INTO procrastinate_jobs"
        " (queue_name, task_name, status, attempts, queueing_lock)"
        " VALUES ('default', 'some.task', $1, $2, $3) RETURNING id",
        status,
        attempts,
        queueing_lock,
    )
    return int(row["id"])


async def list_jobs(url: str) -> list[tuple[int, str, int]]:
    rows = await fetch(url, "SELECT id, status, attempts FROM procrastinate_jobs ORDER BY id")
    return [(row["id"], row["status"], row["attempts"]) for row in rows]


async def test_a_job_that_kills_its_workers_is_given_up(database_url: str) -> None:
    job = await make_stalled(database_url, attempts=10)
    app = make_job_app(database_url)
    async with app.open_async():
        assert await take_over(app.job_manager) == 0
    assert await list_jobs(database_url) == [(job, "failed", 11)]


async def test_one_of_whose_kind_another_waits_is_not_needed(database_url: str) -> None:
    """As a purge of last night that was killed, with this night's queued."""
    first = await make_stalled(database_url)
    await make_stalled(database_url, queueing_lock="purge")
    waiting = await make_stalled(database_url, queueing_lock="purge", status="todo")
    last = await make_stalled(database_url)
    app = make_job_app(database_url)
    async with app.open_async():
        assert await take_over(app.job_manager) == 2
    assert await list_jobs(database_url) == [
        (first, "todo", 1),
        (waiting, "todo", 0),
        (last, "todo", 1),
    ]


async def test_the_schedule_sees_to_it(database_url: str) -> None:
    """The periodic task itself, run by a worker of its queue."""
    from jobs.context import JobTools
    from jobs.metrics import WorkerMetrics

    job = await make_stalled(database_url)
    await fetch(
        database_url,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        " VALUES ('upkeep', 'upkeep.take_over_jobs', '{\"timestamp\": 1}')",
    )
    metrics = WorkerMetrics()
    tools = JobTools(None, None, None, metrics)  # type: ignore[arg-type]
    await run_due_jobs(database_url, tools, "upkeep", delete_jobs="always")
    assert (job, "todo", 1) in await list_jobs(database_url)
    assert metrics.registry.get_sample_value("zpt_jobs_taken_over_total") == 1
