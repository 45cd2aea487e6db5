"""Sessions as lines of text."""

from datetime import date

import pytest

from api.console.classes.timetable import Unread, read_timetable, write_timetable
from domain.training.details import Sitting
from tests.unit.training.facts import SITTINGS, at


@pytest.mark.parametrize(
    "line",
    [
        "2026-12-07 08:30-11:30 护理基础",
        "2026-12-07 08:30—11:30 护理基础",
        "２０２６－１２－０７　０８：３０－１１：３０　护理基础",
        "2026年12月7日 8:30至11:30 护理基础",
        "2026/12/7 (周一) 8:30 ~ 11:30 护理基础",
        "12月7日（周一） 8:30到11:30 护理基础",
        "12-7\t8:30-11:30\t护理基础",
    ],
)
def test_as_people_write_it(line: str) -> None:
    assert read_timetable(line, 2026).sittings == [Sitting(at(7, 8, 30), at(7, 11, 30), "护理基础")]


def test_several_days_in_one_line() -> None:
    read = read_timetable("\n2026-12-08至2026-12-10 14:00-17:00 实操\n12-11 8:00-9:00", 2026)
    assert [one.starts_at.date() for one in read.sittings] == [
        date(2026, 12, day) for day in (8, 9, 10, 11)
    ]
    assert {one.topic for one in read.sittings[:3]} == {"实操"}
    assert read.sittings[3].topic == ""
    assert read.lines == [2, 2, 2, 3]


def test_a_night_ends_on_the_next_day() -> None:
    (night,) = read_timetable("2026-12-07 22:00-2:00", 2026).sittings
    assert night == Sitting(at(7, 22), at(8, 2))
    assert read_timetable(write_timetable([night]), 2026).sittings == [night]


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-07 08:30-11:30 护理\n明天上午",
        "2026-12-07 08:30-11:30 护理\n2026-13-07 08:30-11:30",
        "2026-12-07 08:30-11:30 护理\n2026-12-07 25:30-11:30",
        "2026-12-07 08:30-11:30 护理\n2026-12-09至2026-12-08 08:30-11:30",
        "2026-12-07 08:30-11:30 护理\n2026-01-01至2026-12-08 08:30-11:30",
        "2026-12-07 08:30-11:30 护理\n2026-12-07",
    ],
)
def test_a_line_that_is_none_is_named(text: str) -> None:
    with pytest.raises(Unread) as caught:
        read_timetable(text, 2026)
    assert caught.value.line == 2


def test_what_is_written_is_read_again() -> None:
    assert list(read_timetable(write_timetable(SITTINGS), 2000).sittings) == list(SITTINGS)


def test_more_than_a_class_can_have() -> None:
    lines = "\n".join(["2026-01-01至2026-03-31 08:00-09:00"] * 3)
    with pytest.raises(Unread) as caught:
        read_timetable(lines, 2026)
    assert caught.value.line == 3
