"""Enrolments as the doors read them: what may be enrolled in, one's own, a class's roster."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.functions import Count

from domain.actor import Actor, EmployerContact, Trainee
from domain.calendar import LOCAL
from domain.enrolments.lines import RosterLine, find_owed, make_lines
from domain.enrolments.rules import FROZEN, LOOSE, Status
from domain.errors import DomainError
from domain.institutions.queries import standings_of
from domain.paging import Page, Position, after
from domain.permissions import Permission, may, require
from domain.training.views import ClassView, holder_of, view_class
from domain.vault import Vault
from models.enrolments import Amendment, Enrolment, Informed, NoticeWords, Reservation
from models.institutions import Institution
from models.training import TrainingClass

#: Classes that recruit at one time; a city has some dozens.
MOST_OFFERED = 500

#: Places that are gone: of people, and those that firms hold and have named nobody for.
_LEFT = """
    c.capacity
    - (SELECT count(*) FROM enrolments e WHERE e.training_class_id = c.id
        AND e.status <> 'withdrawn')
    - coalesce((SELECT sum(greatest(0, r.places - (
            SELECT count(*) FROM enrolments e WHERE e.training_class_id = c.id
                AND e.employer_id = r.employer_id AND e.status <> 'withdrawn'
        ))) FROM reservations r WHERE r.training_class_id = c.id), 0)
"""
_OFFERS = f"""
    SELECT c.id, c.title, c.occupation, c.programme, c.county, c.address, c.hours, c.capacity,
        c.starts_on, c.ends_on, c.target_group, i.name AS institution, i.phone, c.institution_id,
        {_LEFT} AS places_left
    FROM training_classes c JOIN institutions i ON i.id = c.institution_id
    WHERE c.status = 'recruiting' AND (c.starts_on IS NULL OR c.starts_on >= $1)
        AND ($2::uuid IS NULL OR c.id = $2)
    ORDER BY c.starts_on NULLS LAST, c.id LIMIT {MOST_OFFERED}
"""  # noqa: S608 (nothing of it comes from outside)


_NAMED = """
    SELECT training_class_id, count(*) AS people FROM enrolments
    WHERE employer_id = $1 AND training_class_id = ANY($2::uuid[]) AND status <> 'withdrawn'
    GROUP BY training_class_id
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """A class that recruits, of an institution that is listed today."""

    id: UUID
    title: str
    occupation: str
    programme: str
    county: str
    address: str
    hours: int
    capacity: int
    starts_on: date | None
    ends_on: date | None
    target_group: str
    institution: str
    phone: str
    institution_id: UUID
    places_left: int


@dataclass(frozen=True, slots=True)
class Own:
    """One's own enrolment. owed: one has not been told yet what a class has to tell (L12).

    unfinished: one was not there to the end. leaves: whether one may still withdraw by oneself.
    """

    id: UUID
    class_id: UUID
    title: str
    institution: str
    county: str
    address: str
    starts_on: date | None
    ends_on: date | None
    class_status: str
    status: Status
    since: datetime
    unfinished: bool
    owed: bool

    @property
    def standing(self) -> str:
        """The status, or unfinished: how it is called in words."""
        return "unfinished" if self.unfinished else self.status.value

    @property
    def stands(self) -> bool:
        """One is in it, or has applied, and it was not called off."""
        return self.status is not Status.WITHDRAWN and self.class_status != "cancelled"

    @property
    def leaves(self) -> bool:
        """Before the filing one withdraws by oneself."""
        return self.class_status in LOOSE and self.status in (Status.APPLIED, Status.CONFIRMED)

    @property
    def frozen(self) -> bool:
        """The roster is filed: leaving is an amendment."""
        return self.class_status in FROZEN


@dataclass(frozen=True, slots=True)
class Amended:
    """A change of a filed roster. joined: else somebody left."""

    joined: bool
    allowed_by: str
    reason: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Reserved:
    """A firm's places in a class, and for how many of them it has named somebody."""

    class_id: UUID
    title: str
    places: int
    named: int


