"""Whom a firm names in a class before its filing, and that they were told (L12); in a class of its
own who is in it, by amendments once it is filed, and who was there to the end."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201, r204
from pydantic import AfterValidator, Field

from api.employers import ContactView, Cursor, Limited
from api.enrolments import EnrolmentStatus, teller_of
from api.idempotency import idempotent
from api.limits import OWN_CHANGES, OWN_READING
from api.paging import DEFAULT_LIMIT, decode_position, show_page
from api.refusals import refuses
from api.tools import Tools
from api.views import Shape, send
from domain.actor import EmployerContact
from domain.enrolments.actions import withdraw
from domain.enrolments.amendments import amend_roster
from domain.enrolments.bulk import Verdict, Wish
from domain.enrolments.completing import complete
from domain.enrolments.correcting import correct_name
from domain.enrolments.queries import find_line
from domain.enrolments.reservations import MOST_NAMED, list_people, name_people
from domain.enrolments.telling import inform_people, list_owed
from domain.errors import DomainError
from domain.people.naming import Named, read_person
from domain.people.rules import MOST_WRITTEN, mask_name
from domain.training.details import MOST_PEOPLE
from web.access import Access, allow
from web.body_limits import body
from web.limits import limited
from web.words import FOR_OTHERS, fill, find_refusal, word_refusal

#: PostgreSQL keeps no NUL.
_CLEANED = AfterValidator(lambda text: text.replace("\0", " "))
AllowedBy = Annotated[str, Field(max_length=80), _CLEANED]
Why = Annotated[str, Field(max_length=500), _CLEANED]

Written = Annotated[str, Field(min_length=1, max_length=MOST_WRITTEN)]


class NamedPerson(Shape):
    name: Written
    id_number: Written
    phone: Annotated[str, Field(max_length=MOST_WRITTEN)] = ""
    beyond_three: bool = False


class NamedPeople(Shape):
    people: Annotated[list[NamedPerson], Field(min_length=1, max_length=MOST_NAMED)]


class NamedRefusal(Shape):
    code: str
    detail: str


class NamedOutcome(Shape):
    name: str
    enrolment: UUID | None
    outcome: Literal["added", "confirmed", "corrected", "already", "refused"]
    refusal: NamedRefusal | None


class NamedOutcomes(Shape):
    items: list[NamedOutcome]


class FirmRosterLine(Shape):
    id: UUID
    name: str
    id_number: str
    phone: str
    status: EnrolmentStatus
    unfinished: bool
    since: datetime
    told: bool


class FirmRosterPage(Shape):
    items: list[FirmRosterLine]
    next: str | None


class NameCorrection(Shape):
    name: Written


class FirmOwed(Shape):
    people: list[FirmRosterLine]
    words: list[str]


class FirmTelling(Shape):
    enrolments: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PEOPLE)]


class FirmTold(Shape):
    told: int


class FirmJoining(NamedPerson):
    allowed_by: AllowedBy
    reason: Why


class FirmLeaving(Shape):
    enrolment: UUID
    allowed_by: AllowedBy
    reason: Why


class FirmCompletion(Shape):
    enrolments: Annotated[list[UUID], Field(max_length=MOST_PEOPLE)] | None = None
    unfinished: Annotated[list[UUID], Field(max_length=MOST_PEOPLE, default_factory=list)]


class FirmCompleted(Shape):
    completed: int
    unfinished: int


def add_firm_rosters(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    one = "/v1/employers/{employer}/classes/{class_id}"
    app.router.add_view(f"{one}/people", ClassPeopleView)
    app.router.add_view(f"{one}/told", ToldView)
    app.router.add_view(f"{one}/joins", JoinsView)
    app.router.add_view(f"{one}/leaves", LeavesView)
    app.router.add_view(f"{one}/completed", CompletedView)
    app.router.add_view("/v1/employers/{employer}/people/{enrolment}", ClassPersonView)


@allow(Access.SIGNED_IN)
class ClassPeopleView(ContactView):
    @limited(OWN_READING)
    async def get(
        self, employer: UUID, class_id: UUID, /, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> r200[FirmRosterPage]:
        actor, vault = await self.act_for(employer), self.tools.vault
        of = f"roster of {class_id} for {employer} by id"
        position = decode_position(vault, cursor, of)
        page = await list_people(actor, vault, class_id, position, limit)
        return send(show_page(vault, page, of, FirmRosterLine.model_validate))

    @limited(OWN_CHANGES)
    @body(most_bytes=128 * 1024, seconds=20)
    @idempotent
    @refuses(
        *("class_not_recruiting", "roster_frozen", "enrolment_stopped", "own_people_only"),
        "too_many_looks",
    )
    async def post(
        self, employer: UUID, class_id: UUID, /, people: NamedPeople
    ) -> r201[NamedOutcomes]:
        actor, tools = await self.act_for(employer), self.tools
        read = [_read(one, tools) for one in people.people]
        verdicts = await name_people(
            actor,
            tools.vault,
            teller_of(tools),
            class_id=class_id,
            wishes=[one for one in read if isinstance(one, Wish)],
            now=tools.clock(),
        )
        judged = iter(verdicts)
        shown = [
            _show_verdict(tools, next(judged))
            if isinstance(one, Wish)
            else _show_refused(tools, asked.name, one)
            for one, asked in zip(read, people.people, strict=True)
        ]
        return send(NamedOutcomes(items=shown), status=201)


@allow(Access.SIGNED_IN)
class ClassPersonView(ContactView):
    @limited(OWN_CHANGES)
    @body(most_bytes=4096, seconds=5)
    @refuses("name_wrong", "name_fixed")
    async def put(
        self, employer: UUID, enrolment: UUID, /, correction: NameCorrection
    ) -> r200[FirmRosterLine]:
        actor, tools = await self.act_for(employer), self.tools
        line = await correct_name(
            actor, tools.vault, enrolment_id=enrolment, name=correction.name, now=tools.clock()
        )
        return send(FirmRosterLine.model_validate(line))

    @limited(OWN_CHANGES)
    @body(most_bytes=1024, seconds=5)
    @refuses("roster_frozen", "enrolment_stands")
    async def delete(self, employer: UUID, enrolment: UUID, /) -> r204:
        actor = await self.act_for(employer)
        await withdraw(actor, enrolment_id=enrolment, now=self.tools.clock())
        return web.Response(status=204)


@allow(Access.SIGNED_IN)
class ToldView(ContactView):
    @limited(OWN_READING)
    async def get(self, employer: UUID, class_id: UUID, /) -> r200[FirmOwed]:
        actor = await self.act_for(employer)
        owed = await list_owed(actor, self.tools.vault, class_id)
        people = [FirmRosterLine.model_validate(line) for line in owed.lines]
        return send(FirmOwed(people=people, words=owed.words))

    @limited(OWN_CHANGES)
    @body(most_bytes=64 * 1024, seconds=5)
    async def put(self, employer: UUID, class_id: UUID, /, telling: FirmTelling) -> r200[FirmTold]:
        actor, now = await self.act_for(employer), self.tools.clock()
        told = await inform_people(actor, class_id=class_id, enrolments=telling.enrolments, now=now)
        return send(FirmTold(told=told))


# --- in a class of its own --------------------------------------------------------------------


class AmendingView(ContactView):
    """A view that amends the filed roster of a firm's own class."""

    async def show(self, actor: EmployerContact, class_id: UUID, enrolment: UUID) -> web.Response:
        """The line that was amended."""
        line = await find_line(actor, self.tools.vault, class_id, enrolment)
        return send(FirmRosterLine.model_validate(line), status=201)


