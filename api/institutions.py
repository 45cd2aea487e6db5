"""`GET /api/v1/institutions` and `/api/v1/institutions/{institution_id}`: the directory (L12).

What the public may know: who answers for an institution is not among it.
"""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp_pydantic.oas.typing import r200, r404
from pydantic import Field

from api.limits import DIRECTORY
from api.paging import DEFAULT_LIMIT, MAX_CURSOR, MAX_LIMIT, decode_position, show_page
from api.tools import TOOLS, Tools
from api.views import Shape, View, send
from content.schema import Content
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.institutions.names import Places
from domain.institutions.queries import (
    Listing,
    Search,
    find_institution,
    list_records,
    search_institutions,
)
from web.access import Access, allow
from web.limits import limited

#: Of a name, whole, and some words around it.
MAX_QUERY = 100

Status = Literal["listed", "suspended", "removed"]


class InstitutionItem(Shape):
    id: UUID
    name: str
    uscc: str
    county: str
    county_name: str
    address: str
    may_teach: list[str]
    phone: str
    status: Status
    since: date
    until: date | None
    reason: str
    document: str


class InstitutionRecordItem(Shape):
    kind: Literal["listed", "suspended", "restored", "removed"]
    valid_from: date
    valid_until: date | None
    reason: str
    document: str


class InstitutionDetail(InstitutionItem):
    records: list[InstitutionRecordItem]


class InstitutionPage(Shape):
    items: list[InstitutionItem]
    next: str | None


@allow(Access.ANYONE)
@limited(DIRECTORY)
class InstitutionsView(View):
    async def get(
        self,
        q: Annotated[str, Field(max_length=MAX_QUERY)] = "",
        county: Annotated[str, Field(max_length=20)] = "",
        status: Status | None = None,
        limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
        cursor: Annotated[str, Field(max_length=MAX_CURSOR)] = "",
    ) -> r200[InstitutionPage]:
        tools = self.request.app[TOOLS]
        content = tools.content()
        search = Search(q, _code_of(content, county), status)
        of = f"institutions of {search}"
        position = decode_position(tools.vault, cursor, of)
        page = await search_institutions(
            search, places_of(content), _today(tools), limit=limit, position=position
        )
        return send(show_page(tools.vault, page, of, lambda one: _show(one, content)))


@allow(Access.ANYONE)
@limited(DIRECTORY)
class InstitutionView(View):
    async def get(self, institution_id: UUID, /) -> r200[InstitutionDetail] | r404:
        tools = self.request.app[TOOLS]
        today = _today(tools)
        found = await find_institution(institution_id, today)
        if found is None:
            raise DomainError("not_found")
        records = await list_records(institution_id, today)
        shown = _show(found, tools.content())
        return send({**shown, "records": records})


def places_of(content: Content) -> Places:
    """The counties as names are taken apart by."""
    return Places.of((county.code, county.name) for county in content.counties)


def _today(tools: Tools) -> date:
    return tools.clock().astimezone(LOCAL).date()


def _code_of(content: Content, county: str) -> str | None:
    """The code of what was asked by code or by name; what is no county has nothing in it."""
    codes = {word: one.code for one in content.counties for word in (one.code, one.name)}
    # A code that none has: what people write may be longer than a code can be.
    return codes.get(county, "-") if county else None


def _show(one: Listing, content: Content) -> dict[str, Any]:
    names = {county.code: county.name for county in content.counties}
    standing = one.standing
    return {
        "id": one.id,
        "name": one.name,
        "uscc": one.uscc,
        "county": one.county,
        "county_name": names.get(one.county, ""),
        "address": one.address,
        "may_teach": list(one.may_teach),
        "phone": one.phone,
        "status": standing.status,
        "since": standing.since,
        "until": standing.until,
        "reason": standing.reason,
        "document": standing.document,
    }
