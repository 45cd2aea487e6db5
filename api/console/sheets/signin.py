"""`POST /console/classes/{class_id}/signin`: a class's sign-in sheet (学员签到表)."""

from collections.abc import Mapping
from uuid import UUID

from aiohttp import web

from api.console.ground import ground_of, now_for
from api.console.page import PREFIX
from api.console.paths import uuid_in
from api.console.reasons import ROSTER_REASONS, read_reason
from api.sheets import send_sheet
from domain.attendance.sheets import Shown, export_signin, may_name
from domain.permissions import Permission, may
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

_PATH = "/classes/{class_id}/signin"
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


def find_signin(request: web.Request, class_id: UUID, status: str) -> Mapping[str, object] | None:
    """What sheets/take_signin.html.j2 needs for a class that stands so: `path`, and `reasons` for
    which one may have names in it, value -> words. None for who may have none."""
    actor = request[ACTOR]
    served = f"{PREFIX}{_PATH}" in ground_of(request).served
    if not served or not may(actor, Permission.SEE_ATTENDANCE):
        return None
    return {
        "path": f"{PREFIX}{_PATH}".replace("{class_id}", str(class_id)),
        "reasons": ROSTER_REASONS if may_name(actor, status) else {},
    }


def add_routes(app: web.Application) -> None:
    """It."""
    app.router.add_post(_PATH, export)
