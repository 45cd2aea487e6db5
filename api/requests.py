"""What one asks an officer to decide: asked, looked at, withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201
from pydantic import Field

from api.idempotency import idempotent
from api.limits import OWN_CHANGES, OWN_READING, REQUESTS
from api.paging import DEFAULT_LIMIT, MAX_CURSOR, MAX_LIMIT, decode_position, show_page
from api.refusals import refuses
from api.tools import TOOLS, Tools
from api.views import Shape, View, send
from domain.actor import Actor, Visitor
from domain.employers.actions import ask_for_keeper
from domain.employers.queries import act_for
from domain.errors import DomainError
from domain.people.corrections import ask_to_change_phone, ask_to_correct
from domain.people.moving import ask_to_move
from domain.people.rules import require_bound
from domain.requests.actions import withdraw_request
from domain.requests.queries import OwnRequest, list_own_requests, show_own
from domain.requests.rules import MOST_NOTE, Kind, State
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.fields import refuse_field
from web.limits import limited
from web.words import fill, word


class Asking(Shape):
    kind: Literal["identity", "phone", "binding", "employer_keeper"]
    name: Annotated[str | None, Field(max_length=200)] = None
    id_number: Annotated[str | None, Field(max_length=100)] = None
    phone: Annotated[str | None, Field(max_length=100)] = None
    employer: UUID | None = None
    consent: Annotated[str | None, Field(max_length=32)] = None
    county: Annotated[str, Field(max_length=6)] = ""
    note: Annotated[str, Field(max_length=MOST_NOTE)] = ""


class RequestItem(Shape):
    id: UUID
    kind: Kind
    title: str
    about: str
    state: State
    text: str
    reason: str | None
    asked_at: datetime
    ended_at: datetime | None


class RequestPage(Shape):
    items: list[RequestItem]
    next: str | None


class _Fields(NamedTuple):
    """Which fields a kind takes beside county and note: some must be there, of others one."""

    needed: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()


_FIELDS: Mapping[str, _Fields] = {
    "identity": _Fields(any_of=("name", "id_number")),
    "phone": _Fields(needed=("phone",)),
    "binding": _Fields(needed=("name", "id_number", "consent")),
    "employer_keeper": _Fields(needed=("employer",)),
}
_OWN_FIELDS = ("name", "id_number", "phone", "employer", "consent")

Limited = Annotated[int, Field(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str, Field(max_length=MAX_CURSOR)]


def add_requests(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    app.router.add_view("/v1/me/requests", RequestsView)
    app.router.add_view("/v1/me/requests/{request_id}", RequestView)


@allow(Access.SIGNED_IN)
class RequestsView(View):
    @limited(OWN_READING)
    async def get(self, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = "") -> r200[RequestPage]:
        tools, actor = self.request.app[TOOLS], self.request[ACTOR]
        of = f"requests of {actor.key}"
        position = decode_position(tools.vault, cursor, of)
        page = await list_own_requests(actor, tools.vault, position, limit)
        return send(show_page(tools.vault, page, of, lambda row: _show(tools, row)))

    @limited(REQUESTS)
    @body(most_bytes=8 * 1024, seconds=10)
    @idempotent
    @refuses(
        *("binding_required", "bound_already", "not_found", "already_keeper"),
        *("request_open", "too_many_requests_open"),
        *("id_number_wrong", "name_wrong", "phone_wrong", "consent_outdated"),
        *("county_unknown", "nothing_to_correct"),
    )
    async def post(self, asking: Asking) -> r201[RequestItem]:
        tools = self.request.app[TOOLS]
        _check_fields(tools, asking)
        asked = await _ask(tools, self.request[ACTOR], asking)
        return send(_show(tools, asked), status=201)


@allow(Access.SIGNED_IN)
class RequestView(View):
    @limited(OWN_CHANGES)
    @body(most_bytes=1024, seconds=5)
    @refuses("request_changed")
    async def delete(self, request_id: UUID, /) -> r200[RequestItem]:
        tools = self.request.app[TOOLS]
        withdrawn = await withdraw_request(
            self.request[ACTOR], request_id=request_id, now=tools.clock()
        )
        return send(_show(tools, show_own(tools.vault, withdrawn)))


def _check_fields(tools: Tools, asking: Asking) -> None:
    """Raises DomainError invalid_input, county_unknown."""
    wanted = _FIELDS[asking.kind]
    given = [field for field in _OWN_FIELDS if getattr(asking, field)]
    for field in given:
        if field not in (*wanted.needed, *wanted.any_of):
            raise refuse_field(field, "extra_forbidden")
    for field in wanted.needed or wanted.any_of[: not given]:
        if field not in given:
            raise refuse_field(field, "missing")
    codes = {county.code for county in tools.content().counties}
    if asking.county and asking.county not in codes:
        raise DomainError("county_unknown")


async def _ask(tools: Tools, actor: Actor, asking: Asking) -> OwnRequest:
    vault, now = tools.vault, tools.clock()
    if asking.kind == "binding":
        return await _ask_to_move(tools, actor, asking)
    person = require_bound(actor)
    if asking.employer is not None:
        contact = await act_for(person, asking.employer)
        asked = await ask_for_keeper(contact, vault, note=asking.note, now=now)
    elif asking.phone:
        asked = await ask_to_change_phone(
            person,
            vault,
            phone=asking.phone,
            county=asking.county,
            note=asking.note,
            now=now,
        )
    else:
        asked = await ask_to_correct(
            person,
            vault,
            name=asking.name or "",
            id_number=asking.id_number or "",
            county=asking.county,
            note=asking.note,
            now=now,
        )
    return show_own(vault, asked)


async def _ask_to_move(tools: Tools, actor: Actor, asking: Asking) -> OwnRequest:
    if not isinstance(actor, Visitor):
        raise DomainError("bound_already")
    content = tools.content()
    asked = await ask_to_move(
        actor,
        tools.vault,
        content.privacy,
        name=asking.name or "",
        id_number=asking.id_number or "",
        consent=asking.consent or "",
        county=asking.county,
        counties=[county.code for county in content.counties],
        note=asking.note,
        now=tools.clock(),
    )
    return show_own(tools.vault, asked)


def _show(tools: Tools, request: OwnRequest) -> RequestItem:
    texts = tools.content().texts
    text = fill(word(texts, f"requests.states.{request.state}"), {"reason": request.reason or ""})
    return RequestItem(
        id=request.id,
        kind=request.kind,
        title=word(texts, f"requests.kinds.{request.kind}"),
        about=request.about,
        state=request.state,
        text=text,
        reason=request.reason,
        asked_at=request.asked_at,
        ended_at=request.ended_at,
    )
