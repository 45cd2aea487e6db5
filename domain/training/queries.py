"""Classes as the doors read them: what everybody sees, a holder's own, an officer's queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from content.schema import Content, Programme
from domain.actor import Actor, System
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.institutions.queries import list_listings, standings_of
from domain.institutions.rules import Status as Standing
from domain.paging import Page, Position, after
from domain.permissions import Permission, Reach, reach_of, require
from domain.training.details import Test
from domain.training.life import HELD, Side, Status, Step, steps_from
from domain.training.locking import list_sessions, load_facts, sides_of
from domain.training.ordering import ORDER, compute_order
from domain.training.places import Places, count_places
from domain.training.rules import (
    NEED_STANDING,
    ClassFacts,
    HolderKind,
    has_come,
    missing_for,
)
from domain.training.views import (
    ClassView,
    EventView,
    SessionView,
    find_programme,
    holder_of,
    view_class,
    view_event,
    view_session,
    view_test,
)
from models.employers import Employer
from models.final_tests import FinalTest
from models.institutions import Institution
from models.training import ClassEvent, TrainingClass

#: What people look for: a class that they may still come to, or that is under way.
CURRENT = (Status.RECRUITING, Status.FILED, Status.RETURNED, Status.APPROVED, Status.OPEN)


@dataclass(frozen=True, slots=True)
class ClassFilter:
    """What a list is narrowed to; "" is everything. occupation: a part of it is enough. text: a
    part of the title or of the holder's name. stopped: those that are current though their
    institution may not train (L12). ids: these and no others; None: all."""

    county: str = ""
    occupation: str = ""
    programme: str = ""
    status: str = ""
    text: str = ""
    stopped: bool = False
    ids: frozenset[UUID] | None = None

    def apply(self, query: QuerySet[TrainingClass]) -> QuerySet[TrainingClass]:
        """`query` with these narrowings."""
        for name in ("county", "programme", "status"):
            value = getattr(self, name)
            if value:
                query = query.filter(**{name: value})
        if self.ids is not None:
            query = query.filter(id__in=list(self.ids))
        if self.occupation:
            query = query.filter(occupation__icontains=self.occupation)
        if self.text:
            names = ("title", "institution__name", "employer__name")
            parts = [Q(**{f"{name}__icontains": self.text}) for name in names]
            query = query.filter(Q(*parts, join_type=Q.OR))
        return query


@dataclass(frozen=True, slots=True)
class HolderCard:
    """The institution or firm that holds a class, as everybody may see it. standing: of an
    institution today; None for a firm."""

    kind: HolderKind
    id: UUID
    name: str
    phone: str = ""
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class ClassCard:
    """A class in a list."""

    row: ClassView
    holder: HolderCard
    places: Places
    #: On whose standings and dates the card was made.
    today: date

    @property
    def places_left(self) -> int:
        """Places that nobody has taken, and no firm holds."""
        return max(0, self.row.capacity - self.places.gone)

    @property
    def stopped(self) -> bool:
        """Its institution may not train today (L12)."""
        return self.holder.kind == "institution" and self.holder.standing != "listed"

    @property
    def enrolling(self) -> bool:
        """Whether somebody may still enrol today."""
        recruiting = self.row.status == Status.RECRUITING.value
        begun = self.row.starts_on is not None and self.today > self.row.starts_on
        return recruiting and not begun and self.places_left > 0 and not self.stopped


@dataclass(frozen=True, slots=True)
class PublicClass(ClassCard):
    """A class as everybody may see it, with its sessions."""

    programme: Programme
    sessions: Sequence[SessionView] = ()


@dataclass(frozen=True, slots=True)
class ClassFile(PublicClass):
    """A class with all that was filed of it, for those whom it concerns.

    sides: on which sides of it the reader stands. steps: what they may do next. missing: what
    each of these steps still lacks. ahead: the same of a step that comes later, or is another's.
    """

    events: Sequence[EventView] = ()
    tests: Sequence[Test] = ()
    sides: frozenset[Side] = frozenset()
    steps: Sequence[Step] = ()
    missing: Mapping[Step, Sequence[str]] = field(default_factory=dict)
    ahead: tuple[Step, Sequence[str]] | None = None

    @property
    def returned_reason(self) -> str:
        """Why the office gave the class back, until it is filed again; "" otherwise."""
        if self.row.status != Status.RETURNED.value:
            return ""
        return [one.reason for one in self.events if one.kind == Step.RETURN.value][-1]


@dataclass(frozen=True, slots=True)
class Replanned:
    """The sessions of an approved class were planned anew; lessons in 课时."""

    made_at: datetime
    reason: str
    sessions_before: int
    sessions: int
    lessons_before: int
    lessons: int


# --- what everybody sees ---------------------------------------------------------------------


async def list_public(
    narrowed: ClassFilter, position: Position | None, limit: int, *, now: datetime
) -> Page[ClassCard]:
    """Classes that recruit or did, the newest first; without a status those that are current."""
    query = narrowed.apply(TrainingClass.filter(recruiting_since__not_isnull=True))
    if not narrowed.status:
        query = query.filter(status__in=[status.value for status in CURRENT])
    page = await after(query, ("-id",), position, limit)
    return Page(await _make_cards(page.rows, now), page.position)


async def find_public(content: Content, class_id: UUID, *, now: datetime) -> PublicClass:
    """A class that recruits or did. Raises DomainError not_found."""
    row = await TrainingClass.get_or_none(id=class_id, recruiting_since__not_isnull=True)
    if row is None:
        raise DomainError("not_found", about="class")
    (card,) = await _make_cards([row], now)
    return PublicClass(
        card.row,
        card.holder,
        card.places,
        card.today,
        find_programme(content, row.programme),
        await _view_sessions(get_connection("default"), class_id),
    )


async def _view_sessions(connection: BaseDBAsyncClient, class_id: UUID) -> list[SessionView]:
    return [view_session(one) for one in await list_sessions(connection, class_id)]


async def _make_cards(rows: Sequence[TrainingClass], now: datetime) -> list[ClassCard]:
    places = await count_places(get_connection("default"), [row.id for row in rows])
    holders = await _find_holders(rows, now)
    today = now.astimezone(LOCAL).date()
    return [
        ClassCard(view_class(row), holders[holder_of(row)], places[row.id], today) for row in rows
    ]


async def _find_holders(rows: Sequence[TrainingClass], now: datetime) -> dict[UUID, HolderCard]:
    ids = list({holder_of(row) for row in rows})
    standings = await standings_of(ids, now.astimezone(LOCAL).date())
    holders = {}
    for one in await Institution.filter(id__in=ids):
        standing = standings[one.id].status if one.id in standings else None
        holders[one.id] = HolderCard("institution", one.id, one.name, one.phone, standing)
    for firm in await Employer.filter(id__in=ids):
        holders[firm.id] = HolderCard("employer", firm.id, firm.name)
    return holders


# --- what it concerns ------------------------------------------------------------------------


async def list_classes(
    actor: Actor,
    narrowed: ClassFilter,
    position: Position | None,
    limit: int,
    *,
    urgent_first: bool = False,
    now: datetime,
) -> Page[ClassCard]:
    """The classes within `actor`'s reach, drafts among them, the newest first; `urgent_first`: as
    domain.training.ordering has them.

    An office does not see what nobody has shown it yet: drafts are their holder's.
    Raises DomainError no_permission.
    """
    query = narrowed.apply(TrainingClass.filter(_within(actor)))
    if narrowed.stopped:
        query = query.filter(await _stopped(now))
    if urgent_first:
        columns = compute_order(actor, now.astimezone(LOCAL).date())
        page = await after(query, ORDER, position, limit, computed=columns)
    else:
        page = await after(query, ("-id",), position, limit)
    return Page(await _make_cards(page.rows, now), page.position)


async def list_filed(actor: Actor, *, now: datetime, most: int = 100) -> list[ClassCard]:
    """What waits for the office's decision, the longest first. Raises DomainError."""
    query = TrainingClass.filter(_within(actor), status=Status.FILED.value)
    return await _make_cards(await query.order_by("filed_at", "id").limit(most), now)


