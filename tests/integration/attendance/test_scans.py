"""Scans of paper sheets: the class's own, seen on record, gone with what was entered from them."""

from collections.abc import Awaitable
from datetime import date, timedelta
from uuid import UUID

from clients.files import Files
from content.schema import Content
from domain.actor import Role, Staff, System
from domain.attendance.for_others import enter_paper
from domain.attendance.purging import purge_check_ins
from domain.attendance.rules import Kind, Wants
from domain.attendance.scans import MOST_BYTES, Scan, add_scan, list_scans, see_scan
from domain.holdings import periods_of
from domain.vault import Vault
from models.attendance import CheckIn
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment
from models.files import StoredFile
from models.training import TrainingClass
from tests.integration.attendance.conftest import ENDS, NOW, STARTS, HoldClass, Join, refused

SHEET = b"%PDF-1.7 a sheet with names"
NIGHTLY = System("people.purge")
ENDS_ON = date(2026, 12, 18)


def add(
    actor: Staff,
    vault: Vault,
    store: Files,
    row: TrainingClass,
    content: bytes = SHEET,
    media_type: str = "application/pdf",
) -> Awaitable[Scan]:
    return add_scan(
        *(actor, vault, store),
        class_id=row.id,
        content=content,
        media_type=media_type,
        now=ENDS,
    )


async def test_who_looks_at_a_scan_is_on_record(
    hold_class: HoldClass, clerk: Staff, officer: Staff, vault: Vault, store: Files
) -> None:
    row, _ = await hold_class()
    scan = await add(clerk, vault, store, row)
    for _ in range(2):
        file, content = await see_scan(
            officer, vault, store, class_id=row.id, file_id=scan.id, now=ENDS
        )
        assert (file.id, content) == (scan.id, SHEET)
    events = [one.event for one in await AuditEntry.filter(about_id=row.id).order_by("id")]
    # Each time: it shows people as they are.
    assert events == ["scan.add", "scan.see", "scan.see"]


async def test_the_same_scan_is_one(
    hold_class: HoldClass, clerk: Staff, vault: Vault, store: Files
) -> None:
    row, _ = await hold_class()
    first, second = [await add(clerk, vault, store, row) for _ in range(2)]
    assert first.id == second.id
    assert [one.id for one in await list_scans(clerk, row.id)] == [first.id]


async def test_nobody_else_hands_in_or_looks(
    hold_class: HoldClass, clerk: Staff, officer: Staff, vault: Vault, store: Files
) -> None:
    row, _ = await hold_class()
    other_row, _ = await hold_class("育婴员第1期")
    scan = await add(clerk, vault, store, row)
    strangers = [
        (Staff(new_id(), Role.INSTITUTION, institution=new_id()), "not_found"),
        (Staff(new_id(), Role.COUNTY_OFFICER, county="371502"), "not_found"),
        (Staff(new_id(), Role.HOTLINE), "no_permission"),
    ]

    def see(actor: Staff, class_id: UUID) -> Awaitable[object]:
        ids = {"class_id": class_id, "file_id": scan.id}
        return see_scan(actor, vault, store, **ids, now=ENDS)

    for who, code in strangers:
        assert (await refused(see(who, row.id))).startswith(code)
    # Under another class it is not there.
    assert await refused(see(clerk, other_row.id)) == "not_found file"
    assert await refused(add(officer, vault, store, row)) == "no_permission"


async def test_what_is_no_picture_or_too_large_is_refused(
    hold_class: HoldClass, clerk: Staff, vault: Vault, store: Files
) -> None:
    row, _ = await hold_class()
    movie = add(clerk, vault, store, row, media_type="video/mp4")
    assert await refused(movie) == "unsupported_media_type"
    assert await refused(add(clerk, vault, store, row, bytes(MOST_BYTES + 1))) == "too_large"
    assert await StoredFile.all().count() == 0


async def test_scans_go_with_the_check_ins(
    hold_class: HoldClass,
    join: Join,
    clerk: Staff,
    vault: Vault,
    store: Files,
    content: Content,
) -> None:
    row, session = await hold_class()
    scan, periods = await add(clerk, vault, store, row), periods_of(content)
    who = await join(row)
    await enter_paper(
        *(clerk, Wants()),
        session_id=session.id,
        enrolments=[(await Enrolment.get(person_id=who.id)).id],
        kind=Kind.IN,
        at=STARTS,
        document=scan.id,
        now=ENDS,
    )
    last = NOW + (ENDS_ON - NOW.date()) + timedelta(days=1826)
    assert await purge_check_ins(NIGHTLY, periods, now=last) == 0
    assert await StoredFile.all().count() == 1
    assert await purge_check_ins(NIGHTLY, periods, now=last + timedelta(days=1)) == 1
    assert await CheckIn.all().count() == await StoredFile.all().count() == 0
