"""How a sign-in sheet (学员签到表) shows what was recorded. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from domain.attendance.hours import Gap, Held, Presence, Record
from domain.attendance.rules import Channel, Flag, State, show_time
from domain.training.details import LESSON

#: Sessions side by side on one page, with a time to come and one to leave for each.
MOST_SESSIONS = 6
_LESSON_MINUTES = int(LESSON.total_seconds() // 60)


class Mark(StrEnum):
    """What stands beside a time, as a word of the legend."""

    LATE = "late"
    BY_HAND = "by_hand"
    PAPER = "paper"
    OFFLINE = "offline"
    FAR = "far"
    #: Nobody has confirmed it yet: it does not count.
    WAITS = "waits"


class Missing(StrEnum):
    """What stands where there is no time in a session that is over."""

    ABSENT = "absent"
    NO_IN = "no_in"
    NO_OUT = "no_out"


#: What a gap leaves empty; of what waits there is a time.
_MISSING = {
    Gap.ABSENT: Missing.ABSENT,
    Gap.NO_IN: Missing.NO_IN,
    Gap.NO_OUT: Missing.NO_OUT,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One time to come or to leave. time: 08:21, "" for none."""

    time: str = ""
    marks: tuple[Mark, ...] = ()
    missing: Missing | None = None


def marks_of(record: Record) -> tuple[Mark, ...]:
    """What a reader has to know of a record that stands, in the legend's order."""
    said = {
        Mark.LATE: record.late,
        Mark.BY_HAND: record.channel is Channel.TEACHER,
        Mark.PAPER: record.channel is Channel.PAPER,
        Mark.OFFLINE: Flag.OFFLINE in record.flags,
        Mark.FAR: Flag.FAR in record.flags,
        Mark.WAITS: record.state is State.PENDING,
    }
    return tuple(mark for mark, so in said.items() if so)


def show_presence(presence: Presence, *, taken: bool) -> tuple[Cell, Cell]:
    """When somebody came and when they left. taken: still of the class; of who has left it nothing
    is missing. What has not been held yet is left empty, to be signed by hand."""
    came, left, gap = presence.came, presence.left, presence.gap if taken else None
    without = _MISSING.get(gap) if gap else None
    no_out = without is Missing.NO_OUT
    return _show(came, None if no_out else without), _show(left, without if no_out else None)


def _show(record: Record | None, missing: Missing | None) -> Cell:
    if record is None:
        return Cell(missing=missing)
    return Cell(show_time(record.at), marks_of(record))


def lessons_of(minutes: int) -> float:
    """Minutes as 课时, to a tenth, never more than there were."""
    return minutes * 10 // _LESSON_MINUTES / 10


def rate_of(had: int, held: int) -> float | None:
    """Hundredths to a tenth, never more than it was; None while nothing has been held."""
    return None if held == 0 else had * 1000 // held / 10


def count_there(sessions: Sequence[Presence]) -> int:
    """How many of these presences of one session count as having come."""
    return sum(1 for one in sessions if one.came and one.came.state is State.COUNTED)


def split_by_week(sessions: Sequence[Held], most: int = MOST_SESSIONS) -> list[list[Held]]:
    """The sessions as pages take them, the earliest first: a week a page (Monday to Sunday); of a
    full week whole days together, and a day alone is parted only where it has more than `most`."""
    pages: list[list[Held]] = []
    for _, week in groupby(sessions, key=lambda one: one.day.isocalendar()[:2]):
        page: list[Held] = []
        for _, day in groupby(week, key=lambda one: one.day):
            rest = list(day)
            if page and len(page) + len(rest) > most:
                pages.append(page)
                page = []
            while len(page) + len(rest) > most:
                pages.append(rest[:most])
                rest = rest[most:]
            page += rest
        if page:
            pages.append(page)
    return pages


def say_day(moment: datetime) -> str:
    """12月7日."""
    return f"{moment.month}月{moment.day}日"
