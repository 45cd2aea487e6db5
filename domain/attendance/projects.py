"""What stands in a line of 项目制培训情况统计表 (P32-A2). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from domain.calendar import LOCAL

#: Classes that have been opened: their dates are those on which they were held, and the people
#: those who were taken.
_OPENED = frozenset({"open", "ended", "archived"})
#: Those whose people are certain, for the roster has frozen.
_FROZEN = _OPENED | {"filed", "approved"}


class Period(NamedTuple):
    """Days, both of them in it; a class belongs to that in which it begins."""

    first: date
    last: date


def year_of(year: int) -> Period:
    """A whole year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class Project:
    """A project class (项目制). taken: people who were confirmed; applied: all who did not
    withdraw. first, last: of its sessions; None where none are planned."""

    title: str
    programme: str
    holder: str
    county: str
    city_run: bool
    target_group: str
    capacity: int
    taken: int
    applied: int
    status: str
    first_day: date
    last_day: date
    first: datetime | None
    last: datetime | None
    sessions: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table; the city in front of it is always the same."""

    county: str
    name: str
    group: str
    people: int
    time: str
    note: str


def write_lines(
    projects: Sequence[Project],
    counties: Mapping[str, str],
    texts: Mapping[str, str],
    now: datetime,
) -> list[Line]:
    """市直 first, then the counties in their order, by the first day."""
    order = {code: place for place, code in enumerate(counties)}

    def key(one: Project) -> tuple[int, date, str]:
        place = -1 if one.city_run else order.get(one.county, len(order))
        return place, one.first_day, one.title

    return [_write(one, counties, texts, now) for one in sorted(projects, key=key)]


def sum_people(lines: Sequence[Line]) -> int:
    """All people of the table."""
    return sum(line.people for line in lines)


def is_planned(project: Project, now: datetime) -> bool:
    """Whether its dates are those that are planned: it has not been opened yet, or no session of
    it has begun."""
    if project.status not in _OPENED:
        return True
    return project.first is not None and project.first > now


def _write(
    one: Project, counties: Mapping[str, str], texts: Mapping[str, str], now: datetime
) -> Line:
    def words(key: str, **values: object) -> str:
        return texts[f"forms.table2.{key}"].format(**values)

    certain = one.status in _FROZEN
    notes = [one.holder]
    if is_planned(one, now):
        notes.append(words("planned"))
    if not certain:
        notes.append(words("capacity", people=one.applied))
    return Line(
        county=words("by_city") if one.city_run else counties.get(one.county, one.county),
        name=f"{one.title}（{one.programme}）",
        group=one.target_group.strip() or words("unsaid"),
        people=one.taken if certain else one.capacity,
        time=_say_time(one, words("sessions", count=one.sessions), words("unplanned")),
        note="\n".join(notes),
    )


def _say_time(one: Project, sessions: str, unplanned: str) -> str:
    """2026年12月7日8:30至12月18日11:30，共10次课: of the sessions; without any the class's days."""
    if one.first is None or one.last is None:
        days = [_say_day(one.first_day)]
        if one.last_day != one.first_day:
            days.append(_say_day(one.last_day, one.first_day.year))
        return f"{'至'.join(days)}，{unplanned}"
    first, last = one.first.astimezone(LOCAL), one.last.astimezone(LOCAL)
    begins = f"{_say_day(first.date())}{first:%-H:%M}"
    day = "" if last.date() == first.date() else _say_day(last.date(), first.year)
    return f"{begins}至{day}{last:%-H:%M}，{sessions}"


def _say_day(day: date, year: int | None = None) -> str:
    """2026年12月7日; without the year where it is `year`."""
    return ("" if day.year == year else f"{day.year}年") + f"{day.month}月{day.day}日"
