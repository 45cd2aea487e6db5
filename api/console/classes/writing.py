"""`/console/classes/new` and `…/edit`: what a holder writes of a class."""

from dataclasses import fields as names_of
from dataclasses import replace

from aiohttp import web

from api.console import fields
from api.console.classes.words import programmes_of, telling_class_refusals
from api.console.fields import Field, Unfit
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.once import once
from api.console.page import go_to, render
from api.console.paths import uuid_in
from api.console.places import county_names
from domain.actor import Actor
from domain.errors import DomainError
from domain.institutions.queries import find_institution
from domain.permissions import Permission
from domain.training.actions import Holder, change_class, draft_class
from domain.training.details import LONGEST, MOST_HOURS, MOST_PEOPLE, Details
from domain.training.life import HELD, Status
from domain.training.queries import ClassFile, find_class
from domain.training.views import details_of
from web.access import ACTOR, Access, allow
from web.body_limits import body

_MOST_BYTES = 128 * 1024
_BEFORE_RECRUITING = "开始招生前要填"
_BEFORE_FILING = "交备案前要填"
_LATER = "现在可以不填"
_DETAILS = tuple(field.name for field in names_of(Details))


class Degrees(fields.Text):
    """A number of degrees, as a map gives it."""

    def read(self, text: str) -> float:  # type: ignore[override]
        try:
            return float(text)
        except ValueError:
            raise Unfit("float_parsing") from None


@allow(Access.STAFF, Permission.FILE_CLASS)
async def show_new(request: web.Request) -> web.Response:
    """GET /console/classes/new."""
    holder = _holder_of(request[ACTOR])
    listing = await find_institution(holder.id, now_for(request).date())
    values = {"county": listing.county} if listing else {}
    return render(request, "classes/new", form=Form.blank(request, _fields(request), values))


@allow(Access.STAFF, Permission.FILE_CLASS)
@body(most_bytes=_MOST_BYTES, seconds=10)
@once
async def draft(request: web.Request) -> web.Response:
    """POST /console/classes/new."""
    form = await Form.read(request, _fields(request))
    if form.fits:
        async with telling_class_refusals(request, form):
            content, now = ground_of(request).read_content(), now_for(request)
            holder = _holder_of(request[ACTOR])
            made = await draft_class(request[ACTOR], content, holder, _read(form), now=now)
            return go_to(request, f"/console/classes/{made.id}", done="草稿已保存。")
    return render(request, "classes/new", form=form, status=422)


@allow(Access.STAFF, Permission.FILE_CLASS)
async def show_edit(request: web.Request) -> web.Response:
    """GET /console/classes/{class_id}/edit."""
    found = await _find(request)
    values = {name: getattr(found.row, name) for name in _DETAILS}
    form = Form.blank(request, _fields(request, found), {**values, "version": found.row.version})
    return render(request, "classes/edit", form=form, found=found)


@allow(Access.STAFF, Permission.FILE_CLASS)
@body(most_bytes=_MOST_BYTES, seconds=10)
async def save(request: web.Request) -> web.Response:
    """POST /console/classes/{class_id}/edit."""
    found = await _find(request)
    form = await Form.read(request, _fields(request, found))
    if form.fits:
        async with telling_class_refusals(request, form):
            await _change(request, found, form)
            return go_to(request, f"/console/classes/{found.row.id}", done="已保存。")
    return render(request, "classes/edit", form=form, found=found, status=422)


async def _change(request: web.Request, found: ClassFile, form: Form) -> None:
    await change_class(
        request[ACTOR],
        ground_of(request).read_content(),
        found.row.id,
        form.number("version"),
        _read(form, details_of(found.row)),
        reason=form.text("reason") if "reason" in form.fields else "",
        now=now_for(request),
    )


async def _find(request: web.Request) -> ClassFile:
    content = ground_of(request).read_content()
    return await find_class(
        request[ACTOR], content, uuid_in(request, "class_id"), now=now_for(request)
    )


def _holder_of(actor: Actor) -> Holder:
    institution = getattr(actor, "institution", None)
    if institution is None:
        raise DomainError("no_permission")
    return Holder("institution", institution)


