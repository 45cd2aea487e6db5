"""The list, one institution, and its words: new ones and changed ones."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from api.console import fields, filters
from api.console.acting import name_actors
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.institutions.words import (
    STATUSES,
    show_standing,
    tell_record,
    tell_standing,
)
from api.console.once import once
from api.console.page import PREFIX, go_to, render
from api.console.paths import uuid_in
from api.console.places import counties_within, county_names
from api.console.reasons import CONTACT_REASONS, read_reason
from api.console.shown import Masked
from api.console.tables import Column, Empty, Listing
from domain.errors import DomainError
from domain.institutions.actions import change_entry, list_institution
from domain.institutions.contacts import reveal_contact
from domain.institutions.entries import read_institution
from domain.institutions.names import Places
from domain.institutions.queries import Listing as Found
from domain.institutions.queries import Search, search_institutions
from domain.institutions.rules import (
    ADDRESS_LENGTH,
    NAME_LENGTH,
    Entry,
    spell_name,
    spell_uscc,
    split_occupations,
)
from domain.institutions.writing import Dated
from domain.permissions import Permission, Reach, may, reach_of
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import By, Limit, limited

ROOT = "/console/institutions"
_EMPTY = Empty("目录里还没有机构", "人社局列入的机构会出现在这里。")
_EMPTY_TO_KEEP = Empty(
    "目录里还没有机构", "从表格导入，或者一家一家列入。", ("从表格导入", f"{ROOT}/import")
)
_BODY = body(most_bytes=64 * 1024, seconds=10)
#: Whoever goes through the directory for its people is stopped, and stands in the audit log.
REVEALS = Limit("contacts seen unmasked", calls=30, seconds=300, by=By.ACTOR)
_READERS = allow(Access.STAFF, Permission.SEE_DIRECTORY)
_EDITORS = allow(Access.STAFF, Permission.EDIT_DIRECTORY)


@_READERS
async def show_list(request: web.Request) -> web.Response:
    """GET /institutions?q=&county=&status=: as far as one may see it."""
    own, counties = counties_within(request, Permission.SEE_DIRECTORY), county_names(request)
    keeps = may(request[ACTOR], Permission.EDIT_DIRECTORY)
    found = filters.Filters.from_query(request.query, _filters(own))
    listing = Listing(request, "institutions", found)
    county = found.text("county") or (next(iter(own), "") if len(own) != len(counties) else None)
    page = await search_institutions(
        Search(found.text("q") or "", county, found.text("status")),  # type: ignore[arg-type]
        Places.of(counties.items()),
        now_for(request).date(),
        limit=listing.limit,
        position=listing.position,
    )
    columns: Sequence[Column[Found]] = (
        Column("机构", lambda one: one.name),
        Column("县区", lambda one: counties.get(one.county, one.county)),
        Column("状态", lambda one: show_standing(one.standing)),
        Column("从哪天起", lambda one: one.standing.since),
        Column("电话", lambda one: one.phone, minor=True),
        Column("统一社会信用代码", lambda one: one.uscc, minor=True),
    )
    table = listing.show(
        page,
        "机构",
        columns,
        link=lambda one: f"{ROOT}/{one.id}",
        empty=_EMPTY_TO_KEEP if keeps else _EMPTY,
    )
    return render(request, "institutions/list", table=table, keeps=keeps, root=ROOT)


@_READERS
async def show_one(request: web.Request) -> web.Response:
    """GET /institutions/{id}: the contact masked."""
    return await _render_one(request)


@_EDITORS
@limited(REVEALS)
@_BODY
async def reveal(request: web.Request) -> web.Response:
    """POST /institutions/{id}/contact {"reason", "note"}: the contact unmasked, on this page."""
    reason = await read_reason(request, CONTACT_REASONS)
    try:
        contact = await reveal_contact(
            request[ACTOR],
            ground_of(request).vault,
            institution_id=uuid_in(request),
            reason=reason,
            now=now_for(request),
        )
    except DomainError as error:
        if error.code != "reason_missing":
            raise
        return await _render_one(request, refused=True, status=422)
    return await _render_one(request, contact=contact, reason=reason)


async def _render_one(
    request: web.Request,
    *,
    contact: str | None = None,
    reason: str = "",
    refused: bool = False,
    status: int = 200,
) -> web.Response:
    """`contact`: in clear, for `reason`; None masked."""
    today, counties = now_for(request).date(), county_names(request)
    vault = ground_of(request).vault
    held = await read_institution(request[ACTOR], vault, uuid_in(request), today)
    entry = held.entry
    keeps = may(request[ACTOR], Permission.EDIT_DIRECTORY)
    reveals = f"{ROOT}/{held.id}/contact" if keeps else None
    masked = Masked(entry.contact, reveals) if entry.contact else None
    # Which officer it was, officers read.
    names = await name_actors(request, [one.made_by for one in held.records]) if keeps else {}
    facts = (
        ("状态", show_standing(held.standing)),
        ("统一社会信用代码", entry.uscc),
        ("县区", counties.get(entry.county, entry.county)),
        ("地址", entry.address),
        ("电话", entry.phone),
        ("联系人（不对外）", masked if contact is None else contact),
        ("能教的工种", "、".join(entry.may_teach) or "没有限定"),
    )
    return render(
        request,
        "institutions/one",
        status=status,
        held=held,
        reasons=CONTACT_REASONS,
        reason=reason,
        refused=refused,
        facts=facts,
        told=tell_standing(held.standing, today),
        keeps=keeps,
        history=[tell_record(record, counties, names, today) for record in held.records],
        classes=f"{PREFIX}/classes?{urlencode({'q': entry.name})}"
        if _sees_classes(request)
        else "",
        root=f"{ROOT}/{held.id}",
    )


def _sees_classes(request: web.Request) -> bool:
    """Also others' than one's own."""
    return reach_of(request[ACTOR], Permission.SEE_CLASS) not in (None, Reach.OWN)


@_EDITORS
async def show_new(request: web.Request) -> web.Response:
    """GET /institutions/new."""
    form = Form.blank(request, _new_fields(request), {"valid_from": now_for(request).date()})
    return render(request, "institutions/new", form=form, root=ROOT)


@_EDITORS
@_BODY
@once
async def add(request: web.Request) -> web.Response:
    """POST /institutions/new."""
    form = await Form.read(request, _new_fields(request))
    if form.fits:
        with form.telling_refusals():
            made = await list_institution(
                request[ACTOR],
                ground_of(request).vault,
                _entry_of(form),
                read_dated(form),
                counties=frozenset(county_names(request)),
                now=now_for(request),
            )
            return go_to(request, f"{ROOT}/{made}", done=f"“{form.text('name')}”已列入目录。")
    return render(request, "institutions/new", form=form, root=ROOT, status=422)


@_EDITORS
async def show_edit(request: web.Request) -> web.Response:
    """GET /institutions/{id}/edit."""
    today, vault = now_for(request).date(), ground_of(request).vault
    held = await read_institution(
        *(request[ACTOR], vault, uuid_in(request), today), Permission.EDIT_DIRECTORY
    )
    entry = held.entry
    values = {name: getattr(entry, name) for name in ("name", "uscc", "county", "address", "phone")}
    values |= {"may_teach": "、".join(entry.may_teach)}
    form = Form.blank(request, _edit_fields(request), {**values, "valid_from": today})
    return _render_edit(request, form, held.id)


@_EDITORS
@_BODY
async def edit(request: web.Request) -> web.Response:
    """POST /institutions/{id}/edit."""
    institution_id = uuid_in(request)
    # What is not in one's reach is not there, whatever the form says.
    vault, today = ground_of(request).vault, now_for(request).date()
    await read_institution(
        *(request[ACTOR], vault, institution_id, today), Permission.EDIT_DIRECTORY
    )
    form = await Form.read(request, _edit_fields(request))
    if form.fits:
        with form.telling_refusals():
            differs = await change_entry(
                request[ACTOR],
                ground_of(request).vault,
                institution_id=institution_id,
                entry=_entry_of(form),
                dated=read_dated(form),
                counties=frozenset(county_names(request)),
                keep_contact=not form.text("contact") and not form.values.get("no_contact"),
                now=now_for(request),
            )
            done = "已保存，改了什么记在下面。" if differs else "和原来一样，没有改动。"
            return go_to(request, f"{ROOT}/{institution_id}", done=done)
    return _render_edit(request, form, institution_id, status=422)


def _render_edit(
    request: web.Request, form: Form, institution_id: UUID, *, status: int = 200
) -> web.Response:
    root = f"{ROOT}/{institution_id}"
    return render(request, "institutions/edit", form=form, root=root, status=status)


def read_dated(form: Form) -> Dated:
    """The days, the reason and the document of a change."""
    return Dated(
        form.day("valid_from"),
        form.optional_day("valid_until"),
        form.text("reason"),
        form.text("document"),
    )


def _entry_of(form: Form) -> Entry:
    return Entry(
        name=spell_name(form.text("name")),
        uscc=spell_uscc(form.text("uscc")),
        county=form.text("county"),
        address=form.text("address"),
        may_teach=split_occupations(form.text("may_teach")),
        phone=form.text("phone"),
        contact=form.text("contact"),
    )


def _filters(own: dict[str, str]) -> Sequence[filters.Filter]:
    statuses = {key: state.word for key, state in STATUSES.items()}
    status = filters.Choice(name="status", label="状态", options=statuses)
    search = filters.Search(hint="名称、拼音或首字母")
    if len(own) < 2:
        return search, status
    return search, filters.Choice(name="county", label="县区", options=own), status


def _entry_fields(request: web.Request) -> Sequence[fields.Field]:
    return (
        fields.Text(name="name", label="机构名称", help="照办学许可证写全名", most=NAME_LENGTH),
        fields.Text(name="uscc", label="统一社会信用代码", help="18位，照证照写", most=40),
        fields.Choice(
            name="county", label="县区", options=counties_within(request, Permission.EDIT_DIRECTORY)
        ),
        fields.Text(name="address", label="地址", required=False, most=ADDRESS_LENGTH),
        fields.Text(
            name="may_teach",
            label="能教的工种",
            help="几个工种用顿号隔开；不填就是没有限定",
            required=False,
            lines=2,
            most=2000,
        ),
        fields.Text(
            name="phone",
            label="电话",
            help="对外公布的；座机带区号",
            required=False,
            most=20,
            keyboard="tel",
        ),
        fields.Text(
            name="contact", label="联系人", help="姓名和手机，不对外公布", required=False, most=80
        ),
    )


def _new_fields(request: web.Request) -> Sequence[fields.Field]:
    return (
        *_entry_fields(request),
        fields.Day(name="valid_from", label="从哪天起列入目录"),
        fields.Day(name="valid_until", label="到哪天为止", help="不填就是一直有效", required=False),
        fields.Text(name="document", label="文号", required=False, most=120),
    )


def _edit_fields(request: web.Request) -> Sequence[fields.Field]:
    *others, contact = _entry_fields(request)
    return (
        *others,
        replace(contact, help="姓名和手机，不对外公布；不改就空着，原来的还在"),
        fields.Tick(name="no_contact", label="原来的联系人不要了，也没有新的"),
        fields.Day(name="valid_from", label="从哪天起改"),
        fields.Text(name="reason", label="为什么改", required=False, most=500),
        fields.Text(name="document", label="文号", required=False, most=120),
    )
