"""What is done to the directory. Every change is a record with its day, its document and who made
it; who is suspended is suspended for all that ask from the moment this commits."""

from dataclasses import replace
from datetime import datetime, time
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.audit.log import record
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.followup import defer_job
from domain.institutions.rules import Entry, Kind, check_entry, require_change
from domain.institutions.writing import (
    Dated,
    add_institution,
    add_record,
    apply_entry,
    lock_directory,
    read_entry,
    require_free,
)
from domain.permissions import Permission, require
from domain.vault import Vault
from models.institutions import Institution, InstitutionRecord
from models.transactions import transaction

#: The task that flags the running classes of who was stopped; jobs/training.py registers it.
FLAG_CLASSES = "training.flag_classes"


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
    keep_contact: bool = False,
    now: datetime,
) -> bool:
    """Other words for an institution; what they were is kept. False where nothing differs.

    keep_contact: the contact stays as it is, for who changes an entry need not have seen it.
    Moving it to another county needs the permission for both.
    """
    async with transaction() as connection:
        await lock_directory(connection)
        row = await _hold(connection, institution_id)
        require(actor, Permission.EDIT_DIRECTORY, county=row.county)
        require(actor, Permission.EDIT_DIRECTORY, county=entry.county)
        if keep_contact:
            entry = replace(entry, contact=read_entry(vault, row).contact)
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
