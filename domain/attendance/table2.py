"""项目制培训情况统计表 (P32-A2): what the city reports of its project classes."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from content.schema import Content
from domain.actor import Actor
from domain.attendance.projects import Line, Period, Project, sum_people, write_lines
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.calendar import LOCAL
from domain.permissions import Permission, require
from domain.sheets.forms import FormBook, Page, Style
from domain.training.views import find_programme
from models.transactions import transaction

#: One trip for the whole table. Sessions and people are counted through indexes that begin with
#: the class, and only of the project classes of the period.
_PROJECTS = """
    SELECT c.id, c.title, c.programme, c.county, c.target_group, c.capacity, c.status,
        c.starts_on, c.ends_on, coalesce(i.name, f.name) AS holder,
        coalesce((
            SELECT (a.facts ->> 'city_run')::boolean FROM class_events a
            WHERE a.training_class_id = c.id AND a.kind IN ('approve', 'correct')
            ORDER BY a.version DESC LIMIT 1
        ), false) AS city_run,
        p.taken, p.applied, s.first, s.last, s.count
    FROM training_classes c
    LEFT JOIN institutions i ON i.id = c.institution_id
    LEFT JOIN employers f ON f.id = c.employer_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE e.status IN ('confirmed', 'completed')) AS taken,
            count(*) FILTER (WHERE e.status <> 'withdrawn') AS applied
        FROM enrolments e WHERE e.training_class_id = c.id
    ) p
    CROSS JOIN LATERAL (
        SELECT min(starts_at) AS first, max(ends_at) AS last, count(*) AS count
        FROM class_sessions WHERE training_class_id = c.id
    ) s
    WHERE c.is_project AND c.starts_on BETWEEN $1 AND $2
        AND c.status NOT IN ('draft', 'cancelled') AND c.recruiting_since IS NOT NULL
    ORDER BY c.starts_on, c.id
"""
#: The columns, in the notice's words and order, and how wide they are.
_COLUMNS = ("city", "county", "name", "group", "people", "time", "note")
_WIDTHS = (8.0, 10.0, 28.0, 26.0, 9.0, 41.0, 24.0)
#: Those with more than a word or two in them.
_LONG = frozenset({"name", "group", "time", "note"})
#: Title, period, titles of columns.
_HEAD = 3


@dataclass(frozen=True, slots=True)
class Filled:
    """Who fills the form in, and how they are called; blank for a line to write on."""

    name: str = ""
    phone: str = ""


async def list_projects(
    actor: Actor, content: Content, period: Period, county: str = "", *, now: datetime
) -> list[Line]:
    """The lines of the table, 市直 first, then the counties in the content's order, by date.
    county: a code, for its own lines alone. Raises DomainError no_permission."""
    require(actor, Permission.REPORT_PROJECTS)
    projects = await _read_projects(get_connection("default"), content, period)
    names = {one.code: one.name for one in content.counties}
    return write_lines(_of_county(projects, county), names, content.texts, now)


async def export_table2(
    actor: Actor,
    content: Content,
    period: Period,
    county: str = "",
    *,
    filled: Filled,
    now: datetime,
) -> bytes:
    """The table as an xlsx file; on the record. Raises DomainError no_permission."""
    lines = await list_projects(actor, content, period, county, now=now)
    facts: dict[str, Fact] = {
        "from": period.first.isoformat(),
        "until": period.last.isoformat(),
        "county": county or None,
        "classes": len(lines),
    }
    async with transaction() as connection:
        await record(connection, actor, "table2.export", facts=facts, now=now)
    return await asyncio.to_thread(draw_table2, content.texts, lines, period, filled, now)


async def _read_projects(
    connection: BaseDBAsyncClient, content: Content, period: Period
) -> list[Project]:
    rows = await connection.execute_query_dict(_PROJECTS, [period.first, period.last])
    return [_read(row, content) for row in rows]


def _of_county(projects: Sequence[Project], county: str) -> list[Project]:
    if not county:
        return list(projects)
    return [one for one in projects if one.county == county and not one.city_run]


def _read(row: Mapping[str, Any], content: Content) -> Project:
    return Project(
        title=row["title"],
        programme=find_programme(content, row["programme"]).name,
        holder=row["holder"],
        county=row["county"],
        city_run=row["city_run"],
        target_group=row["target_group"],
        capacity=row["capacity"],
        taken=row["taken"],
        applied=row["applied"],
        status=row["status"],
        first_day=row["starts_on"],
        last_day=row["ends_on"],
        first=row["first"],
        last=row["last"],
        sessions=row["count"],
    )


def draw_table2(
    texts: Mapping[str, str],
    lines: Sequence[Line],
    period: Period,
    filled: Filled,
    now: datetime,
) -> bytes:
    """The table as an xlsx file: the notice's columns, a sum, the notice's note, who filled it."""

    def words(key: str, **values: object) -> str:
        return texts[f"forms.table2.{key}"].format(**values)

    book = FormBook(words("title"), now)
    page = book.add_page(words("title"), _WIDTHS, head=_HEAD, note="")
    last = len(_COLUMNS) - 1
    page.put(0, 0, words("title"), "title", to=last)
    page.set_height(0, 34)
    first, until = _say_day(period.first), _say_day(period.last)
    page.put(1, 0, words("period", first=first, last=until), "info", to=last)
    page.set_height(1, 22)
    for column, key in enumerate(_COLUMNS):
        page.put(2, column, words(f"column.{key}"), "head")
    page.set_height(2, 26)
    row = _HEAD
    for line in lines:
        _draw_line(page, row, words("city_name"), line)
        row += 1
    if not lines:
        page.put(row, 0, words("none"), "cell", to=last)
        row += 1
    page.put(row, 0, words("total"), "head", to=1)
    page.put(row, 2, words("total_of", classes=len(lines)), "head", to=3)
    page.put(row, 4, sum_people(lines), "count")
    page.put(row, 5, None, "head", to=last)
    page.set_height(row, 24)
    page.put(row + 1, 0, words("note"), "foot", to=last)
    page.set_height(row + 1, page.measure(words("note"), 0, last))
    day = _say_day(now.astimezone(LOCAL).date())
    page.put(row + 2, 0, words("filled_by", name=filled.name), "foot", to=2)
    page.put(row + 2, 3, words("phone", phone=filled.phone), "foot", to=4)
    page.put(row + 2, 5, words("filled_on", day=day), "foot", to=last)
    page.set_height(row + 2, 36)
    book.finish(page)
    return book.close()


def _draw_line(page: Page, row: int, city: str, line: Line) -> None:
    cells: Sequence[str | int] = (
        city,
        line.county,
        line.name,
        line.group,
        line.people,
        line.time,
        line.note,
    )
    for column, value in enumerate(cells):
        words: Style = "text" if _COLUMNS[column] in _LONG else "cell"
        page.put(row, column, value, "count" if isinstance(value, int) else words)
    heights = [
        page.measure(value, column, column, 28)
        for column, value in enumerate(cells)
        if isinstance(value, str)
    ]
    page.set_height(row, max(heights))


def _say_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
