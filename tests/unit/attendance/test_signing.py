"""What a sign-in sheet says of a record, and which sessions share a page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.attendance.hours import Gap, Held, Presence, Record
from domain.attendance.rules import Channel, Flag, Kind, State
from domain.attendance.signing import (
    Cell,
    Mark,
    Missing,
    count_there,
    lessons_of,
    marks_of,
    rate_of,
    show_presence,
    split_by_week,
)
from domain.calendar import LOCAL
from tests.unit.attendance.sittings import STARTS, at


def record(
    *,
    channel: Channel = Channel.MINI,
    state: State = State.COUNTED,
    late: bool = False,
    flags: Sequence[Flag] = (),
    kind: Kind = Kind.IN,
) -> Record:
    ids = (UUID(int=1), UUID(int=2), UUID(int=3))
    return Record(*ids, kind, at("8:21"), late, state, channel, flags=flags)


@pytest.mark.parametrize(
    ("one", "marks"),
    [
        (record(), ()),
        (record(late=True), (Mark.LATE,)),
        (record(channel=Channel.CHAT), ()),
        (record(channel=Channel.TEACHER, flags=[Flag.BY_HAND]), (Mark.BY_HAND,)),
        (record(channel=Channel.PAPER, flags=[Flag.PAPER]), (Mark.PAPER,)),
        (record(flags=[Flag.OFFLINE]), (Mark.OFFLINE,)),
        (record(flags=[Flag.FAR, Flag.NO_DEVICE]), (Mark.FAR,)),
        (
            record(channel=Channel.TEACHER, state=State.PENDING, late=True),
            (Mark.LATE, Mark.BY_HAND, Mark.WAITS),
        ),
    ],
)
def test_the_marks_of_a_record(one: Record, marks: tuple[Mark, ...]) -> None:
    assert marks_of(one) == marks


CAME, NONE = Cell("08:21"), Cell()


@pytest.mark.parametrize(
    ("came", "left", "gap", "taken", "shown"),
    [
        # What has not been held is left empty, to be signed.
        (False, False, None, True, (NONE, NONE)),
        (True, False, None, True, (CAME, NONE)),
        (True, True, None, True, (CAME, CAME)),
        (False, False, Gap.ABSENT, True, (Cell(missing=Missing.ABSENT), NONE)),
        (True, False, Gap.NO_OUT, True, (CAME, Cell(missing=Missing.NO_OUT))),
        (False, True, Gap.NO_IN, True, (Cell(missing=Missing.NO_IN), CAME)),
        (True, False, Gap.WAITS, True, (CAME, NONE)),
        # Who has left the class owes no session.
        (False, False, Gap.ABSENT, False, (NONE, NONE)),
        (True, False, Gap.NO_OUT, False, (CAME, NONE)),
    ],
)
def test_a_presence_as_two_cells(
    came: bool, left: bool, gap: Gap | None, taken: bool, shown: tuple[Cell, Cell]
) -> None:
    presence = Presence(record() if came else None, record(kind=Kind.OUT) if left else None, 0, gap)
    assert show_presence(presence, taken=taken) == shown


@pytest.mark.parametrize(
    ("minutes", "lessons"),
    [(0, 0.0), (4, 0.0), (5, 0.1), (45, 1.0), (89, 1.9), (90, 2.0), (180, 4.0)],
)
def test_hours_are_never_more_than_there_were(minutes: int, lessons: float) -> None:
    assert lessons_of(minutes) == lessons


@pytest.mark.parametrize(
    ("had", "held", "rate"),
    [(0, 0, None), (0, 180, 0.0), (180, 180, 100.0), (7999, 10000, 79.9), (2, 3, 66.6)],
)
def test_a_rate_is_never_rounded_over_the_threshold(
    had: int, held: int, rate: float | None
) -> None:
    assert rate_of(had, held) == rate


def test_only_what_counts_is_there() -> None:
    counted = Presence(record(), None, 180, None)
    waits = Presence(record(state=State.PENDING), None, 0, Gap.WAITS)
    assert count_there([counted, waits, Presence(None, None, 0, Gap.ABSENT)]) == 1


def sessions(*times: str) -> list[Held]:
    """ "7 8:30": of three hours, on that day of December 2026, in which the 7th is a Monday."""
    made = []
    for number, one in enumerate(times, 1):
        day, clock = one.split()
        hour, minute = clock.split(":")
        starts = datetime(2026, 12, int(day), int(hour), int(minute), tzinfo=LOCAL)
        made.append(Held(UUID(int=number), starts, starts + timedelta(hours=3)))
    return made


TWICE = ("8:30", "14:00")
THRICE = (*TWICE, "18:30")


@pytest.mark.parametrize(
    ("times", "most", "pages"),
    [
        ([], 6, []),
        (["7 8:30"], 6, [1]),
        # A week ends on Sunday.
        (["7 8:30", "13 8:30", "14 8:30"], 6, [2, 1]),
        # A full week in whole days.
        ([f"{day} {clock}" for day in range(7, 12) for clock in TWICE], 6, [6, 4]),
        ([f"{day} {clock}" for day in range(7, 10) for clock in THRICE], 5, [3, 3, 3]),
        # A day alone with more than a page takes.
        ([f"7 {hour}:00" for hour in range(8, 15)], 6, [6, 1]),
        (["7 8:30", *(f"8 {hour}:00" for hour in range(8, 21))], 6, [1, 6, 6, 1]),
    ],
)
def test_a_page_holds_a_week(times: list[str], most: int, pages: list[int]) -> None:
    found = split_by_week(sessions(*times), most)
    assert [len(page) for page in found] == pages
    together = [one.id.int for page in found for one in page]
    assert together == list(range(1, len(times) + 1))


def test_a_week_is_the_citys() -> None:
    """Half past midnight on Monday is Sunday in London."""
    late, early = sessions("13 20:30", "14 0:30")
    assert STARTS.utcoffset() and early.starts_at.utcoffset()
    assert len(split_by_week([late, early])) == 2
