"""`/console/classes/{class_id}/sessions`: when a class is held, a line a session."""

from aiohttp import web

from api.console import fields
from api.console.classes.timetable import Timetable, Unread, read_timetable, write_timetable
from api.console.classes.words import telling_class_refusals
from api.console.form import Form
from api.console.ground import ground_of, now_for, texts_of
from api.console.page import go_to, render
from api.console.paths import uuid_in
from domain.errors import DomainError
from domain.permissions import Permission
from domain.training.actions import plan_sessions
from domain.training.life import HELD, Status
from domain.training.queries import ClassFile, find_class
from web.access import ACTOR, Access, allow
from web.body_limits import body

_MOST_TEXT = 40_000


@allow(Access.STAFF, Permission.FILE_CLASS)
async def show_plan(request: web.Request) -> web.Response:
    """GET: the sessions as they are."""
    found = await _find(request)
    lines = write_timetable(found.sessions)
    values = {"lines": lines, "version": found.row.version}
    form = Form.blank(request, _fields(found), values)
    return render(request, "classes/sessions", form=form, found=found)


@allow(Access.STAFF, Permission.FILE_CLASS)
@body(most_bytes=4 * _MOST_TEXT, seconds=10)
async def save_plan(request: web.Request) -> web.Response:
    """POST: all of them anew."""
    found = await _find(request)
    form = await Form.read(request, _fields(found))
    timetable = _read(request, found, form)
    if form.fits and timetable is not None:
        async with telling_class_refusals(request, form):
            await _plan(request, found, form, timetable)
            count = len(timetable.sittings)
            return go_to(request, f"/console/classes/{found.row.id}", done=f"已排{count}个课次。")
    return render(request, "classes/sessions", form=form, found=found, status=422)


def _read(request: web.Request, found: ClassFile, form: Form) -> Timetable | None:
    year = (found.row.starts_on or now_for(request)).year
    try:
        return read_timetable(form.text("lines"), year)
    except Unread as unread:
        form.errors["lines"] = (
            f"第{unread.line}行没有看懂，还没有保存。请写成 2026-12-07 08:30-11:30 护理基础 这样。"
        )
        return None


async def _plan(request: web.Request, found: ClassFile, form: Form, timetable: Timetable) -> None:
    reason = form.text("reason") if "reason" in form.fields else ""
    try:
        await plan_sessions(
            request[ACTOR],
            found.row.id,
            form.number("version"),
            timetable.sittings,
            reason=reason,
            now=now_for(request),
        )
    except DomainError as error:
        if error.code != "class_sessions_wrong":
            raise
        form.errors["lines"] = _say_fault(request, error, timetable)
        raise


def _say_fault(request: web.Request, error: DomainError, timetable: Timetable) -> str:
    number, fault = error.facts["number"], str(error.facts["fault"])
    words = texts_of(request)[f"training.faults.{fault}"]
    assert isinstance(number, int)
    if fault == "begun":
        return f"{words}：原来的第{number}个课次。"
    return f"第{timetable.lines[number - 1]}行：{words}。"


def _fields(found: ClassFile) -> tuple[fields.Field, ...]:
    lines = fields.Text(
        name="lines",
        label="课次",
        required=False,
        most=_MOST_TEXT,
        lines=14,
        help=(
            "一行一个课次：日期、几点到几点、上什么。可以从表格里整列复制过来；"
            "连着几天一样的，写成 2026-12-08至2026-12-11 14:00-17:00 实操。"
        ),
    )
    version = fields.Number(name="version", label="版本")
    if Status(found.row.status) in HELD:
        return (version, lines, fields.Text(name="reason", label="为什么调课", most=500))
    return (version, lines)


async def _find(request: web.Request) -> ClassFile:
    content = ground_of(request).read_content()
    return await find_class(
        request[ACTOR], content, uuid_in(request, "class_id"), now=now_for(request)
    )


def add_routes(app: web.Application) -> None:
    """The plan."""
    app.router.add_get("/classes/{class_id}/sessions", show_plan)
    app.router.add_post("/classes/{class_id}/sessions", save_plan)
