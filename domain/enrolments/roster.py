"""An institution's roster (学员名单) as a sheet: taken over all at once, or tried without a trace.

A person is known by their ID, so the same file twice changes nothing, and a corrected one brings
in what is new in it. Rows that are refused keep the others out of nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.calendar import LOCAL
from domain.employers.contacts import require_still_acting
from domain.enrolments.admission import side_of
from domain.enrolments.bulk import Verdict, What, Wish, bring_in
from domain.enrolments.locking import find_holder
from domain.enrolments.looking import allow_look, facts_of
from domain.enrolments.notice import Teller
from domain.errors import DomainError
from domain.people.naming import Named, judge_person, make_person
from domain.people.rules import mask_name
from domain.permissions import Permission, may, require
from domain.sheets.reading import Sheet, read_sheet
from domain.sheets.table import Column, Fault, Row
from domain.sheets.values import Kind
from domain.vault import Vault
from models.columns import new_id
from models.people import Person
from models.sheets import SheetImport
from models.transactions import transaction

#: What a roster has; an export has the first three, too.
COLUMNS = (
    Column("name", "姓名", also=("学员姓名", "学员", "名字"), most=100),
    Column(
        "id_number",
        "身份证号",
        Kind.CODE,
        also=("身份证号码", "公民身份号码", "身份证", "证件号码", "证件号"),
    ),
    Column(
        "phone",
        "手机号",
        Kind.CODE,
        also=("手机", "手机号码", "联系电话", "电话", "电话号码", "联系方式"),
        required=False,
        filled=False,
    ),
    Column(
        "told",
        "超过3次已告知本人",
        also=("超次数已告知", "已告知本人"),
        required=False,
        filled=False,
    ),
)
#: What says yes in the last of them.
_YES = frozenset({"是", "已告知", "yes", "y", "1", "√", "✓"})
#: The column that a refusal is about; the ID's for all others.
_COLUMN_OF = {"name_wrong": "name", "name_differs": "name", "phone_wrong": "phone"}
#: The fault that is said, where a refusal has several reasons.
_BY_ABOUT = {
    "id_number_wrong": "id_number",
    "name_wrong": "name",
    "enrolment_overlaps": "enrolment_overlaps",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one row, or would. name: masked. what: None where it was refused. code: why;
    unreadable and person_twice are told without looking for anybody."""

    row: Row
    name: str
    what: What | None
    faults: tuple[Fault, ...] = ()
    code: str = "unreadable"

    @property
    def found(self) -> bool:
        """Whether what is said of the row says something of the person."""
        return self.code not in ("unreadable", "person_twice")


@dataclass(slots=True)
class RosterReport:
    """What became of a roster, row by row. repeated: when this very file was taken over, whole."""

    sheet: Sheet
    lines: list[Line] = field(default_factory=list)
    repeated: datetime | None = None

    @property
    def added(self) -> int:
        """People who came in."""
        return self._count("added")

    @property
    def changed(self) -> int:
        """Those who had applied and are taken now, or whose phone was another."""
        return self._count("confirmed", "corrected")

    @property
    def unchanged(self) -> int:
        """Those who were in already."""
        return self._count("already")

    def _count(self, *what: What) -> int:
        return sum(line.what in what for line in self.lines)

    @property
    def refused(self) -> list[tuple[Row, Sequence[Fault]]]:
        """The rows that were refused, with the reasons (domain.sheets.refused)."""
        return [(line.row, line.faults) for line in self.lines if line.what is None]


async def import_roster(
    actor: Actor,
    vault: Vault,
    teller: Teller,
    *,
    class_id: UUID,
    content: bytes,
    sheet_name: str | None = None,
    dry_run: bool = False,
    now: datetime,
) -> RosterReport:
    """Take a roster over into a class that recruits, or with `dry_run` say what would happen.

    Either is on the record. Raises DomainError: not_found, no_permission; too_many_looks;
    roster_frozen, class_not_recruiting,
    enrolment_stopped where nobody can come in; what domain.sheets.reading refuses.
    """
    if not may(actor, Permission.ENROL):
        raise DomainError("no_permission")
    read = await asyncio.to_thread(_read, vault, content, sheet_name, now)
    async with transaction() as connection:
        await allow_look(connection, actor, teller.content, len(read.wishes), now)
        try:
            async with transaction() as trying:
                report = await _take(trying, actor, vault, teller, class_id, read, now)
                if dry_run:
                    raise _OnlyTried
        except _OnlyTried:
            # All that is left of it.
            facts = _facts_of(actor, report, new=True)
            about = ("class", class_id)
            await record(connection, actor, "roster.look", about=about, facts=facts, now=now)
    return report


class _OnlyTried(Exception):  # noqa: N818 (nothing is wrong)
    """Undoes what was only tried."""


