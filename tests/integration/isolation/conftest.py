"""The whole service as assembly/ puts it together, and the city in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis

from app import create_app
from domain.faq.routing.router import Router
from domain.staff.passwords import Hasher
from domain.vault import Vault
from tests.cities import NOW, City, build_city
from tests.support import make_settings, package_content


@dataclass
class Served:
    """The service, and what is in it."""

    client: TestClient[web.Request, web.Application]
    app: web.Application
    city: City
    redis: Redis


@pytest.fixture
async def served(
    database_url: str, redis: Redis, redis_url: str, tmp_path: Path, package_router: Router
) -> AsyncIterator[Served]:
    settings = make_settings(database_url, redis_url, tmp_path)
    app = create_app(settings, router=package_router, clock=lambda: NOW)
    hasher = Hasher(time_cost=1, memory_kib=64, parallelism=1)
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        content = package_content()
        city = await build_city(Vault(settings.data_keys), content, hasher)
        yield Served(client, app, city, redis)
    hasher.close()
