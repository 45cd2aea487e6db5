"""What is held of who checked in, what an erasure leaves, and when it goes by itself."""

from datetime import date, timedelta

from content.schema import Content
from domain.actor import System
from domain.attendance.holdings import CheckInRecords
from domain.attendance.purging import purge_check_ins
from domain.enrolments.purging import purge_enrolments
from domain.holdings import Whose, periods_of
from domain.vault import Vault
from models.attendance import CheckIn, CodeMisses
from models.enrolments import Enrolment
from models.people import Person
from models.transactions import transaction
from tests.integration.attendance.conftest import NOW, HoldClass, Join, Screen, refused
from tests.integration.attendance.conftest import CheckIn as Come

RECORDS = CheckInRecords()
NIGHTLY = System("people.purge")
#: Of the classes of the tests.
ENDS_ON = date(2026, 12, 18)


async def test_check_ins_stay_their_time_whoever_asks(
    hold_class: HoldClass,
    join: Join,
    come: Come,
    screen: Screen,
    vault: Vault,
    content: Content,
) -> None:
    row, session = await hold_class()
    who, periods = await join(row), periods_of(content)
    whose = Whose(who.id)
    assert await RECORDS.list_held(whose, periods, NOW) == []
    assert await RECORDS.list_held(Whose(None), periods, NOW) == []
    await refused(come(who, session, code=screen.wrong(session)))
    await come(who, session)
    held = await RECORDS.list_held(whose, periods, NOW)
    assert [(one.kind, one.count, one.until, one.survives) for one in held] == [
        ("check-in", 1, ENDS_ON + timedelta(days=1826), True),
        ("check-in-trace", 1, ENDS_ON + timedelta(days=365), True),
    ]
    (copied,) = (await RECORDS.copy(vault, whose))["check_ins"]
    assert (copied["class"], copied["at"], copied["distance_m"]) == (row.title, NOW, 0)
    async with transaction() as connection:
        await RECORDS.erase(connection, whose, periods, NOW)
    assert await CheckIn.all().count() == 1
    assert await CodeMisses.all().count() == 0


async def test_traces_go_after_a_year_and_check_ins_after_five(
    hold_class: HoldClass, join: Join, come: Come, content: Content
) -> None:
    row, session = await hold_class()
    who, periods = await join(row), periods_of(content)
    await Person.filter(id=who.id).update(bound_at=None)
    await come(who, session)
    last_of_traces = NOW + (ENDS_ON - NOW.date()) + timedelta(days=365)
    last = NOW + (ENDS_ON - NOW.date()) + timedelta(days=1826)

    async def traces_after(days: int) -> list[bool]:
        night = last_of_traces + timedelta(days=days)
        assert await purge_check_ins(NIGHTLY, periods, now=night) == 0
        kept = await CheckIn.get()
        return [value is not None for value in (kept.device, kept.address, kept.place)]

    assert await traces_after(0) == [True] * 3
    assert await traces_after(1) == [False] * 3
    assert await purge_check_ins(NIGHTLY, periods, now=last) == 0
    # Nobody goes whom a check-in names.
    await Enrolment.all().delete()
    assert await purge_enrolments(NIGHTLY, periods, now=last) == 0
    assert await Person.all().count() == 1
    assert await purge_check_ins(NIGHTLY, periods, now=last + timedelta(days=1)) == 1
    await purge_enrolments(NIGHTLY, periods, now=last + timedelta(days=1))
    assert await Person.all().count() == 0


async def test_wrong_codes_live_for_a_day(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen, content: Content
) -> None:
    row, session = await hold_class()
    who = await join(row)
    await refused(come(who, session, code=screen.wrong(session)))
    periods = periods_of(content)
    await purge_check_ins(NIGHTLY, periods, now=NOW + timedelta(days=1))
    assert await CodeMisses.all().count() == 1
    await purge_check_ins(NIGHTLY, periods, now=NOW + timedelta(days=1, seconds=1))
    assert await CodeMisses.all().count() == 0