def _fields(request: web.Request, found: ClassFile | None = None) -> tuple[Field, ...]:
    """Those that may be changed as the class stands: while it is held the teacher alone."""
    version = fields.Number(name="version", label="版本", required=found is not None)
    teacher = fields.Text(
        name="teacher",
        label="授课老师",
        required=False,
        most=LONGEST["teacher"],
        help=_BEFORE_FILING,
    )
    if found is not None and Status(found.row.status) in HELD:
        why = fields.Text(name="reason", label="为什么换", most=500)
        return (version, teacher, why)
    kind = "institution" if found is None else found.holder.kind
    details = (*_what(request, kind), *_where_and_when(), teacher, *_how())
    # Most of it is asked for later, before the class recruits or is filed.
    return (version, *(replace(one, optional=_LATER) for one in details))


def _what(request: web.Request, kind: str) -> tuple[Field, ...]:
    return (
        fields.Text(
            name="title", label="班名", most=LONGEST["title"], help="如：养老护理员（初级）第3期"
        ),
        fields.Choice(name="programme", label="培训项目", options=programmes_of(request, kind)),
        fields.Text(
            name="occupation",
            label="职业（工种）",
            most=LONGEST["occupation"],
            help="和补贴标准目录里的写法一样",
        ),
        fields.Text(name="level", label="等级", required=False, most=LONGEST["level"]),
        fields.Choice(name="county", label="在哪个县区备案", options=county_names(request)),
        fields.Text(
            name="target_group",
            label="招生对象",
            required=False,
            most=LONGEST["target_group"],
            help=f"谁可以来，要带什么。{_BEFORE_RECRUITING}。不能许诺补贴，也不能用政府部门的名义招生（聊城通知第12条）",
        ),
        fields.Number(name="capacity", label="名额", unit="人", least=1, most=MOST_PEOPLE),
        fields.Number(
            name="hours",
            label="总课时",
            unit="课时",
            required=False,
            most=MOST_HOURS,
            help=_BEFORE_FILING,
        ),
    )


def _where_and_when() -> tuple[Field, ...]:
    return (
        fields.Day(name="starts_on", label="开班日期", required=False, help=_BEFORE_RECRUITING),
        fields.Day(name="ends_on", label="结业日期", required=False, help=_BEFORE_RECRUITING),
        fields.Text(
            name="address",
            label="上课地点",
            required=False,
            most=LONGEST["address"],
            help=f"写到门牌号。{_BEFORE_RECRUITING}",
        ),
        Degrees(
            name="latitude",
            label="地点的纬度",
            required=False,
            most=20,
            keyboard="decimal",
            help=f"在微信里看这个位置时的第一个数，如 36.45（GCJ-02），签到要用。{_BEFORE_FILING}",
        ),
        Degrees(
            name="longitude",
            label="地点的经度",
            required=False,
            most=20,
            keyboard="decimal",
            help="第二个数，如 115.98",
        ),
    )


def _how() -> tuple[Field, ...]:
    return (
        fields.Text(
            name="demand_analysis",
            label="需求分析",
            required=False,
            most=LONGEST["demand_analysis"],
            lines=6,
            help="参训的人是什么情况、想学什么，学完能去哪里就业创业（聊城通知第11条）。交备案前要填",
        ),
        fields.Text(
            name="plan",
            label="培训计划",
            required=False,
            most=LONGEST["plan"],
            lines=8,
            help=_BEFORE_FILING,
        ),
        fields.Tick(name="is_project", label="这是项目制班"),
        fields.Tick(name="classified", label="这是涉密班（不留培训视频，聊城通知第2条）"),
    )


def _read(form: Form, known: Details | None = None) -> Details:
    """What the form says; what it does not ask for stays as it is known."""
    values: dict[str, object] = {}
    for name in _DETAILS:
        if name not in form.fields:
            values[name] = getattr(known, name)
        elif isinstance(form.fields[name], Degrees | fields.Day):
            values[name] = form.values[name]
        elif isinstance(form.fields[name], fields.Number):
            values[name] = form.values[name] or 0
        elif isinstance(form.fields[name], fields.Tick):
            values[name] = form.ticked(name)
        else:
            values[name] = form.text(name)
    return Details(**values)  # type: ignore[arg-type]


def add_routes(app: web.Application) -> None:
    """The form for a new class, and for one that is there."""
    app.router.add_get("/classes/new", show_new)
    app.router.add_post("/classes/new", draft)
    app.router.add_get("/classes/{class_id}/edit", show_edit)
    app.router.add_post("/classes/{class_id}/edit", save)
