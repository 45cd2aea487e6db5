"""Who of a class is in another class at the same time, for whoever has to do something about it:
masked, and never in which other class."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.connection import get_connection

from domain.actor import Actor
from domain.enrolments.lines import RosterLine, make_lines
from domain.enrolments.queries import require_roster
from domain.permissions import Permission
from domain.training.clashes import find_clashing
from domain.vault import Vault
from models.enrolments import Enrolment


async def name_clashing(
    actor: Actor, vault: Vault, class_id: UUID, enrolments: Sequence[UUID | str]
) -> list[RosterLine]:
    """The people of the class with these enrolments, of whom a change of the class was refused
    (class_people_overlap). Raises DomainError: no_permission, not_found."""
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    rows = Enrolment.filter(training_class_id=class_id, id__in=list(enrolments))
    return await make_lines(vault, await rows.order_by("id"))


async def list_clashing(actor: Actor, vault: Vault, class_id: UUID) -> list[RosterLine]:
    """Those who are in another class at the time that this one has now. Raises DomainError as
    name_clashing."""
    clashing = await find_clashing(get_connection("default"), class_id)
    return await name_clashing(actor, vault, class_id, clashing)
