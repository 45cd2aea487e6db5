"""A class's sessions as lines of text: written down, pasted from a sheet, read again.

2026-12-07 08:30-11:30 护理基础
2026-12-08至2026-12-11 14:00-17:00 实操
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.calendar import LOCAL
from domain.training.details import MOST_SITTINGS, Sitting

_DAY = r"(?:(\d{4})[-年/.])?(\d{1,2})[-月/.](\d{1,2})日?"
_TIME = r"(\d{1,2}):(\d{2})"
_TO = r"\s*(?:-|~|—|–|到|至)\s*"
_LINE = re.compile(
    rf"{_DAY}(?:{_TO}{_DAY})?\s*(?:\(?(?:周|星期)[一二三四五六日天]\)?)?\s+"
    rf"{_TIME}{_TO}{_TIME}\s*(.*)"
)
#: Days that one line may stand for.
_MOST_DAYS = 100


class Unread(Exception):  # noqa: N818 (what happened, not what kind of class)
    """A line is none. `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Timetable:
    """The sessions, and for each the line that it came from."""

    sittings: Sequence[Sitting]
    lines: Sequence[int]


def read_timetable(text: str, default_year: int) -> Timetable:
    """The sessions in `text`; a day without a year is one of `default_year`. Raises Unread."""
    sittings: list[Sitting] = []
    lines: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = " ".join(unicodedata.normalize("NFKC", line).split())
        if not plain:
            continue
        read = _read_line(plain, default_year)
        if read is None or len(sittings) + len(read) > MOST_SITTINGS:
            raise Unread(number)
        sittings += read
        lines += [number] * len(read)
    return Timetable(sittings, lines)


def write_timetable(sittings: Sequence[Sitting]) -> str:
    """A line a session, as read_timetable reads it."""
    return "\n".join(
        f"{one.starts_at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
        f"-{one.ends_at.astimezone(LOCAL):%H:%M} {one.topic}".rstrip()
        for one in sittings
    )


def _read_line(line: str, default_year: int) -> list[Sitting] | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    year, month, day, last_year, last_month, last_day, *hours, topic = found.groups()
    try:
        first = date(int(year or default_year), int(month), int(day))
        last = first
        if last_month is not None:
            last = date(int(last_year or first.year), int(last_month), int(last_day))
        start = time(int(hours[0]), int(hours[1]))
        end = time(int(hours[2]), int(hours[3]))
    except ValueError:
        return None
    if not 0 <= (last - first).days < _MOST_DAYS:
        return None
    # What ends before it begins ends on the next day.
    over = timedelta(days=1 if end <= start else 0)
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    return [
        Sitting(
            datetime.combine(one, start, LOCAL),
            datetime.combine(one, end, LOCAL) + over,
            topic.strip(),
        )
        for one in days
    ]
