"""Accounts of the console: the list, one account, and what two officers reset."""

from collections.abc import Mapping

from aiohttp import web

from api.console import filters
from api.console.form import Form
from api.console.ground import now_for
from api.console.guard import staff_of, tools_of
from api.console.home import WAITING, Waiting
from api.console.page import PREFIX, ROLE_NAMES, go_to, render
from api.console.paths import uuid_in
from api.console.places import county_names
from api.console.shown import State
from api.console.staff_forms import LOST, RESET, ROLES, fields_of_new, fields_of_post, read_post
from api.console.tables import Column, Listing
from domain.permissions import Permission, may
from domain.staff import actions, queries
from domain.staff.actions import Issued
from domain.staff.queries import Account
from web.access import Access, allow
from web.body_limits import body

_PATH = f"{PREFIX}/staff"
_STANDINGS = {
    "in_use": State("在用", "good"),
    "waiting": State("等换临时密码", "warn"),
    "disabled": State("已停用", "bad"),
}


@allow(Access.STAFF, Permission.ASK_STAFF_RESET)
async def show_list(request: web.Request) -> web.Response:
    """GET /console/staff."""
    actor, tools = staff_of(request), tools_of(request)
    counties = county_names(request)
    found = filters.Filters.from_query(
        request.query,
        (
            filters.Choice(name="role", label="角色", options=ROLES),
            filters.Choice(name="county", label="县区", options=counties),
            filters.Choice(
                name="standing", label="状态", options={"on": "没有停用", "off": "已停用"}
            ),
        ),
    )
    listing = Listing(request, "staff", found, {"username": "username"}, "username")
    standing = found.text("standing")
    page = await queries.list_accounts(
        actor,
        tools,
        role=found.text("role"),
        county=found.text("county"),
        disabled=None if standing is None else standing == "off",
        order=listing.order,
        position=listing.position,
        limit=listing.limit,
    )
    table = listing.show(page, "账号", _columns(counties), link=lambda row: f"{_PATH}/{row.id}")
    resets = await queries.list_open_resets(actor, tools, now_for(request))
    return render(
        request,
        "staff/list",
        table=table,
        resets=resets,
        lost=LOST,
        me=actor.id,
        manages=may(actor, Permission.MANAGE_STAFF),
    )


@allow(Access.STAFF, Permission.MANAGE_STAFF)
async def show_new(request: web.Request) -> web.Response:
    """GET /console/staff/new."""
    form = Form.blank(request, await fields_of_new(request))
    return render(request, "staff/new", form=form)


@allow(Access.STAFF, Permission.MANAGE_STAFF)
@body(most_bytes=16 * 1024, seconds=10)
async def add(request: web.Request) -> web.Response:
    """POST /console/staff/new: answers with the temporary password, this once."""
    form = await Form.read(request, await fields_of_new(request))
    if form.fits:
        with form.telling_refusals():
            issued = await actions.create_account(
                staff_of(request),
                tools_of(request),
                username=form.text("username"),
                name=form.text("name"),
                post=read_post(form),
                now=now_for(request),
            )
            return _render_issued(request, issued)
    return render(request, "staff/new", status=422, form=form)


@allow(Access.STAFF, Permission.ASK_STAFF_RESET)
async def show_one(request: web.Request) -> web.Response:
    """GET /console/staff/{id}."""
    return await _render_one(request)


@allow(Access.STAFF, Permission.MANAGE_STAFF)
@body(most_bytes=16 * 1024, seconds=10)
async def change_post(request: web.Request) -> web.Response:
    """POST /console/staff/{id}/post: another role, county or institution."""
    form = await Form.read(request, await fields_of_post(request))
    if form.fits:
        with form.telling_refusals():
            account_id = uuid_in(request)
            await actions.change_post(
                staff_of(request),
                tools_of(request),
                account_id=account_id,
                post=read_post(form),
                now=now_for(request),
            )
            return go_to(request, f"{_PATH}/{account_id}", done="改好了，他要重新登录。")
    return await _render_one(request, post=form)


@allow(Access.STAFF, Permission.MANAGE_STAFF)
@body(most_bytes=16 * 1024, seconds=10)
async def disable(request: web.Request) -> web.Response:
    """POST /console/staff/{id}/disable."""
    account_id = uuid_in(request)
    await actions.disable_account(staff_of(request), account_id=account_id, now=now_for(request))
    return go_to(request, f"{_PATH}/{account_id}", done="已停用，登录着的都退出了。")


@allow(Access.STAFF, Permission.MANAGE_STAFF)
@body(most_bytes=16 * 1024, seconds=10)
async def enable(request: web.Request) -> web.Response:
    """POST /console/staff/{id}/enable."""
    account_id = uuid_in(request)
    await actions.enable_account(staff_of(request), account_id=account_id, now=now_for(request))
    return go_to(request, f"{_PATH}/{account_id}", done="又可以用了，密码还是原来的。")


