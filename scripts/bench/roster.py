"""Seconds that a roster of 5,000 people takes: read, tried, taken over, corrected, given out."""

import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from content.loader import PACKAGE_CONTENT, load_content
from domain.actor import System
from domain.calendar import local_now
from domain.enrolments.exporting import export_roster
from domain.enrolments.notice import Teller
from domain.enrolments.roster import COLUMNS, import_roster
from domain.people.rules import complete_id_number
from domain.sheets.reading import read_sheet
from domain.sheets.writing import write_workbook
from domain.vault import Vault
from models.columns import new_id
from models.database import close_database, open_database
from models.institutions import Institution, InstitutionRecord
from models.training import TrainingClass
from settings import DataKey

ROWS = 5_000
_ACTOR = System("bench")


class Took(NamedTuple):
    """One step, and its seconds."""

    step: str
    seconds: float


async def measure_roster(database_url: str) -> list[Took]:
    """Each step on a migrated database; what it makes stays there."""
    await open_database(database_url)
    try:
        return await _measure()
    finally:
        await close_database()


async def _measure() -> list[Took]:
    vault = Vault([DataKey("bench", bytes(32))])
    teller = Teller(load_content(PACKAGE_CONTENT), None)
    class_id = await _make_class()
    sheet = _write(phone="16900000000")
    corrected = _write(phone="16900000001")

    async def take(content: bytes, *, dry_run: bool = False) -> Any:
        return await import_roster(
            _ACTOR,
            vault,
            teller,
            class_id=class_id,
            content=content,
            dry_run=dry_run,
            now=local_now(),
        )

    async def read() -> Any:
        return read_sheet(sheet, COLUMNS)

    async def give_out() -> Any:
        return await export_roster(
            _ACTOR,
            vault,
            teller.content.texts,
            class_id=class_id,
            unmasked=True,
            now=local_now(),
        )

    steps: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
        ("read the sheet", read),
        ("dry run", lambda: take(sheet, dry_run=True)),
        ("take it over: people nobody knows", lambda: take(sheet)),
        ("the same file again", lambda: take(sheet)),
        ("another file, all phones corrected", lambda: take(corrected)),
        ("give it out, with names", give_out),
    ]
    took: list[Took] = []
    for step, work in steps:
        began = time.perf_counter()
        await work()
        took.append(Took(step, time.perf_counter() - began))
    return took


def _write(phone: str) -> bytes:
    first = date(1970, 1, 1)
    rows = [
        (
            "王秀兰",
            complete_id_number(f"371521{first + timedelta(days=number):%Y%m%d}001"),
            phone,
        )
        for number in range(ROWS)
    ]
    return write_workbook([column.title for column in COLUMNS[:3]], rows)


async def _make_class() -> Any:
    now = local_now()
    institution = await Institution.create(
        id=new_id(), name="测试学校", uscc="91371521MA00000001", county="371521", created_at=now
    )
    await InstitutionRecord.create(
        institution_id=institution.id,
        kind="listed",
        valid_from=date(2020, 1, 1),
        made_by=_ACTOR.key,
        made_at=now,
    )
    row = await TrainingClass.create(
        title="测试班",
        institution_id=institution.id,
        programme="elderly-care",
        occupation="养老护理员",
        county="371521",
        capacity=ROWS,
        status="recruiting",
        created_at=now,
    )
    return row.id
