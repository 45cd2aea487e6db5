"""Door 4: the worker process. Runs the queue's tasks, the schedule, and the drain."""

import asyncio
import contextlib
import signal

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from clients.shared_state import connect_redis_for_worker
from clients.wechat import open_official_account
from domain.calendar import local_now
from domain.vault import Vault
from jobs.context import TOOLS, JobTools
from jobs.dead_letters import DeadLetters
from jobs.drain import Drain, count_backlog
from jobs.queue import make_job_app
from models.database import close_database, open_database
from settings import Settings

log = structlog.get_logger(__name__)

#: A running job may take this long to end when the worker is told to stop.
_GRACEFUL_SECONDS = 5.0
#: More records than this waiting in Redis means that PostgreSQL is away or cannot keep up.
_LONG_BACKLOG = 10_000
_WATCH_SECONDS = 60.0


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what was begun.

    `database_url`, `redis_url` and the official account must be set. Raises what PostgreSQL
    raises where the queue cannot be reached at the start.
    """
    account, database_url = settings.official_account, settings.database_url
    if account is None or database_url is None or settings.redis_url is None:
        raise ValueError("the worker needs DATABASE_URL, REDIS_URL and the official account")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await open_database(database_url)
    redis = connect_redis_for_worker(settings.redis_url)
    wechat = open_official_account(account, settings.wechat_api_base, redis)
    tools = JobTools(Vault(settings.data_keys), wechat, local_now)
    try:
        async with make_job_app(database_url).open_async() as app:
            jobs = app.run_worker_async(
                additional_context={TOOLS: tools},
                install_signal_handlers=False,
                shutdown_graceful_timeout=_GRACEFUL_SECONDS,
                delete_jobs="successful",
            )
            await _run_until(
                stop,
                asyncio.create_task(jobs),
                asyncio.create_task(Drain(redis).run()),
                asyncio.create_task(watch_backlog(redis)),
            )
    finally:
        await wechat.close()
        await redis.aclose()
        await close_database()


async def watch_backlog(redis: Redis) -> None:
    """Say so, for as long as it lasts, when records wait in Redis or lie among the dead letters."""
    while True:
        try:
            waiting, dead = await count_backlog(redis), await DeadLetters(redis).count()
        except RedisError:
            # The drain says that Redis is away.
            waiting = dead = 0
        if waiting > _LONG_BACKLOG:
            log.warning("records_wait", count=waiting)
        if dead:
            log.warning("dead_letters", count=dead)
        await asyncio.sleep(_WATCH_SECONDS)


async def _run_until(stop: asyncio.Event, *tasks: "asyncio.Task[None]") -> None:
    """Run `tasks` until `stop`; one that ends by itself ends all, with its exception."""
    log.info("worker_started")
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, *tasks):
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    log.info("worker_stopped")
