"""Measures the queue and what waits in Redis, and says so when it is too much."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from redis.asyncio import Redis
from tortoise.connection import get_connection

from jobs.dead_letters import DeadLetters
from jobs.drain import count_backlog
from jobs.metrics import WorkerMetrics
from jobs.queue import LANES

log = structlog.get_logger(__name__)

_MEASURE_SECONDS = 15.0
#: A warning that goes on is said again after this long.
_SAY_AGAIN_SECONDS = 60.0
#: More records than this waiting in Redis means that PostgreSQL is away or cannot keep up.
_LONG_BACKLOG = 10_000

_COUNT_JOBS = """
    SELECT task_name AS task, status::text AS status, count(*) AS jobs
    FROM procrastinate_jobs GROUP BY task_name, status
"""
#: A job without a time of its own is due when it was queued.
_FIND_OLDEST_DUE = """
    SELECT job.queue_name AS queue, extract(
        epoch FROM now() - min(coalesce(job.scheduled_at, event.at))
    )::float8 AS seconds
    FROM procrastinate_jobs job
    LEFT JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
    WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
    GROUP BY job.queue_name
"""
#: The row of the last moment stays; its job is gone once it has ended well, and only then.
_FIND_LAST_RUNS = """
    SELECT task_name AS task, max(defer_timestamp) AS planned_for
    FROM procrastinate_periodic_defers WHERE job_id IS NULL GROUP BY task_name
"""


class Measuring:
    """Both stores every 15 s; `see_redis` is called whenever Redis has answered."""

    def __init__(self, redis: Redis, metrics: WorkerMetrics, see_redis: Callable[[], None]) -> None:
        self._redis = redis
        self._dead_letters = DeadLetters(redis)
        self._metrics = metrics
        self._see_redis = see_redis
        self._said: dict[str, float] = {}

    async def run(self) -> None:
        """Measure until cancelled; a store that is away is left out."""
        while True:
            await self.measure()
            await asyncio.sleep(_MEASURE_SECONDS)

    async def measure(self) -> None:
        """Measure once."""
        await asyncio.gather(
            self._try("postgres", self._measure_queue), self._try("redis", self._measure_redis)
        )

    async def _try(self, store: str, measure: Callable[[], Awaitable[None]]) -> None:
        try:
            await measure()
        except Exception as error:
            # Figures that stay as they were look like good news.
            log.warning("not_measured", store=store, exc_info=error)

    async def _measure_queue(self) -> None:
        connection = get_connection("default")
        counted = await connection.execute_query_dict(_COUNT_JOBS)
        due = await connection.execute_query_dict(_FIND_OLDEST_DUE)
        runs = await connection.execute_query_dict(_FIND_LAST_RUNS)
        # No await from here on: a scrape sees all of it or nothing.
        self._metrics.jobs.clear()
        for row in counted:
            self._metrics.jobs.labels(row["task"], row["status"]).set(row["jobs"])
        self._metrics.oldest_due.clear()
        for lane in LANES:
            self._metrics.oldest_due.labels(lane.queue).set(0)
        for row in due:
            self._metrics.oldest_due.labels(row["queue"]).set(row["seconds"])
        for row in runs:
            self._metrics.periodic_last_run.labels(row["task"]).set(row["planned_for"])

    async def _measure_redis(self) -> None:
        waiting, dead = await count_backlog(self._redis), await self._dead_letters.count()
        self._see_redis()
        self._metrics.records_waiting.set(waiting)
        self._metrics.dead_letters.set(dead)
        if waiting > _LONG_BACKLOG:
            self._say("records_wait", waiting)
        if dead:
            self._say("dead_letters", dead)

    def _say(self, event: str, count: int) -> None:
        now = time.monotonic()
        if now - self._said.get(event, -_SAY_AGAIN_SECONDS) >= _SAY_AGAIN_SECONDS:
            self._said[event] = now
            log.warning(event, count=count)
