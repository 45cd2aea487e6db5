"""Who asked to be forgotten stays forgotten, whatever the order (design.md, law 8)."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis

from domain.messaging.actions import (
    forget_sender,
    purge_messages,
    queue_late_reply,
    remember_follower,
    store_records,
)
from domain.messaging.records import STREAM, InboundRecord
from domain.vault import Vault
from jobs.drain import Drain
from models.accounts import Follower, Forgotten
from models.messages import Dialogue, InboundMessage, LateReply
from settings import DataKey
from tests.integration.bot.database import fetch, list_values
from tests.integration.messaging.conftest import (
    NOON,
    OTHER,
    SENDER,
    keep_dialogue,
    make_record,
    put,
)
from tests.integration.messaging.test_drain import grow_old

VAULT = Vault([DataKey("k1", bytes(32))])


def at(second: int) -> datetime:
    """When make_record's record of this number was received."""
    return NOON + timedelta(seconds=second)


def farewell(second: int, sender: bytes = SENDER) -> InboundRecord:
    return make_record(second, kind="event.unsubscribe", outcome="event", sender=sender)


async def list_senders() -> list[tuple[int, bytes | None]]:
    rows = await InboundMessage.all().order_by("received_at")
    said = [row for row in rows if row.kind == "text"]
    assert all((row.sender is None) == (row.text_sealed is None) for row in said)
    return [(int.from_bytes(row.key), row.sender) for row in rows]


# --- the order ---------------------------------------------------------------------------------


async def test_within_one_batch(database: str) -> None:
    await store_records([make_record(1), make_record(2, sender=OTHER)])
    await store_records([make_record(3), farewell(4), make_record(5)])
    assert await list_senders() == [(1, None), (2, OTHER), (3, None), (4, None), (5, SENDER)]


async def test_records_keep_their_order(database: str) -> None:
    await store_records([farewell(3), make_record(2), make_record(1, sender=OTHER), farewell(0)])
    rows = await InboundMessage.all().order_by("id")
    assert [int.from_bytes(row.key) for row in rows] == [3, 2, 1, 0]


@pytest.mark.parametrize("stored", [True, False], ids=["by its record", "by the door"])
async def test_words_that_are_stored_after_the_farewell(database: str, stored: bool) -> None:
    """As from another process's memory, or from a spool file hours later."""
    if stored:
        await store_records([farewell(3)])
    else:
        await forget_sender(SENDER, at(3))
    late = [make_record(1), make_record(2, sender=OTHER), make_record(4)]
    assert await store_records(late) == []
    assert (await list_senders())[-4 if stored else -3 :][0:2] == [(1, None), (2, OTHER)]
    assert (await list_senders())[-1] == (4, SENDER)


async def test_what_another_worker_took_before_the_farewell(drain: Drain, redis: Redis) -> None:
    """A worker took the text and died; the farewell was stored first, and Redis was lost."""
    await put(redis, make_record(1), make_record(2, sender=OTHER))
    await redis.xreadgroup("postgres", "a-worker-that-died", {STREAM: ">"})
    await put(redis, farewell(3), make_record(4))
    await drain.move_new()
    await grow_old(redis)
    assert await drain.move_abandoned() == 2
    assert await list_senders() == [(1, None), (2, OTHER), (3, None), (4, SENDER)]
    assert [key async for key in redis.scan_iter()] == [STREAM.encode()], "no mark in Redis"


async def test_an_earlier_farewell_takes_nothing_back(database: str) -> None:
    await store_records([farewell(9), farewell(5)])
    await store_records([farewell(3)])
    await forget_sender(SENDER, at(1))
    assert (await Forgotten.get()).asked_at == at(9)
    await store_records([make_record(8), make_record(10)])
    assert (await list_senders())[-3:] == [(8, None), (9, None), (10, SENDER)]


async def test_a_batch_in_which_somebody_leaves_twice(database: str) -> None:
    await store_records([make_record(1), farewell(2), make_record(3), farewell(4), make_record(5)])
    assert [sender for _, sender in await list_senders()] == [None, None, None, None, SENDER]


