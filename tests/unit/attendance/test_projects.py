"""A line of 项目制培训情况统计表 (P32-A2), case by case."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from domain.attendance.projects import Line, Project, sum_people, write_lines, year_of
from domain.calendar import LOCAL
from tests.support import package_content

COUNTIES = {"371502": "东昌府区", "371521": "阳谷县"}
TEXTS = package_content().texts
NOW = datetime(2026, 12, 20, 9, tzinfo=LOCAL)
FIRST = datetime(2026, 12, 7, 8, 30, tzinfo=LOCAL)
LAST = datetime(2026, 12, 18, 11, 30, tzinfo=LOCAL)
PROJECT = Project(
    title="葫芦雕刻第1期",
    programme="非遗传承培训",
    holder="阳谷县巧手职业培训学校",
    county="371521",
    city_run=False,
    target_group="农村转移劳动力",
    capacity=50,
    taken=38,
    applied=41,
    status="ended",
    first_day=date(2026, 12, 7),
    last_day=date(2026, 12, 18),
    first=FIRST,
    last=LAST,
    sessions=10,
)


def line_of(**changed: Any) -> Line:
    (line,) = write_lines([replace(PROJECT, **changed)], COUNTIES, TEXTS, NOW)
    return line


@pytest.mark.parametrize(
    ("city_run", "county", "said"),
    [
        (False, "371521", "阳谷县"),
        # 培训项目由市直组织的，“组织区县”一列填写“市直”.
        (True, "371521", "市直"),
        # A code that the content no longer has is shown, not left out.
        (False, "371599", "371599"),
    ],
)
def test_who_organises(city_run: bool, county: str, said: str) -> None:
    assert line_of(city_run=city_run, county=county).county == said


@pytest.mark.parametrize(
    ("status", "people", "planned"),
    [
        ("recruiting", 50, True),
        ("returned", 50, True),
        ("filed", 38, True),
        ("approved", 38, True),
        ("open", 38, False),
        ("ended", 38, False),
        ("archived", 38, False),
    ],
)
def test_people_and_whether_it_is_planned(status: str, people: int, planned: bool) -> None:
    line = line_of(status=status)
    assert line.people == people
    assert ("计划开展" in line.note) is planned
    assert ("已报名41人" in line.note) is (people == 50)


def test_what_was_opened_and_has_no_session_yet_is_planned() -> None:
    soon = {"first": NOW.replace(day=21), "last": NOW.replace(day=30)}
    assert "计划开展" in line_of(status="open", **soon).note


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "2026年12月7日8:30至12月18日11:30，共10次课"),
        (
            {"last": FIRST.replace(hour=17), "sessions": 2},
            "2026年12月7日8:30至17:30，共2次课",
        ),
        (
            {"last": datetime(2027, 1, 8, 16, tzinfo=LOCAL)},
            "2026年12月7日8:30至2027年1月8日16:00，共10次课",
        ),
        # Without sessions the class's days, as it was filed.
        (
            {"first": None, "last": None, "sessions": 0},
            "2026年12月7日至12月18日，还没有排课次",
        ),
        (
            {"first": None, "last": None, "sessions": 0, "last_day": date(2026, 12, 7)},
            "2026年12月7日，还没有排课次",
        ),
    ],
)
def test_the_time_is_as_exact_as_can_be(changed: dict[str, object], said: str) -> None:
    assert line_of(**changed).time == said


def test_a_target_group_that_nobody_wrote() -> None:
    assert line_of(target_group=" ").group == "没有写"


def test_the_city_stands_first_then_the_counties_in_their_order() -> None:
    projects = [
        replace(PROJECT, title="阳谷二", first_day=date(2026, 12, 8)),
        replace(PROJECT, title="阳谷一"),
        replace(PROJECT, title="东昌府", county="371502", first_day=date(2026, 12, 9)),
        replace(PROJECT, title="市里", city_run=True, first_day=date(2026, 12, 10)),
    ]
    lines = write_lines(projects, COUNTIES, TEXTS, NOW)
    names = [line.name.removesuffix("（非遗传承培训）") for line in lines]
    assert names == ["市里", "东昌府", "阳谷一", "阳谷二"]
    assert sum_people(lines) == 4 * 38


def test_a_year() -> None:
    assert year_of(2026) == (date(2026, 1, 1), date(2026, 12, 31))
