"""A filed roster: who joins and who leaves, each naming who allowed it (L11)."""

from uuid import UUID

from aiohttp import web

from api.console import fields
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.once import once
from api.console.page import go_to, render
from api.console.paths import uuid_in
from api.console.rosters.changing import BEYOND, PERSON, asks_beyond
from api.console.rosters.ground import (
    STATES,
    channels_of,
    class_id_of,
    roster_path,
    say_told,
    teller_of,
)
from domain.enrolments.amendments import amend_roster, note_seen
from domain.enrolments.correcting import correct_name, may_correct
from domain.enrolments.queries import acts_for_holder, find_line, require_roster
from domain.enrolments.rules import AMENDABLE, LOOSE
from domain.enrolments.sights import note_look
from domain.errors import DomainError
from domain.people.naming import read_person
from domain.permissions import Permission, may
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

_BODY = body(most_bytes=64 * 1024, seconds=10)
_HOLDER = allow(Access.STAFF, Permission.SEE_ROSTER, Permission.ENROL)
_ALLOWED = (
    fields.Text(name="allowed_by", label="谁同意的", help="单位和姓名：某某县人社局某某", most=80),
    fields.Text(name="reason", label="什么原因", lines=3, most=500),
)
_NAME = fields.Text(name="name", label="改成", help="照着身份证写", most=100)
_WHY = fields.Text(name="why", label="看过什么证件", most=200)
_JOIN = (*PERSON, *_ALLOWED, BEYOND)


def add_routes(app: web.Application) -> None:
    """Add them."""
    app.router.add_get("/classes/{class_id}/roster/join", show_join)
    app.router.add_post("/classes/{class_id}/roster/join", join)
    app.router.add_post("/classes/{class_id}/roster/{enrolment}/leave", leave)
    app.router.add_post("/classes/{class_id}/roster/seen", note_looked)
    app.router.add_post("/classes/{class_id}/roster/{enrolment}/name", rename)
    # After all paths of the roster that have a name in its place.
    app.router.add_get("/classes/{class_id}/roster/{enrolment}", show_line)


@_HOLDER
async def show_join(request: web.Request) -> web.Response:
    """GET: somebody joins late."""
    return await _render_join(request, Form.blank(request, _JOIN))


@_HOLDER
@_BODY
@once
async def join(request: web.Request) -> web.Response:
    """POST: somebody joins late."""
    form = await Form.read(request, _JOIN)
    if form.fits:
        with form.telling_refusals():
            now, class_id = now_for(request), class_id_of(request)
            await amend_roster(
                request[ACTOR],
                ground_of(request).vault,
                teller_of(request),
                class_id=class_id,
                joins=read_person(
                    form.text("name"), form.text("id_number"), form.text("phone"), now
                ),
                allowed_by=form.text("allowed_by"),
                reason=form.text("reason"),
                told_beyond_three=form.ticked("beyond_three"),
                now=now,
            )
            return go_to(request, roster_path(class_id), done="登记了，加进名单了。")
    return await _render_join(request, form, status=422)


@allow(Access.STAFF, Permission.SEE_ROSTER)
async def show_line(request: web.Request) -> web.Response:
    """GET: one person on the roster, masked, and what may be done."""
    return await _render_line(request, Form.blank(request, _ALLOWED))


@_HOLDER
@_BODY
@once
async def leave(request: web.Request) -> web.Response:
    """POST: somebody leaves a filed class."""
    form = await Form.read(request, _ALLOWED)
    if form.fits:
        with form.telling_refusals():
            class_id = class_id_of(request)
            await amend_roster(
                request[ACTOR],
                ground_of(request).vault,
                teller_of(request),
                class_id=class_id,
                leaves=uuid_in(request, "enrolment"),
                allowed_by=form.text("allowed_by"),
                reason=form.text("reason"),
                now=now_for(request),
            )
            return go_to(request, roster_path(class_id), done="登记了，这个人退出了。")
    return await _render_line(request, form, status=422)


@allow(Access.STAFF, Permission.SEE_ROSTER, Permission.DECIDE_CLASS)
@body(most_bytes=4096, seconds=5)
async def note_looked(request: web.Request) -> web.Response:
    """POST {"upto"}: somebody of the office has looked at the amendments that stood there."""
    class_id = class_id_of(request)
    try:
        upto = UUID((await read_form(request)).get("upto", ""))
    except ValueError:
        raise DomainError("not_found") from None
    count = await note_seen(request[ACTOR], class_id=class_id, upto=upto, now=now_for(request))
    done = f"记下了：{count}处备案后的变更看过了。" if count else "这些变更已经有人看过了。"
    return go_to(request, roster_path(class_id), done=done)


@allow(Access.STAFF, Permission.SEE_ROSTER)
@body(most_bytes=16 * 1024, seconds=10)
async def rename(request: web.Request) -> web.Response:
    """POST: the name was typed wrong."""
    class_id, naming = class_id_of(request), await Form.read(request, _naming(request))
    if naming.fits:
        with naming.telling_refusals():
            line = await correct_name(
                request[ACTOR],
                ground_of(request).vault,
                enrolment_id=uuid_in(request, "enrolment"),
                class_id=class_id,
                name=naming.text("name"),
                reason=naming.text("why"),
                now=now_for(request),
            )
            path = f"{roster_path(class_id)}/{line.id}"
            return go_to(request, path, done=f"姓名改好了，现在是{line.name}。")
    return await _render_line(request, Form.blank(request, _ALLOWED), naming=naming, status=422)


def _naming(request: web.Request) -> tuple[fields.Field, ...]:
    """The office says what it has seen."""
    return (_NAME, _WHY) if may(request[ACTOR], Permission.CORRECT_PERSON) else (_NAME,)


async def _render_join(request: web.Request, form: Form, *, status: int = 200) -> web.Response:
    row = await require_roster(request[ACTOR], class_id_of(request), Permission.ENROL)
    return render(
        request,
        "rosters/join",
        status=status,
        form=form,
        beyond=asks_beyond(form),
        row=row,
        path=roster_path(row.id),
    )


async def _render_line(
    request: web.Request, form: Form, *, naming: Form | None = None, status: int = 200
) -> web.Response:
    """`naming`: the name was refused."""
    class_id, enrolment = class_id_of(request), uuid_in(request, "enrolment")
    actor = request[ACTOR]
    row = await require_roster(actor, class_id, Permission.SEE_ROSTER)
    await note_look(actor, class_id, now=now_for(request))
    line = await find_line(actor, ground_of(request).vault, class_id, enrolment)
    holds = acts_for_holder(actor, row)
    return render(
        request,
        "rosters/line",
        status=status,
        form=form,
        row=row,
        line=line,
        states=STATES,
        channels=channels_of(request),
        told=say_told(line),
        naming=naming or Form.blank(request, _naming(request)),
        renames=naming is not None or await may_correct(actor, class_id, enrolment),
        path=roster_path(class_id),
        holds=holds,
        loose=holds and row.status in LOOSE,
        amends=holds and row.status in AMENDABLE,
    )
