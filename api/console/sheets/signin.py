"""`POST /console/classes/{class_id}/signin`: a class's sign-in sheet (学员签到表)."""

from aiohttp import web

from api.console.ground import ground_of, now_for
from api.console.paths import uuid_in
from api.console.reasons import ROSTER_REASONS, read_reason
from api.sheets import send_sheet
from domain.attendance.sheets import Shown, export_signin
from domain.permissions import Permission
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

_SHOWN = {one.value: one for one in Shown}


@allow(Access.STAFF, Permission.SEE_ATTENDANCE)
@body(most_bytes=4096, seconds=5)
async def export(request: web.Request) -> web.Response:
    """POST {"shown", "reason", "note"}: the sheet, masked; with names, or whole, for a reason. On
    the record."""
    asked = (await read_form(request)).get("shown")
    shown = _SHOWN.get(str(asked), Shown.MASKED)
    masked = shown is Shown.MASKED
    sheet = await export_signin(
        request[ACTOR],
        ground_of(request).vault,
        ground_of(request).read_content(),
        class_id=uuid_in(request, "class_id"),
        shown=shown,
        reason="" if masked else await read_reason(request, ROSTER_REASONS),
        now=now_for(request),
    )
    return send_sheet(f"学员签到表-{sheet.title}", sheet.content)


def add_routes(app: web.Application) -> None:
    """It."""
    app.router.add_post("/classes/{class_id}/signin", export)
