"""The whole service in a thread of its own, for schemathesis asks without a loop."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestServer
from redis import Redis as BlockingRedis

from app import create_app
from domain.faq.routing.router import Router
from domain.staff.passwords import Hasher
from domain.vault import Vault
from tests.cities import NOW, City, build_city
from tests.conftest import Servers, replace_database
from tests.contract.support import MINI, OFFICIAL, run_stand_in
from tests.support import make_settings, package_content


@dataclass
class Service:
    """Where it answers, and what is in it. `call` runs a coroutine beside it."""

    url: str
    city: City
    vault: Vault
    redis: "BlockingRedis"
    call: Callable[[Awaitable[Any]], Any]

    def forget_limits(self) -> None:
        """How often one may ask is not what is asked here."""
        for key in self.redis.scan_iter("zpt:limit:*", count=1000):
            self.redis.delete(key)


class _Thread:
    """Serves until it is stopped."""

    def __init__(self, database_url: str, redis_url: str, var: Path, router: Router) -> None:
        self._given = (database_url, redis_url, var, router)
        self.started: Future[tuple[str, City, Vault]] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._stopped: asyncio.Event
        self._loop: asyncio.AbstractEventLoop

    def start(self) -> tuple[str, City, Vault]:
        self._thread.start()
        return self.started.result(timeout=120)

    def call(self, work: Awaitable[Any]) -> Any:
        async def run() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=60)

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(timeout=60)

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        database_url, redis_url, var, router = self._given
        try:
            async with run_stand_in(var) as stand_in:
                settings = make_settings(
                    *(database_url, redis_url, var),
                    WECHAT_API_BASE=stand_in.url,
                    WECHAT_MP_APP_ID=OFFICIAL.app_id,
                    WECHAT_MP_SECRET=OFFICIAL.secret,
                    WECHAT_MINI_APP_ID=MINI.app_id,
                    WECHAT_MINI_SECRET=MINI.secret,
                )
                app = create_app(settings, router=router, clock=lambda: NOW)
                async with TestServer(app) as server:
                    hasher = Hasher(time_cost=1, memory_kib=64, parallelism=1)
                    vault = Vault(settings.data_keys)
                    city = await build_city(vault, package_content(), hasher)
                    hasher.close()
                    self.started.set_result((str(server.make_url("")), city, vault))
                    await self._stopped.wait()
        except BaseException as error:
            if not self.started.done():
                self.started.set_exception(error)
            raise


@pytest.fixture(scope="module")
def service(
    servers: Servers,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    package_router: Router,
) -> Iterator[Service]:
    name = "zpt_schema"
    asyncio.run(_run_sql(servers.database_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    asyncio.run(
        _run_sql(servers.database_url, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    )
    redis = BlockingRedis.from_url(servers.redis_url)
    redis.flushdb()
    thread = _Thread(
        replace_database(servers.database_url, name),
        servers.redis_url,
        tmp_path_factory.mktemp("schema"),
        package_router,
    )
    try:
        url, city, vault = thread.start()
        yield Service(url.rstrip("/"), city, vault, redis, thread.call)
    finally:
        thread.stop()
        redis.flushdb()
        redis.close()
        asyncio.run(_run_sql(servers.database_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _run_sql(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
