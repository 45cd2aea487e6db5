"""`/console/classes/{class_id}/roster`: who is in a class, masked; as a sheet; on paper."""

from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from api.console import filters
from api.console.classes.words import say_replanned
from api.console.ground import ground_of, now_for, texts_of
from api.console.page import PREFIX, render
from api.console.reasons import ROSTER_REASONS, read_reason
from api.console.rosters.ground import STATES, channels_of, class_id_of, roster_path
from api.console.shown import Happening, State
from api.console.tables import Listing
from domain.enrolments.amendments import list_unseen
from domain.enrolments.completing import list_confirmed
from domain.enrolments.exporting import export_roster, may_open_whole, open_roster
from domain.enrolments.queries import (
    Amended,
    acts_for_holder,
    count_roster,
    list_amendments,
    list_roster,
    require_roster,
)
from domain.enrolments.rules import AMENDABLE, LOOSE, Status
from domain.enrolments.sights import note_look
from domain.enrolments.telling import count_owed
from domain.permissions import Permission, may
from domain.training.queries import Replanned, find_class, list_replanned
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILTERS = (
    filters.Choice(
        name="status",
        label="状态",
        options={status: STATES[status].word for status in Status},
        all="没有退出的",
    ),
)


def add_routes(app: web.Application) -> None:
    """Add them."""
    app.router.add_get("/classes/{class_id}/roster", show_roster)
    app.router.add_post("/classes/{class_id}/roster/export", export)
    app.router.add_post("/classes/{class_id}/roster/print", print_roster)


@allow(Access.STAFF, Permission.SEE_ROSTER)
async def show_roster(request: web.Request) -> web.Response:
    """GET: the roster and what may be done with it."""
    actor, class_id = request[ACTOR], class_id_of(request)
    row = await require_roster(actor, class_id, Permission.SEE_ROSTER)
    await note_look(actor, class_id, now=now_for(request))
    found = filters.Filters.from_query(request.query, _FILTERS)
    listing = Listing(request, f"roster of {class_id}", found)
    page = await list_roster(
        actor,
        ground_of(request).vault,
        class_id,
        listing.position,
        listing.limit,
        status=found.text("status") or "",
    )
    amended = await list_amendments(actor, class_id)
    unseen = await list_unseen(actor, class_id)
    holds = acts_for_holder(actor, row)
    return render(
        request,
        "rosters/show",
        row=row,
        table=listing.show(page, "学员", ()),
        counts=await count_roster(actor, class_id),
        owed=await count_owed(actor, class_id),
        holds=holds,
        states=STATES,
        channels=channels_of(request),
        path=roster_path(class_id),
        class_path=f"{PREFIX}/classes/{class_id}",
        loose=holds and row.status in LOOSE,
        amends=holds and row.status in AMENDABLE,
        unsettled=await _count_unsettled(request, class_id)
        if holds and row.status == "ended"
        else 0,
        exports=may(actor, Permission.EXPORT_ROSTER),
        reasons=ROSTER_REASONS if may_open_whole(actor, row) else {},
        unseen=len(unseen),
        upto=unseen[-1] if unseen else "",
        history=_list_changes(amended, await list_replanned(actor, class_id)),
    )


def _list_changes(
    amended: Sequence[Amended], replanned: Sequence[Replanned]
) -> Sequence[Happening]:
    """What was changed since the class was filed, the newest first."""
    roster = [
        Happening(
            one.made_at,
            State("加人", "good") if one.joined else State("退出", "warn"),
            one.reason,
            f"{one.allowed_by}同意",
        )
        for one in amended
    ]
    sessions = [
        Happening(
            one.made_at,
            State("调课", "warn"),
            f"{say_replanned(one.sessions_before, one.sessions, one.lessons_before, one.lessons)}；"
            f"{one.reason}",
        )
        for one in replanned
    ]
    return sorted((*roster, *sessions), key=lambda one: one.on, reverse=True)


async def _count_unsettled(request: web.Request, class_id: UUID) -> int:
    """Of how many nobody has said yet whether they were there to the end."""
    vault = ground_of(request).vault
    return (await list_confirmed(request[ACTOR], vault, class_id, most=0))[1]


@allow(Access.STAFF, Permission.EXPORT_ROSTER)
@body(most_bytes=4096, seconds=5)
async def export(request: web.Request) -> web.Response:
    """POST {"whole", "reason", "note"}: the roster as a sheet, masked; whole for a reason. On the
    record."""
    whole, reason = await _read_whole(request)
    row, content = await export_roster(
        request[ACTOR],
        ground_of(request).vault,
        texts_of(request),
        class_id=class_id_of(request),
        unmasked=whole,
        reason=reason,
        now=now_for(request),
    )
    name = quote(f"学员花名册-{row.title}.xlsx")
    return web.Response(
        body=content,
        content_type=_SHEET,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        },
    )


@allow(Access.STAFF, Permission.EXPORT_ROSTER)
@body(most_bytes=4096, seconds=5)
async def print_roster(request: web.Request) -> web.Response:
    """POST {"whole", "reason", "note"}: the roster as it is printed (学员花名册), masked; whole for
    a reason. On the record."""
    whole, reason = await _read_whole(request)
    row, opened = await open_roster(
        request[ACTOR],
        ground_of(request).vault,
        class_id=class_id_of(request),
        unmasked=whole,
        reason=reason,
        now=now_for(request),
    )
    held = await find_class(
        request[ACTOR], ground_of(request).read_content(), row.id, now=now_for(request)
    )
    return render(
        request,
        "rosters/print",
        row=row,
        # On paper nothing else says whose it is.
        holder=held.holder.name,
        opened=opened,
        whole=whole,
        states=STATES,
        path=roster_path(row.id),
        amendments=await list_amendments(request[ACTOR], row.id),
    )


async def _read_whole(request: web.Request) -> tuple[bool, str]:
    """Whether names and numbers are asked for, and why."""
    whole = bool((await read_form(request)).get("whole"))
    return whole, await read_reason(request, ROSTER_REASONS) if whole else ""
