"""The directory out of a sheet: each row once, whoever sends the file how often.

One transaction takes over all rows that are right, and says of the others what is wrong. A file
that was taken over already (by its SHA-256) changes nothing, though the directory may have
changed since. A row is known by the firm's number: what is there and the same stays, what differs
is changed with a record.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.audit.log import record
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.institutions.columns import COLUMNS
from domain.institutions.rules import (
    Entry,
    Kind,
    Status,
    check_entry,
    compare,
    require_change,
    spell_name,
    spell_uscc,
    split_occupations,
    standing_on,
)
from domain.institutions.writing import (
    Dated,
    add_institution,
    add_record,
    apply_entry,
    lock_directory,
    read_entry,
)
from domain.permissions import Permission, Reach, may, reach_of
from domain.sheets.digests import row_key
from domain.sheets.reading import Sheet, read_sheet
from domain.sheets.table import Fault, Row
from domain.vault import Vault
from models.institutions import Institution, InstitutionRecord
from models.sheets import SheetImport
from models.transactions import transaction

KIND = "directory"

_STATUS_OF: Mapping[str, Status] = {
    **dict.fromkeys(("", "列入", "正常", "在册", "在目录", "有效", "listed"), "listed"),
    **dict.fromkeys(("暂停", "暂停承训", "停训", "暂停承训资格", "suspended"), "suspended"),
    **dict.fromkeys(("移出", "退出", "取消", "注销", "移出目录", "退出目录", "removed"), "removed"),
}


@dataclass(slots=True)
class Report:
    """What became of the rows. repeated: when the very same file was taken over before."""

    sheet: Sheet
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[tuple[Row, Sequence[Fault]]] = field(default_factory=list)
    repeated: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A row as it shall stand."""

    row: Row
    entry: Entry
    listed: Dated
    status: Status
    since: Dated


async def import_directory(
    actor: Actor,
    vault: Vault,
    content: bytes,
    *,
    counties: Mapping[str, str],
    sheet_name: str | None = None,
    dry_run: bool = False,
    now: datetime,
) -> Report:
    """Take over the directory's sheet; `dry_run`: only say what would become of it.

    `counties`: code -> name. Raises DomainError no_permission, and what read_sheet does.
    """
    if not may(actor, Permission.EDIT_DIRECTORY):
        raise DomainError("no_permission")
    sheet = await asyncio.to_thread(read_sheet, content, COLUMNS, sheet_name=sheet_name)
    report = Report(sheet)
    today = now.astimezone(LOCAL).date()
    wanted = _read_rows(actor, sheet, counties, report, today)
    async with transaction() as connection:
        await lock_directory(connection)
        before = await _find_import(connection, sheet)
        if before is not None:
            report.repeated, report.unchanged = before.made_at, len(wanted)
            return report
        await _take_over(connection, actor, vault, wanted, report, dry_run, now)
        if dry_run:
            return report
        taken = report.added + report.changed
        await SheetImport.create(
            using_db=connection,
            kind=KIND,
            sha256=sheet.digest.hex(),
            rows=len(sheet.rows),
            taken=taken,
            refused=len(report.refused),
            made_by=actor.key,
            made_at=now,
        )
        await record(
            connection,
            actor,
            "directory.import",
            facts={
                "sha256": sheet.digest.hex(),
                "added": report.added,
                "changed": report.changed,
                "refused": len(report.refused),
            },
            now=now,
        )
    return report


async def _find_import(connection: BaseDBAsyncClient, sheet: Sheet) -> SheetImport | None:
    query = SheetImport.filter(kind=KIND, sha256=sheet.digest.hex()).using_db(connection)
    return await query.order_by("made_at").first()


def _read_rows(
    actor: Actor, sheet: Sheet, counties: Mapping[str, str], report: Report, today: date
) -> list[_Wanted]:
    """The rows that are right by themselves; the others go to `report`."""
    codes = {name: code for code, name in counties.items()} | {code: code for code in counties}
    codes |= {name[:-1]: code for code, name in counties.items() if len(name) > 2}
    seen: dict[bytes, int] = {}
    wanted = []
    for row in sheet.rows:
        faults = list(row.faults)
        one = None
        if not faults:
            one = _read_row(row, codes, today)
            faults += _find_faults(actor, row, one, counties)
        if not faults and one is not None:
            first = seen.setdefault(row_key(one.entry.uscc), row.number)
            if first != row.number:
                faults.append(row.blame("uscc", "row_twice", first=first))
        if faults or one is None:
            report.refused.append((row, faults))
        else:
            wanted.append(one)
    return wanted


