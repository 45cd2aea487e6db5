"""Distances as people say them."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from api.console.attendance.words import list_marks
from domain.attendance.distances import show_distance
from domain.attendance.hours import Record
from domain.attendance.rules import Channel, Flag, Kind, State


@pytest.mark.parametrize(
    ("metres", "said"),
    [
        (0, "0米"),
        (320.4, "320米"),
        (999.4, "999米"),
        (999.6, "1公里"),
        (1112, "1.1公里"),
        (5900, "5.9公里"),
        (9949, "9.9公里"),
        (9999, "10公里"),
        (111_195, "111公里"),
        (5_954_099, "5,954公里"),
    ],
)
def test_a_distance_in_words(metres: float, said: str) -> None:
    assert show_distance(metres) == said


def test_the_console_says_it_so() -> None:
    some, when = UUID(int=1), datetime(2026, 12, 7, 8, 30, tzinfo=UTC)
    what = (Kind.IN, when, False, State.COUNTED, Channel.MINI, 5_954_099, [Flag.FAR])
    assert list_marks(Record(some, some, some, *what)) == ["离教室约5,954公里"]
