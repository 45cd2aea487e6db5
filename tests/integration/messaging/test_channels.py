"""Late answers go out as often as the person's own acts allow, and no oftener."""

from datetime import datetime, timedelta
from typing import cast

import pytest

from clients.wechat.errors import CustomerServiceCountError
from clients.wechat.interface import OfficialAccountApi
from domain.messaging import actions
from domain.messaging.actions import queue_late_reply, store_records
from domain.vault import Vault
from models.messages import LateReply
from settings import DataKey
from tests.integration.messaging.conftest import NOON, OTHER, SENDER, make_record

SECOND = timedelta(seconds=1)


class Platform:
    """Takes every message and notes it; the real client's test is tests/contract."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def send_text(self, openid: str, text: str) -> None:
        self.sent.append((openid, text))


class Channel:
    """Queues late answers and sends them at once."""

    def __init__(self) -> None:
        self.vault = Vault([DataKey("k1", bytes(32))])
        self.platform = Platform()
        self._number = 0

    async def send(
        self, opened_by: str, opened_at: datetime, now: datetime, sender: bytes = SENDER
    ) -> tuple[str, str]:
        """Status and reason of one more late answer."""
        self._number += 1
        key = (1000 + self._number).to_bytes(16)
        await queue_late_reply(
            self.vault,
            message_key=key,
            sender=sender,
            openid="o-of-the-tests",
            text=f"answer {self._number}",
            opened_by=opened_by,
            opened_at=opened_at,
        )
        reply = await LateReply.get(message_key=key)
        wechat = cast("OfficialAccountApi", self.platform)
        await actions.send_late_reply(self.vault, wechat, late_reply_id=reply.id, now=now)
        await reply.refresh_from_db()
        return reply.status, reply.reason


@pytest.fixture
def channel(database: str) -> Channel:
    return Channel()


async def test_the_sixth_since_the_last_message_is_dropped(channel: Channel) -> None:
    await store_records([make_record(0)])
    for number in range(5):
        assert await channel.send("touch", NOON, NOON + (70 + number) * SECOND) == ("sent", "")
    late = NOON + 80 * SECOND
    assert await channel.send("touch", NOON, late) == ("dropped", "quota_spent")
    assert len(channel.platform.sent) == 5
    assert await channel.send("message", NOON, late, sender=OTHER) == ("sent", "")
    await store_records([make_record(81)])
    assert await channel.send("touch", NOON, NOON + 90 * SECOND) == ("sent", "")


async def test_five_messages_that_each_are_late_are_all_answered(channel: Channel) -> None:
    for number in range(8):
        at = NOON + number * SECOND
        assert await channel.send("message", at, at + SECOND / 2) == ("sent", "")


async def test_a_touch_is_answered_late_when_the_person_has_written_since(
    channel: Channel,
) -> None:
    late = NOON + 120 * SECOND
    assert await channel.send("touch", NOON, late) == ("dropped", "channel_closed")
    await store_records([make_record(30)])
    assert await channel.send("touch", NOON, late) == ("sent", "")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("voice", "sent"),
        ("event.click", "sent"),
        ("event.view", "dropped"),
        ("event.location", "dropped"),
        ("unknown", "dropped"),
    ],
)
async def test_what_opens_a_channel(channel: Channel, kind: str, expected: str) -> None:
    await store_records([make_record(100, kind=kind)])
    assert (await channel.send("touch", NOON, NOON + 110 * SECOND))[0] == expected


async def test_what_somebody_else_did_opens_nothing(channel: Channel) -> None:
    await store_records([make_record(100, sender=OTHER)])
    assert (await channel.send("touch", NOON, NOON + 110 * SECOND))[0] == "dropped"


async def test_what_was_refused_does_not_count(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_openid: str, _text: str) -> None:
        raise CustomerServiceCountError(45047, "out of response count limit")

    with monkeypatch.context() as patched:
        patched.setattr(channel.platform, "send_text", refuse)
        for _ in range(6):
            answer = await channel.send("message", NOON, NOON + SECOND)
            assert answer == ("dropped", "wechat_customer_service_count")
    assert await channel.send("message", NOON, NOON + SECOND) == ("sent", "")
