"""What one asks an officer to decide: asked, looked at, withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201
from pydantic import Field

from api.idempotency import idempotent
from api.limits import OWN_CHANGES, OWN_READING, REQUESTS
from api.paging import DEFAULT_LIMIT, MAX_CURSOR, MAX_LIMIT, decode_position, show_page
from api.tools import TOOLS, Tools
from api.views import Shape, View, send
from domain.actor import Trainee
from domain.employers.actions import ask_for_keeper
from domain.employers.queries import act_for
from domain.errors import DomainError
from domain.people.corrections import ask_to_change_phone, ask_to_correct
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
    kind: Literal["identity", "phone", "employer_keeper"]
    name: Annotated[str | None, Field(max_length=200)] = None
    id_number: Annotated[str | None, Field(max_length=100)] = None
    phone: Annotated[str | None, Field(max_length=100)] = None
    employer: UUID | None = None
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


#: Which fields each kind takes beside county and note; the first is required.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "identity": ("name", "id_number"),
    "phone": ("phone",),
    "employer_keeper": ("employer",),
}
_OWN_FIELDS = ("name", "id_number", "phone", "employer")

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
    async def post(self, asking: Asking) -> r201[RequestItem]:
        tools = self.request.app[TOOLS]
        _check_fields(tools, asking)
        asked = await _ask(tools, require_bound(self.request[ACTOR]), asking)
        return send(_show(tools, asked), status=201)


@allow(Access.SIGNED_IN)
class RequestView(View):
    @limited(OWN_CHANGES)
    @body(most_bytes=1024, seconds=5)
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
        if field not in wanted:
            raise refuse_field(field, "extra_forbidden")
    if not given:
        raise refuse_field(wanted[0], "missing")
    codes = {county.code for county in tools.content().counties}
    if asking.county and asking.county not in codes:
        raise DomainError("county_unknown")


async def _ask(tools: Tools, actor: Trainee, asking: Asking) -> OwnRequest:
    vault, now = tools.vault, tools.clock()
    if asking.employer is not None:
        contact = await act_for(actor, asking.employer)
        asked = await ask_for_keeper(contact, vault, note=asking.note, now=now)
    elif asking.phone:
        asked = await ask_to_change_phone(
            *(actor, vault),
            phone=asking.phone,
            county=asking.county,
            note=asking.note,
            now=now,
        )
    else:
        asked = await ask_to_correct(
            *(actor, vault),
            name=asking.name or "",
            id_number=asking.id_number or "",
            county=asking.county,
            note=asking.note,
            now=now,
        )
    return show_own(vault, asked)


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
