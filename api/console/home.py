"""The first page: what waits for this role."""

from aiohttp import web

from api.console.page import PREFIX, go_to, render
from domain.permissions import Permission
from web.access import Access, allow


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_home(request: web.Request) -> web.Response:
    """GET /console/."""
    return render(request, "home")


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
    app.router.add_get("", add_slash)
    app.router.add_get("/", show_home)
    app.router.add_get("/help", show_help)
