"""One's own account: who one is here, the password, and where one is signed in."""

from uuid import UUID

from aiohttp import web

from api.console import fields
from api.console.form import Form
from api.console.ground import now_for
from api.console.guard import SESSION, staff_of, tools_of
from api.console.page import PREFIX, ROLE_NAMES, go_to, render
from api.console.places import county_names
from api.console.signing_in import NEW_PASSWORD, read_new_password
from domain.errors import DomainError
from domain.permissions import Permission
from domain.staff.actions import change_own_password, end_other_sessions, end_own_session
from domain.staff.queries import get_own_account, name_institutions
from domain.staff.sessions import list_own_sessions
from web.access import Access, allow
from web.body_limits import body
from web.forms import read_form
from web.limits import By, Limit, limited

_PATH = f"{PREFIX}/account"
#: Each costs two hashes, and each wrong one is a guess.
PASSWORD_CHANGES = Limit("console password changes", calls=10, seconds=600, by=By.ACTOR)

_CHANGE = (fields.Secret(name="current", label="现在的密码"), *NEW_PASSWORD)


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_account(request: web.Request) -> web.Response:
    """GET /console/account."""
    actor = staff_of(request)
    account = await get_own_account(actor, tools_of(request))
    institutions = {} if account.institution is None else await name_institutions()
    return render(
        request,
        "account/show",
        account=account,
        role=ROLE_NAMES[account.role],
        county=county_names(request).get(account.county, ""),
        institution=institutions.get(account.institution, "") if account.institution else "",
        sessions=await list_own_sessions(actor, now_for(request)),
        here=request[SESSION],
    )


@allow(Access.STAFF, Permission.USE_CONSOLE)
async def show_password(request: web.Request) -> web.Response:
    """GET /console/account/password."""
    return render(request, "account/password", form=Form.blank(request, _CHANGE))


@allow(Access.STAFF, Permission.USE_CONSOLE)
@limited(PASSWORD_CHANGES)
@body(most_bytes=16 * 1024, seconds=10)
async def change_password(request: web.Request) -> web.Response:
    """POST /console/account/password."""
    form = await read_new_password(request, _CHANGE)
    if form.fits:
        with form.telling_refusals():
            await change_own_password(
                staff_of(request),
                tools_of(request),
                session_id=request[SESSION],
                current=form.text("current"),
                password=form.text("password"),
                now=now_for(request),
            )
            return go_to(request, _PATH, done="密码改好了，别处的登录都退出了。")
    return render(request, "account/password", status=422, form=form)


@allow(Access.STAFF, Permission.USE_CONSOLE)
@body(most_bytes=16 * 1024, seconds=10)
async def end_session(request: web.Request) -> web.Response:
    """POST /console/account/sessions/end: one of them."""
    form = await read_form(request)
    session_id = _read_id(form.get("session", ""))
    await end_own_session(staff_of(request), session_id=session_id, now=now_for(request))
    return go_to(request, _PATH, done="那一处已经退出。")


@allow(Access.STAFF, Permission.USE_CONSOLE)
@body(most_bytes=16 * 1024, seconds=10)
async def end_others(request: web.Request) -> web.Response:
    """POST /console/account/sessions/end-others."""
    ended = await end_other_sessions(
        staff_of(request), session_id=request[SESSION], now=now_for(request)
    )
    return go_to(request, _PATH, done=f"别处的登录都退出了，共{ended}处。")


def add_routes(app: web.Application) -> None:
    """The pages of one's own account."""
    app.router.add_get("/account", show_account)
    app.router.add_get("/account/password", show_password)
    app.router.add_post("/account/password", change_password)
    app.router.add_post("/account/sessions/end", end_session)
    app.router.add_post("/account/sessions/end-others", end_others)


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise DomainError("not_found") from None
