"""After 90 days only counts are left, and they are exact."""

from datetime import date, datetime, timedelta

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError

import domain.messaging.actions
from domain.calendar import LOCAL
from domain.messaging.actions import purge_messages, store_records
from domain.messaging.queries import find_oldest_message
from domain.vault import Vault
from models.messages import Dialogue, InboundMessage, LateReply, MessageCount
from settings import DataKey
from tests.integration.messaging.conftest import NOON, SENDER, keep_dialogue, make_record

NOW = NOON
VAULT = Vault([DataKey("k1", bytes(32))])


async def list_counts() -> list[tuple[date, str, str, str, int]]:
    counts = await MessageCount.all().order_by("day", "kind", "outcome", "topic")
    return [(c.day, c.kind, c.outcome, c.topic, c.messages) for c in counts]


async def test_old_messages_become_counts(database: str) -> None:
    old = NOW - timedelta(days=91)
    await store_records(
        [
            *(make_record(n, received_at=old) for n in range(3)),
            make_record(3, received_at=old, topic="other"),
            make_record(4, received_at=old, kind="image", outcome="message", topic=""),
            make_record(5, received_at=old - timedelta(days=1)),
            make_record(6, received_at=NOW - timedelta(days=90)),
            make_record(7, received_at=NOW - timedelta(days=90, seconds=1)),
            make_record(8, received_at=NOW),
        ]
    )
    assert await purge_messages(NOW) == 7
    day = old.date()
    expected = [
        (day - timedelta(days=1), "text", "policy", "some-entry", 1),
        (day, "image", "message", "", 1),
        (day, "text", "policy", "other", 1),
        (day, "text", "policy", "some-entry", 3),
        (day + timedelta(days=1), "text", "policy", "some-entry", 1),
    ]
    assert await list_counts() == expected
    left = await InboundMessage.all().order_by("id")
    assert [int.from_bytes(row.key) for row in left] == [6, 8], "90 days to the second"
    assert await purge_messages(NOW) == 0
    assert await list_counts() == expected, "nothing is counted twice"


async def test_more_than_one_batch_goes_in_one_night(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After missed nights; each batch is a transaction, so that none takes too long."""
    monkeypatch.setattr(domain.messaging.actions, "_PURGE_BATCH", 10)
    old = NOW - timedelta(days=120)
    await store_records([make_record(n, received_at=old) for n in range(35)])
    for number in range(23):
        sender = (100 + number).to_bytes(16)
        await keep_dialogue(VAULT, sender, said_at=old)
    assert await find_oldest_message(NOW) == timedelta(days=120)
    assert await purge_messages(NOW) == 35
    assert await list_counts() == [(old.date(), "text", "policy", "some-entry", 35)]
    assert await InboundMessage.all().count() == 0
    assert await Dialogue.all().count() == 0
    assert await find_oldest_message(NOW) is None


async def test_what_a_failed_night_has_done_stays_done(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain.messaging.actions, "_PURGE_BATCH", 10)
    old = NOW - timedelta(days=120)
    await store_records([make_record(n, received_at=old) for n in range(15)])
    await store_records([make_record(20, received_at=old + timedelta(days=1), kind="refused")])
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE message_counts ADD CHECK (kind <> 'refused')")
    await connection.close()
    with pytest.raises(IntegrityError):
        await purge_messages(NOW)
    assert await InboundMessage.all().count() == 6
    assert await list_counts() == [(old.date(), "text", "policy", "some-entry", 10)]


async def test_counts_of_one_day_add_up_over_two_nights(database: str) -> None:
    midday = datetime(2026, 8, 1, 12, 0, tzinfo=LOCAL)
    await store_records(
        [make_record(n, received_at=midday + timedelta(hours=6 * n)) for n in range(2)]
    )
    assert await purge_messages(midday + timedelta(days=90, hours=1)) == 1
    assert await purge_messages(midday + timedelta(days=91)) == 1
    assert await list_counts() == [(midday.date(), "text", "policy", "some-entry", 2)]


@pytest.mark.parametrize(("hour", "day"), [(0, 1), (23, 1)])
async def test_a_day_is_a_day_in_the_city(database: str, hour: int, day: int) -> None:
    at = datetime(2026, 8, 1, hour, 30, tzinfo=LOCAL)
    await store_records([make_record(1, received_at=at)])
    await purge_messages(at + timedelta(days=100))
    assert (await list_counts())[0][0] == date(2026, 8, day)


async def test_dialogues_and_late_answers_go_too(database: str) -> None:
    await keep_dialogue(VAULT, said_at=NOW)
    for number, (status, days) in enumerate([("sent", 91), ("sending", 91), ("waiting", 89)]):
        await LateReply.create(
            message_key=number.to_bytes(16),
            sender=SENDER,
            openid_sealed=b"x",
            text_sealed=b"x",
            opened_by="message",
            opened_at=NOW - timedelta(days=days),
            status=status,
            settled_at=NOW - timedelta(days=days) if status == "sent" else None,
        )
    await purge_messages(NOW + timedelta(minutes=29))
    assert await Dialogue.all().count() == 1
    assert [reply.status for reply in await LateReply.all()] == ["waiting"]
    await purge_messages(NOW + timedelta(minutes=31))
    assert await Dialogue.all().count() == 0
