"""`/console/classes/{class_id}/enrol`: an operator of the hotline enrols whoever calls."""

from aiohttp import web

from api.console import fields
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.page import PREFIX, go_to, render
from api.console.paths import uuid_in
from api.console.rosters.changing import BEYOND, PERSON, asks_beyond
from api.console.rosters.ground import STATES, class_id_of, teller_of
from api.console.shown import State
from domain.enrolments.actions import Enrolled, enrol_other, mark_informed, withdraw_caller
from domain.enrolments.rules import LOOSE
from domain.errors import DomainError
from domain.people.consents import current_notice
from domain.people.naming import read_person
from domain.permissions import Permission
from domain.training.queries import find_public
from web.access import ACTOR, Access, allow
from web.body_limits import body

_FIELDS = (
    *PERSON,
    fields.Tick(name="consent", label="上面这段已经念给来电人听，本人同意", required=True),
    BEYOND,
)
#: By these two a caller is known; the phone need not be asked for.
_LEAVING = PERSON[:2]


def add_routes(app: web.Application) -> None:
    """Add them."""
    app.router.add_get("/classes/{class_id}/enrol", show_form)
    app.router.add_post("/classes/{class_id}/enrol", enrol)
    app.router.add_post("/enrolments/{enrolment}/told", note_told)
    app.router.add_get("/classes/{class_id}/leave", show_leaving)
    app.router.add_post("/classes/{class_id}/leave", leave)


@allow(Access.STAFF, Permission.ENROL, Permission.SEE_CLASS)
async def show_form(request: web.Request) -> web.Response:
    """GET: who calls."""
    return await _render_form(request, Form.blank(request, _FIELDS))


@allow(Access.STAFF, Permission.ENROL, Permission.SEE_CLASS)
@body(most_bytes=64 * 1024, seconds=10)
async def enrol(request: web.Request) -> web.Response:
    """POST: enrolled, and what is to be read out (L12); the same again is the same enrolment.

    That the caller has heard it is said afterwards, by note_told.
    """
    form = await Form.read(request, _FIELDS)
    if form.fits:
        with form.telling_refusals():
            enrolled = await _enrol(request, form)
            return render(
                request,
                "rosters/called",
                enrolled=enrolled,
                state=STATES[enrolled.status],
                lines=enrolled.notice.splitlines(),
                path=f"{PREFIX}/classes/{enrolled.class_id}",
                told=f"{PREFIX}/enrolments/{enrolled.id}/told",
            )
    return await _render_form(request, form, status=422)


async def _enrol(request: web.Request, form: Form) -> Enrolled:
    now, ground = now_for(request), ground_of(request)
    notice = current_notice(ground.read_content().privacy, now.date())
    return await enrol_other(
        request[ACTOR],
        ground.vault,
        teller_of(request),
        class_id=class_id_of(request),
        named=read_person(form.text("name"), form.text("id_number"), form.text("phone"), now),
        consent=notice.version if notice and form.ticked("consent") else "",
        told_beyond_three=form.ticked("beyond_three"),
        now=now,
    )


@allow(Access.STAFF, Permission.ENROL, Permission.SEE_CLASS)
@body(most_bytes=16 * 1024, seconds=10)
async def note_told(request: web.Request) -> web.Response:
    """POST: the notice was read out to whoever called, to its end."""
    enrolment = uuid_in(request, "enrolment")
    await mark_informed(
        request[ACTOR], enrolment_id=enrolment, channel="hotline", now=now_for(request)
    )
    return go_to(request, f"{PREFIX}/classes", done="已经记下：今天在电话里告知。")


@allow(Access.STAFF, Permission.ENROL, Permission.SEE_CLASS)
async def show_leaving(request: web.Request) -> web.Response:
    """GET: who calls and wants to leave."""
    return await _render_form(request, Form.blank(request, _LEAVING), "rosters/call_off")


@allow(Access.STAFF, Permission.ENROL, Permission.SEE_CLASS)
@body(most_bytes=64 * 1024, seconds=10)
async def leave(request: web.Request) -> web.Response:
    """POST: out of a class that is not filed yet."""
    form = await Form.read(request, _LEAVING)
    if form.fits:
        with form.telling_refusals():
            now, class_id = now_for(request), class_id_of(request)
            title = await withdraw_caller(
                request[ACTOR],
                ground_of(request).vault,
                class_id=class_id,
                named=read_person(form.text("name"), form.text("id_number"), "", now),
                now=now,
            )
            path = f"{PREFIX}/classes/{class_id}"
            return go_to(request, path, done=f"退出了“{title}”，请告诉来电人。")
    return await _render_form(request, form, "rosters/call_off", status=422)


async def _render_form(
    request: web.Request,
    form: Form,
    template: str = "rosters/call",
    *,
    status: int = 200,
) -> web.Response:
    now, content = now_for(request), ground_of(request).read_content()
    found = await find_public(content, class_id_of(request), now=now)
    notice = current_notice(content.privacy, now.date())
    if notice is None:
        raise DomainError("not_found")
    return render(
        request,
        template,
        status=status,
        form=form,
        beyond=asks_beyond(form),
        found=found,
        left=State(f"还剩{found.places_left}个名额", "good"),
        loose=LOOSE,
        notice=notice,
        path=f"{PREFIX}/classes/{found.row.id}",
    )
