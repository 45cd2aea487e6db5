"""`…/roster/complete`: who was there to the end of a class that has ended, and who was not."""

from uuid import UUID

from aiohttp import web

from api.console.ground import ground_of, now_for
from api.console.page import go_to, render
from api.console.rosters.ground import class_id_of, roster_path
from domain.enrolments.completing import complete, list_confirmed
from domain.enrolments.queries import require_roster
from domain.permissions import Permission
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

_TICK, _SHOWN = "unfinished-", "shown"
#: Boxes on one page; a form has no more fields than web.forms.MOST_FIELDS.
_MOST_TICKS = 80
_HOLDER = allow(Access.STAFF, Permission.SEE_ROSTER, Permission.ENROL)


def add_routes(app: web.Application) -> None:
    """Add them."""
    app.router.add_get("/classes/{class_id}/roster/complete", show_confirmed)
    app.router.add_post("/classes/{class_id}/roster/complete", settle)


@_HOLDER
async def show_confirmed(request: web.Request) -> web.Response:
    """GET: everybody of whom it is to be said."""
    actor, class_id = request[ACTOR], class_id_of(request)
    row = await require_roster(actor, class_id, Permission.ENROL)
    lines, count = await list_confirmed(actor, ground_of(request).vault, class_id, most=_MOST_TICKS)
    return render(
        request,
        "rosters/complete",
        row=row,
        lines=lines,
        count=count,
        shown=" ".join(str(line.id) for line in lines),
        ended=row.status == "ended",
        path=roster_path(class_id),
    )


@_HOLDER
@body(most_bytes=64 * 1024, seconds=10)
async def settle(request: web.Request) -> web.Response:
    """POST: of those who stood on the page the ticked were not there to the end, all others
    were."""
    class_id, sent = class_id_of(request), await read_form(request)
    ticked = [name.removeprefix(_TICK) for name in sent if name.startswith(_TICK)]
    said = await complete(
        request[ACTOR],
        class_id=class_id,
        enrolments=_read_ids(sent.get(_SHOWN, "").split()),
        unfinished=_read_ids(ticked),
        now=now_for(request),
    )
    done = f"{said.completed}人记为学完，{said.unfinished}人记为没学完。"
    return go_to(request, roster_path(class_id), done=done)


def _read_ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