@allow(Access.SIGNED_IN)
class JoinsView(AmendingView):
    @limited(OWN_CHANGES)
    @body(most_bytes=8 * 1024, seconds=5)
    @idempotent
    @refuses(
        *("roster_not_amendable", "amendment_unfounded", "already_in_class", "name_differs"),
        *("class_full", "enrolment_overlaps", "trainings_used_up"),
        *("id_number_wrong", "name_wrong", "phone_wrong", "too_many_looks"),
    )
    async def post(
        self, employer: UUID, class_id: UUID, /, joining: FirmJoining
    ) -> r201[FirmRosterLine]:
        actor, tools = await self.act_for(employer), self.tools
        made = await amend_roster(
            actor,
            tools.vault,
            teller_of(tools),
            class_id=class_id,
            joins=_read_named(joining, tools),
            allowed_by=joining.allowed_by,
            reason=joining.reason,
            told_beyond_three=joining.beyond_three,
            now=tools.clock(),
        )
        return await self.show(actor, class_id, made)


@allow(Access.SIGNED_IN)
class LeavesView(AmendingView):
    @limited(OWN_CHANGES)
    @body(most_bytes=8 * 1024, seconds=5)
    @idempotent
    @refuses("roster_not_amendable", "amendment_unfounded", "enrolment_stands")
    async def post(
        self, employer: UUID, class_id: UUID, /, leaving: FirmLeaving
    ) -> r201[FirmRosterLine]:
        actor, tools = await self.act_for(employer), self.tools
        left = await amend_roster(
            actor,
            tools.vault,
            teller_of(tools),
            class_id=class_id,
            leaves=leaving.enrolment,
            allowed_by=leaving.allowed_by,
            reason=leaving.reason,
            now=tools.clock(),
        )
        return await self.show(actor, class_id, left)


@allow(Access.SIGNED_IN)
class CompletedView(ContactView):
    @limited(OWN_CHANGES)
    @body(most_bytes=64 * 1024, seconds=5)
    @refuses("enrolment_stands")
    async def put(
        self, employer: UUID, class_id: UUID, /, done: FirmCompletion
    ) -> r200[FirmCompleted]:
        actor, now = await self.act_for(employer), self.tools.clock()
        said = await complete(
            actor,
            class_id=class_id,
            enrolments=done.enrolments,
            unfinished=done.unfinished,
            now=now,
        )
        return send(FirmCompleted(completed=said.completed, unfinished=said.unfinished))


def _read_named(person: NamedPerson, tools: Tools) -> Named:
    """Raises DomainError id_number_wrong, name_wrong, phone_wrong."""
    return read_person(person.name, person.id_number, person.phone, tools.clock())


def _read(person: NamedPerson, tools: Tools) -> Wish | DomainError:
    try:
        named = _read_named(person, tools)
    except DomainError as refusal:
        return refusal
    return Wish(named, person.beyond_three)


def _show_verdict(tools: Tools, verdict: Verdict) -> NamedOutcome:
    if verdict.refusal is not None:
        return _show_refused(tools, verdict.named.name, verdict.refusal)
    return NamedOutcome(
        name=mask_name(verdict.named.name),
        enrolment=verdict.enrolment,
        outcome=verdict.what or "already",
        refusal=None,
    )


def _show_refused(tools: Tools, name: str, refusal: DomainError) -> NamedOutcome:
    texts = tools.content().texts
    about = refusal.facts.get("about")
    words = find_refusal(texts, FOR_OTHERS, refusal.code, f"about.{about}") or word_refusal(
        texts, FOR_OTHERS, refusal.code, "detail"
    )
    told = NamedRefusal(code=refusal.code, detail=fill(words, refusal.facts))
    return NamedOutcome(
        name=mask_name(name.strip() or "—"), enrolment=None, outcome="refused", refusal=told
    )
