"""What people ask for (申请): the queue, one request, and the decision on it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from aiohttp import web

from api.console import fields, filters
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.guard import staff_of
from api.console.home import WAITING, Waiting
from api.console.page import go_to, render
from api.console.paths import uuid_in
from api.console.places import counties_within, county_names
from api.console.shown import State
from api.console.tables import Column, Empty, Listing
from domain.decisions.actions import approve_request, open_request, refuse_request
from domain.employers.queries import find_employer
from domain.people.moving import find_held
from domain.people.queries import find_masked
from domain.permissions import Permission
from domain.requests.queries import QueuedRequest, count_queue, find_queued, list_queue
from domain.requests.rules import MOST_NOTE
from web.access import ACTOR, Access, allow
from web.body_limits import body

ROOT = "/console/requests"
KINDS: Mapping[str, str] = {
    "identity": "更正姓名或身份证号",
    "phone": "换手机号",
    "binding": "把绑定换到另一个微信",
    "employer_contact": "做企业的联系人",
    "employer_keeper": "换企业的管理员",
}
STATES: Mapping[str, State] = {
    "asked": State("等着定", "warn"),
    "approved": State("已批准", "good"),
    "refused": State("已退回", "bad"),
    "withdrawn": State("本人撤回"),
}
#: What is asked for, in the order of the page; what a kind lacks is left out.
_PAYLOAD = (
    ("employer", "企业"),
    ("uscc", "统一社会信用代码"),
    ("name", "姓名"),
    ("id_number", "身份证号"),
    ("phone", "手机号"),
    ("note", "说明"),
)
_ACCOUNTS: Mapping[str, str] = {"mini": "小程序", "official": "公众号"}
_REASON = (
    fields.Text(
        name="reason",
        label="为什么退回",
        help="对方会看到这句话：差什么、去哪里补，写清楚",
        lines=2,
        most=MOST_NOTE,
    ),
)
_OFFICERS = allow(Access.STAFF, Permission.CORRECT_PERSON)
_BODY = body(most_bytes=16 * 1024, seconds=5)


@_OFFICERS
async def show_list(request: web.Request) -> web.Response:
    """GET /requests?kind=&state=&county=: those that wait, the oldest first."""
    own = counties_within(request, Permission.CORRECT_PERSON)
    found = filters.Filters.from_query(request.query, _filters(own))
    listing = Listing(request, "requests", found)
    page = await list_queue(
        request[ACTOR],
        kind=found.text("kind"),  # type: ignore[arg-type]
        county=found.text("county"),
        state=found.text("state") or "asked",  # type: ignore[arg-type]
        position=listing.position,
        limit=listing.limit,
    )
    counties = county_names(request)
    columns: Sequence[Column[QueuedRequest]] = (
        Column("申请什么", lambda one: KINDS[one.kind]),
        Column("县区", lambda one: counties.get(one.county, "市里")),
        Column("状态", lambda one: STATES[one.state]),
        Column("交来时间", lambda one: one.asked_at),
        Column("办结时间", lambda one: one.ended_at, minor=True),
    )
    table = listing.show(
        page,
        "申请",
        columns,
        link=lambda one: f"{ROOT}/{one.id}",
        empty=Empty("没有等着定的申请", "有人交了申请，会按先后排在这里。"),
    )
    return render(request, "requests/list", table=table)


@_OFFICERS
async def show_one(request: web.Request) -> web.Response:
    """GET /requests/{id}: what it is about; what is asked for is seen by opening it."""
    return await _render(request)


@_OFFICERS
@_BODY
async def open_one(request: web.Request) -> web.Response:
    """POST /requests/{id}/open: what is asked for, unmasked; that one saw it is recorded."""
    return await _render(request, form=Form.blank(request, _REASON))


@_OFFICERS
@_BODY
async def approve(request: web.Request) -> web.Response:
    """POST /requests/{id}/approve {"version"}."""
    form = await Form.read(request, (_VERSION,))
    with form.telling_refusals():
        await approve_request(
            staff_of(request),
            ground_of(request).vault,
            request_id=uuid_in(request),
            version=form.optional_number("version") or 0,
            now=now_for(request),
        )
        return go_to(request, ROOT, done="已批准，对方会收到消息。")
    return await _render(request, form=_with_trouble(request, form), status=422)


@_OFFICERS
@_BODY
async def refuse(request: web.Request) -> web.Response:
    """POST /requests/{id}/refuse {"version", "reason"}."""
    form = await Form.read(request, (*_REASON, _VERSION))
    if form.fits:
        with form.telling_refusals():
            await refuse_request(
                staff_of(request),
                ground_of(request).vault,
                request_id=uuid_in(request),
                version=form.number("version"),
                reason=form.text("reason"),
                now=now_for(request),
            )
            return go_to(request, ROOT, done="已退回，对方会收到原因。")
    return await _render(request, form=form, status=422)


_VERSION = fields.Number(name="version", label="版本")


def _with_trouble(request: web.Request, refused: Form) -> Form:
    form = Form.blank(request, _REASON)
    form.trouble = refused.trouble
    return form


async def _render(
    request: web.Request, *, form: Form | None = None, status: int = 200
) -> web.Response:
    """With `form` the request is opened, and can be decided on while it waits."""
    actor, vault = staff_of(request), ground_of(request).vault
    request_id = uuid_in(request)
    asked = await find_queued(actor, request_id)
    opened: list[tuple[str, object]] = []
    held: list[tuple[str, object]] = []
    if form is not None:
        found = await open_request(actor, vault, request_id=request_id, now=now_for(request))
        opened = await _tell_payload(request, asked, found.payload)
        if asked.kind == "binding" and asked.state == "asked" and found.payload:
            held = await _tell_held(request, found.payload)
    people = await find_masked(vault, [asked.person] if asked.person else [])
    return render(
        request,
        "requests/one",
        status=status,
        title=KINDS[asked.kind],
        asked=asked,
        facts=[
            ("状态", STATES[asked.state]),
            ("县区", county_names(request).get(asked.county, "市里")),
            ("交来时间", asked.asked_at),
            ("办结时间", asked.ended_at),
        ],
        person=people.get(asked.person) if asked.person else None,
        opened=opened,
        held=held,
        form=form,
        root=f"{ROOT}/{asked.id}",
    )


async def _tell_held(request: web.Request, payload: Mapping[str, Any]) -> list[tuple[str, object]]:
    """[(what, value)] of who has the citizen ID now: by it a binding is decided on."""
    held = await find_held(ground_of(request).vault, payload)
    if held is None:
        return [("登记", State("这个身份证号没有人登记过，批准不了，请退回", "bad"))]
    bound = held.bound_at is not None
    fits = State("和申请里的一样", "good")
    if not held.name_fits and bound:
        fits = State("和申请里的不一样，批准不了，请退回", "bad")
    elif not held.name_fits:
        fits = State("和申请里的不一样，是别人报名单时写的，批准以后改成申请里的", "warn")
    accounts = "、".join(_ACCOUNTS[one] for one in held.accounts)
    return [
        ("姓名", held.masked.name),
        ("对不对得上", fits),
        ("身份证号", held.masked.id_number),
        ("手机号", held.masked.phone),
        ("什么时候绑定的", held.bound_at or "本人还没有绑定过"),
        ("现在绑在", accounts or "没有绑在哪个微信上"),
    ]


async def _tell_payload(
    request: web.Request, asked: QueuedRequest, payload: Mapping[str, Any]
) -> list[tuple[str, object]]:
    """[(what, value)] of what is asked for."""
    told: list[tuple[str, object]] = []
    for key, words in _PAYLOAD:
        value = payload.get(key)
        if not value:
            continue
        if key == "employer":
            firm = await find_employer(request[ACTOR], ground_of(request).vault, UUID(value))
            value = firm.name
        if key == "name" and asked.kind == "employer_contact":
            words = "单位名称"
        told.append((words, value))
    return told


def _filters(own: Mapping[str, str]) -> Sequence[filters.Filter]:
    states = {key: state.word for key, state in STATES.items() if key != "asked"}
    kind = filters.Choice(name="kind", label="申请什么", options=KINDS)
    state = filters.Choice(name="state", label="状态", options=states, all="等着定的")
    if len(own) < 2:
        return kind, state
    return kind, filters.Choice(name="county", label="县区", options=own), state


async def count_waiting(request: web.Request) -> Waiting | None:
    """For the first page."""
    return Waiting("件申请等您定", await count_queue(request[ACTOR]), ROOT)


def add_routes(app: web.Application) -> None:
    """The queue, one request, and what is decided."""
    app[WAITING].append(count_waiting)
    app.router.add_get("/requests", show_list)
    app.router.add_get("/requests/{id}", show_one)
    app.router.add_post("/requests/{id}/open", open_one)
    app.router.add_post("/requests/{id}/approve", approve)
    app.router.add_post("/requests/{id}/refuse", refuse)