async def _take(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,
    teller: Teller,
    class_id: UUID,
    read: "_Read",
    now: datetime,
) -> RosterReport:
    sheet, lines, wishes = read.sheet, read.lines, read.wishes
    await require_still_acting(connection, actor)
    holder = await find_holder(connection, class_id)
    require(actor, Permission.ENROL, owner=holder)
    side_of(actor, holder=holder)
    digest = sheet.digest.hex()
    # Of one file at a time, or both of two would find that nobody has taken it.
    await connection.execute_query(
        "SELECT pg_advisory_xact_lock($1, hashtext($2))", [_IMPORTS, f"{class_id} {digest}"]
    )
    before = SheetImport.filter(kind="roster", about=class_id, sha256=digest, refused=0)
    known = await before.using_db(connection).order_by("made_at").first()
    if known is not None:
        again = [Line(row, _mask(row), "already") for row in sheet.rows]
        return RosterReport(sheet, again, known.made_at.astimezone(LOCAL))
    verdicts = await bring_in(
        connection,
        actor,
        vault,
        teller,
        class_id=class_id,
        wishes=list(wishes.values()),
        channel="roster",
        source="roster",
        prepared=read.people,
        now=now,
    )
    rows = {row.number: row for row in sheet.rows}
    for number, verdict in zip(wishes, verdicts, strict=True):
        lines[number] = _tell(rows[number], verdict)
    done = RosterReport(sheet, [lines[row.number] for row in sheet.rows])
    await SheetImport.create(
        id=new_id(),
        kind="roster",
        about=class_id,
        sha256=digest,
        rows=len(done.lines),
        taken=done.added + done.changed,
        refused=len(done.refused),
        made_by=actor.key,
        made_at=now,
        using_db=connection,
    )
    facts = _facts_of(actor, done, new=False) | {"added": done.added, "sha256": digest}
    await record(
        connection, actor, "roster.import", about=("class", class_id), facts=facts, now=now
    )
    return done


def _facts_of(actor: Actor, report: RosterReport, *, new: bool) -> dict[str, Fact]:
    """What the audit log says of a roster. new: who would come in counts as asked for, too."""
    told = [line.code for line in report.lines if line.what is None]
    asked = sum(line.found for line in report.lines if line.what is None)
    asked += report.added if new else 0
    return facts_of(actor, rows=len(report.lines), asked=asked, refusals=told)


#: The first number of these advisory locks.
_IMPORTS = 0x7A7076


@dataclass(slots=True)
class _Read:
    """A sheet as far as it can be judged by itself. lines: rows that are refused for themselves,
    by their numbers; wishes: who is to come in; people: rows for those whom nobody knows, by ID."""

    sheet: Sheet
    lines: dict[int, Line] = field(default_factory=dict)
    wishes: dict[int, Wish] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


def _read(vault: Vault, content: bytes, sheet_name: str | None, now: datetime) -> _Read:
    read = _Read(read_sheet(content, COLUMNS, sheet_name=sheet_name))
    first: dict[str, int] = {}
    for row in read.sheet.rows:
        wish = _read_row(row, now)
        if isinstance(wish, Wish) and wish.named.id_number not in first:
            number = wish.named.id_number
            first[number] = row.number
            read.wishes[row.number] = wish
            read.people[number] = make_person(vault, wish.named, source="roster", now=now)
            continue
        if isinstance(wish, Wish):
            twice = row.blame("id_number", "person_twice", row=first[wish.named.id_number])
            read.lines[row.number] = Line(row, _mask(row), None, (twice,), "person_twice")
            continue
        read.lines[row.number] = Line(row, _mask(row), None, tuple(wish))
    return read


def _read_row(row: Row, now: datetime) -> Wish | list[Fault]:
    """Who is to come in; or all that is wrong with the row, for whoever puts it right does so in
    one go."""
    values = {key: str(value or "") for key, value in row.values.items()}
    named = judge_person(values["name"], values["id_number"], values.get("phone", ""), now)
    if isinstance(named, Named) and not row.faults:
        return Wish(named, values.get("told", "").strip().casefold() in _YES)
    # What cannot be read at all is said once, not judged as if it were empty.
    unread = {fault.place for fault in row.faults}
    judged = [] if isinstance(named, Named) else [_blame(row, refusal) for refusal in named]
    faults = [*row.faults, *(fault for fault in judged if fault.place not in unread)]
    return sorted(faults, key=lambda fault: fault.place.column)


def _tell(row: Row, verdict: Verdict) -> Line:
    name, refusal = mask_name(verdict.named.name), verdict.refusal
    if refusal is None:
        return Line(row, name, verdict.what)
    return Line(row, name, None, (_blame(row, refusal),), refusal.code)


def _mask(row: Row) -> str:
    name = str(row.values.get("name") or "")
    return mask_name(name) if name else "—"


def _blame(row: Row, refusal: DomainError) -> Fault:
    """A refusal as the fault of a row: its words stand in content/texts/sheets.yaml."""
    code, facts = refusal.code, dict(refusal.facts)
    about = facts.pop("about", None)
    if code in _BY_ABOUT and about is not None:
        code = f"{_BY_ABOUT[code]}_{about}"
    return row.blame(_COLUMN_OF.get(refusal.code, "id_number"), code, **facts)
