"""Enrolling in a class, one's own classes, and the places that a firm reserves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201
from pydantic import Field

from api.classes import ClassSitting, PublicStatus
from api.employers import ContactView, Cursor, Limited
from api.idempotency import idempotent
from api.limits import ENROLMENTS, OWN_CHANGES, OWN_READING
from api.paging import DEFAULT_LIMIT, decode_position, show_page
from api.refusals import refuses
from api.tools import TOOLS, Tools
from api.views import Shape, View, send
from domain.actor import Trainee
from domain.enrolments.actions import Enrolled, enrol_oneself, mark_informed, withdraw
from domain.enrolments.notice import Teller
from domain.enrolments.queries import Own, find_own, find_told, list_own, list_reservations
from domain.enrolments.reservations import reserve_places
from domain.enrolments.results import list_own_results
from domain.people.rules import require_bound
from domain.training.sittings import find_next_sittings
from domain.training.views import SessionView
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import limited

EnrolmentStatus = Literal["applied", "confirmed", "withdrawn", "completed"]
#: Of a firm at once in one class.
_MOST_PLACES = 1000


class Wanted(Shape):
    beyond_three: bool = False


class Enrolment(Shape):
    id: UUID
    class_id: UUID
    status: EnrolmentStatus
    notice: str


class OwnClass(Shape):
    id: UUID
    class_id: UUID
    title: str
    institution: str
    county: str
    address: str
    starts_on: date | None
    ends_on: date | None
    class_status: PublicStatus
    status: EnrolmentStatus
    since: datetime
    unfinished: bool
    leaves: bool
    owed: bool
    next_session: ClassSitting | None


class OwnResult(Shape):
    kind: Literal["appraisal", "enterprise", "level", "ability", "certificate"]
    held_on: date
    result: Literal["passed", "failed", "absent"]
    certificate: str


class OwnClassDetail(OwnClass):
    notice: str
    tests: list[OwnResult]


class OwnClassPage(Shape):
    items: list[OwnClass]
    next: str | None


class Told(Shape):
    notice: str


class Places(Shape):
    places: Annotated[int, Field(ge=0, le=_MOST_PLACES)]


class ReservedPlaces(Shape):
    class_id: UUID
    title: str
    places: int
    named: int


class ReservedPage(Shape):
    items: list[ReservedPlaces]
    next: str | None


def add_enrolments(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    app.router.add_view("/v1/classes/{class_id}/enrolments", EnrolmentsView)
    app.router.add_view("/v1/me/classes", MyClassesView)
    app.router.add_view("/v1/me/classes/{class_id}", MyClassView)
    app.router.add_view("/v1/me/classes/{class_id}/notice", MyNoticeView)
    app.router.add_view("/v1/employers/{employer}/places", PlacesView)
    app.router.add_view("/v1/employers/{employer}/classes/{class_id}/places", ClassPlacesView)


def teller_of(tools: Tools) -> Teller:
    """What is said at the moment, for actions."""
    return Teller(tools.content(), tools.contact())


@allow(Access.SIGNED_IN)
class EnrolmentsView(View):
    @limited(ENROLMENTS)
    @body(most_bytes=4096, seconds=5)
    @idempotent
    @refuses(
        *("binding_required", "class_full", "class_not_recruiting", "roster_frozen"),
        *("enrolment_stopped", "enrolment_overlaps", "trainings_used_up", "own_people_only"),
    )
    async def post(self, class_id: UUID, /, wanted: Wanted) -> r201[Enrolment]:
        tools = self.request.app[TOOLS]
        enrolled = await enrol_oneself(
            require_bound(self.request[ACTOR]),
            teller_of(tools),
            class_id=class_id,
            channel="mini",
            told_beyond_three=wanted.beyond_three,
            now=tools.clock(),
        )
        return send(_show_enrolled(enrolled), status=201)


@allow(Access.SIGNED_IN)
@limited(OWN_READING)
class MyClassesView(View):
    @refuses("binding_required")
    async def get(self, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = "") -> r200[OwnClassPage]:
        actor, tools = require_bound(self.request[ACTOR]), self.request.app[TOOLS]
        of = f"classes of {actor.key} by -id"
        position = decode_position(tools.vault, cursor, of)
        page = await list_own(actor, position, limit)
        following = await _find_following(page.rows, tools.clock())
        return send(show_page(tools.vault, page, of, lambda own: _summarise(own, following)))


@allow(Access.SIGNED_IN)
class MyClassView(View):
    @limited(OWN_READING)
    @refuses("binding_required")
    async def get(self, class_id: UUID, /) -> r200[OwnClassDetail]:
        actor, now = require_bound(self.request[ACTOR]), self.request.app[TOOLS].clock()
        return send(await _show_own(actor, await find_own(actor, class_id), now))

    @limited(OWN_CHANGES)
    @body(most_bytes=1024, seconds=5)
    @refuses("binding_required", "roster_frozen", "enrolment_stands")
    async def delete(self, class_id: UUID, /) -> r200[OwnClassDetail]:
        actor = require_bound(self.request[ACTOR])
        own, now = await find_own(actor, class_id), self.request.app[TOOLS].clock()
        await withdraw(actor, enrolment_id=own.id, now=now)
        return send(await _show_own(actor, await find_own(actor, class_id), now))


@allow(Access.SIGNED_IN)
class MyNoticeView(View):
    @limited(OWN_CHANGES)
    @body(most_bytes=1024, seconds=5)
    @refuses("binding_required")
    async def post(self, class_id: UUID, /) -> r200[Told]:
        actor = require_bound(self.request[ACTOR])
        own = await find_own(actor, class_id)
        now = self.request.app[TOOLS].clock()
        await mark_informed(actor, enrolment_id=own.id, channel="mini", now=now)
        return send(Told(notice=await find_told(actor, own.id)))


# --- firms ------------------------------------------------------------------------------------


@allow(Access.SIGNED_IN)
@limited(OWN_READING)
class PlacesView(ContactView):
    async def get(
        self, employer: UUID, /, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> r200[ReservedPage]:
        actor, vault = await self.act_for(employer), self.tools.vault
        of = f"places of {employer} by -id"
        position = decode_position(vault, cursor, of)
        page = await list_reservations(actor, position, limit)
        return send(show_page(vault, page, of, ReservedPlaces.model_validate))


@allow(Access.SIGNED_IN)
class ClassPlacesView(ContactView):
    @limited(OWN_CHANGES)
    @body(most_bytes=4096, seconds=5)
    @refuses(
        *("class_full", "class_not_recruiting", "roster_frozen", "enrolment_stopped"),
        *("own_people_only", "places_named"),
    )
    async def put(self, employer: UUID, class_id: UUID, /, places: Places) -> r200[ReservedPlaces]:
        reserved = await reserve_places(
            await self.act_for(employer),
            teller_of(self.tools),
            class_id=class_id,
            places=places.places,
            now=self.tools.clock(),
        )
        return send(ReservedPlaces.model_validate(reserved))


def _show_enrolled(enrolled: Enrolled) -> Enrolment:
    return Enrolment(
        id=enrolled.id,
        class_id=enrolled.class_id,
        status=enrolled.status.value,
        notice=enrolled.notice,
    )


async def _find_following(own: Sequence[Own], now: datetime) -> dict[UUID, SessionView]:
    """What each class sits for next, of those that one is in."""
    stands = [one.class_id for one in own if one.stands]
    return await find_next_sittings(stands, now) if stands else {}


def _summarise(own: Own, following: Mapping[UUID, SessionView]) -> OwnClass:
    known = {name: getattr(own, name) for name in OwnClass.model_fields if name != "next_session"}
    return OwnClass.model_validate(known | {"next_session": following.get(own.class_id)})


async def _show_own(actor: Trainee, own: Own, now: datetime) -> OwnClassDetail:
    return OwnClassDetail(
        **_summarise(own, await _find_following([own], now)).model_dump(),
        notice=await find_told(actor, own.id),
        tests=[OwnResult.model_validate(one) for one in await list_own_results(actor, own.id)],
    )
