"""An institution as those who keep the directory see it: with its contact and all its records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.actor import Actor
from domain.errors import DomainError
from domain.institutions.rules import Entry, Standing, standing_on
from domain.institutions.writing import read_entry
from domain.permissions import Permission, require
from domain.vault import Vault
from models.institutions import Institution, InstitutionRecord


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """The entry, how it stands on the day asked for (None: not yet in the directory), and every
    record, also of days to come and of changed words, the latest first."""

    id: UUID
    entry: Entry
    standing: Standing | None
    records: Sequence[InstitutionRecord]


async def read_institution(
    actor: Actor, vault: Vault, institution_id: UUID, day: date
) -> DirectoryEntry:
    """Raises DomainError no_permission, not_found (also for another county's)."""
    row = await Institution.get_or_none(id=institution_id)
    if row is None:
        raise DomainError("not_found")
    require(actor, Permission.EDIT_DIRECTORY, county=row.county)
    query = InstitutionRecord.filter(institution_id=institution_id)
    records = await query.order_by("-valid_from", "-made_at")
    return DirectoryEntry(row.id, read_entry(vault, row), standing_on(records, day), records)