async def count_by_status(actor: Actor) -> dict[Status, int]:
    """How many classes within `actor`'s reach stand where; those with none are left out.

    Raises DomainError no_permission.
    """
    counted = TrainingClass.filter(_within(actor)).annotate(classes=Count("id")).group_by("status")
    rows = await counted.values_list("status", "classes")
    return {Status(str(status)): int(str(classes)) for status, classes in rows}


async def count_stopped(actor: Actor, *, now: datetime) -> int:
    """How many classes within `actor`'s reach are current though their institution may not train
    (L12). Raises DomainError no_permission."""
    return await TrainingClass.filter(_within(actor)).filter(await _stopped(now)).count()


async def count_due(actor: Actor, today: date) -> int:
    """How many approved classes within `actor`'s reach have come to their first day.

    Raises DomainError no_permission.
    """
    due = TrainingClass.filter(
        _within(actor), status=Status.APPROVED.value, starts_on__lte=today, ends_on__gte=today
    )
    return await due.count()


async def find_class(actor: Actor, content: Content, class_id: UUID, *, now: datetime) -> ClassFile:
    """A class with its history, what may be done with it and what it lacks.

    Raises DomainError: no_permission, not_found.
    """
    if reach_of(actor, Permission.SEE_CLASS) is None:
        raise DomainError("no_permission")
    row = await TrainingClass.get_or_none(id=class_id)
    if row is None:
        raise DomainError("not_found")
    require(actor, Permission.SEE_CLASS, owner=holder_of(row), county=row.county)
    sides = sides_of(actor, row)
    if row.recruiting_since is None and Side.HOLDER not in sides:
        raise DomainError("not_found")
    connection = get_connection("default")
    (card,) = await _make_cards([row], now)
    programme = find_programme(content, row.programme)
    facts = await load_facts(connection, row, programme)
    steps = [
        step
        for step in steps_from(Status(row.status), sides)
        # Nobody is offered to end what goes on; why a step before that must wait is told.
        if step is not Step.END or has_come(step, facts, now)
    ]
    return ClassFile(
        card.row,
        card.holder,
        card.places,
        card.today,
        programme,
        await _view_sessions(connection, class_id),
        events=[
            view_event(one)
            for one in await ClassEvent.filter(training_class_id=class_id).order_by("version", "id")
        ],
        tests=[
            view_test(one)
            for one in await FinalTest.filter(training_class_id=class_id)
            .order_by("held_on", "id")
            .prefetch_related("results")
        ],
        sides=sides,
        steps=steps,
        missing={
            step: [
                *(["standing"] if card.stopped and step in NEED_STANDING else []),
                *missing_for(step, facts),
            ]
            for step in steps
        },
        ahead=_look_ahead(Status(row.status), steps, facts),
    )


