"""Whoever was erased (注销): only what the law keeps of them is left, to be stored and for nothing
else. Auditors and officers find them for 查账, with a reason; all of it is in the audit log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.actor import Actor
from domain.audit.log import record
from domain.audit.rules import Facts
from domain.errors import DomainError
from domain.people import rules
from domain.people.lookups import MOST_FOUND, Revealed, within
from domain.people.queries import Masked, mask_person_row
from domain.permissions import Permission, reach_of, require
from domain.reasons import clean_reason
from domain.sealed import match_index, open_field_or_none
from domain.vault import Vault
from models.people import Person
from models.transactions import transaction


@dataclass(frozen=True, slots=True)
class Erased:
    """Somebody who was erased, masked, and when."""

    masked: Masked
    erased_at: datetime


async def find_erased(
    actor: Actor,
    vault: Vault,
    *,
    name: str = "",
    id_number: str = "",
    reason: str,
    now: datetime,
) -> list[Erased]:
    """Those of the actor's reach who were erased and have all of what is given, whole. At most 50.

    Raises DomainError no_permission; reason_missing; name_wrong, id_number_wrong; search_empty.
    """
    reach = reach_of(actor, Permission.SEE_ERASED)
    if reach is None:
        raise DomainError("no_permission")
    reason = clean_reason(reason)
    wanted = {
        "name": rules.normalise_name(name) if name.strip() else "",
        "id_number": rules.normalise_id_number(id_number, now.date()) if id_number.strip() else "",
    }
    by = [key for key, value in wanted.items() if value]
    if not by:
        raise DomainError("search_empty")
    condition = Q(*(match_index(vault, Person, key, wanted[key]) for key in by))
    gone = condition & within(actor, reach) & Q(erased_at__not_isnull=True)
    async with transaction() as connection:
        rows = await Person.filter(gone).using_db(connection).order_by("id").limit(MOST_FOUND)
        facts: Facts = {"by": ",".join(by), "count": len(rows), "reason": reason}
        about = ("person", rows[0].id) if len(rows) == 1 else None
        await record(connection, actor, "erased.found", about=about, facts=facts, now=now)
    return [_show(vault, row) for row in rows]


async def see_erased(actor: Actor, vault: Vault, *, person: UUID, now: datetime) -> Erased:
    """Somebody who was erased, masked. Raises DomainError no_permission, not_found."""
    async with transaction() as connection:
        row = await _find(connection, actor, person)
        await record(connection, actor, "erased.seen", about=("person", row.id), now=now)
    return _show(vault, row)


async def reveal_erased(
    actor: Actor, vault: Vault, *, person: UUID, reason: str, now: datetime
) -> Revealed:
    """What is kept of them, unmasked. Raises DomainError no_permission; reason_missing;
    not_found."""
    reason = clean_reason(reason)
    async with transaction() as connection:
        row = await _find(connection, actor, person)
        about, facts = ("person", row.id), {"reason": reason}
        await record(connection, actor, "erased.revealed", about=about, facts=facts, now=now)
    name, id_number = (open_field_or_none(vault, row, key) for key in ("name", "id_number"))
    return Revealed(row.id, name, id_number, None)


async def _find(connection: BaseDBAsyncClient, actor: Actor, person: UUID) -> Person:
    if reach_of(actor, Permission.SEE_ERASED) is None:
        raise DomainError("no_permission")
    gone = Person.filter(id=person, erased_at__not_isnull=True).using_db(connection)
    row = await gone.first()
    if row is None:
        raise DomainError("not_found")
    require(actor, Permission.SEE_ERASED, owner=row.id, county=row.county)
    return row


def _show(vault: Vault, row: Person) -> Erased:
    assert row.erased_at is not None
    return Erased(mask_person_row(vault, row), row.erased_at)
