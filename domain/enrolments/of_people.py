"""The classes that one person is in, for staff who look at the person."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.actor import Actor
from domain.enrolments.rules import Status
from domain.permissions import Permission, Reach, reach_of, require
from models.enrolments import Enrolment
from models.people import Person

#: Far more than anybody enrols in.
_MOST = 100


@dataclass(frozen=True, slots=True)
class ClassOfPerson:
    """An enrolment as whoever answers the person's question needs it."""

    class_id: UUID
    title: str
    starts_on: date | None
    ends_on: date | None
    class_status: str
    status: Status


async def list_classes_of_person(actor: Actor, person: UUID) -> list[ClassOfPerson]:
    """The newest first, as far as `actor` may see the class, too.

    Raises DomainError: no_permission; not_found for a person out of reach.
    """
    row = await Person.get_or_none(id=person)
    needed = Permission.SEE_ERASED if row and row.erased_at else Permission.SEE_PERSON
    require(actor, needed, owner=person, county=row.county if row else None)
    reach = reach_of(actor, Permission.SEE_CLASS)
    query = Enrolment.filter(person_id=person)
    if reach is Reach.COUNTY:
        query = query.filter(training_class__county=getattr(actor, "county", None) or "")
    elif reach is not Reach.ALL:
        return []
    rows = await query.order_by("-id").limit(_MOST).prefetch_related("training_class")
    return [
        ClassOfPerson(
            class_id=held.id,
            title=held.title,
            starts_on=held.starts_on,
            ends_on=held.ends_on,
            class_status=held.status,
            status=Status(one.status),
        )
        for one in rows
        for held in [one.training_class]
    ]