def _look_ahead(
    status: Status, steps: Sequence[Step], facts: ClassFacts
) -> tuple[Step, Sequence[str]] | None:
    """What a draft lacks for its filing, people aside; what its holder owes to the archive."""
    if status is Status.DRAFT:
        known = {"enrolments", *missing_for(Step.RECRUIT, facts)}
        return Step.FILE, [key for key in missing_for(Step.FILE, facts) if key not in known]
    if status is Status.ENDED and Step.ARCHIVE not in steps:
        return Step.ARCHIVE, missing_for(Step.ARCHIVE, facts)
    return None


async def list_replanned(actor: Actor, class_id: UUID) -> list[Replanned]:
    """How sessions were moved after the class was approved, the newest first; none of a class that
    `actor` does not see."""
    row = await TrainingClass.filter(_within(actor), id=class_id).get_or_none()
    events = ClassEvent.filter(
        training_class_id=class_id,
        kind="sessions",
        before__in=[status.value for status in HELD],
    )
    if row is None:
        return []
    return [
        Replanned(
            one.made_at.astimezone(LOCAL),
            one.reason,
            *(_count(one, name) for name in ("sessions_before", "sessions")),
            *(_count(one, name) for name in ("lessons_before", "lessons")),
        )
        for one in await events.order_by("-id")
    ]


def _count(event: ClassEvent, name: str) -> int:
    told = event.facts.get(name)
    return told if isinstance(told, int) else 0


async def _stopped(now: datetime) -> Q:
    """Classes that are current though their institution may not train today."""
    listings = await list_listings(now.astimezone(LOCAL).date())
    stopped = [one.id for one in listings if one.standing.status != "listed"]
    return Q(institution_id__in=stopped, status__in=[status.value for status in CURRENT])


def _within(actor: Actor) -> Q:
    """Classes that `actor` may see. Raises DomainError no_permission."""
    reach = reach_of(actor, Permission.SEE_CLASS)
    if reach is None:
        raise DomainError("no_permission")
    if isinstance(actor, System):
        return Q()
    shown = Q(recruiting_since__not_isnull=True)
    if reach is Reach.OWN:
        own = list(actor.owns)
        return Q(institution_id__in=own) | Q(employer_id__in=own)
    if reach is Reach.COUNTY:
        return Q(county=getattr(actor, "county", None) or "") & shown
    return shown