async def test_a_refused_record_beside_a_farewell(database: str) -> None:
    """The batch is halved: the farewell is stored after the words that came before it."""
    bad = make_record(2, outcome="longer than the column holds")
    assert await store_records([make_record(1), bad, farewell(3), make_record(4)]) == [bad]
    assert await list_senders() == [(1, None), (3, None), (4, SENDER)]


# --- who comes back ----------------------------------------------------------------------------


def follow(second: int) -> InboundRecord:
    record = make_record(second, kind="event.subscribe", outcome="event", topic="")
    return InboundRecord(
        *(record.key, record.sender, record.received_at, record.kind),
        *(record.outcome, record.topic, None, b"sealed openid"),
    )


async def test_a_follow_of_before_the_farewell_is_not_remembered(database: str) -> None:
    await store_records([farewell(5)])
    await store_records([follow(3)])
    await remember_follower(sender=SENDER, openid_sealed=b"x", scene="", now=at(5))
    assert await Follower.all().count() == 0


async def test_who_comes_back_is_remembered(database: str) -> None:
    await store_records([farewell(5)])
    await store_records([follow(6), make_record(7)])
    assert (await Follower.get()).followed_at == at(6)
    assert await list_senders() == [(5, None), (6, SENDER), (7, SENDER)]
    await remember_follower(sender=SENDER, openid_sealed=b"x", scene="s", now=at(8))
    await store_records([make_record(4)])
    assert (await Follower.get()).scene == "s", "the older words change nothing of it"
    assert (await list_senders())[0] == (4, None)


# --- dialogues and late answers ------------------------------------------------------------------


async def save(said: int, now: datetime | None = None, sender: bytes = SENDER) -> bool:
    """A dialogue as it stands after what the person said at the second `said`."""
    return await keep_dialogue(VAULT, sender, said_at=at(said), now=now)


async def test_a_dialogue_that_lasts_for_days_goes_too(database: str) -> None:
    await save(1)
    await Dialogue.all().update(expires_at=NOON + timedelta(days=3))
    await store_records([farewell(0)])
    assert await Dialogue.all().count() == 1, "it went on after that farewell"
    await store_records([farewell(2)])
    assert await Dialogue.all().count() == 0


async def test_each_turn_of_a_dialogue_counts(database: str) -> None:
    await save(1)
    await save(5)
    await forget_sender(SENDER, at(3))
    assert (await Dialogue.get()).updated_at == at(5)
    await forget_sender(SENDER, at(5))
    assert await Dialogue.all().count() == 0


async def test_a_dialogue_from_words_of_before_the_farewell_is_not_kept(database: str) -> None:
    """Handling them took so long that the farewell came first."""
    await forget_sender(SENDER, at(3))
    assert not await save(2, now=at(60))
    assert await Dialogue.all().count() == 0
    assert await save(4)
    assert (await Dialogue.get()).updated_at == at(4)


async def test_a_late_answer_to_words_of_before_the_farewell_is_not_queued(database: str) -> None:
    await forget_sender(SENDER, at(3))
    for second in (2, 3, 4):
        await queue_late_reply(
            VAULT,
            message_key=second.to_bytes(16),
            sender=SENDER,
            openid="o",
            text="t",
            opened_by="message",
            opened_at=at(second),
        )
    assert [reply.opened_at for reply in await LateReply.all()] == [at(4)]
    assert len(await fetch(database, "SELECT * FROM procrastinate_jobs")) == 1


# --- the mark ------------------------------------------------------------------------------------


async def test_all_that_is_left_is_the_mark(database: str) -> None:
    await store_records([follow(0), make_record(1)])
    await save(2)
    await store_records([farewell(3)])
    await store_records([make_record(2)])
    found = [name for name, values in (await list_values(database)).items() if SENDER in values]
    assert found == ["forgotten.person"]


async def test_the_mark_goes_after_90_days(database: str) -> None:
    await store_records([farewell(0)])
    await forget_sender(OTHER, at(1))
    await purge_messages(NOON + timedelta(days=90))
    assert await Forgotten.all().count() == 2
    await purge_messages(NOON + timedelta(days=90, seconds=1))
    assert [mark.sender for mark in await Forgotten.all()] == [OTHER]


