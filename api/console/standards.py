"""The subsidy standards (补贴标准目录, L08) in the console: those of a day, and their sheet."""

from collections.abc import Sequence

from aiohttp import web

from api.console import filters
from api.console.ground import now_for
from api.console.page import render
from api.console.sheet_pages import SheetPages, add_sheet_pages
from api.console.shown import Money, State
from api.console.tables import Column, Empty, Table
from domain.permissions import Permission
from domain.standards.importing import COLUMNS, Report, import_standards
from domain.standards.queries import list_standards
from domain.standards.rules import Standard
from web.access import ACTOR, Access, allow

ROOT = "/console/standards"
_FILTERS = (
    filters.Search(label="职业（工种）", hint="职业名称里的几个字"),
    filters.Day(name="on", label="哪一天的标准"),
)
_COLUMNS: Sequence[Column[Standard]] = (
    Column("职业（工种）", lambda one: one.occupation),
    Column("类别", lambda one: one.kind),
    Column("等级", lambda one: one.level),
    Column("课时", lambda one: one.hours, number=True),
    Column("每人补贴", lambda one: Money(one.amount_fen), number=True),
    Column("从哪天起", lambda one: one.valid_from),
    Column("到哪天为止", lambda one: one.valid_until, minor=True),
    Column(
        "依据", lambda one: State("示例，不是真的标准", "warn") if one.is_example else one.document
    ),
)


@allow(Access.STAFF, Permission.EDIT_STANDARDS)
async def show_list(request: web.Request) -> web.Response:
    """GET /standards?q=&on=: those that apply on a day, today's where none is named."""
    found = filters.Filters.from_query(request.query, _FILTERS)
    part = found.text("q") or ""
    day = found.day("on") or now_for(request).date()
    table = Table(
        "补贴标准",
        _COLUMNS,
        [one for one in await list_standards(day) if part in one.occupation],
        empty=Empty(
            "这一天没有补贴标准", "换一天看，或者从表格导入。", ("从表格导入", f"{ROOT}/import")
        ),
        filters=found,
        path=ROOT,
    )
    return render(request, "standards", table=table, day=day, root=ROOT)


async def _import(request: web.Request, content: bytes, dry_run: bool) -> Report:
    return await import_standards(request[ACTOR], content, dry_run=dry_run, now=now_for(request))


SHEET = SheetPages(
    path="/standards",
    title="导入补贴标准",
    back="补贴标准",
    permission=Permission.EDIT_STANDARDS,
    columns=COLUMNS,
    counts={"added": "条新标准", "unchanged": "条和现在一样"},
    run=_import,
    notes=("标准只增不改：金额变了，用新的起始日期再写一行，旧的到那天为止。",),
)


def add_routes(app: web.Application) -> None:
    """The list and its import."""
    app.router.add_get("/standards", show_list)
    add_sheet_pages(app, SHEET)
