"""`/console/classes/{class_id}/attendance/settings`: what a class wants of check-ins."""

from aiohttp import web

from api.console import fields
from api.console.attendance.ground import attendance_path, read_for, wants_of
from api.console.form import Form
from api.console.ground import now_for
from api.console.page import go_to, render
from domain.attendance.queries import Attendance
from domain.attendance.rules import Wants
from domain.attendance.wanting import change_attendance_settings
from domain.permissions import Permission
from web.access import ACTOR, Access, allow
from web.body_limits import body

_HOLDER = allow(Access.STAFF, Permission.SEE_ATTENDANCE, Permission.ENTER_CHECK_INS)
_FIELDS: tuple[fields.Field, ...] = (
    fields.Number(name="opens_before_min", label="上课前多久可以签到", unit="分钟", most=120),
    fields.Number(name="closes_after_min", label="上课后多久还不算迟到", unit="分钟", most=120),
    fields.Number(
        name="late_until_percent",
        label="课过了多少就不能再签",
        unit="%",
        most=100,
        help="写50，就是过了一半不能再签；在这之前签的算迟到。人在教室的，老师还可以补签。",
    ),
    fields.Tick(
        name="wants_place",
        label="签到要位置",
        help="只记离教室多远，不记人在哪里。",
    ),
    fields.Tick(
        name="refuses_far",
        label="离教室太远的不让签",
        help="不勾的话照样签上，记下来让人看。班期要先填上课地点的地图位置。",
    ),
    fields.Tick(
        name="wants_out",
        label="要签退",
        help="勾了以后，没有签退的这次课不计课时。",
    ),
)
_VERSION = fields.Number(name="version", label="版本")


@_HOLDER
async def show_settings(request: web.Request) -> web.Response:
    """GET: as they are, or the usual ones."""
    found = await read_for(request)
    wants = found.of.wants
    values: dict[str, object] = {one.name: getattr(wants, one.name) for one in _FIELDS}
    values["version"] = found.of.settings_version
    return _render(request, found, Form.blank(request, (*_FIELDS, _VERSION), values))


@_HOLDER
@body(most_bytes=8 * 1024, seconds=5)
async def save_settings(request: web.Request) -> web.Response:
    """POST: from now on."""
    found = await read_for(request)
    form = await Form.read(request, (*_FIELDS, _VERSION))
    if form.fits:
        wants = Wants(
            form.number("opens_before_min"),
            form.number("closes_after_min"),
            form.number("late_until_percent"),
            form.ticked("wants_place"),
            form.ticked("refuses_far"),
            form.ticked("wants_out"),
        )
        with form.telling_refusals():
            await change_attendance_settings(
                request[ACTOR],
                wants_of(request),
                found.of.id,
                wants,
                form.number("version"),
                now=now_for(request),
            )
            return go_to(request, attendance_path(found.of.id), done="签到设置已保存。")
    return _render(request, found, form, status=422)


def _render(
    request: web.Request, found: Attendance, form: Form, *, status: int = 200
) -> web.Response:
    return render(
        request,
        "attendance/settings",
        status=status,
        found=found,
        form=form,
        names=[one.name for one in _FIELDS],
        path=attendance_path(found.of.id),
    )


def add_routes(app: web.Application) -> None:
    """The settings."""
    app.router.add_get("/classes/{class_id}/attendance/settings", show_settings)
    app.router.add_post("/classes/{class_id}/attendance/settings", save_settings)
