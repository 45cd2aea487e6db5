"""A roster that is not filed yet: taking who has applied, adding by hand, taking out."""

from uuid import UUID

from aiohttp import web

from api.console import fields
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.once import once
from api.console.page import go_to, render
from api.console.paths import uuid_in
from api.console.rosters.ground import class_id_of, roster_path, teller_of
from domain.enrolments.actions import confirm, enrol_other, withdraw
from domain.enrolments.queries import list_waiting, require_roster
from domain.people.naming import read_person
from domain.permissions import Permission
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

_TICK = "take-"
_BODY = body(most_bytes=64 * 1024, seconds=10)
_HOLDER = allow(Access.STAFF, Permission.SEE_ROSTER, Permission.ENROL)

PERSON = (
    fields.Text(name="name", label="姓名", help="照着身份证写", most=100),
    fields.Text(name="id_number", label="身份证号", keyboard="text", most=100),
    fields.Text(name="phone", label="手机号", required=False, keyboard="tel", most=100),
)
#: Asked only of whom it is true.
BEYOND = fields.Tick(
    name="beyond_three",
    label="已经告诉本人这次可能没有补贴，本人还愿意学",
    required=False,
)


def add_routes(app: web.Application) -> None:
    """Add them."""
    app.router.add_post("/classes/{class_id}/roster/confirm", take_some)
    app.router.add_post("/classes/{class_id}/roster/confirm-all", take_all)
    app.router.add_get("/classes/{class_id}/roster/add", show_add)
    app.router.add_post("/classes/{class_id}/roster/add", add)
    app.router.add_post("/classes/{class_id}/roster/{enrolment}/withdraw", take_out)


@_HOLDER
@_BODY
async def take_some(request: web.Request) -> web.Response:
    """POST: those that were ticked."""
    class_id = class_id_of(request)
    sent = await read_form(request)
    ticked = [_read_id(name) for name in sent if name.startswith(_TICK)]
    chosen = [one for one in ticked if one is not None]
    return await _take(request, class_id, chosen)


@_HOLDER
@_BODY
async def take_all(request: web.Request) -> web.Response:
    """POST: all who have applied."""
    class_id = class_id_of(request)
    return await _take(request, class_id, await list_waiting(request[ACTOR], class_id, "applied"))


@_HOLDER
async def show_add(request: web.Request) -> web.Response:
    """GET: somebody by hand."""
    return await _render_add(request, Form.blank(request, (*PERSON, BEYOND)))


@_HOLDER
@_BODY
@once
async def add(request: web.Request) -> web.Response:
    """POST: somebody by hand."""
    form = await Form.read(request, (*PERSON, BEYOND))
    if form.fits:
        with form.telling_refusals():
            now = now_for(request)
            named = read_person(form.text("name"), form.text("id_number"), form.text("phone"), now)
            enrolled = await enrol_other(
                request[ACTOR],
                ground_of(request).vault,
                teller_of(request),
                class_id=class_id_of(request),
                named=named,
                told_beyond_three=form.ticked("beyond_three"),
                now=now,
            )
            done = "加进名单了。" if enrolled.fresh else "这个人已经在名单里，没有再加一次。"
            return go_to(request, roster_path(enrolled.class_id), done=done)
    return await _render_add(request, form, status=422)


@_HOLDER
@_BODY
async def take_out(request: web.Request) -> web.Response:
    """POST: somebody leaves before the class is filed."""
    class_id = class_id_of(request)
    await withdraw(
        request[ACTOR],
        enrolment_id=uuid_in(request, "enrolment"),
        class_id=class_id,
        now=now_for(request),
    )
    return go_to(request, roster_path(class_id), done="退出了，空出一个名额。")


async def _take(request: web.Request, class_id: UUID, chosen: list[UUID]) -> web.Response:
    count = await confirm(
        request[ACTOR], class_id=class_id, enrolments=chosen, now=now_for(request)
    )
    done = f"确认了{count}人。" if count else "没有要确认的人。"
    return go_to(request, roster_path(class_id), done=done)


def asks_beyond(form: Form) -> bool:
    """Whether the person has had the year's three subsidised trainings, as the first try showed,
    so that the form asks whether they were told."""
    return form.refused == "trainings_used_up" or form.ticked("beyond_three")


async def _render_add(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    row = await require_roster(request[ACTOR], class_id_of(request), Permission.ENROL)
    return render(
        request,
        "rosters/add",
        status=status,
        form=form,
        beyond=asks_beyond(form),
        row=row,
        path=roster_path(row.id),
    )


def _read_id(name: str) -> UUID | None:
    try:
        return UUID(name.removeprefix(_TICK))
    except ValueError:
        return None
