"""What changes around check-ins: the timetable, a class's settings, links to its screen."""

import asyncio
from datetime import timedelta

from content.schema import Content
from domain.actor import Role, Staff, System
from domain.attendance.own_hours import read_own_attendance
from domain.attendance.queries import read_attendance
from domain.attendance.rules import Wants
from domain.attendance.screens import (
    find_linked_session,
    list_screen_links,
    make_screen_link,
    require_screen,
    revoke_screen_link,
)
from domain.attendance.wanting import change_attendance_settings, usual_wants
from domain.errors import DomainError
from domain.training.actions import plan_sessions
from domain.training.details import Sitting
from domain.vault import Vault
from models.attendance import CheckIn, ScreenLink
from models.audit import AuditEntry
from models.columns import new_id
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

HOUR = timedelta(hours=1)


async def move(row: TrainingClass, by: timedelta) -> None:
    """The morning's session to another time, before it begins."""
    later = Sitting(STARTS + by, ENDS + by, "护理基础")
    await plan_sessions(
        System("tests"), row.id, row.version, [later], reason="老师有事", now=STARTS - HOUR
    )


async def test_a_session_that_was_moved_has_another_code_and_window(
    hold_class: HoldClass, join: Join, come: Come, screen: Screen
) -> None:
    row, session = await hold_class()
    who = await join(row)
    await move(row, HOUR)
    moved = await ClassSession.get(training_class_id=row.id)
    # The screen that was not loaded anew shows a session that is not there.
    assert await refused(come(who, session)) == "not_found sitting"
    assert await refused(come(who, moved)) == "check_in_window_closed early_in"
    at = NOW + HOUR
    old = screen.code(session, at)
    assert await refused(come(who, code=old, now=at)) == "check_in_wrong_code left"
    assert await come(who, code=screen.code(moved, at), now=at)


