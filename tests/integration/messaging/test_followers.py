"""Who follows is remembered by the record too, for PostgreSQL may be away when it happens."""

from datetime import timedelta

from domain.messaging.actions import remember_follower, store_records
from domain.messaging.records import InboundRecord
from models.accounts import Follower
from models.messages import InboundMessage
from tests.integration.messaging.conftest import NOON, SENDER, make_record


def follow(number: int, scene: str, sealed: bytes) -> InboundRecord:
    record = make_record(number, kind="event.subscribe", outcome="event", topic=scene)
    return InboundRecord(
        record.key,
        SENDER,
        record.received_at,
        record.kind,
        record.outcome,
        record.topic,
        None,
        sealed,
    )


async def test_the_record_of_a_subscribe_remembers_the_follower(database: str) -> None:
    assert await store_records([follow(1, "class_7", b"sealed openid")]) == []
    follower = await Follower.get(sender=SENDER)
    assert (follower.scene, follower.openid_sealed) == ("class_7", b"sealed openid")
    message = await InboundMessage.get()
    assert message.text_sealed is None, "the openid is kept in one place"


async def test_an_older_record_does_not_overwrite_what_is_known(database: str) -> None:
    later = NOON + timedelta(hours=1)
    await remember_follower(sender=SENDER, openid_sealed=b"newer", scene="new", now=later)
    await store_records([follow(1, "old", b"older")])
    follower = await Follower.get(sender=SENDER)
    assert (follower.scene, follower.openid_sealed) == ("new", b"newer")


async def test_who_left_later_is_not_remembered(database: str) -> None:
    farewell = make_record(2, kind="event.unsubscribe", outcome="event")
    await store_records([follow(1, "", b"sealed"), farewell])
    assert await Follower.all().count() == 0
    await store_records([follow(1, "", b"sealed"), farewell])
    assert await Follower.all().count() == 0
