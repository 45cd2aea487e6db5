"""`GET /api/v1/classes` and `/api/v1/classes/{id}`: what everybody may know of a class."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from aiohttp_pydantic.oas.typing import r200, r404
from pydantic import Field

from api.limits import CLASSES
from api.paging import DEFAULT_LIMIT, MAX_CURSOR, MAX_LIMIT, decode_position, show_page
from api.tools import TOOLS, Tools
from api.views import Shape, View, send
from content.schema import Content
from domain.calendar import LOCAL
from domain.enrolments.notice import Teller, word_notice_of
from domain.standards.queries import list_standards
from domain.standards.rules import Standard
from domain.training.details import LONGEST
from domain.training.queries import (
    ClassCard,
    ClassFilter,
    PublicClass,
    find_public,
    list_public,
)
from domain.training.subsidy import list_clauses
from web.access import Access, allow
from web.limits import limited

PublicStatus = Literal[
    "recruiting", "filed", "returned", "approved", "open", "ended", "archived", "cancelled"
]
#: Of an institution today; unlisted: nobody has listed it. Null for a firm's class.
PublicStanding = Literal["listed", "suspended", "removed", "unlisted"]


class ProgrammeName(Shape):
    key: str
    name: str


class ClassHolder(Shape):
    kind: Literal["institution", "employer"]
    id: UUID
    name: str
    phone: str
    standing: PublicStanding | None


class ClassSummary(Shape):
    id: UUID
    title: str
    status: PublicStatus
    programme: ProgrammeName
    occupation: str
    level: str
    county: str
    county_name: str
    address: str
    starts_on: date | None
    ends_on: date | None
    capacity: int
    places_left: int
    enrolling: bool
    holder: ClassHolder


class ClassSitting(Shape):
    id: UUID
    topic: str
    starts_at: datetime
    ends_at: datetime


class ClassClause(Shape):
    id: str
    policy: str
    label: str
    heading: str
    summary: str
    issued_on: date
    valid_until: date | None
    ended: bool


class ClassStandard(Shape):
    kind: str
    level: str
    hours: int
    amount_fen: int
    document: str
    example: bool


class ClassSubsidy(Shape):
    counts: bool
    standards: list[ClassStandard]
    clauses: list[ClassClause]


class ClassDetail(ClassSummary):
    target_group: str
    hours: int
    is_project: bool
    latitude: float | None
    longitude: float | None
    sessions: list[ClassSitting]
    subsidy: ClassSubsidy
    notice: str


class ClassPage(Shape):
    items: list[ClassSummary]
    next: str | None


#: A code that no county has: what people write may be longer than a code can be.
_NOWHERE = "-"


@allow(Access.ANYONE)
@limited(CLASSES)
class ClassesView(View):
    async def get(
        self,
        county: Annotated[str, Field(max_length=20)] = "",
        occupation: Annotated[str, Field(max_length=LONGEST["occupation"])] = "",
        programme: Annotated[str, Field(max_length=64)] = "",
        status: PublicStatus | None = None,
        limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
        cursor: Annotated[str, Field(max_length=MAX_CURSOR)] = "",
    ) -> r200[ClassPage]:
        tools = self.request.app[TOOLS]
        code = _code_of(tools.content(), county)
        narrowed = ClassFilter(code, occupation, programme, status or "")
        of = f"classes {narrowed} by -id"
        position = decode_position(tools.vault, cursor, of)
        page = await list_public(narrowed, position, limit, now=tools.clock())
        return send(show_page(tools.vault, page, of, lambda card: _show(tools, card)))


@allow(Access.ANYONE)
@limited(CLASSES)
class ClassView(View):
    async def get(self, class_id: UUID, /) -> r200[ClassDetail] | r404:
        tools = self.request.app[TOOLS]
        now = tools.clock()
        found = await find_public(tools.content(), class_id, now=now)
        standards = await list_standards(now.astimezone(LOCAL).date(), found.row.occupation)
        teller = Teller(tools.content(), tools.contact())
        notice = await word_notice_of(teller, found.row, now)
        return send(_show_whole(tools, found, standards, notice))


def _code_of(content: Content, county: str) -> str:
    """The code of what was asked by code or by name; what is no county has nothing in it."""
    codes = {word: one.code for one in content.counties for word in (one.code, one.name)}
    return codes.get(county, _NOWHERE) if county else ""


def _show(tools: Tools, card: ClassCard) -> ClassSummary:
    return ClassSummary(**_summary(tools, card))


def _summary(tools: Tools, card: ClassCard) -> dict[str, Any]:
    row, holder = card.row, card.holder
    names = {programme.key: programme.name for programme in tools.content().programmes}
    counties = {county.code: county.name for county in tools.content().counties}
    standing = holder.standing or "unlisted"
    return {
        "id": row.id,
        "title": row.title,
        "status": row.status,
        "programme": ProgrammeName(key=row.programme, name=names.get(row.programme, "")),
        "occupation": row.occupation,
        "level": row.level,
        "county": row.county,
        "county_name": counties.get(row.county, ""),
        "address": row.address,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "capacity": row.capacity,
        "places_left": card.places_left,
        "enrolling": card.enrolling,
        "holder": ClassHolder(
            kind=holder.kind,
            id=holder.id,
            name=holder.name,
            phone=holder.phone,
            standing=standing if holder.kind == "institution" else None,
        ),
    }


def _show_whole(
    tools: Tools, found: PublicClass, standards: Sequence[Standard], notice: str
) -> ClassDetail:
    row, today = found.row, tools.clock().astimezone(LOCAL).date()
    clauses = list_clauses(tools.content(), found.programme, today)
    return ClassDetail(
        **_summary(tools, found),
        target_group=row.target_group,
        hours=row.hours,
        is_project=row.is_project,
        latitude=row.latitude,
        longitude=row.longitude,
        sessions=[
            ClassSitting(
                id=session.id,
                topic=session.topic,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
            )
            for session in found.sessions
        ],
        notice=notice,
        subsidy=ClassSubsidy(
            counts=found.programme.counts,
            standards=[_show_standard(one) for one in standards],
            clauses=[ClassClause.model_validate(clause) for clause in clauses],
        ),
    )


def _show_standard(standard: Standard) -> ClassStandard:
    return ClassStandard(
        kind=standard.kind,
        level=standard.level,
        hours=standard.hours,
        amount_fen=standard.amount_fen,
        document=standard.document,
        example=standard.is_example,
    )
