"""`/console/classes`: a holder's own classes, or those of an office, and what waits for it."""

from aiohttp import web

from api.console import filters
from api.console.classes.words import (
    Texts,
    path_of,
    programmes_of,
    standing_of,
    state_of,
    tell_age,
)
from api.console.filters import Filters
from api.console.ground import ground_of, now_for, texts_of
from api.console.page import PREFIX, render
from api.console.places import county_names
from api.console.shown import Period, State, Whole
from api.console.tables import Column, Empty, Listing, Table
from domain.actor import Actor
from domain.enrolments.amendments import count_unseen
from domain.permissions import Permission, Reach, may, reach_of
from domain.training.life import Status
from domain.training.queries import ClassCard, ClassFilter, list_classes, list_filed
from web.access import ACTOR, Access, allow

_CHANGES = {"unseen": "有还没看的"}
_HOLDERS = {"stopped": "被暂停或移出的"}
_OVER = frozenset({Status.ENDED, Status.ARCHIVED, Status.CANCELLED})
_NONE_YET = Empty(
    "这里还没有班期",
    "先写一个草稿，内容齐了再开始招生；有人报名以后交备案，人社局同意后到日子开班。",
    ("写一个新班", "/console/classes/new"),
)
_NONE_ASSIGNED = Empty("还没有分给您的班", "让您看哪个班，哪个班就出现在这里。")
_NONE_IN_REACH = Empty("还没有班期", "办班单位开始招生以后，班期会出现在这里。")
_PROJECTS = f"{PREFIX}/classes/projects"


@allow(Access.STAFF, Permission.SEE_CLASS)
async def show_list(request: web.Request) -> web.Response:
    """GET /console/classes."""
    actor, now = request[ACTOR], now_for(request)
    found = Filters.from_query(request.query, _filters(request))
    listing = Listing(request, "classes", found)
    narrowed = await _narrow(actor, found)
    page = await list_classes(
        actor, narrowed, listing.position, listing.limit, urgent_first=True, now=now
    )
    may_write = may(actor, Permission.FILE_CLASS)
    own = reach_of(actor, Permission.SEE_CLASS) is Reach.OWN
    empty = _NONE_YET if may_write else _NONE_ASSIGNED if own else _NONE_IN_REACH
    table = listing.show(page, "班期", _columns(request), link=path_of, empty=empty)
    queue = None if found.any else await _find_queue(request)
    return render(
        request,
        "classes/list",
        table=table,
        queue=queue,
        may_write=may_write,
        projects=_find_projects(request),
    )


def _find_projects(request: web.Request) -> str:
    """The page of what the city reports of project classes; "" for who does not."""
    shown = _PROJECTS in ground_of(request).served
    return _PROJECTS if shown and may(request[ACTOR], Permission.REPORT_PROJECTS) else ""


async def _find_queue(request: web.Request) -> Table[ClassCard] | None:
    """What was filed and waits, the longest first; None for who decides nothing."""
    if not may(request[ACTOR], Permission.DECIDE_CLASS):
        return None
    now = now_for(request)
    columns: tuple[Column[ClassCard], ...] = (
        Column("班名", lambda card: card.row.title),
        Column("办班单位", lambda card: card.holder.name),
        Column("开班", lambda card: card.row.starts_on),
        Column("名单", lambda card: f"{card.row.roster_size}人", number=True),
        Column("交来", lambda card: tell_age(card.row.filed_at, now), number=True),
    )
    cards = await list_filed(request[ACTOR], now=now)
    return Table("等审核的班", columns, cards, link=path_of)


def _filters(request: web.Request) -> tuple[filters.Filter, ...]:
    texts = texts_of(request)
    statuses = {one.value: texts[f"training.status.{one.value}"] for one in Status}
    chosen: list[filters.Filter] = [
        filters.Search(hint="班名、单位里的字"),
        filters.Search(name="occupation", label="职业（工种）", hint="一部分也行", most=80),
        filters.Choice(name="status", label="状态", options=statuses),
        filters.Choice(name="programme", label="培训项目", options=programmes_of(request)),
    ]
    if may(request[ACTOR], Permission.DECIDE_CLASS):
        chosen.append(filters.Choice(name="holder", label="办班单位", options=_HOLDERS))
        chosen.append(filters.Choice(name="changes", label="备案后的变更", options=_CHANGES))
    if reach_of(request[ACTOR], Permission.SEE_CLASS) is Reach.ALL:
        chosen.append(filters.Choice(name="county", label="县区", options=county_names(request)))
    return tuple(chosen)


async def _narrow(actor: Actor, found: Filters) -> ClassFilter:
    unseen = found.text("changes") == "unseen"
    return ClassFilter(
        ids=frozenset(await count_unseen(actor)) if unseen else None,
        county=found.text("county") or "",
        occupation=found.text("occupation") or "",
        programme=found.text("programme") or "",
        status=found.text("status") or "",
        text=found.text("q") or "",
        stopped=found.text("holder") == "stopped",
    )


def _columns(request: web.Request) -> tuple[Column[ClassCard], ...]:
    texts, counties = texts_of(request), county_names(request)
    reach = reach_of(request[ACTOR], Permission.SEE_CLASS)
    columns: list[Column[ClassCard]] = [Column("班名", lambda card: card.row.title)]
    if reach is not Reach.OWN:
        columns.append(Column("办班单位", lambda card: card.holder.name))
    columns.append(Column("职业（工种）", lambda card: card.row.occupation))
    if reach is Reach.ALL:
        columns.append(
            Column("县区", lambda card: Whole(counties.get(card.row.county, card.row.county)))
        )
    return (
        *columns,
        Column("日期", _say_dates),
        Column("报名", lambda card: f"{card.places.people}/{card.row.capacity}", number=True),
        Column("状态", lambda card: _state_of(texts, card)),
    )


def _state_of(texts: Texts, card: ClassCard) -> State:
    """How it stands; of one that goes on though its institution may not train, that as well."""
    state = state_of(texts, card.row.status)
    standing = standing_of(texts, card)
    if standing is None or not card.stopped or Status(card.row.status) in _OVER:
        return state
    return State(f"{state.word}，机构{standing.word}", "warn")


def _say_dates(card: ClassCard) -> Period | None:
    first, last = card.row.starts_on, card.row.ends_on
    return Period(first, last) if first and last else None


def add_routes(app: web.Application) -> None:
    """The list."""
    app.router.add_get("/classes", show_list)
