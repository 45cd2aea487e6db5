"""Large type: 25 % larger, chosen at the foot of the rail and kept by the browser."""

from aiohttp import web

from api.console.page import LARGE, PREFIX, TYPE_COOKIE, go_to
from domain.permissions import Permission
from web.access import Access, allow
from web.body_limits import body
from web.forms import read_form

_SECONDS = 365 * 24 * 3600


@allow(Access.STAFF, Permission.USE_CONSOLE)
@body(most_bytes=16 * 1024, seconds=5)
async def choose_type(request: web.Request) -> web.Response:
    """POST /console/display {"type": "large" or "", "back": where one was}."""
    form = await read_form(request)
    back = form.get("back", "")
    is_ours = back.startswith(f"{PREFIX}/") and back.isprintable()
    response = go_to(request, back if is_ours else f"{PREFIX}/")
    if form.get("type") == LARGE:
        response.set_cookie(
            TYPE_COOKIE, LARGE, max_age=_SECONDS, path=PREFIX, httponly=True, samesite="Lax"
        )
    else:
        response.del_cookie(TYPE_COOKIE, path=PREFIX)
    return response


def add_routes(app: web.Application) -> None:
    """The one route."""
    app.router.add_post("/display", choose_type)
