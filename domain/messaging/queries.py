"""Reads of messages and dialogues."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.messaging import rules
from domain.messaging.rules import Contact
from models.accounts import Forgotten
from models.messages import Dialogue, InboundMessage, LateReply

#: What Redis knows of a talk: that there is one, and whether it is private. PostgreSQL is asked.
TALK, PRIVATE_TALK = b"T", b"P"


@dataclass(frozen=True, slots=True)
class OpenDialogue:
    """An open talk, with what Redis knows of it (`copy_of`)."""

    sender: bytes
    copy: bytes
    expires_at: datetime


def copy_of(name: str, private: bool, state_sealed: bytes) -> bytes:
    """What Redis knows of an open talk: a hint, or, of a choice between answers, all."""
    if private:
        return PRIVATE_TALK
    return state_sealed if name == rules.CHOICE else TALK


class SealedText(NamedTuple):
    """What somebody said, sealed at TEXT_PLACE for the row `key`."""

    key: bytes
    text_sealed: bytes


class Answered(NamedTuple):
    """How a message was answered, as it is recorded (Plan in bot/dispatch.py)."""

    outcome: str
    topic: str
    score: float | None


class Opinions(NamedTuple):
    """Taps below one answer."""

    useful: int
    useless: int


async def list_open_dialogues(now: datetime) -> list[OpenDialogue]:
    """All open talks, and those that have ended within ten minutes, for a message that comes once
    more is told the same: what Redis is filled with when it has lost its copy."""
    rows = await Dialogue.filter(expires_at__gt=now - rules.REPLIES_KEPT).values_list(
        "sender", "name", "private", "state_sealed", "expires_at"
    )
    talks = []
    for sender, name, private, state_sealed, expires_at in rows:
        if state_sealed is None:
            copy = copy_of("", private, b"")
            talks.append(OpenDialogue(sender, copy, expires_at + rules.REPLIES_KEPT))
        elif expires_at > now:
            talks.append(OpenDialogue(sender, copy_of(name, private, state_sealed), expires_at))
    return talks


async def find_oldest_message(now: datetime) -> timedelta | None:
    """The age of the oldest message that is kept, None where there is none."""
    row = await InboundMessage.all().order_by("received_at").first()
    return None if row is None else now - row.received_at


async def find_answered(key: bytes) -> Answered | None:
    """How the message of this key was answered.

    None where it is not, or no longer, recorded; it is within about a second of the answer.
    """
    row = await InboundMessage.filter(key=key).first().values_list("outcome", "topic", "score")
    return None if row is None else Answered(*row)


async def list_sealed_texts(outcomes: Collection[str], since: datetime) -> list[SealedText]:
    """What people said since then to messages with one of `outcomes`, oldest first.

    Who said it is left out on purpose.
    """
    rows = (
        await InboundMessage.filter(
            outcome__in=list(outcomes), received_at__gt=since, text_sealed__not_isnull=True
        )
        .order_by("received_at")
        .values_list("key", "text_sealed")
    )
    return [SealedText(*row) for row in rows]


async def count_opinions(since: datetime) -> dict[str, Opinions]:
    """By entry, how many people found its answer useful and how many did not since then.

    The last tap of a person on an entry counts.
    """
    rows = (
        await InboundMessage.filter(outcome__in=["useful", "useless"], received_at__gt=since)
        .order_by("received_at", "id")
        .values_list("sender", "id", "topic", "outcome")
    )
    # A person who asked to be forgotten is nobody: each of their taps stands alone.
    last = {(sender or row, entry): outcome for sender, row, entry, outcome in rows}
    counts: dict[str, Opinions] = {}
    for (_, entry), outcome in last.items():
        known = counts.get(entry, Opinions(0, 0))
        counts[entry] = (
            known._replace(useful=known.useful + 1)
            if outcome == "useful"
            else known._replace(useless=known.useless + 1)
        )
    return counts


async def list_forgotten(senders: Collection[bytes]) -> Mapping[bytes, datetime]:
    """When those of `senders` asked that have asked to be forgotten."""
    rows = await Forgotten.filter(sender__in=list(senders)).values_list("sender", "asked_at")
    return dict(rows)


async def list_contacts(
    connection: BaseDBAsyncClient, sender: bytes, now: datetime
) -> list[Contact]:
    """What the person did last that opens a 客服消息 channel; call with an open connection.

    Messages are stored behind the answer, so what the late replies themselves say counts too.
    """
    since = now - rules.LONGEST_CHANNEL
    opened = (
        await LateReply.filter(sender=sender, opened_at__gt=since)
        .using_db(connection)
        .values_list("opened_by", "opened_at")
    )
    contacts = [Contact(*row) for row in opened]
    for opened_by, kinds in (("message", rules.MESSAGE_KINDS), ("touch", rules.TOUCH_KINDS)):
        last = (
            await InboundMessage.filter(sender=sender, kind__in=kinds, received_at__gt=since)
            .using_db(connection)
            .order_by("-received_at")
            .first()
        )
        if last is not None:
            contacts.append(Contact(opened_by, last.received_at))
    return contacts


async def list_late_sendings(
    connection: BaseDBAsyncClient, sender: bytes, now: datetime
) -> list[datetime]:
    """When late replies went out to the person while a channel could have been open."""
    since = now - rules.LONGEST_CHANNEL
    rows = (
        await LateReply.filter(sender=sender, status="sent", settled_at__gt=since)
        .using_db(connection)
        .values_list("settled_at")
    )
    return [settled_at for (settled_at,) in rows]


async def count_messages_of(senders: Collection[bytes]) -> tuple[int, datetime | None]:
    """How many messages of these senders are kept, and when the last came."""
    kept = InboundMessage.filter(sender__in=list(senders))
    newest = await kept.order_by("-received_at").first()
    return (0, None) if newest is None else (await kept.count(), newest.received_at)


async def list_messages_of(senders: Collection[bytes]) -> list[InboundMessage]:
    """Those messages, the oldest first; their texts are sealed at TEXT_PLACE."""
    return await InboundMessage.filter(sender__in=list(senders)).order_by("received_at", "id")
