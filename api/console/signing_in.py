"""Signing in to the console, one page for each step (domain/staff/signing_in.py)."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import segno
from aiohttp import hdrs, web
from markupsafe import Markup
from yarl import URL

from api.console import fields
from api.console.devices import describe_device
from api.console.form import Form
from api.console.ground import now_for
from api.console.guard import (
    SESSION,
    SIGN_IN,
    door_of,
    forget_token,
    read_token,
    staff_of,
    tools_of,
    whence_of,
    write_mark,
    write_token,
)
from api.console.page import PREFIX, go_to, render
from domain.errors import DomainError
from domain.permissions import Permission
from domain.staff import signing_in
from domain.staff.actions import end_own_session
from domain.staff.browsers import mark_browser
from domain.staff.queries import list_demo_accounts
from domain.staff.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD, Step
from domain.staff.second_factor import enrolment_address
from domain.staff.signing_in import Entered
from web.access import Access, allow
from web.body_limits import body
from web.limits import By, Limit, limited

#: A whole office signs in between half past eight and nine, from one address.
SIGN_INS = Limit("console sign ins", calls=300, seconds=300, by=By.ADDRESS)

_HOME = f"{PREFIX}/"
_SCREEN = re.compile(r"/screen/[0-9a-f-]{36}")
#: The page of each step, its template, and what is typed there.
_PAGES = {
    Step.CODE: (f"{SIGN_IN}/code", "signing_in/code", "code"),
    Step.NEW_PASSWORD: (f"{SIGN_IN}/password", "signing_in/new_password", "password"),
    Step.SECOND_FACTOR: (f"{SIGN_IN}/second-factor", "signing_in/second_factor", "code"),
}
#: Where somebody wanted to go; and why they are here again, for a word about it.
_NEXT, _WHY = "next", "why"
_WHYS = frozenset({"out", "again", "codes"})

_USERNAME = fields.Text(name="username", label="用户名", most=64, autocomplete="username")
_PASSWORD = fields.Secret(name="password", label="密码")
_CODE = fields.Text(
    name="code",
    label="验证码",
    help="打开手机上的验证器，填“职培通”下面的6位数字。",
    most=16,
    keyboard="numeric",
    autocomplete="one-time-code",
)
NEW_PASSWORD = (
    fields.Secret(
        name="password",
        label="新密码",
        help=f"至少{SHORTEST_PASSWORD}个字，最多{LONGEST_PASSWORD}个。几个不相干的词连在一起，好记又难猜；"
        "不用特意凑大小写和符号。",
        autocomplete="new-password",
    ),
    fields.Secret(name="again", label="再输一遍新密码", autocomplete="new-password"),
)


@allow(Access.ANYONE)
async def show_sign_in(request: web.Request) -> web.Response:
    """GET /console/sign-in."""
    if await _step_of(request) is Step.DONE:
        return go_to(request, _next_of(request) or _HOME)
    why = request.query.get(_WHY, "")
    form = Form.blank(request, (_USERNAME, _PASSWORD))
    return await _render_first(request, form, why=why if why in _WHYS else "")


@allow(Access.ANYONE)
@limited(SIGN_INS)
@body(most_bytes=16 * 1024, seconds=10)
async def sign_in(request: web.Request) -> web.Response:
    """POST /console/sign-in."""
    form = await Form.read(request, (_USERNAME, _PASSWORD))
    if form.fits:
        with form.telling_refusals():
            entered = await signing_in.enter_password(
                tools_of(request),
                username=form.text("username"),
                password=form.text("password"),
                whence=whence_of(request),
                device=describe_device(request.headers.get(hdrs.USER_AGENT, "")),
                now=now_for(request),
            )
            return _go_on(request, entered)
    return await _render_first(request, form, status=422)


@allow(Access.ANYONE)
async def show_code(request: web.Request) -> web.Response:
    """GET /console/sign-in/code."""
    return await _show(request, Step.CODE, (_CODE,))


@allow(Access.ANYONE)
@limited(SIGN_INS)
@body(most_bytes=16 * 1024, seconds=10)
async def enter_code(request: web.Request) -> web.Response:
    """POST /console/sign-in/code."""
    form = await Form.read(request, (_CODE,))
    return await _take(request, Step.CODE, form, signing_in.enter_code)


@allow(Access.ANYONE)
async def show_new_password(request: web.Request) -> web.Response:
    """GET /console/sign-in/password: in place of a temporary one."""
    return await _show(request, Step.NEW_PASSWORD, NEW_PASSWORD)


@allow(Access.ANYONE)
@limited(SIGN_INS)
@body(most_bytes=16 * 1024, seconds=10)
async def enter_new_password(request: web.Request) -> web.Response:
    """POST /console/sign-in/password."""
    form = await read_new_password(request, NEW_PASSWORD)
    return await _take(request, Step.NEW_PASSWORD, form, signing_in.replace_temporary_password)


@allow(Access.ANYONE)
async def show_second_factor(request: web.Request) -> web.Response:
    """GET /console/sign-in/second-factor: to be put into an authenticator."""
    return await _show(request, Step.SECOND_FACTOR, (_CODE,))


@allow(Access.ANYONE)
@limited(SIGN_INS)
@body(most_bytes=16 * 1024, seconds=10)
async def set_up_second_factor(request: web.Request) -> web.Response:
    """POST /console/sign-in/second-factor."""
    form = await Form.read(request, (_CODE,))
    return await _take(request, Step.SECOND_FACTOR, form, signing_in.set_up_second_factor)


@allow(Access.STAFF, Permission.USE_CONSOLE)
@body(most_bytes=16 * 1024, seconds=10)
async def sign_out(request: web.Request) -> web.Response:
    """POST /console/sign-out."""
    await end_own_session(staff_of(request), session_id=request[SESSION], now=now_for(request))
    response = go_to(request, f"{SIGN_IN}?{_WHY}=out")
    forget_token(response, door_of(request).secure)
    return response


def add_routes(app: web.Application) -> None:
    """The steps of signing in, and the way out."""
    app.router.add_get("/sign-in", show_sign_in)
    app.router.add_post("/sign-in", sign_in)
    app.router.add_get("/sign-in/code", show_code)
    app.router.add_post("/sign-in/code", enter_code)
    app.router.add_get("/sign-in/password", show_new_password)
    app.router.add_post("/sign-in/password", enter_new_password)
    app.router.add_get("/sign-in/second-factor", show_second_factor)
    app.router.add_post("/sign-in/second-factor", set_up_second_factor)
    app.router.add_post("/sign-out", sign_out)


async def read_new_password(request: web.Request, asked: Sequence[fields.Field]) -> Form:
    """A form with a new password that is typed twice."""
    form = await Form.read(request, asked)
    if form.fits and form.text("password") != form.text("again"):
        form.refuse(DomainError("password_differs", field="again"))
    return form


async def _show(request: web.Request, step: Step, asked: Sequence[fields.Field]) -> web.Response:
    """The page of a step; for who is elsewhere on the way, the page where they are."""
    now_at = await _step_of(request)
    if now_at is not step:
        path = SIGN_IN if now_at is None else _HOME if now_at is Step.DONE else _PAGES[now_at][0]
        return go_to(request, _with_next(request, path))
    more = await _offer(request) if step is Step.SECOND_FACTOR else {}
    return _render(request, _PAGES[step][1], Form.blank(request, asked), **more)


async def _take(
    request: web.Request, step: Step, form: Form, enter: Callable[..., Awaitable[Entered]]
) -> web.Response:
    """What was typed on the page of `step`, for the action that takes it; its page once more where
    that refuses."""
    _, template, typed = _PAGES[step]
    if form.fits:
        with form.telling_refusals(), _beginning_again(request):
            entered = await enter(
                tools_of(request),
                token=read_token(request, door_of(request).secure),
                whence=whence_of(request),
                now=now_for(request),
                **{typed: form.text(typed)},
            )
            return _go_on(request, entered)
    with _beginning_again(request):
        more = await _offer(request) if step is Step.SECOND_FACTOR else {}
    return _render(request, template, form, status=422, **more)


async def _render_first(
    request: web.Request, form: Form, *, status: int = 200, why: str = ""
) -> web.Response:
    demo = await list_demo_accounts() if tools_of(request).sandbox else []
    names = [account.username for account in demo]
    return _render(request, "signing_in/password", form, status=status, why=why, demo=names)


def _render(
    request: web.Request, template: str, form: Form, *, status: int = 200, **more: Any
) -> web.Response:
    # Where to go afterwards stands in the address that the form is sent to.
    return render(
        request, template, status=status, form=form, action=request.rel_url.raw_path_qs, **more
    )


async def _step_of(request: web.Request) -> Step | None:
    token = read_token(request, door_of(request).secure)
    return await signing_in.find_step_of(tools_of(request), token, now_for(request))


async def _offer(request: web.Request) -> dict[str, Any]:
    """The secret of a second factor, as a picture and in groups that can be typed in."""
    secret, username = await signing_in.offer_second_factor(
        tools_of(request),
        token=read_token(request, door_of(request).secure),
        now=now_for(request),
    )
    code = segno.make(enrolment_address(secret, username), error="m")
    groups = [secret[place : place + 4] for place in range(0, len(secret), 4)]
    return {
        # Drawn by ourselves from what is ours.
        "picture": Markup(code.svg_inline(scale=5, light="#fff")),  # noqa: S704
        "secret": " ".join(groups),
        "username": username,
    }


def _go_on(request: web.Request, entered: Entered) -> web.Response:
    """The page of the next step, with the cookie that is good for it."""
    door = door_of(request)
    if entered.step is not Step.DONE:
        response = go_to(request, _with_next(request, _PAGES[entered.step][0]))
    else:
        response = go_to(request, _next_of(request) or _HOME)
        mark = mark_browser(door.tools.vault, entered.username, now_for(request))
        write_mark(response, mark, door.secure)
    write_token(response, entered.token, door.secure)
    return response


@contextmanager
def _beginning_again(request: web.Request) -> Iterator[None]:
    """Around a step: who has waited too long, or tried too often, begins with the password."""
    try:
        yield
    except DomainError as error:
        if error.code != "sign_in_again":
            raise
        why = "codes" if error.facts.get("about") == "codes" else "again"
        raise web.HTTPSeeOther(_with_next(request, SIGN_IN, **{_WHY: why})) from None


def _next_of(request: web.Request) -> str:
    """Where somebody wanted to go: a page of the console or a class screen and nothing else; ""
    for none."""
    path = request.query.get(_NEXT, "")
    own = path.startswith(_HOME) or _SCREEN.fullmatch(path)
    url = URL(path) if own and path.isprintable() else URL()
    strange = url.absolute or "\\" in path or "//" in path or ".." in path
    return "" if strange or url.path.startswith(SIGN_IN) else str(url)


def _with_next(request: web.Request, path: str, **query: str) -> str:
    wanted = _next_of(request)
    query |= {_NEXT: wanted} if wanted else {}
    return f"{path}?{urlencode(query)}" if query else path
