"""Staff look people up, masked, and see one: masked, or unmasked with a reason. Who looked at whom,
and in which of these ways, is in the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from domain.actor import Actor
from domain.audit.log import record
from domain.audit.rules import Facts
from domain.audit.sights import record_sight
from domain.errors import DomainError
from domain.people import rules
from domain.people.queries import Masked, mask_person_row
from domain.permissions import Permission, Reach, reach_of, require
from domain.reasons import clean_reason
from domain.sealed import match_index, open_field_or_none
from domain.vault import Vault
from models.people import Person
from models.transactions import transaction

#: Of one look-up by name: more namesakes have to be told apart by phone or ID.
MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Revealed:
    """A person unmasked; None for what is not held (any more)."""

    id: UUID
    name: str | None = field(repr=False)
    id_number: str | None = field(repr=False)
    phone: str | None = field(repr=False)


async def find_people(
    actor: Actor,
    vault: Vault,
    *,
    name: str = "",
    id_number: str = "",
    phone: str = "",
    now: datetime,
) -> list[Masked]:
    """Those of the actor's reach who have all of what is given, whole; masked. At most 50.

    On record for each who was found, and once where nobody was.

    Raises DomainError no_permission; name_wrong, id_number_wrong, phone_wrong; search_empty where
    nothing was given.
    """
    reach = reach_of(actor, Permission.SEE_PERSON)
    if reach is None:
        raise DomainError("no_permission")
    wanted = {
        "name": rules.normalise_name(name) if name.strip() else "",
        "id_number": rules.normalise_id_number(id_number, now.date()) if id_number.strip() else "",
        "phone": rules.normalise_phone(phone) if phone.strip() else "",
    }
    by = [key for key, value in wanted.items() if value]
    if not by:
        raise DomainError("search_empty")
    condition = Q(*(match_index(vault, Person, key, wanted[key]) for key in by))
    async with transaction() as connection:
        # Whoever was erased is found by an audit alone (erased.py).
        there = condition & within(actor, reach) & Q(erased_at__isnull=True)
        query = Person.filter(there).using_db(connection)
        rows: Sequence[Person] = await query.order_by("id").limit(MOST_FOUND)
        facts: Facts = {"by": ",".join(by), "count": len(rows)}
        for row in rows:
            about = ("person", row.id)
            await record(connection, actor, "person.found", about=about, facts=facts, now=now)
        if not rows:
            await record(connection, actor, "person.found", facts=facts, now=now)
    return [mask_person_row(vault, row) for row in rows]


async def see_person(actor: Actor, vault: Vault, *, person: UUID, now: datetime) -> Masked:
    """The person, masked; that staff saw them is on record, once in half an hour.

    Raises DomainError no_permission, not_found (also for who is out of reach).
    """
    row = await Person.get_or_none(id=person, erased_at__isnull=True)
    if row is None:
        raise DomainError("not_found")
    require(actor, Permission.SEE_PERSON, owner=row.id, county=row.county)
    async with transaction() as connection:
        await record_sight(connection, actor, "person.see", ("person", row.id), now)
    return mask_person_row(vault, row)


async def reveal_person(
    actor: Actor, vault: Vault, *, person: UUID, reason: str, now: datetime
) -> Revealed:
    """The person unmasked, for a reason that is kept (numbers in it are masked by the log).

    Raises DomainError: reason_missing; no_permission; not_found for who is out of reach.
    """
    reason = clean_reason(reason)
    if reach_of(actor, Permission.REVEAL_PERSON) is None:
        raise DomainError("no_permission")
    async with transaction() as connection:
        found = Person.filter(id=person, erased_at__isnull=True).using_db(connection)
        row = await found.first()
        if row is None:
            raise DomainError("not_found")
        require(actor, Permission.REVEAL_PERSON, owner=row.id, county=row.county)
        about = ("person", row.id)
        facts: Facts = {"reason": reason}
        await record(connection, actor, "person.revealed", about=about, facts=facts, now=now)
    name, id_number, known_phone = (
        open_field_or_none(vault, row, key) for key in ("name", "id_number", "phone")
    )
    return Revealed(row.id, name, id_number, known_phone)


def within(actor: Actor, reach: Reach) -> Q:
    """The people as far as the actor reaches."""
    if reach is Reach.OWN:
        return Q(id__in=list(actor.owns))
    if reach is Reach.COUNTY:
        county = getattr(actor, "county", None)
        return Q(county=county) if county else Q(id__in=[])
    return Q()
