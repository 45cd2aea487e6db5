"""`/console/classes/projects`: 项目制培训情况统计表 (P32-A2), looked at and taken out."""

from collections.abc import Sequence
from datetime import date

from aiohttp import web

from api.console import fields, filters
from api.console.filters import Filters
from api.console.form import Form
from api.console.ground import ground_of, now_for, texts_of
from api.console.page import PREFIX, render
from api.console.places import county_names
from api.console.shown import Period as ShownPeriod
from api.console.tables import Column, Empty, Table
from api.sheets import send_sheet
from domain.attendance.projects import Line, Period, sum_people, year_of
from domain.attendance.table2 import Filled, export_table2, list_projects
from domain.permissions import Permission
from web.access import ACTOR, Access, allow
from web.body_limits import body

PATH = f"{PREFIX}/classes/projects"
_COLUMNS: Sequence[Column[Line]] = (
    Column("组织区县", lambda line: line.county),
    Column("培训项目名称", lambda line: line.name),
    Column("群体范围", lambda line: line.group),
    Column("培训人数", lambda line: line.people, number=True),
    Column("组织时间", lambda line: line.time),
    Column("备注", lambda line: line.note.replace("\n", "；"), minor=True),
)
_EMPTY = Empty("这段时间没有项目制班", "换一段时间看看；写班期时标了“项目制班”的才在这里。")


@allow(Access.STAFF, Permission.REPORT_PROJECTS)
async def show_table(request: web.Request) -> web.Response:
    """GET /classes/projects?from=&to=&county=: this year's where no days are named."""
    found = Filters.from_query(request.query, _filters(request))
    period, county = _read_period(request, found), found.text("county") or ""
    lines = await list_projects(
        request[ACTOR], ground_of(request).read_content(), period, county, now=now_for(request)
    )
    return render(
        request,
        "sheets/table2",
        table=Table("项目制培训情况", _COLUMNS, lines, empty=_EMPTY, filters=found, path=PATH),
        period=ShownPeriod(period.first, period.last),
        people=sum_people(lines),
        form=Form.blank(
            request,
            _fields(request),
            {"from": period.first, "to": period.last, "county": county},
        ),
        path=PATH,
    )


@allow(Access.STAFF, Permission.REPORT_PROJECTS)
@body(most_bytes=4096, seconds=5)
async def export(request: web.Request) -> web.Response:
    """POST {"from", "to", "county", "name", "phone"}: the table as a sheet. On the record."""
    form = await Form.read(request, _fields(request))
    period = _order(form.values.get("from"), form.values.get("to"), now_for(request).year)
    content = await export_table2(
        request[ACTOR],
        ground_of(request).read_content(),
        period,
        form.text("county"),
        filled=Filled(form.text("name"), form.text("phone")),
        now=now_for(request),
    )
    return send_sheet(texts_of(request)["forms.table2.title"], content)


def _filters(request: web.Request) -> tuple[filters.Filter, ...]:
    return (
        filters.Day(name="from", label="从哪天起"),
        filters.Day(name="to", label="到哪天"),
        filters.Choice(name="county", label="组织区县", options=county_names(request)),
    )


def _fields(request: web.Request) -> tuple[fields.Field, ...]:
    return (
        fields.Day(name="from", label="从哪天起", required=False),
        fields.Day(name="to", label="到哪天", required=False),
        fields.Choice(
            name="county", label="组织区县", options=county_names(request), required=False
        ),
        fields.Text(name="name", label="填表人", required=False, most=40),
        fields.Text(name="phone", label="联系电话", required=False, most=40),
    )


def _read_period(request: web.Request, found: Filters) -> Period:
    return _order(found.day("from"), found.day("to"), now_for(request).year)


def _order(first: object, last: object, this_year: int) -> Period:
    """From the earlier day to the later one. Of a day that is left out the other's year, this year
    where both are."""
    begins = first if isinstance(first, date) else None
    ends = last if isinstance(last, date) else None
    year = (begins or ends or date(this_year, 1, 1)).year
    days = sorted((begins or year_of(year).first, ends or year_of(year).last))
    return Period(*days)


def add_routes(app: web.Application) -> None:
    """The page and its sheet."""
    app.router.add_get("/classes/projects", show_table)
    app.router.add_post("/classes/projects", export)
