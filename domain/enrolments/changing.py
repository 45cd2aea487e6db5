"""One enrolment moves, and staff who moved it are on the record."""

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, Staff
from domain.audit.log import record
from domain.enrolments.rules import Side, Status
from models.enrolments import Enrolment


async def take_out(
    connection: BaseDBAsyncClient, actor: Actor, one: Enrolment, side: Side, now: datetime
) -> None:
    """Write that `one`, which is held and may, has left; the caller's line in the audit log tells
    of it."""
    one.status, one.withdrawn_by = Status.WITHDRAWN.value, side.value
    one.changed_by, one.changed_at = actor.key, now
    changed = ("status", "withdrawn_by", "changed_by", "changed_at")
    await one.save(using_db=connection, update_fields=changed)


async def note_change(
    connection: BaseDBAsyncClient, actor: Actor, event: str, enrolment: UUID, now: datetime
) -> None:
    """What staff change is on the record; what people do for themselves is in its own row."""
    if isinstance(actor, Staff):
        await record(connection, actor, event, about=("enrolment", enrolment), now=now)
