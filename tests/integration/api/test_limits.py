"""Rate limits over real connections and a real Redis, and without one."""

import asyncio
import ipaddress
import json
import time

import pytest
from aiohttp import web
from redis.asyncio import Redis

from clients.shared_state import connect_redis
from domain.actor import Visitor
from tests.integration.api.applications import VAULT, make_application
from web.access import ACTOR, Access, allow
from web.limits import KEY_PREFIX, By, Limit, Limiter, limited, limiter_of

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
BY_ADDRESS = Limit("trial", calls=3, seconds=60, by=By.ADDRESS)
BRIEF = Limit("brief", calls=1, seconds=1, by=By.ADDRESS)
BY_ACTOR = Limit("own", calls=1, seconds=60, by=By.ACTOR)
LOGIN_NAME = Limit("login name", calls=2, seconds=60, by=By.SUBJECT)
#: Nobody listens there.
NO_REDIS = "redis://127.0.0.1:1/0"


async def answer(_request: web.Request) -> web.Response:
    return web.json_response({})


@allow(Access.ANYONE)
@limited(BY_ADDRESS)
async def by_address(request: web.Request) -> web.Response:
    return await answer(request)


@allow(Access.ANYONE)
@limited(BRIEF)
async def brief(request: web.Request) -> web.Response:
    return await answer(request)


@allow(Access.SIGNED_IN)
@limited(BY_ACTOR)
async def own(request: web.Request) -> web.Response:
    return await answer(request)


@allow(Access.ANYONE)
@limited(LOGIN_NAME)
async def login(request: web.Request) -> web.Response:
    await limiter_of(request).require(LOGIN_NAME, request.query["name"])
    return await answer(request)


@allow(Access.ANYONE)
async def free(request: web.Request) -> web.Response:
    return await answer(request)


def add_routes(app: web.Application) -> None:
    app.router.add_get("/v1/trial", by_address)
    app.router.add_get("/v1/brief", brief)
    app.router.add_get("/v1/own", own)
    app.router.add_get("/v1/login", login)
    app.router.add_get("/v1/free", free)


async def sign_in(request: web.Request) -> None:
    request[ACTOR] = Visitor(request.headers["X-Trial-Actor"].encode())


@pytest.fixture(params=["redis", "no redis"])
async def client(aiohttp_client, redis_url, request):
    shared = connect_redis(redis_url if request.param == "redis" else NO_REDIS)
    limiter = Limiter(VAULT, shared, trusted_proxies=LOOPBACK)
    guards = {Access.SIGNED_IN: sign_in}
    app = make_application(
        limiter=limiter, extend=add_routes, guards=guards, trusted_proxies=LOOPBACK
    )
    yield await aiohttp_client(app)
    await shared.aclose()


async def ask(client, path: str, times: int, **headers: str) -> list[int]:
    return [
        (await client.get(f"/api/v1/{path}", headers=headers or None)).status for _ in range(times)
    ]


async def test_who_asks_too_often_is_told_when_to_come_back(client):
    assert await ask(client, "trial", 4) == [200, 200, 200, 429]
    response = await client.get("/api/v1/trial")
    problem = json.loads(await response.read())
    assert (response.content_type, problem["code"]) == ("application/problem+json", "slow_down")
    seconds = int(response.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert problem["facts"]["retry_after"] == seconds
    assert f"{seconds}秒" in problem["detail"]
    # Other routes are not touched, nor is what asks for no limit.
    assert await ask(client, "free", 5) == [200] * 5


async def test_a_window_passes(client):
    statuses = await ask(client, "brief", 2)
    deadline = time.monotonic() + 20
    while statuses[-1] == 429 and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        statuses = await ask(client, "brief", 1)
    assert statuses[-1] == 200


async def test_only_a_trusted_proxy_says_whose_address_it_is(client):
    for forged in ("198.51.100.1", "198.51.100.2", "198.51.100.3"):
        address = f"{forged}, 203.0.113.9"
        assert await ask(client, "trial", 1, **{"X-Forwarded-For": address}) == [200]
    assert await ask(client, "trial", 1, **{"X-Forwarded-For": "203.0.113.9"}) == [429]
    assert await ask(client, "trial", 1, **{"X-Forwarded-For": "203.0.113.10"}) == [200]


async def test_an_ipv6_network_is_one_caller(client):
    for last in ("1", "2", "3"):
        headers = {"X-Forwarded-For": f"2001:db8:0:1::{last}"}
        assert await ask(client, "trial", 1, **headers) == [200]
    assert await ask(client, "trial", 1, **{"X-Forwarded-For": "2001:db8:0:1:ffff::"}) == [429]
    assert await ask(client, "trial", 1, **{"X-Forwarded-For": "2001:db8:0:2::1"}) == [200]


async def test_who_is_signed_in_is_counted_wherever_they_are(client):
    asked = [("staff 1", "203.0.113.1"), ("staff 1", "203.0.113.2"), ("staff 2", "203.0.113.2")]
    statuses = [
        (await ask(client, "own", 1, **{"X-Trial-Actor": who, "X-Forwarded-For": where}))[0]
        for who, where in asked
    ]
    assert statuses == [200, 429, 200]


async def test_a_door_counts_what_only_it_knows(client):
    assert await ask(client, "login?name=wang", 3) == [200, 200, 429]
    assert await ask(client, "login?name=li", 1) == [200]


async def test_keys_tell_nothing_and_expire(aiohttp_client, redis_url, redis: Redis):
    shared = connect_redis(redis_url)
    client = await aiohttp_client(
        make_application(limiter=Limiter(VAULT, shared), extend=add_routes)
    )
    await ask(client, "trial", 1)
    await ask(client, "login?name=wangxiulan", 1)
    keys = await redis.keys("*")
    assert len(keys) == 2
    for key in keys:
        shown = str(key)
        assert f"{KEY_PREFIX}:" in shown
        assert "127.0.0.1" not in shown
        assert "wangxiulan" not in shown
        assert 0 < await redis.ttl(key) <= 60
    await shared.aclose()


async def test_processes_count_together(aiohttp_client, redis_url):
    clients, shared = [], [connect_redis(redis_url) for _ in range(2)]
    for redis in shared:
        app = make_application(limiter=Limiter(VAULT, redis), extend=add_routes)
        clients.append(await aiohttp_client(app))
    statuses = [(await ask(client, "trial", 1))[0] for client in clients * 2]
    assert statuses == [200, 200, 200, 429]
    for redis in shared:
        await redis.aclose()


async def test_a_redis_that_is_away_is_counted_as_such():
    fallen_back = []
    shared = connect_redis(NO_REDIS)
    limiter = Limiter(VAULT, shared, count_fallback=lambda: fallen_back.append(1))
    await limiter.require(LOGIN_NAME, "wang")
    await limiter.require(LOGIN_NAME, "wang")
    assert len(fallen_back) == 2
    await shared.aclose()
