"""Attendance as staff read it, and the screen."""

from dataclasses import replace
from datetime import timedelta

from content.schema import Content
from domain.actor import Role, Staff
from domain.attendance.codes import read_qr
from domain.attendance.for_others import check_in_by_hand
from domain.attendance.hours import Gap, Share
from domain.attendance.own import list_own_check_ins, open_sessions_of
from domain.attendance.patterns import Alike
from domain.attendance.queries import Attendance, read_attendance
from domain.attendance.rules import Kind, State, Wants
from domain.attendance.showing import list_changes, show_screen
from domain.vault import Vault
from models.columns import new_id
from models.enrolments import Enrolment
from models.training import ClassSession, TrainingClass
from tests.integration.attendance.conftest import (
    ENDS,
    NOW,
    STARTS,
    HoldClass,
    Join,
    Screen,
    refused,
)
from tests.integration.attendance.conftest import CheckIn as Come

AFTER = ENDS + timedelta(hours=1)


async def read(actor: Staff, vault: Vault, content: Content, row: TrainingClass) -> Attendance:
    return await read_attendance(actor, vault, content, row.id, now=AFTER)


async def test_a_class_is_read_as_a_grid(
    hold_class: HoldClass,
    join: Join,
    come: Come,
    clerk: Staff,
    officer: Staff,
    vault: Vault,
    content: Content,
) -> None:
    row, morning = await hold_class()
    day = timedelta(days=1)
    await ClassSession.create(training_class_id=row.id, starts_at=STARTS + day, ends_at=ENDS + day)
    there, late, absent = [await join(row, number) for number in (1, 2, 3)]
    applied = await join(row, 4, "applied")
    await come(there, morning)
    await come(late, morning, now=STARTS + timedelta(minutes=90))
    gone = await join(row, 5)
    await come(gone, morning)
    await Enrolment.filter(person_id=gone.id).update(status="withdrawn")
    by_hand = await check_in_by_hand(
        *(clerk, Wants()),
        session_id=morning.id,
        enrolments=[(await Enrolment.get(person_id=absent.id)).id],
        kind=Kind.IN,
        at=STARTS,
        reason="手机没电",
        now=AFTER,
    )
    read_by = await read(officer, vault, content, row)
    assert len(read_by.sessions) == 2 and read_by.sessions[0].id == morning.id
    shares = {one.person: (one.share, one.under) for one in read_by.people}
    assert shares == {
        there.id: (Share(180, 180), False),
        late.id: (Share(90, 180), True),
        absent.id: (Share(0, 180), True),
        # Was there before they left the class.
        gone.id: (Share(180, 180), False),
    }
    assert applied.id not in shares
    gaps = {one.person: one.presences[morning.id].gap for one in read_by.people}
    assert gaps[absent.id] is Gap.WAITS and gaps[late.id] is None
    assert read_by.days == {STARTS.date(): Share(2, 3)}
    assert [one.id for one in read_by.waiting] == list(by_hand.check_ins)
    assert read_by.waiting[0].reason == "手机没电"
    line = read_by.people[0]
    assert (line.name, line.id_number.count("*") > 8) == ("王*", True)
    assert "秀兰" not in repr(read_by)
    # A day later nobody has confirmed it.
    later = await read_attendance(officer, vault, content, row.id, now=AFTER + day * 2)
    assert later.waiting == []
    presence = next(one for one in later.people if one.person == absent.id).presences[morning.id]
    assert (presence.came, presence.gap) == (None, Gap.ABSENT)


async def test_only_officers_see_what_looks_alike(
    hold_class: HoldClass,
    join: Join,
    come: Come,
    clerk: Staff,
    officer: Staff,
    vault: Vault,
    content: Content,
) -> None:
    row, morning = await hold_class()
    for number in range(5):
        await come(await join(row, number), morning)
    assert (await read(clerk, vault, content, row)).patterns is None
    found = (await read(officer, vault, content, row)).patterns
    assert found is not None
    assert [one.alike for one in found] == [Alike.SECOND, Alike.PLACE, Alike.ADDRESS]
    assert {len(one.people) for one in found} == {5}
    for stranger in (
        replace(clerk, institution=new_id()),
        replace(officer, county="371502"),
    ):
        assert await refused(read(stranger, vault, content, row)) == "not_found"
    hotline = Staff(new_id(), Role.HOTLINE)
    assert await refused(read(hotline, vault, content, row)) == "no_permission"


async def test_the_screen_shows_the_code_and_who_is_in(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen, vault: Vault
) -> None:
    row, morning = await hold_class()
    day = timedelta(days=1)
    second = await ClassSession.create(
        training_class_id=row.id, starts_at=STARTS + day, ends_at=ENDS + day
    )
    one, other = await join(row, 1), await join(row, 2)
    await join(row, 3)
    assert await list_changes([morning.id]) == {}
    await come(other, morning)
    await come(one, morning, now=NOW + timedelta(seconds=40))
    await come(other, morning, kind=Kind.OUT, now=ENDS)
    shown = await show_screen(vault, Wants(), morning.id, now=NOW)
    assert (shown.code, shown.expected, shown.first) == (screen.code(morning), 3, True)
    assert read_qr(shown.qr) == (morning.id, shown.code)
    assert NOW < shown.changes_at <= NOW + timedelta(seconds=15)
    # Both are 王秀兰: counted as they came.
    assert [(who.name, who.number, who.at, who.left_at) for who in shown.people] == [
        ("王*兰", 1, NOW, ENDS),
        ("王*兰", 2, NOW + timedelta(seconds=40), None),
    ]
    assert await list_changes([morning.id, second.id]) == {morning.id: (3, ENDS)}
    assert not (await show_screen(vault, Wants(), second.id, now=NOW)).first
    assert await refused(show_screen(vault, Wants(), new_id(), now=NOW)) == "not_found sitting"
    await TrainingClass.filter(id=row.id).update(status="cancelled")
    idle = await show_screen(vault, Wants(), morning.id, now=NOW)
    assert (idle.code, idle.qr) == ("", "")


async def test_ones_own_sessions_that_are_open(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, morning = await hold_class()
    who = await join(row)
    assert await open_sessions_of(who.id, Wants(), now=STARTS - timedelta(hours=1)) == []
    (found,) = await open_sessions_of(who.id, Wants(), now=NOW)
    assert (found.id, found.known) == (morning.id, None)
    await come(who, morning)
    (found,) = await open_sessions_of(who.id, Wants(), now=NOW)
    assert found.known is not None
    (leaving,) = await open_sessions_of(who.id, Wants(), kind=Kind.OUT, now=ENDS)
    assert leaving.came
    page = await list_own_check_ins(who, None, 10, now=NOW)
    assert [(one.kind, one.state) for one in page.rows] == [(Kind.IN, State.COUNTED)]
