"""A roster as a sheet (学员花名册): masked, or whole for a reason that is kept; on the record."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.actor import Actor, System
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.calendar import LOCAL
from domain.enrolments.lines import RosterLine, make_lines
from domain.enrolments.queries import require_roster
from domain.enrolments.roster import COLUMNS
from domain.enrolments.rules import FROZEN
from domain.errors import DomainError
from domain.permissions import Permission, Reach, reach_of
from domain.reasons import clean_reason
from domain.sealed import open_field_or_none
from domain.sheets.writing import Written, write_workbook
from domain.training.views import ClassView
from domain.vault import Vault
from models.enrolments import Enrolment
from models.people import Person
from models.transactions import transaction

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Opened:
    """One line with the values that were asked for, masked or not."""

    line: RosterLine
    name: str
    id_number: str
    phone: str


def may_open_whole(actor: Actor, row: ClassView) -> bool:
    """Whether `actor` may have the class's roster unmasked, for a reason: an officer always,
    whoever holds the class once it is filed, for before that nobody is taken for certain."""
    reach = reach_of(actor, Permission.EXPORT_ROSTER)
    return reach is not None and (reach is not Reach.OWN or row.status in FROZEN)


async def open_roster(
    actor: Actor,
    vault: Vault,
    *,
    class_id: UUID,
    unmasked: bool,
    reason: str = "",
    now: datetime,
) -> tuple[ClassView, list[Opened]]:
    """The class, and who is in it, in the order in which they came.

    Masked it is what SEE_ROSTER sees on a page; unmasked needs EXPORT_ROSTER and a reason (only
    the service itself needs none). Either is on the record, for it leaves the house. Raises
    DomainError: no_permission, not_found; roster_not_filed (may_open_whole), reason_missing.
    """
    wanted = Permission.EXPORT_ROSTER if unmasked else Permission.SEE_ROSTER
    row = await require_roster(actor, class_id, wanted)
    facts: dict[str, Fact] = {"unmasked": unmasked}
    if unmasked:
        if not may_open_whole(actor, row):
            raise DomainError("roster_not_filed", title=row.title)
        if not isinstance(actor, System):
            facts["reason"] = clean_reason(reason)
    async with transaction() as connection:
        query = Enrolment.filter(training_class_id=class_id).exclude(status="withdrawn")
        enrolments = await query.using_db(connection).order_by("id")
        await record(
            connection,
            actor,
            "roster.export",
            about=("class", class_id),
            facts=facts | {"people": len(enrolments)},
            now=now,
        )
    # Who was erased is kept for those who audit the money, not for whoever held the class.
    of_all = reach_of(actor, Permission.EXPORT_ROSTER) is not Reach.OWN
    opened: list[Opened] = []
    for start in range(0, len(enrolments), _BATCH):
        part = enrolments[start : start + _BATCH]
        plain = await _open_people(vault, part, erased=of_all) if unmasked else {}
        for line in await make_lines(vault, part):
            masked = (line.name, line.id_number, line.phone)
            opened.append(Opened(line, *plain.get(line.person, masked)))
    return row, opened


async def export_roster(
    actor: Actor,
    vault: Vault,
    texts: Mapping[str, str],
    *,
    class_id: UUID,
    unmasked: bool,
    reason: str = "",
    now: datetime,
) -> tuple[ClassView, bytes]:
    """The same as an xlsx file, which unmasked `import_roster` can read again. Raises
    DomainError as open_roster."""
    row, opened = await open_roster(
        actor, vault, class_id=class_id, unmasked=unmasked, reason=reason, now=now
    )
    titles = [texts["enrol.sheet.number"], *(column.title for column in COLUMNS)]
    titles += [texts[f"enrol.sheet.{key}"] for key in ("status", "channel", "since", "informed")]
    lines = [_write(texts, number, one) for number, one in enumerate(opened, 1)]
    return row, await asyncio.to_thread(write_workbook, titles, lines, name=row.title)


async def _open_people(
    vault: Vault, part: list[Enrolment], *, erased: bool
) -> dict[UUID, tuple[str, str, str]]:
    rows = Person.filter(id__in=[one.person_id for one in part])
    rows = rows if erased else rows.filter(erased_at__isnull=True)
    return {
        row.id: (
            open_field_or_none(vault, row, "name") or "",
            open_field_or_none(vault, row, "id_number") or "",
            open_field_or_none(vault, row, "phone") or "",
        )
        for row in await rows
    }


def _write(texts: Mapping[str, str], number: int, one: Opened) -> list[Written]:
    line = one.line
    return [
        number,
        one.name,
        one.id_number,
        one.phone,
        texts["enrol.sheet.yes"] if line.beyond_three else "",
        texts[f"enrol.chat.status.{line.standing}"],
        texts[f"enrol.sheet.channels.{line.channel}"],
        line.since.astimezone(LOCAL).date(),
        texts["enrol.sheet.told" if line.told else "enrol.sheet.owed"],
    ]
