"""The console with pages and a visitor of a test's own, in the application that all doors share."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from aiohttp import web

from api.audiences import audience_of
from api.console import display, home
from api.console.application import AREAS, AddRoutes, create, make_refusal_page
from api.console.attendance.ground import FILES
from api.console.ground import GROUND, VISIT, Visit
from api.console.page import PREFIX
from domain.actor import Role, Staff
from domain.calendar import LOCAL, Clock
from domain.errors import DomainError
from domain.files.store import FileStore
from domain.vault import Vault
from observing.metrics import Metrics
from settings import DataKey
from tests.support import package_content
from web import application
from web.access import ACTOR, Access, Guard
from web.limits import Limiter

VAULT = Vault([DataKey("k1", bytes(range(32)))])
#: A Sunday.
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=LOCAL)
CITY_OFFICER = Staff(UUID(int=1), Role.CITY_OFFICER)
TOKEN = "a-token-of-the-tests"
FRAME: Sequence[AddRoutes] = (home.add_routes, display.add_routes)


def let_in(staff: Staff | None, name: str = "王敏") -> Guard:
    """A guard that lets everybody in as `staff`; None: nobody."""

    async def guard(request: web.Request) -> None:
        if staff is None:
            raise DomainError("sign_in_required")
        request[ACTOR] = staff
        request[VISIT] = Visit(name, TOKEN)

    return guard


def make_console(
    guard: Guard,
    *,
    areas: Sequence[AddRoutes] = (),
    own: Sequence[AddRoutes] = AREAS,
    templates: Sequence[Path] = (),
    vault: Vault = VAULT,
    clock: Clock = lambda: NOW,
    files: FileStore | None = None,
) -> web.Application:
    """The console's `own` areas, and `areas` of a test beside them. FRAME alone needs no database:
    its first page counts nothing."""
    content = package_content()
    console = create(
        read_content=lambda: content,
        vault=vault,
        clock=clock,
        secure=False,
        areas=(*own, *areas),
        templates=templates,
    )
    if files is not None:
        console[FILES] = files
    app = application.create(
        texts=content.texts,
        metrics=Metrics(),
        checks={},
        limiter=Limiter(vault, redis=None),
        guards={Access.STAFF: guard},
        framed_pages={PREFIX: make_refusal_page(console[GROUND])},
        audience_of=audience_of,
    )
    app.add_subapp(PREFIX, console)
    return app
