"""Redis knows no dialogues: they are loaded once, and nobody is answered as if he had none."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
import structlog.testing
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot.ledger.in_redis import RedisLedger
from domain.messaging.queries import list_open_dialogues
from tests.integration.bot.conftest import ANSWER, QUESTION, UNCLEAR, Phone, first_option

WARM = "zpt:dialogues-loaded"
Listing = Callable[[datetime], Awaitable[Any]]


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Every load of the dialogues takes a second and a half; when they began."""
    begun: list[datetime] = []

    async def list_slowly(now: datetime) -> Any:
        begun.append(now)
        listed = await list_open_dialogues(now)
        await asyncio.sleep(1.5)
        return listed

    monkeypatch.setattr("assembly.official_account.list_open_dialogues", list_slowly)
    return begun


async def wait_until_warm(redis: Redis) -> None:
    async with asyncio.timeout(5):
        while not await redis.exists(WARM):
            await asyncio.sleep(0.02)


async def test_a_slow_load_hides_nobodys_dialogue(
    phone: Phone, redis: Redis, loads: list[datetime]
) -> None:
    options = await phone.say(UNCLEAR)
    await wait_until_warm(redis)
    await redis.flushdb()
    began = time.perf_counter()
    chosen = await phone.say("1")
    assert time.perf_counter() - began < 1.2, "half a second for the load, then only his own"
    assert not await redis.exists(WARM)
    await wait_until_warm(redis)
    direct = await phone.say(first_option(options.text))
    assert chosen.text == direct.text


async def test_a_dialogue_that_ends_during_the_load_does_not_come_back(
    phone: Phone, redis: Redis, loads: list[datetime]
) -> None:
    await phone.say(UNCLEAR)
    await wait_until_warm(redis)
    await redis.flushdb()
    chosen = await phone.say("1")
    await wait_until_warm(redis)
    assert (await phone.say("1")).text != chosen.text
    assert not [key async for key in redis.scan_iter("zpt:dialogue:*")]


async def test_one_load_at_a_time(
    server: TestServer, session: ClientSession, redis: Redis, loads: list[datetime]
) -> None:
    people = [Phone(server, session, f"oTESTS-person-{n:015}") for n in range(12)]
    for wave in (people[:6], people[6:]):
        began = time.perf_counter()
        replies = await asyncio.gather(*(person.say(QUESTION) for person in wave))
        assert all(ANSWER in reply.text for reply in replies)
        assert time.perf_counter() - began < 1.3, "all wait together"
    assert len(loads) == 1
    await wait_until_warm(redis)
    assert ANSWER in (await people[0].say(QUESTION)).text
    assert len(loads) == 1


async def test_a_redis_that_was_slow_is_not_loaded_again(
    phone: Phone, second_phone: Phone, redis: Redis, loads: list[datetime]
) -> None:
    """It is the same run, so it has lost nothing: not one load in each process that waited."""
    for one in (phone, second_phone):
        await one.say(QUESTION)
        await wait_until_warm(redis)
    options = await phone.say(UNCLEAR)
    await redis.client_pause(1500)
    with structlog.testing.capture_logs() as logs:
        replies = await asyncio.gather(*(one.say(QUESTION) for one in (phone, second_phone)))
    assert all(ANSWER in reply.text for reply in replies)
    assert [line["event"] for line in logs].count("redis_lost") == 2
    await asyncio.sleep(2.2)
    assert ANSWER in (await second_phone.say(QUESTION)).text
    assert (await phone.say(first_option(options.text))).text
    assert len(loads) == 1


async def test_a_redis_that_was_started_anew_is_loaded_once(redis: Redis) -> None:
    """By whichever process finds it out; those after it trust the load."""
    first, second = RedisLedger(redis), RedisLedger(redis)
    await redis.set(WARM, "another run")
    await first.catch_up([], [], doubted=False)
    assert await redis.exists(WARM), "nobody doubts it"
    await first.catch_up([], [], doubted=True)
    assert not await redis.exists(WARM)
    await first.load_dialogues([])
    await second.catch_up([], [], doubted=True)
    assert await redis.exists(WARM)


async def test_a_load_that_is_late_overwrites_nobody(redis: Redis) -> None:
    """Another process has loaded meanwhile, and the world has gone on."""
    ledger = RedisLedger(redis)
    sender, other = b"p" * 16, b"q" * 16
    await ledger.load_dialogues([(sender, b"state", 600)])
    assert await redis.get(f"zpt:dialogue:{sender.hex()}") == b"state"
    await redis.delete(f"zpt:dialogue:{sender.hex()}")
    await ledger.load_dialogues([(sender, b"state", 600), (other, b"state", 600)])
    assert not [key async for key in redis.scan_iter("zpt:dialogue:*")]


async def test_many_dialogues_are_loaded(redis: Redis) -> None:
    states = [(number.to_bytes(16), b"%d" % number, number - 2) for number in range(1203)]
    await RedisLedger(redis).load_dialogues(states)
    assert await redis.dbsize() == 1204
    assert await redis.get(f"zpt:dialogue:{(1202).to_bytes(16).hex()}") == b"1202"
    assert 1198 <= await redis.ttl(f"zpt:dialogue:{(1202).to_bytes(16).hex()}") <= 1200


async def test_what_is_not_said_in_words_prolongs_nothing(phone: Phone, redis: Redis) -> None:
    """The copy must not outlive PostgreSQL's row."""
    await phone.say(UNCLEAR)
    (key,) = [key async for key in redis.scan_iter("zpt:dialogue:*")]
    await redis.expire(key, 100)
    for _ in range(3):
        await phone.message("image", PicUrl="u", MediaId="m")
    assert 94 <= await redis.ttl(key) <= 100
