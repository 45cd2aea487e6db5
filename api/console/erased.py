"""Auditing (查账): the one page on which somebody who was erased is found, for a reason."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from api.console import fields
from api.console.form import Form
from api.console.ground import ground_of, now_for
from api.console.page import render
from api.console.paths import uuid_in
from api.console.people import LOOK_UPS, REVEALS, make_classes
from api.console.people import ROOT as PEOPLE
from api.console.places import county_names
from api.console.reasons import AUDIT_REASONS, read_reason
from api.console.shown import State, say_day
from api.console.tables import Column, Empty, Table
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.holdings import periods_of
from domain.people.erased import Erased, find_erased, reveal_erased, see_erased
from domain.people.lookups import MOST_FOUND, Revealed
from domain.permissions import Permission, may
from domain.privacy.queries import find_kept_until
from domain.reasons import MOST_REASON
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import limited

ROOT = f"{PEOPLE}/erased"
_FIELDS = (
    fields.Text(name="name", label="姓名", required=False, most=60),
    fields.Text(name="id_number", label="身份证号", required=False, most=40),
    fields.Text(name="reason", label="查什么账", most=MOST_REASON),
)
_BODY = body(most_bytes=16 * 1024, seconds=5)
_GONE = State("已注销", "warn")


@allow(Access.STAFF, Permission.SEE_ERASED)
async def show_search(request: web.Request) -> web.Response:
    """GET /people/erased."""
    return render(request, "people/erased", form=Form.blank(request, _FIELDS), table=None)


@allow(Access.STAFF, Permission.SEE_ERASED)
@limited(LOOK_UPS)
@_BODY
async def search(request: web.Request) -> web.Response:
    """POST /people/erased {"name", "id_number", "reason"}: those who have all that is given."""
    form = await Form.read(request, _FIELDS)
    if form.fits:
        with form.telling_refusals():
            found = await find_erased(
                request[ACTOR],
                ground_of(request).vault,
                name=form.text("name"),
                id_number=form.text("id_number"),
                reason=f"查账：{form.text('reason')}"[:MOST_REASON],
                now=now_for(request),
            )
            table = _make_table(request, found)
            return render(request, "people/erased", form=form, table=table, most=MOST_FOUND)
    return render(request, "people/erased", form=form, table=None, status=422)


@allow(Access.STAFF, Permission.SEE_ERASED)
@limited(LOOK_UPS)
async def show_one(request: web.Request) -> web.Response:
    """GET /people/erased/{id}: masked."""
    return await _render_person(request, uuid_in(request))


@allow(Access.STAFF, Permission.SEE_ERASED)
@limited(REVEALS)
@_BODY
async def reveal(request: web.Request) -> web.Response:
    """POST /people/erased/{id}/reveal {"reason", "note"}: unmasked, on this one page."""
    person, reason = uuid_in(request), await read_reason(request, AUDIT_REASONS)
    vault, now = ground_of(request).vault, now_for(request)
    try:
        shown = await reveal_erased(request[ACTOR], vault, person=person, reason=reason, now=now)
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
    actor, ground, now = request[ACTOR], ground_of(request), now_for(request)
    gone = await see_erased(actor, ground.vault, person=person, now=now)
    until = await find_kept_until(person, periods_of(ground.read_content()), now)
    shown = gone.masked if revealed is None else revealed
    today = now.astimezone(LOCAL).date()
    return render(
        request,
        "people/one",
        status=status,
        heading=gone.masked.name or "已注销的人",
        back=ROOT,
        revealing="姓名和身份证号",
        data=[("姓名", shown.name), ("身份证号", shown.id_number)],
        facts=[
            ("状态", _GONE),
            ("注销", say_day(gone.erased_at.astimezone(LOCAL).date(), today)),
            ("记录留到", say_day(until, today) if until else "没有留下记录"),
            ("县区", county_names(request).get(gone.masked.county, gone.masked.county)),
        ],
        open=revealed is not None,
        reason=reason,
        refused=refused,
        reasons=AUDIT_REASONS,
        classes=await make_classes(request, person) if may(actor, Permission.SEE_CLASS) else None,
        root=f"{ROOT}/{person}",
    )


def _make_table(request: web.Request, found: Sequence[Erased]) -> Table[Erased]:
    today = now_for(request).astimezone(LOCAL).date()
    columns: Sequence[Column[Erased]] = (
        Column("姓名", lambda one: one.masked.name or "已注销的人"),
        Column("身份证号", lambda one: one.masked.id_number),
        Column("状态", lambda _: _GONE),
        Column("注销", lambda one: say_day(one.erased_at.astimezone(LOCAL).date(), today)),
    )
    empty = Empty("没有找到这个人", "没有注销的人不在这里找；记录到期删掉的，也找不到了。")
    return Table("人", columns, found, link=lambda one: f"{ROOT}/{one.masked.id}", empty=empty)


def add_routes(app: web.Application) -> None:
    """The search, one person, and their data unmasked; before the people's own, whose {id} it
    would be."""
    app.router.add_get("/people/erased", show_search)
    app.router.add_post("/people/erased", search)
    app.router.add_get("/people/erased/{id}", show_one)
    app.router.add_post("/people/erased/{id}/reveal", reveal)
