"""A roster as a sheet that is handed in: looked at first, then taken over."""

from aiohttp import web

from api.console.ground import ground_of, now_for
from api.console.rosters.ground import class_id_of, teller_of
from api.console.sheet_pages import SheetPages, add_sheet_pages
from domain.enrolments.queries import require_roster
from domain.enrolments.roster import COLUMNS, RosterReport, import_roster
from domain.permissions import Permission
from web.access import ACTOR


async def _run(request: web.Request, content: bytes, dry_run: bool) -> RosterReport:
    return await import_roster(
        request[ACTOR],
        ground_of(request).vault,
        teller_of(request),
        class_id=class_id_of(request),
        content=content,
        dry_run=dry_run,
        now=now_for(request),
    )


async def _check(request: web.Request) -> None:
    """Whose roster it is; who enrols callers one by one hands in no sheets."""
    actor, class_id = request[ACTOR], class_id_of(request)
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    await require_roster(actor, class_id, Permission.ENROL)


_PAGES = SheetPages(
    path="/classes/{class_id}/roster",
    title="导入学员名单",
    back="学员名单",
    permission=Permission.ENROL,
    columns=COLUMNS,
    counts={
        "added": "人加进名单",
        "changed": "人确认报名，或者更新手机号",
        "unchanged": "人已经在名单里",
    },
    run=_run,
    check=_check,
    notes=(
        "一行一个人，认身份证号：同一张表交几次都一样，改好的表只收新的和改过的。",
        "自己退出过的人不会被重新加进来；今年补贴培训已满3次的，要先告诉本人。",
    ),
)


def add_routes(app: web.Application) -> None:
    """Add them."""
    add_sheet_pages(app, _PAGES)
