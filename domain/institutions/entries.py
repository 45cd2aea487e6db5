"""An institution as the console shows it: with all its records, the contact masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from uuid import UUID

from domain.actor import Actor
from domain.errors import DomainError
from domain.institutions.contacts import mask_contact
from domain.institutions.rules import Entry, Kind, Standing, standing_on
from domain.institutions.writing import read_entry
from domain.permissions import Permission, require
from domain.vault import Vault
from models.institutions import Institution, InstitutionRecord


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """One dated record, with who made it; models.institutions.InstitutionRecord has the fields'
    meaning."""

    kind: Kind
    valid_from: date
    valid_until: date | None
    reason: str
    document: str
    changes: Mapping[str, Sequence[str]]
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """The entry, its contact masked, how it stands on the day asked for (None: not yet in the
    directory), and every record, also of days to come and of changed words, the latest first."""

    id: UUID
    entry: Entry
    standing: Standing | None
    records: Sequence[DirectoryRecord]


async def read_institution(
    actor: Actor,
    vault: Vault,
    institution_id: UUID,
    day: date,
    permission: Permission = Permission.SEE_DIRECTORY,
) -> DirectoryEntry:
    """`permission`: what one wants with it.

    Raises DomainError no_permission, not_found (also for another county's).
    """
    row = await Institution.get_or_none(id=institution_id)
    if row is None:
        raise DomainError("not_found")
    require(actor, permission, county=row.county)
    query = InstitutionRecord.filter(institution_id=institution_id)
    names = [one.name for one in fields(DirectoryRecord)]
    records = [
        DirectoryRecord(**values)
        for values in await query.order_by("-valid_from", "-made_at").values(*names)
    ]
    entry = read_entry(vault, row)
    masked = replace(entry, contact=mask_contact(entry.contact))
    return DirectoryEntry(row.id, masked, standing_on(records, day), records)
