"""A name that was typed wrong on a roster is put right: by whoever typed it until the class is
filed, by the office after that, and of nobody who has bound themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from domain.actor import Actor, EmployerContact, System
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.employers.contacts import require_still_acting
from domain.enrolments.lines import RosterLine, make_lines
from domain.enrolments.locking import hold_people, hold_row
from domain.enrolments.rules import LOOSE
from domain.errors import DomainError
from domain.people.rules import mask_name, normalise_name
from domain.permissions import Permission, may, require
from domain.sealed import change_columns, open_field_or_none
from domain.training.views import holder_of
from domain.vault import Vault
from models.enrolments import Enrolment
from models.people import Person
from models.training import TrainingClass
from models.transactions import transaction

#: How somebody comes into a class whom a school or a firm has put there; and models.people.Person's
#: sources of the same kind.
_PUT, _SOURCES = frozenset({"roster", "console", "employer"}), frozenset({"roster", "employer"})
_LONGEST_REASON = 200


async def correct_name(
    actor: Actor,
    vault: Vault,
    *,
    enrolment_id: UUID,
    class_id: UUID | None = None,
    name: str,
    reason: str = "",
    now: datetime,
) -> RosterLine:
    """The person with this enrolment is called `name`; the line of the roster as it is then.
    `class_id`: the class that the actor believes it to be of. An officer says why (`reason`).

    Raises DomainError: name_wrong; not_found, no_permission; name_fixed, about filed (the roster
    is filed, ask the office), theirs (they have bound themselves, or others have put them on a
    list too: which of the two is not told) or bound (to the office); reason_missing.
    """
    if not (may(actor, Permission.CORRECT_PERSON) or may(actor, Permission.ENROL)):
        # Whether the enrolment is there or not.
        raise DomainError("no_permission")
    called = normalise_name(name)
    found = await Enrolment.get_or_none(id=enrolment_id)
    if found is None or class_id not in (None, found.training_class_id):
        raise DomainError("not_found")
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        await hold_people(connection, [found.person_id])
        row = await hold_row(connection, found.training_class_id)
        await _require_correctable(connection, actor, row, found)
        why = " ".join(reason.split())[:_LONGEST_REASON]
        if _decides(actor) and not why:
            raise DomainError("reason_missing", about="rename")
        held: Any = Person.filter(id=found.person_id).using_db(connection)
        person: Person = await held.select_for_update(no_key=True).get()
        before = open_field_or_none(vault, person, "name") or ""
        if before != called:
            columns = change_columns(vault, person, name=called)
            await person.update_from_dict(columns).save(using_db=connection)
            facts: dict[str, Fact] = {
                "name_before": mask_name(before),
                "name": mask_name(called),
                "reason": why,
            }
            about = ("person", person.id)
            await record(connection, actor, "person.renamed", about=about, facts=facts, now=now)
    (line,) = await make_lines(vault, [found])
    return line


async def may_correct(actor: Actor, class_id: UUID, enrolment_id: UUID) -> bool:
    """Whether correct_name would let `actor`."""
    row = await TrainingClass.get_or_none(id=class_id)
    found = await Enrolment.get_or_none(id=enrolment_id, training_class_id=class_id)
    if row is None or found is None:
        return False
    try:
        await _require_correctable(get_connection("default"), actor, row, found)
    except DomainError:
        return False
    return True


def _decides(actor: Actor) -> bool:
    """Whether `actor` is of the office, which sees cards."""
    return may(actor, Permission.CORRECT_PERSON) and not isinstance(actor, System)


async def _require_correctable(
    connection: BaseDBAsyncClient, actor: Actor, row: TrainingClass, found: Enrolment
) -> None:
    """As correct_name."""
    person = await Person.get(id=found.person_id, using_db=connection)
    if may(actor, Permission.CORRECT_PERSON):
        require(actor, Permission.CORRECT_PERSON, owner=person.id, county=row.county)
        if person.bound_at is not None:
            raise DomainError("name_fixed", about="bound")
        return
    firm = actor.employer if isinstance(actor, EmployerContact) else None
    sponsors = firm is not None and found.employer_id == firm
    require(actor, Permission.ENROL, owner=firm if sponsors else holder_of(row))
    if row.status not in LOOSE:
        raise DomainError("name_fixed", about="filed")
    query = Enrolment.filter(person_id=person.id).using_db(connection)
    everywhere = await query.prefetch_related("training_class")
    alone = person.source in _SOURCES and _put_by(everywhere) <= actor.owns
    if person.bound_at is not None or person.erased_at is not None or not alone:
        raise DomainError("name_fixed", about="theirs")


def _put_by(enrolments: Sequence[Enrolment]) -> set[UUID | None]:
    """Who has put somebody into classes: schools and firms; None: they themselves, or an operator
    for them."""
    return {
        (one.employer_id or holder_of(one.training_class)) if one.channel in _PUT else None
        for one in enrolments
    }
