"""A record that nobody can store is set aside, and the others go on."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis
from tortoise.exceptions import OperationalError

import jobs.dead_letters
import jobs.drain
from domain.messaging.actions import forget_sender, store_records
from domain.messaging.records import InboundRecord
from jobs.dead_letters import DEAD_LETTERS, DeadLetters
from jobs.drain import Drain, count_backlog
from models.messages import KIND_LENGTH, OUTCOME_LENGTH, TOPIC_LENGTH, InboundMessage
from tests.integration.messaging.conftest import (
    OTHER,
    SENDER,
    count_pending,
    list_dead,
    make_record,
    put,
    running,
    wait_until_empty,
)

#: What each would make PostgreSQL refuse a whole batch.
POISONS = {
    "kind": {"kind": "k" * (KIND_LENGTH + 1)},
    "outcome": {"outcome": "o" * (OUTCOME_LENGTH + 1)},
    "topic": {"topic": "t" * (TOPIC_LENGTH + 1)},
    "nul": {"topic": "a\0b"},
    "surrogate": {"topic": "\ud800"},
    "short key": {"key": b"short"},
    "number": {"kind": 7},
    "no outcome": {"outcome": None},
}


SCORES: list[Any] = ["x", True, math.nan, math.inf, 10**400, []]


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
@pytest.mark.parametrize("place", [0, 3, 6])
async def test_one_that_postgresql_refuses_stops_nobody(
    database: str, poison: dict[str, Any], place: int
) -> None:
    """Also one that from_stream has let pass: it is found by halving the batch."""
    records = [make_record(number) for number in range(7)]
    records[place] = replace(records[place], **poison)
    assert await store_records(records) == [records[place]]
    rows = await InboundMessage.all().order_by("received_at")
    assert [int.from_bytes(row.key) for row in rows] == [n for n in range(7) if n != place]


@pytest.mark.parametrize(
    "poison",
    [*POISONS.values(), *({"score": score} for score in SCORES)],
)
async def test_what_postgresql_would_refuse_is_not_read(
    poison: dict[str, Any], drain: Drain, redis: Redis
) -> None:
    bad = replace(make_record(2), **poison)
    with pytest.raises(ValueError, match=r"not a|codec|fromhex"):
        InboundRecord.from_stream(*bad.to_stream())
    await put(redis, make_record(1), bad, make_record(3))
    assert await drain.move_new() == 3
    assert await InboundMessage.all().count() == 2
    assert await redis.xlen(DEAD_LETTERS) == 1


async def test_the_drain_goes_on_without_the_one_that_is_refused(
    database: str, redis: Redis
) -> None:
    """A constraint that this program does not know of, as after a migration that came too early."""
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE inbound_messages ADD CHECK (topic <> 'refused')")
    await connection.close()
    poison = make_record(600, topic="refused")
    await put(redis, *(make_record(n) for n in range(600)), poison, make_record(601))
    async with running(Drain(redis)):
        await wait_until_empty(redis)
    assert await count_pending(redis) == 0
    assert await InboundMessage.all().count() == 601
    (fields,) = await list_dead(redis)
    assert InboundRecord.from_stream(fields[b"m"], fields[b"x"]) == poison


async def test_postgres_that_fails_is_not_taken_for_a_bad_record(
    drain: Drain, redis: Redis, database: str
) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE inbound_messages RENAME TO out_of_reach")
    await connection.close()
    await put(redis, make_record(1))
    with pytest.raises(OperationalError):
        await drain.move_new()
    assert await redis.xlen(DEAD_LETTERS) == 0
    assert await count_backlog(redis) == 1


async def test_a_table_that_refuses_all_is_waited_for(
    database: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a migration is missing: no record is to blame, and none is set aside."""
    monkeypatch.setattr(jobs.drain, "_PAUSE_SECONDS", 0.05)
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE inbound_messages ADD COLUMN later int CHECK (later > 0)")
    await connection.execute("ALTER TABLE inbound_messages ALTER COLUMN later SET DEFAULT 0")
    await put(redis, *(make_record(number) for number in range(20)))
    async with running(Drain(redis)):
        await asyncio.sleep(0.3)
        assert await count_backlog(redis) == 20
        await connection.execute("ALTER TABLE inbound_messages DROP COLUMN later")
        await wait_until_empty(redis)
    await connection.close()
    assert await InboundMessage.all().count() == 20
    assert await list_dead(redis) == []


