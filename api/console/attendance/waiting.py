"""What of check-ins waits for who is signed in: on the first page, and class by class."""

from collections.abc import Sequence

from aiohttp import web

from api.console.attendance.ground import attendance_path
from api.console.ground import now_for
from api.console.home import Waiting
from api.console.page import PREFIX, render
from api.console.shown import say_moment
from api.console.tables import Column, Empty, Table
from domain.attendance.waiting import ClassWaiting, list_waiting
from domain.permissions import Permission
from web.access import ACTOR, Access, allow

_LIST = "/check-ins"
_COLUMNS: Sequence[Column[ClassWaiting]] = (
    Column("班期", lambda row: row.title),
    Column("等确认", lambda row: f"{row.count}条", number=True),
    Column("最早的要在什么时候以前", lambda row: row.due),
)


async def count_waiting(request: web.Request) -> Waiting | None:
    """3条签到等确认, and until when the first of them counts."""
    now = now_for(request)
    classes = await list_waiting(request[ACTOR], now=now)
    if not classes:
        return None
    due = classes[0].due
    detail = f"最早的要在{say_moment(due, now)}以前确认，过了就不算" if due else ""
    one = f"{attendance_path(classes[0].id)}/waiting"
    path = one if len(classes) == 1 else PREFIX + _LIST
    return Waiting("条签到等确认", sum(each.count for each in classes), path, detail)


@allow(Access.STAFF, Permission.DECIDE_CHECK_IN)
async def show_classes(request: web.Request) -> web.Response:
    """GET /console/check-ins: the classes in which something waits."""
    table = Table(
        "等确认的签到",
        _COLUMNS,
        await list_waiting(request[ACTOR], now=now_for(request)),
        link=lambda row: f"{attendance_path(row.id)}/waiting",
        empty=Empty("没有等您确认的签到", "老师登记的签到，要由另一个人在24小时内确认。"),
    )
    return render(request, "attendance/classes", table=table)


def add_routes(app: web.Application) -> None:
    """The list of classes."""
    app.router.add_get(_LIST, show_classes)
