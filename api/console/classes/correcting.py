"""`POST /console/classes/{class_id}/approval`: an office puts right what it said when it agreed."""

from aiohttp import web

from api.console import fields
from api.console.classes.showing import render_class
from api.console.classes.words import trouble_of
from api.console.form import Form, Trouble
from api.console.ground import now_for, texts_of
from api.console.page import go_to
from api.console.paths import uuid_in
from domain.errors import DomainError
from domain.permissions import Permission
from domain.training.approving import LONGEST_NUMBER
from domain.training.correcting import correct_approval
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.problems import STATUS_OF_CODE

_FIELDS = (
    fields.Number(name="version", label="版本"),
    fields.Text(name="filing_number", label="备案号", required=False, most=LONGEST_NUMBER),
    fields.Tick(name="city_run", label="市直组织的项目"),
    # Only who may say it is asked: of others nothing comes, which does not mean no.
    fields.Tick(name="city_run_asked", label="市直组织的项目"),
    fields.Text(name="reason", label="为什么要改", required=False, most=500, lines=2),
)
_OUT_OF_REACH = frozenset({"not_found", "no_permission"})


@allow(Access.STAFF, Permission.DECIDE_CLASS)
@body(most_bytes=16 * 1024, seconds=10)
async def correct(request: web.Request) -> web.Response:
    """POST: what holds from now on, and why; or the page again with why not."""
    form = await Form.read(request, _FIELDS)
    if not form.fits:
        return await render_class(
            request, Trouble("还没有更正", "；".join(form.errors.values())), 422
        )
    class_id = uuid_in(request, "class_id")
    asked = bool(form.values.get("city_run_asked"))
    try:
        await correct_approval(
            request[ACTOR],
            class_id,
            form.number("version"),
            filing_number=form.text("filing_number"),
            city_run=bool(form.values.get("city_run")) if asked else None,
            reason=form.text("reason"),
            now=now_for(request),
        )
    except DomainError as error:
        if error.code in _OUT_OF_REACH or error.code not in STATUS_OF_CODE:
            raise
        trouble, status = trouble_of(texts_of(request), error), STATUS_OF_CODE[error.code]
        return await render_class(request, trouble, status)
    return go_to(
        request, f"/console/classes/{class_id}", done="已更正，办班单位会在办理经过里看到。"
    )


def add_routes(app: web.Application) -> None:
    """It."""
    app.router.add_post("/classes/{class_id}/approval", correct)
