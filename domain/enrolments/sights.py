"""That staff looked at a roster is on record, masked as it is."""

from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.audit.sights import record_sight
from domain.enrolments.queries import require_roster
from domain.permissions import Permission
from models.transactions import transaction


async def note_look(actor: Actor, class_id: UUID, *, now: datetime) -> None:
    """`actor` looks at the roster of a class, or at a line of it.

    Raises DomainError no_permission, not_found.
    """
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    async with transaction() as connection:
        await record_sight(connection, actor, "roster.see", ("class", class_id), now)
