"""After a long outage a process goes back to Redis, and is in nobody's way meanwhile."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.ledger.in_redis import RedisLedger
from bot.ledger.shared import SharedLedger
from bot.records.buffer import RecordBuffer
from domain.calendar import local_now
from domain.messaging.records import InboundRecord
from models.availability import Database

WARM = "zpt:dialogues-loaded"
#: A choice between answers, as a copy of it lies in Redis.
CHOICE = b"the sealed state of a choice"


def make_record(key: bytes, sender: bytes) -> InboundRecord:
    return InboundRecord(key, sender, local_now(), "text", "policy", "", None, b"sealed")


async def list_none() -> Sequence[tuple[bytes, bytes, int]]:
    return []


def make_ledger(redis_ledger: RedisLedger, buffer: RecordBuffer) -> SharedLedger:
    return SharedLedger(redis_ledger, buffer, list_none, Database())


@pytest.fixture
def buffer(tmp_path: Path) -> RecordBuffer:
    return RecordBuffer([], tmp_path)


def copy_name(sender: bytes) -> str:
    return f"zpt:dialogue:{sender.hex()}"


async def move_on(ledger: SharedLedger, senders: Iterable[bytes]) -> None:
    """Talks of these have moved on, and Redis did not take it."""
    for sender in senders:
        await ledger.finish_locally(os.urandom(16), sender, b"", None)


async def ask(ledger: SharedLedger, redis_ledger: RedisLedger) -> bool:
    """A policy question of somebody new; whether it was opened in Redis."""
    key, sender = os.urandom(16), os.urandom(16)
    record = make_record(key, sender)
    opened, by = await ledger.open(key, sender, b"reply", record, aside=False)
    assert opened.verdict in ("done", "queued")
    if by is redis_ledger:
        return True
    assert await by.take_turn(key, sender) is not None, "answered at once, without Redis"
    await by.finish(key, sender, b"reply", record, state=b"", state_seconds=1, moved=False)
    return False


async def wait_until_back(ledger: SharedLedger, redis_ledger: RedisLedger) -> int:
    """Ask now and then until Redis is asked again; how many were answered without it."""
    alone = 0
    async with asyncio.timeout(20):
        while not await ask(ledger, redis_ledger):
            alone += 1
            await asyncio.sleep(0.05)
    return alone


@contextlib.asynccontextmanager
async def longest_block() -> AsyncIterator[list[float]]:
    """The longest time in which the loop let nobody in, in seconds."""
    loop = asyncio.get_running_loop()
    longest = [0.0]

    async def watch() -> None:
        while True:
            began = loop.time()
            await asyncio.sleep(0.01)
            longest[0] = max(longest[0], loop.time() - began)

    watching = asyncio.create_task(watch())
    try:
        yield longest
    finally:
        watching.cancel()


@pytest.mark.parametrize("count", [15_000, 50_000])
async def test_a_process_goes_back_after_many_have_moved_on(
    redis: Redis, buffer: RecordBuffer, count: int
) -> None:
    """Also where there are more of them than it remembers."""
    redis_ledger = RedisLedger(redis)
    ledger = make_ledger(redis_ledger, buffer)
    assert await ask(ledger, redis_ledger)
    senders = [os.urandom(16) for _ in range(count)]
    old = senders[:: count // 10]
    for sender in old:
        await redis.set(copy_name(sender), CHOICE, ex=600)
    ledger.lose_redis(OSError())
    await move_on(ledger, senders)
    async with longest_block() as longest:
        alone = await wait_until_back(ledger, redis_ledger)
    assert alone > 1, "nobody waited until it was done"
    assert longest[0] < 0.5
    assert {await redis.get(copy_name(sender)) for sender in old} == {b"?"}
    assert await ask(ledger, redis_ledger), "and stays"


async def test_who_moves_on_meanwhile_is_not_forgotten(redis: Redis, buffer: RecordBuffer) -> None:
    again = b"p" * 16

    class Meddled(RedisLedger):
        """While the errand is on its way somebody whom it tells of moves on once more."""

        meddled = False

        async def catch_up(
            self,
            senders: Iterable[bytes],
            ghosts: Iterable[tuple[bytes, bytes]],
            *,
            doubted: bool,
        ) -> None:
            told = list(senders)
            await super().catch_up(told, ghosts, doubted=doubted)
            if again in told and not self.meddled:
                self.meddled = True
                await redis.set(copy_name(again), CHOICE, ex=600)
                await move_on(ledger, [again])

    redis_ledger = Meddled(redis)
    ledger = make_ledger(redis_ledger, buffer)
    assert await ask(ledger, redis_ledger)
    await move_on(ledger, [again, *(os.urandom(16) for _ in range(1200))])
    await wait_until_back(ledger, redis_ledger)
    assert redis_ledger.meddled
    assert await redis.get(copy_name(again)) == b"?"


async def test_what_an_errand_could_not_tell_the_next_one_tells(
    redis: Redis, buffer: RecordBuffer
) -> None:
    class Failing(RedisLedger):
        failures = 0

        async def catch_up(
            self,
            senders: Iterable[bytes],
            ghosts: Iterable[tuple[bytes, bytes]],
            *,
            doubted: bool,
        ) -> None:
            self.failures += 1
            if self.failures in (2, 3):
                raise ConnectionError
            await super().catch_up(senders, ghosts, doubted=doubted)

    redis_ledger = Failing(redis)
    ledger = make_ledger(redis_ledger, buffer)
    assert await ask(ledger, redis_ledger)
    await redis.set(WARM, "another run")
    senders = [os.urandom(16) for _ in range(1200)]
    ledger.lose_redis(OSError())
    await move_on(ledger, senders)
    await wait_until_back(ledger, redis_ledger)
    assert redis_ledger.failures >= 5
    assert await redis.exists(*(copy_name(sender) for sender in senders)) == 1200
    assert await redis.get(WARM) != b"another run"


async def test_an_errand_to_a_redis_that_hangs_keeps_nobody(
    redis: Redis, buffer: RecordBuffer
) -> None:
    redis_ledger = RedisLedger(redis)
    ledger = make_ledger(redis_ledger, buffer)
    assert await ask(ledger, redis_ledger)
    await move_on(ledger, [b"p" * 16])
    await redis.client_pause(1500)
    async with asyncio.timeout(0.9):
        assert not any(await asyncio.gather(*(ask(ledger, redis_ledger) for _ in range(20)))), (
            "they wait together, for a quarter of a second"
        )
        assert not await ask(ledger, redis_ledger)
    await wait_until_back(ledger, redis_ledger)
    assert await redis.get(copy_name(b"p" * 16)) == b"?"


async def test_questions_leave_nothing_to_tell(redis: Redis, buffer: RecordBuffer) -> None:
    """Most of what is asked in an outage moves no talk."""
    redis_ledger = RedisLedger(redis)
    ledger = make_ledger(redis_ledger, buffer)
    assert await ask(ledger, redis_ledger)
    ledger.lose_redis(OSError())
    for _ in range(20):
        assert not await ask(ledger, redis_ledger)
    await asyncio.sleep(0.6)
    await wait_until_back(ledger, redis_ledger)
    assert not [name async for name in redis.scan_iter("zpt:dialogue:*")]