def _read_row(row: Row, codes: Mapping[str, str], today: date) -> _Wanted:
    def text(key: str) -> str:
        value = row.values.get(key)
        return value if isinstance(value, str) else ""

    def day(key: str) -> date | None:
        value = row.values.get(key)
        return value if isinstance(value, date) else None

    county = text("county")
    entry = Entry(
        name=spell_name(text("name")),
        uscc=spell_uscc(text("uscc")),
        county=codes.get(county, county),
        address=text("address"),
        may_teach=split_occupations(text("may_teach")),
        phone=text("phone"),
        contact=" ".join(filter(None, (text("contact"), text("contact_phone")))),
    )
    # An institution without a day is in the directory from now on.
    listed_from = day("listed_from") or min(today, day("status_from") or today)
    listed = Dated(listed_from, day("listed_until"), "", text("document"))
    status = _STATUS_OF.get(text("status"), "listed")
    since = Dated(
        day("status_from") or listed_from,
        day("status_until"),
        text("reason"),
        text("status_document") or text("document"),
    )
    return _Wanted(row, entry, listed, status, since)


def _find_faults(
    actor: Actor, row: Row, wanted: _Wanted, counties: Mapping[str, str]
) -> list[Fault]:
    faults = [row.blame(key, code) for key, code in check_entry(wanted.entry, counties)]
    named = row.values.get("status") or ""
    if named not in _STATUS_OF:
        faults.append(row.blame("status", "unknown_status"))
    if wanted.status != "listed" and row.values.get("status_from") is None:
        faults.append(row.blame("status_from", "missing"))
    if wanted.since.valid_from < wanted.listed.valid_from:
        faults.append(row.blame("status_from", "before_it_was_listed"))
    for dated, key in ((wanted.listed, "listed_until"), (wanted.since, "status_until")):
        if dated.valid_until is not None and dated.valid_until < dated.valid_from:
            faults.append(row.blame(key, "ends_before_it_begins"))
    own = getattr(actor, "county", None)
    if reach_of(actor, Permission.EDIT_DIRECTORY) is Reach.COUNTY and wanted.entry.county != own:
        faults.append(row.blame("county", "another_county"))
    return faults


async def _take_over(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,
    wanted: Sequence[_Wanted],
    report: Report,
    dry_run: bool,
    now: datetime,
) -> None:
    """Row by row against what is there; the directory is held by the caller."""
    rows = await Institution.all().using_db(connection).select_for_update()
    by_uscc = {row.uscc: row for row in rows}
    holder_of = {row.name: row.uscc for row in rows}
    records: dict[UUID, list[InstitutionRecord]] = {row.id: [] for row in rows}
    for one in await InstitutionRecord.all().using_db(connection):
        records[one.institution_id].append(one)  # type: ignore[attr-defined]
    for want in wanted:
        entry = want.entry
        if holder_of.setdefault(entry.name, entry.uscc) != entry.uscc:
            report.refused.append((want.row, [want.row.blame("name", "name_taken")]))
            continue
        row = by_uscc.get(entry.uscc)
        if row is None:
            if not dry_run:
                added = await add_institution(connection, actor, vault, entry, want.listed, now=now)
                if want.status != "listed":
                    await add_record(connection, actor, added, want.status, want.since, now=now)
            report.added += 1
            continue
        if not _is_own(actor, row.county):
            report.refused.append((want.row, [want.row.blame("uscc", "another_county")]))
            continue
        own = records[row.id]
        following = _follow(own, want)
        if not _can_follow(own, want, following, now.astimezone(LOCAL).date()):
            report.refused.append((want.row, [want.row.blame("status", "cannot_follow")]))
            continue
        differs = bool(compare(read_entry(vault, row), entry))
        if not dry_run:
            if differs:
                changed = Dated(now.astimezone(LOCAL).date(), None, "", want.listed.document)
                await apply_entry(connection, actor, vault, row, entry, changed, now=now)
            for kind, dated in following:
                await add_record(connection, actor, row.id, kind, dated, now=now)
        if differs or following:
            report.changed += 1
        else:
            report.unchanged += 1


def _follow(own: Sequence[InstitutionRecord], want: _Wanted) -> list[tuple[Kind, Dated]]:
    """The records that are missing for the institution to stand as the row says."""
    since = want.since if want.status != "listed" else want.listed
    standing = standing_on(own, since.valid_from)
    if standing is None or standing.status != want.status or standing.until != since.valid_until:
        return [(want.status, since)]
    return []


def _can_follow(
    own: Sequence[InstitutionRecord],
    want: _Wanted,
    following: Sequence[tuple[Kind, Dated]],
    today: date,
) -> bool:
    """A sheet that says 正常 lifts no suspension, and takes nobody back who was removed since."""
    try:
        for kind, dated in following:
            require_change(own, kind, dated.valid_from, dated.valid_until)
    except DomainError:
        return False
    if following or not want.row.values.get("status") or want.status != "listed":
        return True
    standing = standing_on(own, today)
    return standing is None or standing.status == "listed"


def _is_own(actor: Actor, county: str) -> bool:
    reach = reach_of(actor, Permission.EDIT_DIRECTORY)
    return reach is Reach.ALL or county == getattr(actor, "county", None)
