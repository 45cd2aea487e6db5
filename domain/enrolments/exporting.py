"""A roster as a sheet (学员花名册): with names and numbers for whoever may, and on the record."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.audit.log import record
from domain.calendar import LOCAL
from domain.enrolments.queries import RosterLine, make_lines, require_roster
from domain.enrolments.roster import COLUMNS
from domain.permissions import Permission
from domain.sealed import open_field_or_none
from domain.sheets.writing import Written, write_workbook
from domain.vault import Vault
from models.enrolments import Enrolment
from models.people import Person
from models.training import TrainingClass
from models.transactions import transaction

_BATCH = 1000


async def export_roster(
    actor: Actor,
    vault: Vault,
    texts: Mapping[str, str],
    *,
    class_id: UUID,
    unmasked: bool,
    now: datetime,
) -> tuple[TrainingClass, bytes]:
    """The class, and its roster as an xlsx file: who is in it, in the order in which they came.

    Masked it is what SEE_ROSTER sees on a page; unmasked needs EXPORT_ROSTER, can be read by
    `import_roster` again, and is on the record. Raises DomainError: no_permission, not_found.
    """
    wanted = Permission.EXPORT_ROSTER if unmasked else Permission.SEE_ROSTER
    row = await require_roster(actor, class_id, wanted)
    lines: list[list[Written]] = []
    async with transaction() as connection:
        query = Enrolment.filter(training_class_id=class_id).exclude(status="withdrawn")
        enrolments = await query.using_db(connection).order_by("id")
        await record(
            connection,
            actor,
            "roster.export",
            about=("class", class_id),
            facts={"people": len(enrolments), "unmasked": unmasked},
            now=now,
        )
    for start in range(0, len(enrolments), _BATCH):
        part = enrolments[start : start + _BATCH]
        shown = await make_lines(vault, part)
        plain = await _open_people(vault, part) if unmasked else {}
        lines += [
            _write(texts, start + number, line, plain.get(line.person))
            for number, line in enumerate(shown, 1)
        ]
    titles = [texts["enrol.sheet.number"], *(column.title for column in COLUMNS)]
    titles += [texts[f"enrol.sheet.{key}"] for key in ("status", "channel", "since", "informed")]
    return row, write_workbook(titles, lines, name=row.title)


async def _open_people(vault: Vault, part: list[Enrolment]) -> dict[UUID, tuple[str, str, str]]:
    rows = await Person.filter(id__in=[one.person_id for one in part])
    return {
        row.id: (
            open_field_or_none(vault, row, "name") or "",
            open_field_or_none(vault, row, "id_number") or "",
            open_field_or_none(vault, row, "phone") or "",
        )
        for row in rows
    }


def _write(
    texts: Mapping[str, str], number: int, line: RosterLine, plain: tuple[str, str, str] | None
) -> list[Written]:
    name, id_number, phone = plain or (line.name, line.id_number, line.phone)
    return [
        number,
        name,
        id_number,
        phone,
        texts["enrol.sheet.yes"] if line.beyond_three else "",
        texts[f"enrol.chat.status.{line.status}"],
        texts[f"enrol.sheet.channels.{line.channel}"],
        line.since.astimezone(LOCAL).date(),
        texts["enrol.sheet.told" if line.told else "enrol.sheet.owed"],
    ]
