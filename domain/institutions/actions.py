"""What is done to the directory. Every change is a record with its day, its document and who made
it; who is suspended is suspended for all that ask from the moment this commits."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.audit.log import record
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.followup import defer_job
from domain.institutions.names import spell_sound
from domain.institutions.rules import Entry, Kind, check_entry, compare, require_change
from domain.permissions import Permission, require
from domain.sealed import open_field, seal_field
from domain.vault import Vault
from models.columns import new_id
from models.institutions import Institution, InstitutionRecord
from models.transactions import transaction

#: The task that flags the running classes of who was stopped; jobs/training.py registers it.
FLAG_CLASSES = "training.flag_classes"


@dataclass(frozen=True, slots=True)
class Dated:
    """From when and until when a change holds (both days count), why, and by which document."""

    valid_from: date
    valid_until: date | None = None
    reason: str = ""
    document: str = ""


async def list_institution(
    actor: Actor,
    vault: Vault,
    entry: Entry,
    dated: Dated,
    *,
    counties: frozenset[str],
    now: datetime,
) -> UUID:
    """Take an institution into the directory; its id.

    Raises DomainError no_permission, not_found (another county's), institution_entry_wrong,
    institution_taken (name or number), institution_change_refused.
    """
    require(actor, Permission.EDIT_DIRECTORY, county=entry.county)
    wrong = check_entry(entry, counties)
    if wrong:
        raise DomainError("institution_entry_wrong", fields=[field for field, _ in wrong])
    async with transaction() as connection:
        await lock_directory(connection)
        await require_free(connection, entry, None)
        institution_id = await add_institution(connection, actor, vault, entry, dated, now=now)
        await record(
            connection,
            actor,
            "institution.list",
            about=("institution", institution_id),
            facts={"from": dated.valid_from.isoformat(), "document": dated.document},
            now=now,
        )
    return institution_id


async def relist_institution(
    actor: Actor, *, institution_id: UUID, dated: Dated, now: datetime
) -> None:
    """Take one back that was removed, or list it until another day."""
    await _change(actor, "listed", Permission.EDIT_DIRECTORY, institution_id, dated, now)


async def suspend_institution(
    actor: Actor, *, institution_id: UUID, dated: Dated, now: datetime
) -> None:
    """Stop it from training (暂停承训资格, L12), until a day or until it is restored."""
    await _change(actor, "suspended", Permission.SUSPEND_INSTITUTION, institution_id, dated, now)


async def restore_institution(
    actor: Actor, *, institution_id: UUID, dated: Dated, now: datetime
) -> None:
    """Lift every suspension from a day on."""
    await _change(actor, "restored", Permission.SUSPEND_INSTITUTION, institution_id, dated, now)


async def remove_institution(
    actor: Actor, *, institution_id: UUID, dated: Dated, now: datetime
) -> None:
    """Take it out of the directory (退出目录, L12)."""
    await _change(actor, "removed", Permission.SUSPEND_INSTITUTION, institution_id, dated, now)


async def change_entry(
    actor: Actor,
    vault: Vault,
    *,
    institution_id: UUID,
    entry: Entry,
    dated: Dated,
    counties: frozenset[str],
    now: datetime,
) -> bool:
    """Other words for an institution; what they were is kept. False where nothing differs.

    Moving it to another county needs the permission for both.
    """
    async with transaction() as connection:
        await lock_directory(connection)
        row = await _hold(connection, institution_id)
        require(actor, Permission.EDIT_DIRECTORY, county=row.county)
        require(actor, Permission.EDIT_DIRECTORY, county=entry.county)
        wrong = check_entry(entry, counties)
        if wrong:
            raise DomainError("institution_entry_wrong", fields=[field for field, _ in wrong])
        await require_free(connection, entry, institution_id)
        changes = await apply_entry(connection, actor, vault, row, entry, dated, now=now)
        if changes:
            await record(
                connection,
                actor,
                "institution.change",
                about=("institution", institution_id),
                facts={"fields": list(changes), "document": dated.document},
                now=now,
            )
    return bool(changes)


# --- what the import does too, inside its own transaction ---------------------------------------

#: One at a time changes names and numbers: two unique columns are looked up before one is written.
_DIRECTORY_LOCK = 0x7A7076


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


async def _change(
    actor: Actor,
    kind: Kind,
    permission: Permission,
    institution_id: UUID,
    dated: Dated,
    now: datetime,
) -> None:
    """One record more. Raises DomainError no_permission, not_found, institution_change_refused."""
    async with transaction() as connection:
        # Held alone: whoever has asked how it stands, and goes by it, is waited for.
        row = await _hold(connection, institution_id)
        require(actor, permission, county=row.county)
        records = await InstitutionRecord.filter(institution_id=institution_id).using_db(connection)
        require_change(records, kind, dated.valid_from, dated.valid_until)
        await add_record(connection, actor, institution_id, kind, dated, now=now)
        if kind in ("suspended", "removed"):
            day = datetime.combine(dated.valid_from, time(), LOCAL)
            await defer_job(
                connection, FLAG_CLASSES, not_before=max(day, now), institution_id=institution_id
            )
        await record(
            connection,
            actor,
            f"institution.{_VERBS[kind]}",
            about=("institution", institution_id),
            facts={
                "from": dated.valid_from.isoformat(),
                "until": dated.valid_until.isoformat() if dated.valid_until else None,
                "reason": dated.reason,
                "document": dated.document,
            },
            now=now,
        )


_VERBS = {"listed": "relist", "suspended": "suspend", "restored": "restore", "removed": "remove"}


async def _hold(connection: BaseDBAsyncClient, institution_id: UUID) -> Institution:
    query = Institution.filter(id=institution_id).using_db(connection)
    row = await query.select_for_update().first()
    if row is None:
        raise DomainError("not_found")
    return row
