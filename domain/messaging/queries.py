"""Reads of messages and dialogues."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.messaging import rules
from domain.messaging.rules import Contact
from models.messages import Dialogue, InboundMessage, LateReply

#: Place (domain.vault) of what was said in a dialogue; its row is the person.
STATE_PLACE = b"dialogues.state"


@dataclass(frozen=True, slots=True)
class OpenDialogue:
    """A dialogue as it is stored; the state is sealed."""

    person: bytes
    state_sealed: bytes
    expires_at: datetime


async def find_dialogue(person: bytes, now: datetime) -> OpenDialogue | None:
    """The open dialogue of one person, None where there is none."""
    row = await Dialogue.get_or_none(person=person, expires_at__gt=now)
    return None if row is None else OpenDialogue(row.person, row.state_sealed, row.expires_at)


async def list_open_dialogues(now: datetime) -> list[OpenDialogue]:
    """All open dialogues: what Redis is filled with when it has lost its copy."""
    rows = await Dialogue.filter(expires_at__gt=now).values_list(
        "person", "state_sealed", "expires_at"
    )
    return [OpenDialogue(*row) for row in rows]


async def find_oldest_message(now: datetime) -> timedelta | None:
    """The age of the oldest message that is kept, None where there is none."""
    row = await InboundMessage.all().order_by("received_at").first()
    return None if row is None else now - row.received_at


async def list_contacts(
    connection: BaseDBAsyncClient, person: bytes, now: datetime
) -> list[Contact]:
    """What the person did last that opens a 客服消息 channel; call with an open connection.

    Messages are stored behind the answer, so what the late replies themselves say counts too.
    """
    since = now - rules.LONGEST_CHANNEL
    opened = (
        await LateReply.filter(person=person, opened_at__gt=since)
        .using_db(connection)
        .values_list("opened_by", "opened_at")
    )
    contacts = [Contact(*row) for row in opened]
    for opened_by, kinds in (("message", rules.MESSAGE_KINDS), ("touch", rules.TOUCH_KINDS)):
        last = (
            await InboundMessage.filter(person=person, kind__in=kinds, received_at__gt=since)
            .using_db(connection)
            .order_by("-received_at")
            .first()
        )
        if last is not None:
            contacts.append(Contact(opened_by, last.received_at))
    return contacts


async def list_late_sendings(
    connection: BaseDBAsyncClient, person: bytes, now: datetime
) -> list[datetime]:
    """When late replies went out to the person while a channel could have been open."""
    since = now - rules.LONGEST_CHANNEL
    rows = (
        await LateReply.filter(person=person, status="sent", settled_at__gt=since)
        .using_db(connection)
        .values_list("settled_at")
    )
    return [settled_at for (settled_at,) in rows]
