"""What the page of a screen is told, at each hour of a morning."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import segno

from api.screen.state import (
    WITH_CODE,
    Phase,
    describe_moment,
    describe_people,
    draw_qr,
    phase_of,
)
from domain.attendance.codes import changes_at, write_qr
from domain.attendance.rules import Kind, Wants, window_of
from domain.attendance.showing import Screen, Shown, number_alike
from tests.support import package_content
from tests.unit.attendance.sittings import STARTS, at, sitting

TEXTS = package_content().texts
USUAL = Wants()


def screen_at(now: datetime, wants: Wants = USUAL, **changed: Any) -> Screen:
    lesson = sitting(wants=wants)
    code = "482913"
    given: dict[str, Any] = {
        "sitting": lesson,
        "topic": "护理基础",
        "code": code,
        "qr": write_qr(lesson.id, code),
        "changes_at": changes_at(now),
        "window": window_of(lesson, Kind.IN),
        "leaving": window_of(lesson, Kind.OUT),
        "people": [],
        "expected": 3,
        "first": True,
    }
    return Screen(**(given | changed))


def told(clock: str, wants: Wants = USUAL, notice: str = "", **changed: Any) -> dict[str, Any]:
    now = at(clock)
    return describe_moment(TEXTS, screen_at(now, wants, **changed), notice, now)


@pytest.mark.parametrize(
    ("clock", "wants_out", "phase"),
    [
        ("7:59:59", False, Phase.BEFORE),
        ("8:00", False, Phase.COMING),
        ("8:45", False, Phase.COMING),
        ("8:45:01", False, Phase.LATE),
        ("10:00", False, Phase.LATE),
        ("10:00:01", False, Phase.CLOSED),
        ("11:30", False, Phase.OVER),
        ("10:00", True, Phase.LATE),
        ("10:00:01", True, Phase.LEAVING),
        ("12:00", True, Phase.LEAVING),
        ("12:00:01", True, Phase.OVER),
    ],
)
def test_how_things_stand(clock: str, wants_out: bool, phase: Phase) -> None:
    now = at(clock)
    assert phase_of(screen_at(now, Wants(wants_out=wants_out)), now) is phase
    code = told(clock, Wants(wants_out=wants_out))["code"]
    # A code that nobody may use is on no screen.
    assert bool(code) is (phase in WITH_CODE)


def test_a_class_that_is_not_held_has_no_code() -> None:
    now = told("8:20", code="", qr="")
    assert (now["phase"], now["code"], now["qr"], now["left"]) == ("idle", "", None, "")


def test_what_is_said_names_the_time() -> None:
    assert told("7:00")["title"] == "08:00开始签到"
    assert told("10:30")["title"] == "签到已经在10:00结束"
    day_before = STARTS - timedelta(days=1)
    words = describe_moment(TEXTS, screen_at(day_before), "", day_before)
    assert words["title"] == "12月7日08:00开始签到"


def test_a_code_is_taken_down_when_it_is_no_longer_good() -> None:
    """With the step after its own; when checking in ends, at once."""
    now = told("8:20:05")
    until = at("8:20:15").timestamp() * 1000
    assert (now["changes_at"], now["good_until"]) == (until, until + 15_000)
    # The end of being on time is no end of the code.
    assert told("8:44:50")["good_until"] == at("8:45:15").timestamp() * 1000
    assert told("9:59:50")["good_until"] == at("10:00").timestamp() * 1000


def test_time_is_left_for_something() -> None:
    now = told("8:20")
    assert (now["left"], now["since"], now["until"]) == (
        "准时签到还剩",
        at("8:00").timestamp() * 1000,
        at("8:45").timestamp() * 1000,
    )
    assert told("7:00")["until"] == at("8:00").timestamp() * 1000
    assert told("10:30")["left"] == ""


def test_the_notice_stands_before_the_first_session_alone() -> None:
    assert told("7:00", notice="补贴规定")["notice"] == "补贴规定"
    assert told("8:29:59", notice="补贴规定")["notice"] == "补贴规定"
    assert told("8:30", notice="补贴规定")["notice"] == ""
    assert told("7:00", notice="补贴规定", first=False)["notice"] == ""


def test_people_stand_as_they_came_with_what_is_still_to_do() -> None:
    came = Shown("王*兰", at("8:05"), late=False, waits=False, left_at=None, number=1)
    people = [
        came,
        replace(came, name="李*", waits=True, number=0),
        replace(came, number=2, left_at=at("11:40")),
    ]
    shown = describe_people(TEXTS, screen_at(at("8:20"), people=people))
    assert [(one["name"], one["number"], one["mark"]) for one in shown["people"]] == [
        ("王*兰", 1, ""),
        ("李*", 0, "待确认"),
        ("王*兰", 2, "已签退"),
    ]
    assert (shown["count"], shown["expected"]) == (3, 3)
    assert shown["more"] == "1人等确认，1人已签退"


def test_who_is_alike_is_counted_in_the_order_of_coming() -> None:
    names = ["王*兰", "李*", "王*兰", "王*", "王*", "王*兰"]
    assert number_alike(names) == [1, 0, 2, 1, 2, 3]
    # Who comes next changes nobody's number but that of who was alone.
    assert number_alike([*names, "李*"])[1:] == [1, 2, 1, 2, 3, 2]


def test_the_qr_code_is_drawn_as_it_is() -> None:
    """The path, drawn again module by module, is the code."""
    text = write_qr(sitting().id, "482913")
    drawn = draw_qr(text)
    dark: set[tuple[int, int]] = set()
    for run in drawn["path"].split("z")[:-1]:
        place, _, rest = run.removeprefix("M").partition("h")
        x, y = map(int, place.split())
        dark |= {(x + step, y) for step in range(int(rest.partition("v")[0]))}
    code = segno.make(text, error="l", micro=False)
    rows = [list(row) for row in code.matrix_iter(border=2)]
    assert drawn["size"] == len(rows) == len(rows[0])
    assert dark == {(x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module}
