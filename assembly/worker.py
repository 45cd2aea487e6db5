"""The worker: the queue, the schedule, the drain, and what tells how they go."""

import asyncio
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from assembly.faq import content_folder
from assembly.outside import (
    connect_redis_for_worker,
    database,
    database_url_of,
    make_vault,
    open_checkpoints,
    open_files,
    open_official_account,
)
from content.loader import load_content
from content.schema import Content
from domain.calendar import local_now
from domain.holdings import Periods, periods_of
from jobs.context import JobTools
from jobs.drain import Drain
from jobs.lanes import run_lanes
from jobs.listening import listen, make_listener
from jobs.measuring import Measuring
from jobs.metrics import WorkerMetrics
from jobs.queue import LANES, make_job_app
from jobs.sightings import Sightings
from jobs.worker import run_until
from settings import Settings

#: The drain and the measuring have one each.
_MOST_CONNECTIONS = sum(lane.concurrency for lane in LANES) + 2


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what was begun.

    PostgreSQL and Redis are waited for where they are away. Raises assembly.outside.PartMissing;
    jobs.worker.WorkerEnded, after it has been logged, where a part ends by itself.
    """
    database_url = database_url_of(settings)
    redis = connect_redis_for_worker(settings)
    wechat = open_official_account(settings, redis)
    metrics = WorkerMetrics()
    sightings = Sightings(("queue", "drain", "redis"))
    content = _ContentOnce(content_folder(settings))
    tools = JobTools(
        *(make_vault(settings), wechat, local_now, metrics),
        *(content.load_texts, content.load_periods),
        open_checkpoints(settings),
        open_files(settings),
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with database(settings, most_connections=_MOST_CONNECTIONS):
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


class _ContentOnce:
    """The folder, read when a job first needs it and kept: a worker is started anew where the
    content has changed for good."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._content: Content | None = None

    async def load_texts(self) -> Mapping[str, str]:
        return (await self._load()).texts

    async def load_periods(self) -> Periods:
        return periods_of(await self._load())

    async def _load(self) -> Content:
        if self._content is None:
            self._content = await asyncio.to_thread(load_content, self._folder)
        return self._content
