"""That staff looked at who of a class was where when is on record, masked as it is."""

from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from domain.actor import Actor
from domain.attendance.classes import find_attended_class
from domain.attendance.rules import Wants
from domain.audit.sights import record_sight
from domain.permissions import Permission
from models.transactions import transaction


async def note_look(actor: Actor, class_id: UUID, *, now: datetime) -> None:
    """`actor` looks at the attendance of a class. Raises DomainError: no_permission, not_found."""
    asked = (actor, Permission.SEE_ATTENDANCE, Wants(), class_id)
    await find_attended_class(get_connection("default"), *asked)
    async with transaction() as connection:
        await record_sight(connection, actor, "attendance.see", ("class", class_id), now)
