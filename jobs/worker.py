"""Door 4: the worker process. Runs the queue's tasks, the schedule, and the drain."""

import asyncio
import signal
from collections.abc import Coroutine, Mapping
from functools import partial

import structlog

from clients.shared_state import connect_redis_for_worker
from clients.wechat import open_official_account
from domain.calendar import local_now
from domain.vault import Vault
from jobs.context import JobTools
from jobs.drain import Drain
from jobs.lanes import run_lanes
from jobs.listening import listen, make_listener
from jobs.measuring import Measuring
from jobs.metrics import WorkerMetrics
from jobs.queue import LANES, make_job_app
from jobs.sightings import Sightings
from models.database import close_database, open_database
from settings import Settings

log = structlog.get_logger(__name__)

#: The drain and the measuring have one each.
_MOST_CONNECTIONS = sum(lane.concurrency for lane in LANES) + 2

Parts = Mapping[str, Coroutine[object, object, None]]


class WorkerEnded(Exception):  # noqa: N818 (what happened, not what kind of class)
    """A part of the worker has ended though nobody told it to."""


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what was begun.

    `database_url`, `redis_url` and the official account must be set. PostgreSQL and Redis are
    waited for where they are away. Raises WorkerEnded, after it has been logged, where a part
    ends by itself.
    """
    account, database_url = settings.official_account, settings.database_url
    if account is None or database_url is None or settings.redis_url is None:
        raise ValueError("the worker needs DATABASE_URL, REDIS_URL and the official account")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await open_database(database_url, most_connections=_MOST_CONNECTIONS)
    redis = connect_redis_for_worker(settings.redis_url)
    wechat = open_official_account(account, settings.wechat_api_base, redis)
    metrics = WorkerMetrics()
    sightings = Sightings(("queue", "drain", "redis"))
    tools = JobTools(Vault(settings.data_keys), wechat, local_now, metrics)
    parts = {
        "queue": run_lanes(make_job_app(database_url), tools, partial(sightings.see, "queue")),
        "drain": Drain(redis, partial(sightings.see, "drain")).run(),
        "measuring": Measuring(redis, metrics, partial(sightings.see, "redis")).run(),
    }
    if settings.worker_listen is not None:
        listener = make_listener(metrics, sightings)
        parts["listening"] = listen(listener, settings.worker_listen)
    try:
        await run_until(stop, parts)
    finally:
        await wechat.close()
        await redis.aclose()
        await close_database()


async def run_until(stop: asyncio.Event, parts: Parts) -> None:
    """Run `parts` until `stop`; one that ends by itself ends all, and raises WorkerEnded."""
    log.info("worker_started")
    stopping = asyncio.create_task(stop.wait())
    tasks = {name: asyncio.create_task(part) for name, part in parts.items()}
    await asyncio.wait({stopping, *tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
    ended = None if stop.is_set() else next(name for name, task in tasks.items() if task.done())
    stopping.cancel()
    for task in tasks.values():
        task.cancel()
    results = await asyncio.gather(*tasks.values(), return_exceptions=True)
    for name, result in zip(tasks, results, strict=True):
        if isinstance(result, Exception):
            log.error("part_failed", component=name, exc_info=result)
    if ended is not None:
        log.error("worker_ended", component=ended)
        raise WorkerEnded(ended)
    log.info("worker_stopped")