async def list_offers(today: date) -> list[Offer]:
    """The classes that one may enrol in today, the next to begin first; those that are full among
    them."""
    return await _select_offers(today, None)


async def find_offer(class_id: UUID, today: date) -> Offer | None:
    """One of them; None where it is none any more."""
    found = await _select_offers(today, class_id)
    return found[0] if found else None


async def _select_offers(today: date, class_id: UUID | None) -> list[Offer]:
    rows = await get_connection("default").execute_query_dict(_OFFERS, [today, class_id])
    offers = [Offer(**row) for row in rows]
    standings = await standings_of({one.institution_id for one in offers}, today)
    listed = {id for id, standing in standings.items() if standing.status == "listed"}
    return [one for one in offers if one.institution_id in listed]


async def list_own(
    actor: Trainee, position: Position | None, limit: int, *, withdrawn: bool = True
) -> Page[Own]:
    """The actor's own enrolments, the newest first."""
    require(actor, Permission.ENROL, owner=actor.id)
    query = Enrolment.filter(person_id=actor.id)
    if not withdrawn:
        query = query.exclude(status=Status.WITHDRAWN.value)
    page = await after(query, ("-id",), position, limit)
    return Page(await _make_own(page.rows), page.position)


async def find_own(actor: Trainee, class_id: UUID) -> Own:
    """The actor's own enrolment in a class. Raises DomainError not_found."""
    rows = await Enrolment.filter(person_id=actor.id, training_class_id=class_id)
    if not rows:
        raise DomainError("not_found")
    (own,) = await _make_own(rows)
    return own