async def test_a_table_that_is_mended_in_the_middle_of_a_batch_sets_nobody_aside(
    drain: Drain, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first were refused by the table, the last were taken by the mended one."""

    async def store_the_last(records: Sequence[InboundRecord]) -> Sequence[InboundRecord]:
        monkeypatch.setattr(jobs.drain, "store_records", store_records)
        assert not list(await store_records(records[17:]))
        return records[:17]

    monkeypatch.setattr(jobs.drain, "store_records", store_the_last)
    await put(redis, *(make_record(number) for number in range(20)))
    await drain.move_new()
    assert await InboundMessage.all().count() == 20
    assert await list_dead(redis) == []


async def test_the_dead_letters_are_bounded(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.dead_letters, "_MOST_ENTRIES", 3)
    letters = DeadLetters(redis)
    await letters.put([(b"", {b"m": b"%d" % n}) for n in range(2)])
    await letters.put([(b"", {b"m": b"%d" % n}) for n in range(2, 5)])
    assert [fields[b"m"] for fields in await list_dead(redis)] == [b"2", b"3", b"4"]
    assert await letters.count() == 3
    assert 0 < await redis.ttl(DEAD_LETTERS) <= 30 * 86_400
    await redis.delete(DEAD_LETTERS)
    await redis.xadd(DEAD_LETTERS, {"m": "of 1970"}, id="1-1")
    await letters.put([(b"", {b"m": b"new"})])
    assert [fields[b"m"] for fields in await list_dead(redis)] == [b"new"]


async def bury(redis: Redis, *records: InboundRecord) -> None:
    """Put records among the dead letters."""
    await DeadLetters(redis).put(
        (b"", dict(zip((b"m", b"x"), record.to_stream(), strict=True))) for record in records
    )


async def list_dead_numbers(redis: Redis) -> list[int]:
    dead = [InboundRecord.from_stream(f[b"m"], f[b"x"]) for f in await list_dead(redis)]
    return [int.from_bytes(record.key) for record in dead]


async def test_forgetting_reaches_the_dead_letters(drain: Drain, redis: Redis) -> None:
    await bury(redis, make_record(1), make_record(2, sender=OTHER), make_record(4))
    await put(redis, make_record(3, kind="event.unsubscribe"))
    await drain.move_new()
    assert await list_dead_numbers(redis) == [2, 4]


async def test_a_dead_letter_of_somebody_forgotten_is_not_kept(
    drain: Drain, redis: Redis, database: str
) -> None:
    """The farewell passed Redis by, and the words that came before it are refused later."""
    await forget_sender(SENDER, make_record(3).received_at)
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE inbound_messages ADD CHECK (topic <> 'refused')")
    await connection.close()
    words = [make_record(1, topic="refused"), make_record(2, topic="refused", sender=OTHER)]
    await put(redis, *words)
    await drain.move_new()
    assert await list_dead_numbers(redis) == [2]


async def test_a_farewell_that_passed_redis_by_reaches_the_dead_letters(
    database: str, redis: Redis
) -> None:
    """Once the worker finds Redis again."""
    await bury(redis, make_record(1), make_record(2, sender=OTHER))
    await forget_sender(SENDER, make_record(3).received_at)
    async with running(Drain(redis)), asyncio.timeout(10):
        while len(await list_dead(redis)) == 2:
            await asyncio.sleep(0.02)
    assert await list_dead_numbers(redis) == [2]
