"""Results of a final test as lines of text."""

from uuid import UUID

import pytest

from api.console.classes.results import read_results, write_results
from api.console.classes.timetable import Unread
from domain.training.details import Result

ROSTER = [UUID(int=number) for number in range(1, 6)]
PEOPLE = [(one, "王*") for one in ROSTER]


def test_as_people_write_it() -> None:
    text = "1-3 通过\n４　王*　没通过\n5 李* 缺考\n2 王* 合格 S0001"
    assert read_results(text, ROSTER) == [
        Result(ROSTER[0], "passed"),
        Result(ROSTER[1], "passed", "S0001"),
        Result(ROSTER[2], "passed"),
        Result(ROSTER[3], "failed"),
        Result(ROSTER[4], "absent"),
    ]


def test_who_has_no_result_yet_is_left_out() -> None:
    assert read_results("1 王*\n2\n\n3 通过", ROSTER) == [Result(ROSTER[2], "passed")]


@pytest.mark.parametrize(
    "line", ["0 通过", "6 通过", "3-6 通过", "3-2 通过", "王* 通过", "1 很好 吧", "1-2 通过 S1"]
)
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(Unread) as caught:
        read_results(f"1 通过\n{line}", ROSTER)
    assert caught.value.line == 2


def test_what_is_written_is_read_again() -> None:
    known = {
        ROSTER[0]: Result(ROSTER[0], "passed", "S0001"),
        ROSTER[2]: Result(ROSTER[2], "failed"),
    }
    text = write_results(PEOPLE, known)
    assert text.splitlines()[:3] == ["1 王* 通过 S0001", "2 王*", "3 王* 没通过"]
    assert read_results(text, ROSTER) == list(known.values())
