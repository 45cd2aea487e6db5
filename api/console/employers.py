"""The register of firms (企业), and who acts for them."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from api.console import fields, filters
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.guard import staff_of
from api.console.page import go_to, render
from api.console.paths import uuid_in
from api.console.places import counties_within, county_names
from api.console.shown import State
from api.console.tables import Column, Empty, Listing, Table
from domain.employers.actions import register_employer, remove_contact
from domain.employers.queries import (
    RegisteredFirm,
    ShownContact,
    find_employer,
    list_contacts,
    search_employers,
)
from domain.permissions import Permission, may
from web.access import ACTOR, Access, allow
from web.body_limits import body

ROOT = "/console/employers"
#: A firm has at most this many on its page; the rule allows fewer (domain/employers/rules.py).
_MOST_CONTACTS = 50
_READERS = allow(Access.STAFF, Permission.SEE_EMPLOYER)
_OFFICERS = allow(Access.STAFF, Permission.MANAGE_CONTACTS)
_BODY = body(most_bytes=16 * 1024, seconds=5)


@_READERS
async def show_list(request: web.Request) -> web.Response:
    """GET /employers?q=&county=: those of one's own counties."""
    own, counties = counties_within(request, Permission.SEE_EMPLOYER), county_names(request)
    search = filters.Search(hint="名称或信用代码里的几个字")
    county = filters.Choice(name="county", label="县区", options=own)
    found = filters.Filters.from_query(
        request.query, (search, county) if len(own) > 1 else (search,)
    )
    listing = Listing(request, "employers", found)
    page = await search_employers(
        request[ACTOR],
        ground_of(request).vault,
        text=found.text("q") or "",
        county=found.text("county"),
        position=listing.position,
        limit=listing.limit,
    )
    columns: Sequence[Column[RegisteredFirm]] = (
        Column("企业", lambda one: one.name),
        Column("信用代码", lambda one: one.uscc),
        Column("县区", lambda one: counties.get(one.county, one.county)),
        Column("联系人", lambda one: one.contacts, number=True),
        Column("登记的电话", lambda one: one.phone, minor=True),
    )
    table = listing.show(
        page,
        "企业",
        columns,
        link=lambda one: f"{ROOT}/{one.id}",
        empty=Empty("名册里还没有企业", "企业的人来绑定，或者您来登记，就会出现在这里。"),
    )
    can_register = may(request[ACTOR], Permission.MANAGE_CONTACTS)
    return render(request, "employers/list", table=table, root=ROOT, can_register=can_register)


@_READERS
async def show_one(request: web.Request) -> web.Response:
    """GET /employers/{id}: the firm, and who acts for it, masked."""
    actor, vault, firm_id = request[ACTOR], ground_of(request).vault, uuid_in(request)
    firm = await find_employer(actor, vault, firm_id)
    page = await list_contacts(actor, vault, firm_id, None, _MOST_CONTACTS)
    columns: Sequence[Column[ShownContact]] = (
        Column("姓名", lambda one: one.name or "已注销的人"),
        Column("手机号", lambda one: one.phone),
        Column("身份", lambda one: State("管理员", "good") if one.keeper else State("联系人")),
        Column("加入时间", lambda one: one.since),
    )
    sees_people = may(actor, Permission.SEE_PERSON)
    contacts = Table(
        "联系人",
        columns,
        page.rows,
        link=(lambda one: f"/console/people/{one.person}") if sees_people else None,
        empty=Empty("还没有联系人", "企业的人在微信里绑定以后，会出现在这里。"),
    )
    return render(
        request,
        "employers/one",
        firm=firm,
        facts=[
            ("统一社会信用代码", firm.uscc),
            ("县区", county_names(request).get(firm.county, firm.county)),
            ("登记的电话", firm.phone),
        ],
        contacts=contacts,
        can_change=may(actor, Permission.MANAGE_CONTACTS),
        root=f"{ROOT}/{firm.id}",
    )


@_OFFICERS
async def show_new(request: web.Request) -> web.Response:
    """GET /employers/new."""
    form = Form.blank(request, (_USCC, *_fields(request, "企业的人按这个号码绑定")))
    return render(
        request, "employers/edit", form=form, title="登记企业", root=ROOT, to=f"{ROOT}/new"
    )