@allow(Access.STAFF, Permission.ASK_STAFF_RESET)
@body(most_bytes=16 * 1024, seconds=10)
async def ask_reset(request: web.Request) -> web.Response:
    """POST /console/staff/{id}/reset: the first officer."""
    form = await Form.read(request, RESET)
    if form.fits:
        with form.telling_refusals():
            account_id = uuid_in(request)
            await actions.ask_reset(
                staff_of(request),
                tools_of(request),
                account_id=account_id,
                what=form.text("what"),  # type: ignore[arg-type]
                reason=form.text("reason"),
                now=now_for(request),
            )
            return go_to(
                request, f"{_PATH}/{account_id}", done="申请好了，请另一位主管在3天内确认。"
            )
    return await _render_one(request, reset=form)


@allow(Access.STAFF, Permission.MANAGE_STAFF)
@body(most_bytes=16 * 1024, seconds=10)
async def confirm_reset(request: web.Request) -> web.Response:
    """POST /console/staff/resets/{id}/confirm: answers with the temporary password, this once."""
    issued = await actions.confirm_reset(
        staff_of(request), tools_of(request), reset_id=uuid_in(request), now=now_for(request)
    )
    return _render_issued(request, issued)


@allow(Access.STAFF, Permission.MANAGE_STAFF)
@body(most_bytes=16 * 1024, seconds=10)
async def refuse_reset(request: web.Request) -> web.Response:
    """POST /console/staff/resets/{id}/refuse."""
    await actions.refuse_reset(staff_of(request), reset_id=uuid_in(request), now=now_for(request))
    return go_to(request, _PATH, done="退回了，账号没有变。")


async def count_waiting(request: web.Request) -> Waiting | None:
    """For the first page: resets that wait for whoever looks, as the second officer."""
    actor = staff_of(request)
    if not may(actor, Permission.MANAGE_STAFF):
        return None
    resets = await queries.list_open_resets(actor, tools_of(request), now_for(request))
    theirs = [one for one in resets if actor.id not in (one.asked_by, one.account_id)]
    return Waiting("个重设等您确认", len(theirs), _PATH, "密码或两步验证，3天内不确认就作废")


def add_routes(app: web.Application) -> None:
    """The pages of accounts."""
    app[WAITING].append(count_waiting)
    app.router.add_get("/staff", show_list)
    app.router.add_get("/staff/new", show_new)
    app.router.add_post("/staff/new", add)
    app.router.add_get("/staff/{id}", show_one)
    app.router.add_post("/staff/{id}/post", change_post)
    app.router.add_post("/staff/{id}/disable", disable)
    app.router.add_post("/staff/{id}/enable", enable)
    app.router.add_post("/staff/{id}/reset", ask_reset)
    app.router.add_post("/staff/resets/{id}/confirm", confirm_reset)
    app.router.add_post("/staff/resets/{id}/refuse", refuse_reset)


def _columns(counties: Mapping[str, str]) -> tuple[Column[Account], ...]:
    return (
        Column("用户名", lambda row: row.username, sort="username"),
        Column("称呼", lambda row: row.name),
        Column("角色", lambda row: ROLE_NAMES[row.role]),
        Column("县区", lambda row: counties.get(row.county, ""), minor=True),
        Column("两步验证", lambda row: "已设好" if row.second_factor else "没有设", minor=True),
        Column("状态", lambda row: _STANDINGS[row.standing]),
    )


async def _render_one(
    request: web.Request, *, post: Form | None = None, reset: Form | None = None
) -> web.Response:
    """One account with what may be done to it; a form that was refused stands open."""
    actor = staff_of(request)
    account = await queries.get_account(actor, tools_of(request), uuid_in(request))
    institutions = await queries.name_institutions()
    standing = {
        "role": account.role.value,
        "county": "" if account.institution else account.county,
        "institution": account.institution,
    }
    return render(
        request,
        "staff/show",
        status=200 if post is None and reset is None else 422,
        account=account,
        role=ROLE_NAMES[account.role],
        county=county_names(request).get(account.county, ""),
        institution=institutions.get(account.institution, "") if account.institution else "",
        standing=_STANDINGS[account.standing],
        path=f"{_PATH}/{account.id}",
        own=account.id == actor.id,
        manages=may(actor, Permission.MANAGE_STAFF),
        post=post or Form.blank(request, await fields_of_post(request), standing),
        reset=reset or Form.blank(request, RESET),
        open_post=post is not None,
        open_reset=reset is not None,
    )


def _render_issued(request: web.Request, issued: Issued) -> web.Response:
    """The temporary password: on this page and on no other, and kept nowhere."""
    return render(request, "staff/issued", issued=issued, path=f"{_PATH}/{issued.account_id}")