async def test_a_session_that_somebody_came_to_stays(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    row, session = await hold_class()
    await come(await join(row), session)
    assert await refused(move(row, HOUR)) == "class_session_attended"
    assert (await ClassSession.get()).starts_at == STARTS


async def test_whoever_comes_while_it_is_moved_is_in_it_or_not(
    hold_class: HoldClass, join: Join, come: Come
) -> None:
    """Never in one that is not there, and nothing breaks."""
    for number in range(8):
        row, session = await hold_class(f"养老护理员第{number}期")
        who = await join(row, number)
        moved, came = await asyncio.gather(
            refused(move(row, HOUR)), refused(come(who, session, device=f"{number}"))
        )
        assert (moved, came) in {
            ("class_session_attended", ""),
            ("", "not_found sitting"),
        }
        assert await CheckIn.filter(person_id=who.id).count() == (1 if came == "" else 0)


async def test_a_class_says_what_it_wants(
    hold_class: HoldClass, join: Join, come: Come, clerk: Staff, officer: Staff
) -> None:
    row, session = await hold_class()
    who = await join(row)
    strict = Wants(opens_before_min=0, refuses_far=True)
    change = (Wants(), row.id, strict)
    assert await refused(change_attendance_settings(officer, *change, 0, now=NOW)) == (
        "no_permission"
    )
    other = Staff(new_id(), Role.INSTITUTION, institution=new_id())
    assert await refused(change_attendance_settings(other, *change, 0, now=NOW)) == "not_found"
    assert await change_attendance_settings(clerk, *change, 0, now=NOW) == 1
    assert await refused(come(who, session)) == "check_in_window_closed early_in"
    assert await refused(come(who, session, now=STARTS, place=None)) == "check_in_too_far no_place"
    # Who has seen the settings before the change is told.
    assert await refused(change_attendance_settings(clerk, *change, 0, now=NOW)) == (
        "attendance_settings_changed"
    )
    two = await asyncio.gather(
        *(refused(change_attendance_settings(clerk, *change, 1, now=NOW)) for _ in range(2))
    )
    assert sorted(two) == ["", "attendance_settings_changed"]
    told = await AuditEntry.filter(event="attendance.settings").order_by("id").first()
    assert told is not None
    assert told.facts == {"opens_before_min": 0, "refuses_far": True}


async def test_settings_stay_within_reason_and_as_they_were_of_what_is_over(
    hold_class: HoldClass, clerk: Staff
) -> None:
    row, _ = await hold_class()
    for wants in (
        Wants(opens_before_min=121),
        Wants(closes_after_min=-1),
        Wants(late_until_percent=101),
    ):
        asked = change_attendance_settings(clerk, Wants(), row.id, wants, 0, now=NOW)
        assert await refused(asked) == "attendance_settings_wrong"
    over, _ = await hold_class("育婴员第1期", status="ended")
    asked = change_attendance_settings(clerk, Wants(), over.id, Wants(), 0, now=NOW)
    assert await refused(asked) == "class_unchangeable"


def test_the_content_says_what_is_usual(content: Content) -> None:
    assert usual_wants(content) == Wants()
    threshold = content.attendance.threshold
    assert (threshold.percent, threshold.document, threshold.from_notices) == (80, "", False)


# --- links -------------------------------------------------------------------------------------


async def test_a_link_shows_one_session_for_a_day(hold_class: HoldClass, clerk: Staff) -> None:
    _, session = await hold_class()
    token = await make_screen_link(clerk, session.id, now=NOW)
    link = await ScreenLink.get()
    assert token.encode() not in link.token_hash
    almost, over = NOW + timedelta(hours=23, minutes=59), NOW + timedelta(days=1)
    assert await find_linked_session(token, now=NOW) == session.id
    assert await find_linked_session(token, now=almost) == session.id
    assert await find_linked_session(token, now=over) is None
    assert await find_linked_session(token + "x", now=NOW) is None
    assert await find_linked_session("\ud800", now=NOW) is None


async def test_an_officer_takes_a_link_back(
    hold_class: HoldClass, clerk: Staff, officer: Staff
) -> None:
    row, session = await hold_class()
    token = await make_screen_link(clerk, session.id, now=NOW)
    (link,) = await list_screen_links(officer, row.id, now=NOW)
    other = Staff(new_id(), Role.COUNTY_OFFICER, county="371502")
    assert await refused(revoke_screen_link(other, link.id, now=NOW)) == "not_found"
    hotline = Staff(new_id(), Role.HOTLINE)
    assert await refused(revoke_screen_link(hotline, link.id, now=NOW)) == "no_permission"
    for _ in range(2):
        await revoke_screen_link(officer, link.id, now=NOW)
    assert await find_linked_session(token, now=NOW) is None
    assert await list_screen_links(clerk, row.id, now=NOW) == []
    events = await AuditEntry.filter(event__startswith="screen").order_by("id")
    assert [one.event for one in events] == ["screen.link", "screen.revoke"]


async def test_only_who_teaches_shows_a_screen(
    hold_class: HoldClass, clerk: Staff, officer: Staff
) -> None:
    _, session = await hold_class()
    await require_screen(clerk, session.id)
    other = Staff(new_id(), Role.INSTITUTION, institution=new_id())
    assert await refused(require_screen(other, session.id)) == "not_found"
    assert await refused(require_screen(officer, session.id)) == "no_permission"
    assert await refused(make_screen_link(officer, session.id, now=NOW)) == "no_permission"
    assert await refused(make_screen_link(other, session.id, now=NOW)) == "not_found"
    _, idle = await hold_class("育婴员第1期", status="cancelled")
    assert await refused(make_screen_link(clerk, idle.id, now=NOW)) == (
        "check_in_window_closed class"
    )
    for _ in range(20):
        await make_screen_link(clerk, session.id, now=NOW)
    try:
        await make_screen_link(clerk, session.id, now=NOW)
    except DomainError as error:
        assert (error.code, error.facts) == ("too_many_links", {"most": 20})
    else:
        raise AssertionError


async def test_a_session_asks_for_what_it_asked_for_when_it_began(
    hold_class: HoldClass, join: Join, come: Come, clerk: Staff, vault: Vault, content: Content
) -> None:
    """However often the class changes its mind about leaving, nobody's hours change under them."""
    row, session = await hold_class()
    day = timedelta(days=1)
    await ClassSession.create(training_class_id=row.id, starts_at=STARTS + day, ends_at=ENDS + day)
    who = await join(row)
    await come(who, session)

    async def read_minutes() -> tuple[list[bool], int]:
        read = await read_attendance(clerk, vault, content, row.id, now=ENDS)
        own = await read_own_attendance(who, Wants(), now=ENDS)
        assert own is not None and own.share.had == read.people[0].share.had
        return [one.wants_out for one in read.sessions], own.share.had

    assert await read_minutes() == ([False, False], 180)
    for version, (moment, wants_out, expected) in enumerate(
        (
            # Before the first begins, and while it goes on.
            (STARTS - timedelta(minutes=1), True, ([True, True], 0)),
            (STARTS + timedelta(minutes=1), False, ([True, False], 0)),
            (ENDS, True, ([True, True], 0)),
            (ENDS, False, ([True, False], 0)),
        )
    ):
        wants = Wants(wants_out=wants_out)
        await change_attendance_settings(clerk, Wants(), row.id, wants, version, now=moment)
        assert await read_minutes() == expected
