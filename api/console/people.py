"""Finding a person, and looking at what is held of them. Nothing personal stands in an address:
people are looked for by POST."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from api.console import fields
from api.console.form import Form
from api.console.ground import ground_of, now_for, texts_of
from api.console.page import PREFIX, render
from api.console.paths import uuid_in
from api.console.places import county_names
from api.console.reasons import REASONS, read_reason
from api.console.rosters.ground import STATES
from api.console.shown import State, say_period
from api.console.tables import Column, Empty, Table
from domain.enrolments.of_people import ClassOfPerson, list_classes_of_person
from domain.errors import DomainError
from domain.people.lookups import MOST_FOUND, Revealed, find_people, reveal_person, see_person
from domain.people.queries import Masked
from domain.permissions import Permission, may
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import By, Limit, limited

ROOT = "/console/people"
#: By models.people.Person.phone_origin: what a phone proves.
PHONE_ORIGINS = {
    "": "不知道谁填的，只作联系",
    "told": "培训机构、单位或热线填的，只作联系，不能证明是本人",
    "wechat": "本人在微信里核对过",
    "officer": "工作人员看过证件后登记的",
}
_FIELDS = (
    fields.Text(name="name", label="姓名", required=False, most=60),
    fields.Text(name="id_number", label="身份证号", required=False, most=40),
    fields.Text(name="phone", label="手机号", required=False, most=40, keyboard="tel"),
)
_BODY = body(most_bytes=16 * 1024, seconds=5)
#: An operator on the phone finds a person every few seconds at most; who goes through a list of
#: numbers is stopped, and stands in the audit log.
LOOK_UPS = Limit("look ups of people", calls=60, seconds=300, by=By.ACTOR)
REVEALS = Limit("people seen unmasked", calls=30, seconds=300, by=By.ACTOR)


@allow(Access.STAFF, Permission.SEE_PERSON)
async def show_search(request: web.Request) -> web.Response:
    """GET /people."""
    return _render_search(request, Form.blank(request, _FIELDS))


@allow(Access.STAFF, Permission.SEE_PERSON)
@limited(LOOK_UPS)
@_BODY
async def search(request: web.Request) -> web.Response:
    """POST /people {"name", "id_number", "phone"}: those who have all that is given."""
    form = await Form.read(request, _FIELDS)
    if form.fits:
        with form.telling_refusals():
            found = await find_people(
                request[ACTOR],
                ground_of(request).vault,
                name=form.text("name"),
                id_number=form.text("id_number"),
                phone=form.text("phone"),
                now=now_for(request),
            )
            table = _make_table(request, found)
            return _render_search(request, form, table)
    return _render_search(request, form, status=422)


def _render_search(
    request: web.Request, form: Form, table: Table[Masked] | None = None, status: int = 200
) -> web.Response:
    return render(
        request,
        "people/search",
        form=form,
        table=table,
        most=MOST_FOUND,
        audits=may(request[ACTOR], Permission.SEE_ERASED),
        status=status,
    )


@allow(Access.STAFF, Permission.SEE_PERSON)
async def show_one(request: web.Request) -> web.Response:
    """GET /people/{id}: masked."""
    return await _render_person(request, uuid_in(request))


@allow(Access.STAFF, Permission.REVEAL_PERSON)
@limited(REVEALS)
@_BODY
async def reveal(request: web.Request) -> web.Response:
    """POST /people/{id}/reveal {"reason", "note"}: unmasked, on this one page."""
    person, reason = uuid_in(request), await read_reason(request)
    vault, now = ground_of(request).vault, now_for(request)
    try:
        shown = await reveal_person(request[ACTOR], vault, person=person, reason=reason, now=now)
    except DomainError as error:
        if error.code != "reason_missing":
            raise
        return await _render_person(request, person, refused=True, status=422)
    return await _render_person(request, person, revealed=shown, reason=reason)


async def _render_person(
    request: web.Request,
    person: UUID,
    *,
    revealed: Revealed | None = None,
    reason: str = "",
    refused: bool = False,
    status: int = 200,
) -> web.Response:
    actor = request[ACTOR]
    vault, now = ground_of(request).vault, now_for(request)
    masked = await see_person(actor, vault, person=person, now=now)
    shown = masked if revealed is None else revealed
    return render(
        request,
        "people/one",
        status=status,
        heading=masked.name or "没有姓名",
        back=ROOT,
        revealing="姓名、身份证号和手机号",
        data=[("姓名", shown.name), ("身份证号", shown.id_number), ("手机号", shown.phone)],
        facts=[
            ("县区", county_names(request).get(masked.county, masked.county)),
            ("微信", _show_bound(masked)),
            *([("手机号", PHONE_ORIGINS[masked.phone_origin])] if masked.phone else []),
        ],
        open=revealed is not None,
        reason=reason,
        refused=refused,
        reasons=REASONS if may(actor, Permission.REVEAL_PERSON) else {},
        classes=await make_classes(request, person),
        root=f"{ROOT}/{person}",
    )


async def make_classes(request: web.Request, person: UUID) -> Table[ClassOfPerson]:
    """The classes that the person is or was in, as far as one may see them."""
    texts = texts_of(request)
    columns: Sequence[Column[ClassOfPerson]] = (
        Column("班名", lambda one: one.title),
        Column("日期", _say_dates),
        Column("班期状态", lambda one: texts[f"training.status.{one.class_status}"]),
        Column("报名", lambda one: STATES[one.status]),
    )
    return Table(
        "班期",
        columns,
        await list_classes_of_person(request[ACTOR], person),
        link=lambda one: f"{PREFIX}/classes/{one.class_id}",
        empty=Empty("没有报过班", "报了名的班，退了的也在内，会出现在这里。"),
    )


def _say_dates(one: ClassOfPerson) -> str | None:
    return say_period(one.starts_on, one.ends_on) if one.starts_on and one.ends_on else None


def _make_table(request: web.Request, found: Sequence[Masked]) -> Table[Masked]:
    counties = county_names(request)
    columns: Sequence[Column[Masked]] = (
        Column("姓名", lambda one: one.name or "没有姓名"),
        Column("身份证号", lambda one: one.id_number),
        Column("手机号", lambda one: one.phone),
        Column("县区", lambda one: counties.get(one.county, one.county)),
        Column("微信", _show_bound),
    )
    return Table("人", columns, found, link=lambda one: f"{ROOT}/{one.id}")


def _show_bound(person: Masked) -> State:
    return State("已实名绑定", "good") if person.bound else State("还没绑定")


def add_routes(app: web.Application) -> None:
    """The search, one person, and their data unmasked."""
    app.router.add_get("/people", show_search)
    app.router.add_post("/people", search)
    app.router.add_get("/people/{id}", show_one)
    app.router.add_post("/people/{id}/reveal", reveal)
