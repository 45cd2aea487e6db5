"""From Redis to PostgreSQL: at least once, in order, and in the end exactly once."""

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

import jobs.drain
import jobs.measuring
from domain.messaging.actions import store_records
from domain.messaging.records import STREAM
from jobs.drain import Drain, count_backlog
from jobs.measuring import Measuring
from jobs.metrics import WorkerMetrics
from models.messages import InboundMessage
from tests.integration.messaging.conftest import (
    count_pending,
    list_dead,
    make_record,
    put,
    running,
    wait_until_empty,
)

ANOTHER_VERSIONS = b'["00","00",1,"text","none","",null]'


async def test_a_batch(drain: Drain, redis: Redis) -> None:
    records = [make_record(number) for number in range(1234)]
    pipeline = redis.pipeline()
    for record in records:
        about, text = record.to_stream()
        pipeline.xadd(STREAM, {"m": about, "x": text})
    await pipeline.execute()
    assert await count_backlog(redis) == 1234
    assert [await drain.move_new() for _ in range(4)] == [500, 500, 234, 0]
    assert await count_backlog(redis) == 0
    assert await count_pending(redis) == 0
    rows = await InboundMessage.all().order_by("id")
    assert [row.key for row in rows] == [record.key for record in records]
    first, record = rows[0], records[0]
    assert (first.sender, first.kind, first.outcome, first.topic, first.score) == (
        *(record.sender, record.kind, record.outcome, record.topic, record.score),
    )
    assert first.text_sealed == record.text_sealed
    assert first.received_at == record.received_at


async def test_the_same_message_twice(drain: Drain, redis: Redis) -> None:
    one = make_record(1)
    await put(redis, one, one, make_record(2))
    await drain.move_new()
    await put(redis, replace(one, outcome="none"))
    await drain.move_new()
    rows = await InboundMessage.all().order_by("id")
    assert [(row.key, row.outcome) for row in rows] == [
        (one.key, "policy"),
        (make_record(2).key, "policy"),
    ]


async def test_a_crash_between_storing_and_acknowledging(drain: Drain, redis: Redis) -> None:
    await put(redis, make_record(1), make_record(2))
    await redis.xreadgroup("postgres", "a-worker-that-died", {STREAM: ">"})
    await store_records([make_record(1), make_record(2)])
    await put(redis, make_record(3))
    assert await drain.move_new() == 1
    assert await drain.move_abandoned() == 0, "not yet: the other may be slow"
    assert await count_backlog(redis) == 2
    await grow_old(redis)
    assert await drain.move_abandoned() == 2
    assert await InboundMessage.all().count() == 3
    assert await count_backlog(redis) == 0


async def grow_old(redis: Redis, milliseconds: int = 60_000) -> None:
    """What is pending was taken so long ago."""
    pending: Any = await redis.xpending_range(STREAM, "postgres", "-", "+", 100)
    for entry in pending:
        await redis.xclaim(
            STREAM,
            "postgres",
            entry["consumer"],
            0,
            [entry["message_id"]],
            idle=milliseconds,
            justid=True,
        )


async def test_an_entry_that_cannot_be_read_stops_nobody(drain: Drain, redis: Redis) -> None:
    await put(redis, make_record(1))
    await redis.xadd(STREAM, {"m": b"garbage", "x": b""})
    await redis.xadd(STREAM, {"other": b"fields"})
    await redis.xadd(STREAM, {"m": ANOTHER_VERSIONS, "x": b""})
    await put(redis, make_record(2))
    assert await drain.move_new() == 5
    assert await InboundMessage.all().count() == 2
    assert await count_backlog(redis) == 0
    dead = [fields.get(b"m") for fields in await list_dead(redis)]
    assert dead == [b"garbage", None, ANOTHER_VERSIONS]


async def test_a_killed_workers_entries_are_stored_by_the_next_start(
    database: str, redis: Redis
) -> None:
    await redis.xgroup_create(STREAM, "postgres", id="0", mkstream=True)
    await put(redis, make_record(1))
    await redis.xreadgroup("postgres", "killed", {STREAM: ">"})
    await grow_old(redis, milliseconds=5_000)
    async with running(Drain(redis)):
        await wait_until_empty(redis, seconds=2.0)
    assert await InboundMessage.all().count() == 1


async def test_a_long_backlog_is_said(
    database: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.measuring, "_LONG_BACKLOG", 1)
    measuring = Measuring(redis, WorkerMetrics(), lambda: None)
    await put(redis, make_record(1))
    for said in ([], ["records_wait"], []):
        with capture_logs() as lines:
            await measuring.measure()
        assert [line["event"] for line in lines] == said, "and not every time"
        await put(redis, make_record(2))


async def test_a_claim_on_an_entry_that_is_gone_is_given_up(drain: Drain, redis: Redis) -> None:
    await put(redis, make_record(1), make_record(2))
    taken: Any = await redis.xreadgroup("postgres", "a-worker-that-died", {STREAM: ">"})
    await redis.xdel(STREAM, taken[0][1][0][0])
    await grow_old(redis)
    assert await drain.move_abandoned() == 1
    await drain.move_own()
    assert await count_pending(redis) == 0
    assert await InboundMessage.all().count() == 1
    assert await list_dead(redis) == []


async def test_postgres_away_for_a_moment(
    drain: Drain, redis: Redis, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    """What failed is stored first when it is back: before what came meanwhile."""
    monkeypatch.setattr(jobs.drain, "_PAUSE_SECONDS", 0.1)
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE inbound_messages RENAME TO out_of_reach")
    await put(redis, make_record(1))
    async with running(drain):
        await asyncio.sleep(0.3)
        await put(redis, make_record(2))
        assert await count_backlog(redis) == 2
        await connection.execute("ALTER TABLE out_of_reach RENAME TO inbound_messages")
        await wait_until_empty(redis)
    rows = await InboundMessage.all().order_by("id")
    assert [int.from_bytes(row.key) for row in rows] == [1, 2]
    await connection.close()


async def test_redis_that_has_lost_its_group(
    database: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.drain, "_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(jobs.drain, "_BLOCK_MILLISECONDS", 50)
    async with running(Drain(redis)):
        await put(redis, make_record(1))
        await wait_until_empty(redis)
        await redis.flushdb()
        await put(redis, make_record(2))
        await wait_until_empty(redis)
    assert await InboundMessage.all().count() == 2


async def test_two_workers_share_the_work(database: str, redis: Redis) -> None:
    first, second = Drain(redis), Drain(redis)
    second._consumer = "another"
    async with running(first), running(second):
        await put(redis, *(make_record(number) for number in range(60)))
        await wait_until_empty(redis)
    assert await InboundMessage.all().count() == 60


async def test_the_end_is_heard_also_where_redis_turns_it_into_an_error(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """redis-py closes a connection that is cancelled, and may then say that it was closed."""
    begun = asyncio.Event()

    async def move(_self: Drain, *, prepare: bool) -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise ConnectionError(f"closed, {prepare=}") from None

    monkeypatch.setattr(Drain, "_move", move)
    task = asyncio.create_task(Drain(redis).run())
    await begun.wait()
    task.cancel()
    assert await asyncio.wait({task}, timeout=5) == ({task}, set())
    assert task.cancelled()


async def test_the_drain_stops_whenever_it_is_told(drain: Drain, redis: Redis) -> None:
    """Told in the moment in which the client has just sent something, Python 3.11 forgets it."""
    for number in range(60):
        await put(redis, make_record(number))
        task = asyncio.create_task(drain.run())
        while await redis.xlen(STREAM):
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait({task}, timeout=10)
        assert task.done()
