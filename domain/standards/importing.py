"""The standards out of a sheet: each row once, whoever sends the file how often."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.actor import Actor
from domain.audit.log import record
from domain.permissions import Permission, require
from domain.sheets.digests import row_key
from domain.sheets.reading import Sheet, read_sheet
from domain.sheets.table import Column, Fault, Row
from domain.sheets.values import Kind as Holds
from models.sheets import SheetImport
from models.standards import SubsidyStandard
from models.transactions import transaction

KIND = "standards"
#: One import at a time.
_LOCK = 0x7A7077

_AMOUNTS = ("补贴标准（元/人）", "补贴金额", "补贴标准（元）", "金额", "标准")

COLUMNS = (
    Column(
        "occupation",
        "职业（工种）",
        also=("职业", "工种", "职业名称", "培训项目", "项目名称"),
        most=80,
    ),
    Column("kind", "类别", also=("培训类别", "类型", "证书类别", "证书类型"), most=40),
    Column("level", "等级", also=("级别", "技能等级"), required=False, filled=False, most=20),
    Column("hours", "课时", Holds.INTEGER, ("学时", "培训课时", "培训学时")),
    Column("amount", "补贴标准", Holds.MONEY, _AMOUNTS),
    Column("valid_from", "起始日期", Holds.DATE, ("执行日期", "生效日期", "开始日期")),
    Column(
        *("valid_until", "截止日期", Holds.DATE, ("有效期至", "结束日期")),
        required=False,
        filled=False,
    ),
    Column("document", "文号", also=("文件", "依据文件"), required=False, filled=False, most=120),
)
_MOST_HOURS = 5_000
_MOST_FEN = 10**9


@dataclass(slots=True)
class Report:
    """What became of the rows. repeated: when the very same file was taken over before."""

    sheet: Sheet
    added: int = 0
    unchanged: int = 0
    refused: list[tuple[Row, Sequence[Fault]]] = field(default_factory=list)
    repeated: datetime | None = None


async def import_standards(
    actor: Actor,
    content: bytes,
    *,
    sheet_name: str | None = None,
    examples: bool = False,
    dry_run: bool = False,
    now: datetime,
) -> Report:
    """Take over the standards' sheet; `dry_run`: only say what would become of it.

    `examples` marks all rows as made up. Raises DomainError no_permission, and what read_sheet
    does.
    """
    require(actor, Permission.EDIT_STANDARDS)
    sheet = await asyncio.to_thread(read_sheet, content, COLUMNS, sheet_name=sheet_name)
    report = Report(sheet)
    standards = _read_rows(sheet, report)
    async with transaction() as connection:
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [_LOCK])
        query = SheetImport.filter(kind=KIND, sha256=sheet.digest.hex()).using_db(connection)
        before = await query.order_by("made_at").first()
        if before is not None:
            report.repeated, report.unchanged = before.made_at, len(standards)
            return report
        known = {_place_of(one): one for one in await SubsidyStandard.all().using_db(connection)}
        new = []
        for row, standard in standards:
            there = known.get(_place_of(standard))
            if there is None:
                new.append(standard)
            elif _says_the_same(there, standard):
                report.unchanged += 1
            else:
                report.refused.append((row, [row.blame("amount", "standard_differs")]))
        report.added = len(new)
        if dry_run:
            return report
        for standard in new:
            standard.is_example = examples
            standard.made_by, standard.made_at = actor.key, now
        await SubsidyStandard.bulk_create(new, using_db=connection)
        await SheetImport.create(
            using_db=connection,
            kind=KIND,
            sha256=sheet.digest.hex(),
            rows=len(sheet.rows),
            taken=report.added,
            refused=len(report.refused),
            made_by=actor.key,
            made_at=now,
        )
        await record(
            connection,
            actor,
            "standards.import",
            facts={
                "sha256": sheet.digest.hex(),
                "added": report.added,
                "refused": len(report.refused),
                "examples": examples,
            },
            now=now,
        )
    return report


def _read_rows(sheet: Sheet, report: Report) -> list[tuple[Row, SubsidyStandard]]:
    """The rows that are right by themselves; the others go to `report`."""
    seen: dict[bytes, int] = {}
    standards = []
    for row in sheet.rows:
        faults = list(row.faults)
        if not faults:
            faults += _find_faults(row)
        if not faults:
            place = [str(row.values[key] or "") for key in _PLACE]
            first = seen.setdefault(row_key(*place), row.number)
            if first != row.number:
                faults.append(row.blame("occupation", "row_twice", first=first))
        if faults:
            report.refused.append((row, faults))
            continue
        values = dict(row.values)
        standards.append(
            (
                row,
                SubsidyStandard(
                    occupation=values["occupation"],
                    kind=values["kind"],
                    level=values["level"] or "",
                    hours=values["hours"],
                    amount_fen=values["amount"],
                    valid_from=values["valid_from"],
                    valid_until=values["valid_until"],
                    document=values["document"] or "",
                ),
            )
        )
    return standards


_PLACE = ("occupation", "kind", "level", "valid_from")


def _find_faults(row: Row) -> list[Fault]:
    faults = []
    hours, amount = row.values["hours"], row.values["amount"]
    if not isinstance(hours, int) or not 0 < hours <= _MOST_HOURS:
        faults.append(row.blame("hours", "hours_out_of_range"))
    if not isinstance(amount, int) or amount > _MOST_FEN:
        faults.append(row.blame("amount", "amount_out_of_range"))
    begins, ends = row.values["valid_from"], row.values["valid_until"]
    if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
        faults.append(row.blame("valid_until", "ends_before_it_begins"))
    return faults


def _place_of(standard: SubsidyStandard) -> tuple[object, ...]:
    return tuple(getattr(standard, name) for name in _PLACE)


def _says_the_same(one: SubsidyStandard, other: SubsidyStandard) -> bool:
    names = ("hours", "amount_fen", "valid_until")
    return all(getattr(one, name) == getattr(other, name) for name in names)
