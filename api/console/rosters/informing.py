"""Who was told face to face (当面告知) what their class has to tell (L12): by whoever holds it."""

from uuid import UUID

from aiohttp import web

from api.console.ground import ground_of, now_for
from api.console.page import go_to, render
from api.console.paths import uuid_in
from api.console.rosters.ground import class_id_of, roster_path
from domain.enrolments.queries import require_roster
from domain.enrolments.telling import inform_people, list_owed
from domain.permissions import Permission
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

_TICK, _ALL = "told-", "all"
#: Boxes on one page; a form has no more fields than web.forms.MOST_FIELDS.
_MOST_TICKS = 80
_HOLDER = allow(Access.STAFF, Permission.SEE_ROSTER, Permission.ENROL)


def add_routes(app: web.Application) -> None:
    """Add them."""
    app.router.add_get("/classes/{class_id}/roster/told", show_owed)
    app.router.add_post("/classes/{class_id}/roster/told", note_some)
    app.router.add_post("/classes/{class_id}/roster/{enrolment}/told", note_one)


@_HOLDER
async def show_owed(request: web.Request) -> web.Response:
    """GET: what is to be read out, and to whom."""
    actor, class_id = request[ACTOR], class_id_of(request)
    row = await require_roster(actor, class_id, Permission.ENROL)
    owed = await list_owed(actor, ground_of(request).vault, class_id)
    return render(
        request,
        "rosters/told",
        row=row,
        lines=owed.lines[:_MOST_TICKS],
        count=len(owed.lines),
        notices=owed.words,
        everybody={_ALL: " ".join(str(line.id) for line in owed.lines)},
        path=roster_path(class_id),
    )


@_HOLDER
@body(most_bytes=64 * 1024, seconds=10)
async def note_some(request: web.Request) -> web.Response:
    """POST: those that were ticked, or all who stood on the page."""
    sent = await read_form(request)
    ticked = [name.removeprefix(_TICK) for name in sent if name.startswith(_TICK)]
    named = [_read_id(text) for text in (*ticked, *sent.get(_ALL, "").split())]
    return await _note(request, [one for one in named if one is not None])


@_HOLDER
@body(most_bytes=4096, seconds=5)
async def note_one(request: web.Request) -> web.Response:
    """POST: one person."""
    return await _note(request, [uuid_in(request, "enrolment")])


async def _note(request: web.Request, enrolments: list[UUID]) -> web.Response:
    class_id = class_id_of(request)
    count = await inform_people(
        request[ACTOR], class_id=class_id, enrolments=enrolments, now=now_for(request)
    )
    if not enrolments:
        return go_to(request, f"{roster_path(class_id)}/told", done="没有选人，先选再点。")
    done = f"记下了：{count}人已当面告知。" if count else "已经记过了，没有再记。"
    return go_to(request, roster_path(class_id), done=done)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
