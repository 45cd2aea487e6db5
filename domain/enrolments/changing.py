"""One enrolment moves, and staff who moved it are on the record."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, Staff
from domain.audit.log import record
from domain.enrolments.rules import Status
from models.enrolments import Enrolment

_EVENTS = {Status.WITHDRAWN: "enrolment.withdraw", Status.CONFIRMED: "enrolment.confirm"}


async def change_status(
    connection: BaseDBAsyncClient, actor: Actor, one: Enrolment, after: Status, now: datetime
) -> None:
    """Write where `one`, which is held and may move so, stands now."""
    await write_status(connection, actor, one, after, now)
    await note_change(connection, actor, _EVENTS[after], one.id, now)


async def write_status(
    connection: BaseDBAsyncClient, actor: Actor, one: Enrolment, after: Status, now: datetime
) -> None:
    """The same where another line of the audit log tells of it."""
    one.status, one.changed_by, one.changed_at = after.value, actor.key, now
    await one.save(using_db=connection, update_fields=("status", "changed_by", "changed_at"))


async def note_change(
    connection: BaseDBAsyncClient, actor: Actor, event: str, enrolment: UUID, now: datetime
) -> None:
    """What staff change is on the record; what people do for themselves is in its own row."""
    if isinstance(actor, Staff):
        await record(connection, actor, event, about=("enrolment", enrolment), now=now)