async def find_classes_of(people: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The classes that each of `people` is in, the first enrolled in first; for the demo."""
    rows = (
        await Enrolment.filter(person_id__in=list(people))
        .exclude(status=Status.WITHDRAWN.value)
        .order_by("created_at", "id")
        .values_list("person_id", "training_class_id")
    )
    classes: dict[UUID, list[UUID]] = {}
    for person, class_id in rows:
        classes.setdefault(person, []).append(class_id)
    return classes


async def find_told(actor: Trainee, enrolment_id: UUID) -> str:
    """The words that the actor was told last for this enrolment, or is owed; "" for none.

    Raises DomainError not_found.
    """
    if not await Enrolment.exists(id=enrolment_id, person_id=actor.id):
        raise DomainError("not_found")
    last = await Informed.filter(enrolment_id=enrolment_id).order_by("-id").first()
    if last is None:
        return ""
    kept = await NoticeWords.get_or_none(digest=last.notice_digest)
    return kept.words if kept else ""


async def list_reservations(
    actor: EmployerContact, position: Position | None, limit: int
) -> Page[Reserved]:
    """The places that the actor's firm holds or has held, the newest first."""
    require(actor, Permission.ENROL, owner=actor.employer)
    query = Reservation.filter(employer_id=actor.employer)
    page = await after(query, ("-id",), position, limit)
    classes = [row.training_class_id for row in page.rows]
    titles = {row.id: row.title for row in await TrainingClass.filter(id__in=classes)}
    counted = await get_connection("default").execute_query_dict(_NAMED, [actor.employer, classes])
    named = {row["training_class_id"]: int(row["people"]) for row in counted}
    return Page(
        [
            Reserved(
                class_id=row.training_class_id,
                title=titles[row.training_class_id],
                places=row.places,
                named=named.get(row.training_class_id, 0),
            )
            for row in page.rows
        ],
        page.position,
    )


async def list_roster(
    actor: Actor,
    vault: Vault,
    class_id: UUID,
    position: Position | None,
    limit: int,
    *,
    status: str = "",
) -> Page[RosterLine]:
    """Who is in a class, masked, in the order in which they came; without a status those who
    have not withdrawn. Raises DomainError: no_permission, not_found."""
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    query = Enrolment.filter(training_class_id=class_id)
    query = query.filter(status=status) if status else query.exclude(status="withdrawn")
    page = await after(query, ("id",), position, limit)
    return Page(await make_lines(vault, page.rows), page.position)


async def count_roster(actor: Actor, class_id: UUID) -> dict[str, int]:
    """How many of a class stand where. Raises DomainError: no_permission, not_found."""
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    rows = await get_connection("default").execute_query_dict(
        "SELECT status, count(*) AS people FROM enrolments WHERE training_class_id = $1"
        " GROUP BY status",
        [class_id],
    )
    return {row["status"]: int(row["people"]) for row in rows}


async def list_waiting(actor: Actor, class_id: UUID, status: str) -> list[UUID]:
    """The enrolments of a class that stand so. Raises DomainError: no_permission, not_found."""
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    rows = Enrolment.filter(training_class_id=class_id, status=status).order_by("id")
    return [row.id for row in await rows.only("id")]


async def count_applied(actor: Actor) -> dict[UUID, int]:
    """How many wait to be confirmed, by class, in the recruiting classes that `actor` holds."""
    own = list(actor.owns)
    of_own = Q(training_class__institution_id__in=own) | Q(training_class__employer_id__in=own)
    waiting = Enrolment.filter(of_own, status="applied", training_class__status="recruiting")
    counted = waiting.annotate(people=Count("id")).group_by("training_class_id")
    rows = await counted.values_list("training_class_id", "people")
    return {UUID(str(class_id)): int(str(people)) for class_id, people in rows}


async def list_amendments(actor: Actor, class_id: UUID) -> list[Amended]:
    """What changed a class's roster after it was filed, the newest first. Raises DomainError:
    no_permission, not_found."""
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    rows = await Amendment.filter(enrolment__training_class_id=class_id).order_by("-id").limit(200)
    return [
        Amended(row.kind == "join", row.allowed_by, row.reason, row.made_at.astimezone(LOCAL))
        for row in rows
    ]


async def find_line(actor: Actor, vault: Vault, class_id: UUID, enrolment: UUID) -> RosterLine:
    """One line of a class's roster. Raises DomainError: no_permission, not_found."""
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    rows = await Enrolment.filter(training_class_id=class_id, id=enrolment)
    if not rows:
        raise DomainError("not_found")
    (line,) = await make_lines(vault, rows)
    return line


async def require_roster(actor: Actor, class_id: UUID, permission: Permission) -> ClassView:
    """The class, whose roster `actor` may see or export. Raises DomainError: no_permission,
    not_found."""
    row = await TrainingClass.get_or_none(id=class_id)
    if row is None:
        # Who may not at all is told so, whether the class is there or not.
        require(actor, permission)
        raise DomainError("not_found")
    require(actor, permission, owner=holder_of(row), county=row.county)
    return view_class(row)


def acts_for_holder(actor: Actor, row: ClassView) -> bool:
    """Whether `actor` is of whoever holds the class, and may change its roster."""
    return may(actor, Permission.ENROL) and holder_of(row) in actor.owns


async def _make_own(rows: Sequence[Enrolment]) -> list[Own]:
    classes: dict[UUID, Any] = {
        one.id: one
        for one in await TrainingClass.filter(id__in=[row.training_class_id for row in rows])
    }
    names = {
        one.id: one.name
        for one in await Institution.filter(
            id__in=[one.institution_id for one in classes.values() if one.institution_id]
        )
    }
    owed = await find_owed([row.id for row in rows])
    return [
        Own(
            id=row.id,
            class_id=one.id,
            title=one.title,
            institution=names.get(one.institution_id, ""),
            county=one.county,
            address=one.address,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            class_status=one.status,
            status=Status(row.status),
            since=row.created_at.astimezone(LOCAL),
            unfinished=row.unfinished,
            owed=row.id in owed,
        )
        for row in rows
        for one in (classes[row.training_class_id],)
    ]