# --- several at once -----------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def in_the_way(url: str, statement: str, *values: Any) -> AsyncIterator[None]:
    """A transaction that has done `statement` and does not end; it is undone at the end."""
    connection = await asyncpg.connect(url)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement, *values)
        yield
    finally:
        await transaction.rollback()
        await connection.close()


async def wait_until_blocked(url: str, many: int, *tasks: "asyncio.Task[Any]") -> None:
    """Until `many` transactions of this database wait for others, or one of `tasks` is done."""
    async with asyncio.timeout(20):
        while not any(task.done() for task in tasks):
            (row,) = await fetch(
                url,
                "SELECT count(*) AS blocked FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
            if row["blocked"] >= many:
                return
            await asyncio.sleep(0.02)


#: Holds the row of record 1 back before it is there: who inserts it waits, after having looked.
_SAME_KEY = """
    INSERT INTO inbound_messages (key, received_at, kind, outcome, topic)
    VALUES ($1, now(), 'text', 'policy', '')
"""


async def test_a_farewell_between_the_look_and_the_storing(database: str) -> None:
    async with in_the_way(database, _SAME_KEY, make_record(1).key):
        storing = asyncio.create_task(store_records([make_record(1)]))
        await wait_until_blocked(database, 1, storing)
        leaving = asyncio.create_task(forget_sender(SENDER, at(2)))
        await wait_until_blocked(database, 2, leaving)
    await asyncio.gather(storing, leaving)
    assert await list_senders() == [(1, None)]


async def test_words_that_come_while_a_farewell_is_at_work(database: str) -> None:
    await store_records([make_record(0)])
    hold = "SELECT FROM inbound_messages WHERE key = $1 FOR UPDATE"
    async with in_the_way(database, hold, make_record(0).key):
        leaving = asyncio.create_task(store_records([farewell(2)]))
        await wait_until_blocked(database, 1, leaving)
        storing = asyncio.create_task(store_records([make_record(1)]))
        await wait_until_blocked(database, 2, storing)
    await asyncio.gather(storing, leaving)
    assert await list_senders() == [(0, None), (1, None), (2, None)]


async def test_storing_waits_for_no_other_storing(database: str) -> None:
    """The lock is shared: words of one person are stored by several at once."""
    async with in_the_way(database, _SAME_KEY, make_record(1).key):
        first = asyncio.create_task(store_records([make_record(1)]))
        await wait_until_blocked(database, 1, first)
        await store_records([make_record(2)])
        assert not first.done()
    await first
    assert len(await list_senders()) == 2


@pytest.mark.parametrize("locks", [64, 2])
async def test_many_batches_at_once(
    database: str, monkeypatch: pytest.MonkeyPatch, locks: int
) -> None:
    """In any order, with farewells among them: nobody waits in a circle, and all is right."""
    monkeypatch.setattr("domain.messaging.forgetting._LOCKS", locks)
    chance = random.Random(14)
    senders = [bytes([number]) * 16 for number in range(40)]
    left: dict[bytes, datetime] = {}
    records = []
    for number in range(1200):
        sender = chance.choice(senders)
        if chance.random() < 0.1:
            records.append(farewell(number, sender))
            left[sender] = at(number)
        else:
            records.append(make_record(number, sender=sender))
    chance.shuffle(records)
    batches = [records[start : start + 60] for start in range(0, len(records), 60)]
    results = await asyncio.gather(
        *(store_records(batch) for batch in batches),
        *(save(0, sender=sender) for sender in senders),
        *(forget_sender(sender, asked_at) for sender, asked_at in left.items()),
    )
    assert [refused for refused in results[: len(batches)] if refused] == []
    kept = {row.key: row.sender for row in await InboundMessage.all()}
    assert kept == {
        record.key: None if record.received_at <= left.get(record.sender, at(-1)) else record.sender
        for record in records
    }
    assert await Dialogue.filter(sender__in=list(left)).count() == 0
