"""Signing in to the console, one page for each step (domain/staff/signing_in.py)."""

from urllib.parse import urlencode

import segno
from aiohttp import hdrs, web
from markupsafe import Markup

from api.console import fields
from api.console.form import Form
from api.console.ground import now_for
from api.console.guard import (
    SESSION,
    SIGN_IN,
    door_of,
    forget_token,
    read_mark,
    read_token,
    tools_of,
    write_mark,
    write_token,
)
from api.console.page import PREFIX, go_to, render
from domain.errors import DomainError
from domain.permissions import Permission
from domain.staff import signing_in
from domain.staff.actions import end_own_session
from domain.staff.attempts import Place
from domain.staff.browsers import mark_browser, place_of
from domain.staff.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD, Step
from domain.staff.second_factor import enrolment_address
from domain.staff.signing_in import Entered
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.clients_address import client_address
from web.limits import By, Limit, limited

#: A whole office signs in between half past eight and nine, from one address.
SIGN_INS = Limit("console sign ins", calls=300, seconds=300, by=By.ADDRESS)

_HOME = f"{PREFIX}/"
_PAGES = {
    Step.CODE: f"{SIGN_IN}/code",
    Step.NEW_PASSWORD: f"{SIGN_IN}/password",
    Step.SECOND_FACTOR: f"{SIGN_IN}/second-factor",
}
_NEXT = "next"

PASSWORD_HELP = (
    f"至少{SHORTEST_PASSWORD}个字，最多{LONGEST_PASSWORD}个。几个不相干的词连起来最好记，也最难猜；"
    "不用凑大小写和符号。"
)
_NAME_AND_PASSWORD = (
    fields.Text(name="username", label="用户名", most=64, autocomplete="username"),
    fields.Secret(name="password", label="密码"),
)
_CODE = (
    fields.Text(
        name="code",
        label="验证码",
        help="打开手机上的验证器，填“职培通”下面的6位数字。",
        most=16,
        keyboard="numeric",
        autocomplete="one-time-code",
    ),
)
NEW_PASSWORD = (
    fields.Secret(
        name="password", label="新密码", help=PASSWORD_HELP, autocomplete="new-password"
    ),
    fields.Secret(name="again", label="再输一遍新密码", autocomplete="new-password"),
)


@allow(Access.ANYONE)
async def show_sign_in(request: web.Request) -> web.Response:
    """GET /console/sign-in."""
    if await _step_of(request) is Step.DONE:
        return go_to(request, _next_of(request) or _HOME)
    return _render(request, "password", Form.blank(request, _NAME_AND_PASSWORD))


@allow(Access.ANYONE)
@limited(SIGN_INS)
@body(most_bytes=16 * 1024, seconds=10)
async def sign_in(request: web.Request) -> web.Response:
    """POST /console/sign-in."""
    form = await Form.read(request, _NAME_AND_PASSWORD)
    if form.fits:
        with form.telling_refusals():
            entered = await signing_in.enter_password(
                tools_of(request),
                username=form.text("username"),
                password=form.text("password"),
                place=_place_of(request, form.text("username")),
                device=describe_device(request.headers.get(hdrs.USER_AGENT, "")),
                now=now_for(request),
            )
            return _go_on(request, entered)
    return _render(request, "password", form, status=422)


@allow(Access.ANYONE)
async def show_code(request: web.Request) -> web.Response:
    """GET /console/sign-in/code."""
    return await _show(request, Step.CODE, "code", Form.blank(request, _CODE))


@allow(Access.ANYONE)
@limited(SIGN_INS)
@body(most_bytes=16 * 1024, seconds=10)
async def enter_code(request: web.Request) -> web.Response:
    """POST /console/sign-in/code."""
    form = await Form.read(request, _CODE)
    if form.fits:
        with form.telling_refusals():
            token = _token_of(request)
            place = await _place_of_token(request)
            entered = await signing_in.enter_code(
                tools_of(request),
                token=token,
                code=form.text("code"),
                place=place,
                now=now_for(request),
            )
            return _go_on(request, entered)
    return _render(request, "code", form, status=422)


@allow(Access.ANYONE)
async def show_new_password(request: web.Request) -> web.Response:
    """GET /console/sign-in/password: in place of a temporary one."""
    form = Form.blank(request, NEW_PASSWORD)
    return await _show(request, Step.NEW_PASSWORD, "new_password", form)


@allow(Access.ANYONE)
@limited(SIGN_INS)
@body(most_bytes=16 * 1024, seconds=10)
async def enter_new_password(request: web.Request) -> web.Response:
    """POST /console/sign-in/password."""
    form = await read_new_password(request, NEW_PASSWORD)
    if form.fits:
        with form.telling_refusals():
            entered = await signing_in.replace_temporary_password(
                tools_of(request),
                token=_token_of(request),
                password=form.text("password"),
                place=await _place_of_token(request),
                now=now_for(request),
            )
            return _go_on(request, entered)
    return _render(request, "new_password", form, status=422)


@allow(Access.ANYONE)
async def show_second_factor(request: web.Request) -> web.Response:
    """GET /console/sign-in/second-factor: to be put into an authenticator."""
    if await _step_of(request) is not Step.SECOND_FACTOR:
        return await _show(request, Step.SECOND_FACTOR, "second_factor", None)
    return await _render_second_factor(request, Form.blank(request, _CODE))


@allow(Access.ANYONE)
@limited(SIGN_INS)
@body(most_bytes=16 * 1024, seconds=10)
async def set_up_second_factor(request: web.Request) -> web.Response:
    """POST /console/sign-in/second-factor."""
    form = await Form.read(request, _CODE)
    if form.fits:
        with form.telling_refusals():
            entered = await signing_in.set_up_second_factor(
                tools_of(request),
                token=_token_of(request),
                code=form.text("code"),
                place=await _place_of_token(request),
                now=now_for(request),
            )
            return _go_on(request, entered, done="两步验证设好了。以后登录要用到这部手机。")
    return await _render_second_factor(request, form, status=422)


@allow(Access.STAFF, Permission.USE_CONSOLE)
@body(most_bytes=16 * 1024, seconds=10)
async def sign_out(request: web.Request) -> web.Response:
    """POST /console/sign-out."""
    actor = staff_of(request)
    await end_own_session(actor, session_id=request[SESSION], now=now_for(request))
    response = go_to(request, f"{SIGN_IN}?why=out")
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
