"""The audit log: who saw and did what. For auditors and supervisors; nobody changes it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from aiohttp import web

from api.console import filters
from api.console.audit_words import EVENTS, KINDS, ROLES, SYSTEMS, ids_in, say_facts
from api.console.ground import ground_of
from api.console.guard import staff_of, tools_of
from api.console.page import render
from api.console.places import county_names
from api.console.shown import Link, Whole
from api.console.tables import Column, Empty, Listing
from domain.audit.queries import Shown, Wanted, list_entries
from domain.oversight.naming import name_things
from domain.permissions import Permission, may
from domain.staff.queries import find_account_id, name_accounts
from domain.staff.rules import normalise_username
from web.access import ACTOR, Access, allow

_FILTERS = (
    filters.Search(name="who", label="谁", hint="用户名"),
    filters.Choice(name="event", label="做了什么", options=EVENTS),
    filters.Search(name="about", label="对象", hint="点下面的一个，或者写编号"),
    filters.Day(name="first", label="从"),
    filters.Day(name="last", label="到"),
)
#: Whom nobody is: a user name that no account has finds nothing, and not everything.
_NOBODY = "nobody"


@allow(Access.STAFF, Permission.READ_AUDIT)
async def show_log(request: web.Request) -> web.Response:
    """GET /console/audit."""
    found = filters.Filters.from_query(request.query, _FILTERS)
    listing = Listing(request, "audit", found, {"at": "at"}, "-at")
    page = await list_entries(
        staff_of(request),
        await _read_wanted(found),
        order=listing.order,
        position=listing.position,
        limit=listing.limit,
    )
    names = await name_accounts(tools_of(request), _accounts_in(page.rows))
    vault = ground_of(request).vault
    names |= await name_things(staff_of(request), vault, _things_in(page.rows) - set(names))
    columns = _columns(page.rows, names, county_names(request))
    table = listing.show(page, "记录", columns, empty=_EMPTY)
    audits = may(request[ACTOR], Permission.SEE_ERASED)
    return render(request, "audit/list", table=table, audits=audits)


def add_routes(app: web.Application) -> None:
    """The page of the log."""
    app.router.add_get("/audit", show_log)


_EMPTY = Empty(
    "还没有记录", "工作人员看了谁的完整资料、改了什么，都会记在这里，谁也改不了、删不掉。"
)


def _columns(
    rows: Sequence[Shown], names: Mapping[UUID, str], counties: Mapping[str, str]
) -> tuple[Column[Shown], ...]:
    columns: tuple[Column[Shown], ...] = (
        Column("时间", lambda row: row.at, sort="at"),
        Column("谁", lambda row: _say_actor(row.actor, names)),
        Column("角色", lambda row: Whole(ROLES.get(row.role, row.role)), minor=True),
        Column("做了什么", lambda row: EVENTS.get(row.event, row.event)),
        Column("对象", lambda row: _say_about(row, names)),
    )
    if not any(row.facts for row in rows):
        return columns
    details: Column[Shown] = Column(
        "细节", lambda row: say_facts(row.facts, counties, names), minor=True
    )
    return (*columns, details)


async def _read_wanted(found: filters.Filters) -> Wanted:
    who, about = found.text("who"), found.text("about")
    actor = None
    if who is not None:
        account = await find_account_id(normalise_username(who))
        actor = f"staff {account}" if account else _NOBODY
    return Wanted(
        actor=actor,
        event=found.text("event"),
        about=None if about is None else _read_id(about) or UUID(int=0),
        first=found.day("first"),
        last=found.day("last"),
    )


def _accounts_in(rows: Sequence[Shown]) -> set[UUID]:
    """Accounts that acted, or that something was done to."""
    acted = {_read_id(row.actor.removeprefix("staff ")) for row in rows}
    about = {row.about_id for row in rows if row.about_kind == "staff"}
    return {id for id in acted | about if id is not None}


def _things_in(rows: Sequence[Shown]) -> set[UUID]:
    """What something was done to, and what is named beside it."""
    about = {row.about_id for row in rows if row.about_id is not None}
    return about.union(*(ids_in(row.facts) for row in rows))


def _say_actor(actor: str, names: Mapping[UUID, str]) -> str:
    kind, _, name = actor.partition(" ")
    if kind == "staff":
        id = _read_id(name)
        return names.get(id, actor) if id else actor
    return f"系统（{SYSTEMS.get(name, name)}）" if kind == "system" else actor


def _say_about(row: Shown, names: Mapping[UUID, str]) -> Link | str:
    """What it was about; a tap shows all that was ever done to the same thing."""
    if row.about_id is None:
        return ""
    kind, name = KINDS.get(row.about_kind, row.about_kind), names.get(row.about_id)
    # The end of an id is what tells two of one day apart.
    words = name or f"…{str(row.about_id)[-6:]}"
    if row.about_kind != "staff" or not name:
        words = f"{kind} {words}"
    return Link(words, f"?about={row.about_id}")


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
