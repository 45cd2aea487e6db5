"""The first page: what waits for this role, and where else one can go."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from api.console.ground import ground_of
from api.console.navigation import places_for
from api.console.page import PREFIX, go_to, render
from domain.permissions import Permission
from web.access import ACTOR, Access, allow


@dataclass(frozen=True, slots=True)
class Waiting:
    """Things that wait for whoever looks: how many, and the list of them."""

    #: 个班等审批: what stands behind the number.
    words: str
    count: int
    path: str
    #: Until when, or what happens otherwise; "" for nothing to be said.
    detail: str = ""


#: Counts what waits for who is signed in; None where it is none of their business.
CountWaiting = Callable[[web.Request], Awaitable[Waiting | None]]

#: What the areas count, in the order of the page: web.AppKey of a list that they append to.
WAITING: web.AppKey[list[CountWaiting]] = web.AppKey("console_waiting", list)

#: Finds what is to be minded before anything else by who is signed in, as ui.notice takes it:
#: (tone, title, detail); None for nothing.
FindNotice = Callable[[web.Request], Awaitable[tuple[str, str, str] | None]]

#: As WAITING; they stand above it.
NOTICES: web.AppKey[list[FindNotice]] = web.AppKey("console_notices", list)


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_home(request: web.Request) -> web.Response:
    """GET /console/."""
    counts: list[CountWaiting] = request.config_dict[WAITING]
    found = [await count(request) for count in counts]
    waiting = [one for one in found if one is not None and one.count]
    finders: list[FindNotice] = request.config_dict[NOTICES]
    notices = [await find(request) for find in finders]
    actor = request[ACTOR]
    places = [
        (place, words)
        for place in places_for(actor, ground_of(request).served)
        if (words := place.detail_for(actor))
    ]
    return render(
        request, "home", notices=list(filter(None, notices)), waiting=waiting, others=places
    )


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_help(request: web.Request) -> web.Response:
    """GET /console/help: the keys, for who has no script to show them over the page."""
    return render(request, "help")


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def add_slash(request: web.Request) -> web.Response:
    """GET /console, as people type it."""
    return go_to(request, f"{PREFIX}/")


def add_routes(app: web.Application) -> None:
    """The first page, and the page of keys."""
    app[WAITING] = []
    app[NOTICES] = []
    app.router.add_get("", add_slash)
    app.router.add_get("/", show_home)
    app.router.add_get("/help", show_help)
