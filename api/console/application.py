"""The console's sub-application: the ground, and every area's pages."""

from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from api.console import (
    account,
    attendance,
    audit,
    classes,
    display,
    employers,
    erased,
    home,
    people,
    requests,
    rosters,
    sheets,
    signing_in,
    staff,
    standards,
)
from api.console.forgery import refuse_forged
from api.console.ground import GROUND, VISIT, Ground
from api.console.institutions import routes as institutions
from api.console.once import go_where_the_first_went
from api.console.page import PREFIX, frame_of, type_size_of
from api.console.shown import show
from content.schema import Content
from domain.calendar import LOCAL, Clock
from domain.vault import Vault
from web.access import ACTOR
from web.pages import make_environment
from web.problems import RenderFramedPage

_TEMPLATES = Path(__file__).parent / "templates"

#: Adds the routes of one area, below /console.
AddRoutes = Callable[[web.Application], None]

#: An area adds a line here.
AREAS: Sequence[AddRoutes] = (
    home.add_routes,
    requests.add_routes,
    erased.add_routes,
    people.add_routes,
    institutions.add_routes,
    employers.add_routes,
    standards.add_routes,
    display.add_routes,
    # Before the pages of classes: /classes/projects is no class.
    sheets.add_routes,
    classes.add_routes,
    attendance.add_routes,
    signing_in.add_routes,
    account.add_routes,
    staff.add_routes,
    audit.add_routes,
    rosters.add_routes,
)


def create(
    *,
    read_content: Callable[[], Content],
    vault: Vault,
    clock: Clock,
    secure: bool,
    areas: Sequence[AddRoutes] = AREAS,
    templates: Sequence[Path] = (),
) -> web.Application:
    """The sub-application; the composition root adds it: `app.add_subapp("/console", …)`.

    `read_content` gives Content as it is then, `secure` says that browsers come by https alone.
    What areas need beside that, the root puts into the application under keys of theirs.
    `templates` are more folders of them, for tests.
    """
    app = web.Application(middlewares=[refuse_forged(), go_where_the_first_went()])
    for add_routes in areas:
        add_routes(app)
    # Before the application is put under its prefix, the paths are those of the areas.
    paths = {route.resource.canonical for route in app.router.routes() if route.resource}
    app[GROUND] = Ground(
        environment=make_console_environment(templates),
        read_content=read_content,
        vault=vault,
        clock=clock,
        secure=secure,
        served=frozenset(PREFIX + path for path in paths),
    )
    return app


def make_console_environment(templates: Sequence[Path] = ()) -> Environment:
    """The templates of the console, with `show` as their filter."""
    environment = make_environment([*templates, _TEMPLATES])
    environment.filters["show"] = _show
    return environment


def make_refusal_page(ground: Ground) -> RenderFramedPage:
    """How web.problems tells a failure below /console: in the frame, for who is signed in."""
    template = ground.environment.get_template("refusal.html.j2")

    def render(request: web.BaseRequest, status: int, title: str, detail: str) -> str:
        frame = frame_of(ground, request.path, request.get(ACTOR), request.get(VISIT))
        now = ground.clock().astimezone(LOCAL)
        return template.render(
            page=frame,
            now=now,
            flash="",
            type_size=type_size_of(request),
            back_here=f"{PREFIX}/",
            status=status,
            title=title,
            detail=detail,
        )

    return render


@pass_context
def _show(context: Context, value: object) -> Markup:
    return show(value, context["now"])
