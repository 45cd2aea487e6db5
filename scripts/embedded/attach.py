"""The servers for one command: the ones the settings name, those already running, or its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg
import redis.asyncio
from redis.exceptions import RedisError

from scripts.embedded.errors import AlreadyRunningError
from scripts.embedded.lock import is_held
from scripts.embedded.postgres_server import postgres_url
from scripts.embedded.progress import Progress, keep_silent
from scripts.embedded.redis_server import redis_url
from scripts.embedded.scratch import read_recorded_scratch, sockets_in
from scripts.embedded.services import LOCK, EmbeddedServices
from settings import Settings

#: How long a supervisor that holds the lock may take until its servers answer.
ATTACH_PATIENCE_SECONDS = 60.0


class ServiceUrls(NamedTuple):
    database_url: str
    redis_url: str


@contextlib.asynccontextmanager
async def attach_or_start(
    settings: Settings, progress: Progress = keep_silent
) -> AsyncIterator[ServiceUrls]:
    """The URLs to use while the context lasts.

    What `settings` names is used as it is. The rest comes from the embedded servers running
    under `settings.var`, and where none run they are started and stopped with the context.
    Raises EmbeddedError (`AlreadyRunningError` where a supervisor holds the folder but its servers
    do not answer).
    """
    if settings.database_url and settings.redis_url:
        yield ServiceUrls(settings.database_url, settings.redis_url)
        return
    running = await find_running(settings, progress)
    if running is not None:
        yield running
        return
    services = EmbeddedServices(
        settings.var,
        progress,
        postgres=settings.database_url is None,
        redis=settings.redis_url is None,
    )
    async with services:
        yield ServiceUrls(
            settings.database_url or services.database_url,
            settings.redis_url or services.redis_url,
        )


async def find_running(settings: Settings, progress: Progress) -> ServiceUrls | None:
    """The servers that another process runs under `settings.var`; None where none does."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    told = False
    while is_held(settings.var / LOCK):
        scratch = read_recorded_scratch(settings.var)
        if scratch is not None:
            sockets = sockets_in(scratch)
            urls = ServiceUrls(
                settings.database_url or postgres_url(sockets),
                settings.redis_url or redis_url(sockets),
            )
            if await _answer(urls):
                return urls
        if loop.time() - began > ATTACH_PATIENCE_SECONDS:
            raise AlreadyRunningError(
                f"另一个进程占着 {settings.var}，但它的数据库一直没有应答；请先停掉它。"
            )
        if not told:
            told = True
            progress("另一个进程正在启动数据库，等它就绪…")
        await asyncio.sleep(0.2)
    return None


async def _answer(urls: ServiceUrls) -> bool:
    try:
        connection = await asyncpg.connect(urls.database_url, timeout=5)
        await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    client = redis.asyncio.from_url(urls.redis_url, socket_timeout=5)
    try:
        await client.ping()
    except (RedisError, OSError, TimeoutError):
        return False
    finally:
        await client.aclose()
    return True
