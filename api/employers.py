"""The firms that one acts for: binding oneself to one, its contacts, its keeper."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201, r204
from pydantic import Field

from api.idempotency import idempotent
from api.limits import FIRM_BINDINGS, OWN_CHANGES, OWN_READING
from api.paging import DEFAULT_LIMIT, MAX_CURSOR, MAX_LIMIT, decode_position, show_page
from api.refusals import refuses
from api.tools import TOOLS, Tools
from api.views import Shape, View, send
from domain.actor import EmployerContact
from domain.employers import queries
from domain.employers.actions import (
    Binding,
    bind_employer,
    hand_over_keeping,
    remove_contact,
)
from domain.employers.queries import ShownContact, act_for
from domain.people.rules import require_bound
from domain.requests.rules import MOST_NOTE
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import limited

Limited = Annotated[int, Field(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str, Field(max_length=MAX_CURSOR)]


class FirmBinding(Shape):
    uscc: Annotated[str, Field(min_length=1, max_length=100)]
    name: Annotated[str, Field(max_length=200)] = ""
    county: Annotated[str, Field(max_length=6)] = ""
    note: Annotated[str, Field(max_length=MOST_NOTE)] = ""


class FirmSummary(Shape):
    id: UUID
    name: str
    uscc: str
    county: str


class BoundFirm(Shape):
    employer: FirmSummary | None
    status: Literal["active", "waiting"]
    keeper: bool
    request: UUID | None


class OwnFirm(FirmSummary):
    keeper: bool
    since: datetime


class OwnFirmPage(Shape):
    items: list[OwnFirm]
    next: str | None


class FirmContact(Shape):
    id: UUID
    name: str
    phone: str | None
    keeper: bool
    since: datetime
    me: bool


class FirmContactPage(Shape):
    items: list[FirmContact]
    next: str | None


class HandOver(Shape):
    contact: UUID


class ContactView(View):
    """A view of one firm, for who acts for it."""

    @property
    def tools(self) -> Tools:
        tools: Tools = self.request.app[TOOLS]
        return tools

    async def act_for(self, employer: UUID) -> EmployerContact:
        """Raises DomainError not_found for another's firm."""
        return await act_for(self.request[ACTOR], employer)


def add_employers(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    app.router.add_view("/v1/employers", EmployersView)
    app.router.add_view("/v1/employers/bind", BindView)
    app.router.add_view("/v1/employers/{employer}", EmployerView)
    app.router.add_view("/v1/employers/{employer}/contacts", ContactsView)
    app.router.add_view("/v1/employers/{employer}/contacts/{contact}", OneContactView)
    app.router.add_view("/v1/employers/{employer}/keeper", KeeperView)


@allow(Access.SIGNED_IN)
class BindView(View):
    @limited(FIRM_BINDINGS)
    @body(most_bytes=8 * 1024, seconds=10)
    @idempotent
    @refuses(
        *("binding_required", "uscc_wrong", "employer_unknown", "employer_name_wrong"),
        *("county_unknown", "too_many_contacts", "too_many_firms", "too_many_requests_open"),
    )
    async def post(self, binding: FirmBinding) -> r201[BoundFirm]:
        tools = self.request.app[TOOLS]
        bound = await bind_employer(
            require_bound(self.request[ACTOR]),
            tools.vault,
            **binding.model_dump(),
            counties=[county.code for county in tools.content().counties],
            now=tools.clock(),
        )
        return send(_show_binding(bound), status=201)


@allow(Access.SIGNED_IN)
@limited(OWN_READING)
class EmployersView(View):
    async def get(self, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = "") -> r200[OwnFirmPage]:
        actor, vault = self.request[ACTOR], self.request.app[TOOLS].vault
        of = f"firms of {actor.key}"
        position = decode_position(vault, cursor, of)
        page = await queries.list_own_firms(actor, position, limit)
        return send(show_page(vault, page, of, OwnFirm.model_validate))


@allow(Access.SIGNED_IN)
@limited(OWN_READING)
class EmployerView(ContactView):
    async def get(self, employer: UUID, /) -> r200[OwnFirm]:
        firm = await queries.find_own_firm(await self.act_for(employer))
        return send(OwnFirm.model_validate(firm))


@allow(Access.SIGNED_IN)
@limited(OWN_READING)
class ContactsView(ContactView):
    async def get(
        self, employer: UUID, /, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> r200[FirmContactPage]:
        actor, vault = await self.act_for(employer), self.tools.vault
        of = f"contacts of {employer} for {actor.key}"
        position = decode_position(vault, cursor, of)
        page = await queries.list_contacts(actor, vault, employer, position, limit)
        return send(show_page(vault, page, of, lambda row: _show_contact(actor, row)))


@allow(Access.SIGNED_IN)
class OneContactView(ContactView):
    @limited(OWN_CHANGES)
    @body(most_bytes=1024, seconds=5)
    @refuses("only_the_keeper", "keeper_stays", "keeper_hands_over_first")
    async def delete(self, employer: UUID, contact: UUID, /) -> r204:
        actor = await self.act_for(employer)
        await remove_contact(
            actor, employer_id=employer, contact_id=contact, now=self.tools.clock()
        )
        return web.Response(status=204)


@allow(Access.SIGNED_IN)
class KeeperView(ContactView):
    @limited(OWN_CHANGES)
    @body(most_bytes=1024, seconds=5)
    @refuses("only_the_keeper")
    async def post(self, employer: UUID, /, over: HandOver) -> r200[OwnFirm]:
        actor = await self.act_for(employer)
        await hand_over_keeping(actor, contact_id=over.contact, now=self.tools.clock())
        return send(OwnFirm.model_validate(await queries.find_own_firm(actor)))


def _show_binding(bound: Binding) -> BoundFirm:
    employer, contact, request = bound.employer, bound.contact, bound.request
    return BoundFirm(
        employer=None if employer is None else FirmSummary.model_validate(employer),
        status=bound.status,
        keeper=contact is not None and contact.keeper,
        request=None if request is None else request.id,
    )


def _show_contact(actor: EmployerContact, row: ShownContact) -> FirmContact:
    return FirmContact(
        id=row.id,
        name=row.name,
        phone=row.phone,
        keeper=row.keeper,
        since=row.since,
        me=row.person == actor.id,
    )
