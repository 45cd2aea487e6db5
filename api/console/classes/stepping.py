"""`POST /console/classes/{class_id}/{step}`: leads a class on."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from api.console import fields
from api.console.classes.showing import render_class
from api.console.classes.words import name_whom_it_keeps, trouble_of
from api.console.form import Form, Trouble
from api.console.ground import ground_of, now_for, texts_of
from api.console.page import go_to
from api.console.paths import uuid_in
from domain.errors import DomainError
from domain.permissions import Permission
from domain.training import actions
from domain.training.approving import LONGEST_NUMBER, Given
from domain.training.life import NEED_REASON, Step
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.problems import STATUS_OF_CODE

_FIELDS = (
    fields.Number(name="version", label="版本"),
    fields.Text(name="reason", label="原因", required=False, most=500, lines=3),
    fields.Text(name="filing_number", label="备案号", required=False, most=LONGEST_NUMBER),
    fields.Tick(name="city_run", label="市直组织的项目"),
)

#: Those of NEED_REASON are told it behind the version.
_STEPS: dict[Step, Callable[..., Awaitable[object]]] = {
    Step.RECRUIT: actions.open_recruiting,
    Step.FILE: actions.file_class,
    Step.APPROVE: actions.approve_class,
    Step.RETURN: actions.return_class,
    Step.OPEN: actions.open_class,
    Step.END: actions.end_class,
    Step.ARCHIVE: actions.archive_class,
    Step.CANCEL: actions.cancel_class,
}


@allow(Access.STAFF, Permission.SEE_CLASS)
@body(most_bytes=16 * 1024, seconds=10)
async def take_step(request: web.Request) -> web.Response:
    """POST: one step, or the page again with why not."""
    step = Step(request.match_info["step"])
    form = await Form.read(request, _FIELDS)
    if not form.fits:
        detail = "；".join(form.errors.values())
        return await render_class(request, Trouble("还没有办理", detail), 422)
    try:
        await _take(request, step, form)
    except DomainError as error:
        if error.code in ("not_found", "no_permission") or error.code not in STATUS_OF_CODE:
            raise
        await name_whom_it_keeps(request, error)
        trouble, status = trouble_of(texts_of(request), error), STATUS_OF_CODE[error.code]
        return await render_class(request, trouble, status)
    done = texts_of(request)[f"training.done.{step.value}"]
    return go_to(request, f"/console/classes/{uuid_in(request, 'class_id')}", done=done)


async def _take(request: web.Request, step: Step, form: Form) -> None:
    content, now = ground_of(request).read_content(), now_for(request)
    told: list[object] = [form.text("reason")] if step in NEED_REASON else []
    given: dict[str, object] = {}
    if step is Step.APPROVE:
        said = Given(form.text("filing_number"), bool(form.values.get("city_run")))
        given["given"] = said
    await _STEPS[step](
        request[ACTOR],
        content,
        uuid_in(request, "class_id"),
        form.number("version"),
        *told,
        **given,
        now=now,
    )


def add_routes(app: web.Application) -> None:
    """All steps."""
    steps = "|".join(_STEPS)
    app.router.add_post(f"/classes/{{class_id}}/{{step:{steps}}}", take_step)
