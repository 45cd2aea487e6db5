"""Writing rows and dated records of the directory, inside the transaction of an action or of an
import, which have checked who acts and what is written."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.errors import DomainError
from domain.institutions.names import spell_sound
from domain.institutions.rules import Entry, Kind, compare
from domain.sealed import open_field, seal_field
from domain.vault import Vault
from models.columns import new_id
from models.institutions import Institution, InstitutionRecord

#: One at a time changes names and numbers: two unique columns are looked up before one is written.
_DIRECTORY_LOCK = 0x7A7076


@dataclass(frozen=True, slots=True)
class Dated:
    """From when and until when a change holds (both days count), why, and by which document."""

    valid_from: date
    valid_until: date | None = None
    reason: str = ""
    document: str = ""


async def lock_directory(connection: BaseDBAsyncClient) -> None:
    """Until the transaction ends nobody else takes in or renames an institution."""
    await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [_DIRECTORY_LOCK])


async def require_free(connection: BaseDBAsyncClient, entry: Entry, own_id: UUID | None) -> None:
    """Raises DomainError institution_taken where another has the name or the number."""
    for field in ("name", "uscc"):
        value = getattr(entry, field)
        query = Institution.filter(**{field: value}).using_db(connection)
        if await query.exclude(id=own_id).exists() if own_id else await query.exists():
            raise DomainError("institution_taken", about=field, value=value)


async def add_institution(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,
    entry: Entry,
    dated: Dated,
    *,
    now: datetime,
) -> UUID:
    """A new row and its first record. The caller has checked everything."""
    institution_id = new_id()
    await Institution.create(
        using_db=connection,
        id=institution_id,
        created_at=now,
        **_columns_of(vault, institution_id, entry),
    )
    await add_record(connection, actor, institution_id, "listed", dated, now=now)
    return institution_id


async def add_record(
    connection: BaseDBAsyncClient,
    actor: Actor,
    institution_id: UUID,
    kind: Kind,
    dated: Dated,
    *,
    changes: dict[str, list[str]] | None = None,
    now: datetime,
) -> None:
    """One dated record."""
    await InstitutionRecord.create(
        using_db=connection,
        institution_id=institution_id,
        kind=kind,
        valid_from=dated.valid_from,
        valid_until=dated.valid_until,
        reason=dated.reason,
        document=dated.document,
        changes=changes or {},
        made_by=actor.key,
        made_at=now,
    )


async def apply_entry(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,
    row: Institution,
    entry: Entry,
    dated: Dated,
    *,
    now: datetime,
) -> list[str]:
    """Write `entry` over `row`, which is held, with a record of what differs: the fields."""
    changes = dict(compare(read_entry(vault, row), entry))
    if not changes:
        return []
    columns = _columns_of(vault, row.id, entry)
    await Institution.filter(id=row.id).using_db(connection).update(**columns)
    await add_record(connection, actor, row.id, "changed", dated, changes=changes, now=now)
    return list(changes)


def read_entry(vault: Vault, row: Institution) -> Entry:
    """What stands in `row`, the contact opened."""
    contact = "" if row.contact_sealed is None else open_field(vault, row, "contact")
    return Entry(
        row.name, row.uscc, row.county, row.address, tuple(row.may_teach), row.phone, contact
    )


def _columns_of(vault: Vault, institution_id: UUID, entry: Entry) -> dict[str, object]:
    pinyin, initials = spell_sound(entry.name)
    contact = entry.contact
    return {
        "name": entry.name,
        "uscc": entry.uscc,
        "county": entry.county,
        "address": entry.address,
        "may_teach": list(entry.may_teach),
        "phone": entry.phone,
        "contact_sealed": (
            seal_field(vault, Institution, "contact", institution_id, contact) if contact else None
        ),
        "pinyin": pinyin,
        "initials": initials,
    }