@_OFFICERS
@_BODY
async def register(request: web.Request) -> web.Response:
    """POST /employers/new. One that is there already is put right."""
    form = await Form.read(request, (_USCC, *_fields(request, "企业的人按这个号码绑定")))
    if form.fits:
        with form.telling_refusals():
            firm_id = await _register(request, form, form.text("uscc"), form.text("phone"))
            return go_to(request, f"{ROOT}/{firm_id}", done="已登记。")
    return render(
        request,
        "employers/edit",
        form=form,
        title="登记企业",
        root=ROOT,
        to=f"{ROOT}/new",
        status=422,
    )


@_OFFICERS
async def show_edit(request: web.Request) -> web.Response:
    """GET /employers/{id}/edit. The phone is not given back: it is masked for all."""
    firm = await find_employer(request[ACTOR], ground_of(request).vault, uuid_in(request))
    values = {"name": firm.name, "county": firm.county}
    return _render_edit(request, Form.blank(request, _edit_fields(request, firm), values), firm)


@_OFFICERS
@_BODY
async def edit(request: web.Request) -> web.Response:
    """POST /employers/{id}/edit."""
    firm = await find_employer(request[ACTOR], ground_of(request).vault, uuid_in(request))
    form = await Form.read(request, _edit_fields(request, firm))
    if form.fits:
        with form.telling_refusals():
            gone = "" if form.ticked("no_phone") else None
            await _register(request, form, firm.uscc, form.text("phone") or gone)
            return go_to(request, f"{ROOT}/{firm.id}", done="已保存。")
    return _render_edit(request, form, firm, status=422)


@_OFFICERS
@_BODY
async def remove(request: web.Request) -> web.Response:
    """POST /employers/{id}/contacts/{contact}/remove."""
    firm_id = uuid_in(request)
    await remove_contact(
        staff_of(request),
        employer_id=firm_id,
        contact_id=uuid_in(request, "contact"),
        now=now_for(request),
    )
    return go_to(request, f"{ROOT}/{firm_id}", done="已移除，不再替这家企业办事。")


async def _register(request: web.Request, form: Form, uscc: str, phone: str | None) -> UUID:
    return await register_employer(
        staff_of(request),
        ground_of(request).vault,
        uscc=uscc,
        name=form.text("name"),
        county=form.text("county"),
        phone=phone,
        now=now_for(request),
    )


def _render_edit(
    request: web.Request, form: Form, firm: RegisteredFirm, *, status: int = 200
) -> web.Response:
    root = f"{ROOT}/{firm.id}"
    return render(
        request,
        "employers/edit",
        form=form,
        title=f"改资料：{firm.name}",
        root=root,
        to=f"{root}/edit",
        status=status,
    )


_USCC = fields.Text(name="uscc", label="统一社会信用代码", help="18位，照营业执照写", most=40)


def _fields(request: web.Request, about_phone: str) -> tuple[fields.Field, ...]:
    own = counties_within(request, Permission.MANAGE_CONTACTS)
    return (
        fields.Text(name="name", label="单位名称", help="照营业执照写全称", most=120),
        fields.Choice(name="county", label="县区", options=own),
        fields.Text(
            name="phone",
            label="登记的电话",
            help=about_phone,
            required=False,
            most=40,
            keyboard="tel",
        ),
    )


def _edit_fields(request: web.Request, firm: RegisteredFirm) -> tuple[fields.Field, ...]:
    if not firm.phone:
        return _fields(request, "现在没有")
    return (
        *_fields(request, f"现在是 {firm.phone}；不写就还用它，要换才写新的"),
        fields.Tick(name="no_phone", label="这个电话不用了，也没有新的"),
    )


def add_routes(app: web.Application) -> None:
    """The register, one firm, and who acts for it."""
    app.router.add_get("/employers", show_list)
    app.router.add_get("/employers/new", show_new)
    app.router.add_post("/employers/new", register)
    app.router.add_get("/employers/{id}", show_one)
    app.router.add_get("/employers/{id}/edit", show_edit)
    app.router.add_post("/employers/{id}/edit", edit)
    app.router.add_post("/employers/{id}/contacts/{contact}/remove", remove)
