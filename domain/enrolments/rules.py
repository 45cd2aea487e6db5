"""Who may be in which class, and who moves whom. Pure.

Enrolment comes before training (先报名、后培训, L11); with the filing of the class its roster
freezes, and whoever joins or leaves later is an amendment that names who allowed it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from itertools import product
from typing import NamedTuple
from uuid import UUID

from domain.errors import DomainError

#: Subsidised trainings of one person in one year; 以工代训 is none of them (P33-1.1).
TRAININGS_A_YEAR = 3
#: The clause that says so.
TRAININGS_CLAUSE = "P33-1.1"


class Status(StrEnum):
    """Where an enrolment stands."""

    APPLIED = "applied"
    #: Whoever holds the class has taken the person.
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    #: Was there to the end.
    COMPLETED = "completed"


#: Who takes a place.
ACTIVE = frozenset({Status.APPLIED, Status.CONFIRMED, Status.COMPLETED})


class Side(Enum):
    """In which relation to the enrolment somebody acts."""

    #: The person themselves.
    SELF = "self"
    #: An operator of the hotline, for whoever calls.
    OPERATOR = "operator"
    #: The firm that named the person.
    SPONSOR = "sponsor"
    #: Whoever holds the class: the institution, or the firm that trains its own people.
    HOLDER = "holder"
    #: The service itself: an operator's command, the demo.
    SYSTEM = "system"


RECRUITING = "recruiting"
#: The roster is as it was filed.
FROZEN = frozenset({"filed", "approved", "open", "ended", "archived"})
#: It may be amended meanwhile.
AMENDABLE = frozenset({"filed", "approved", "open"})
#: Of these the roster can be put right again without an amendment: filing was refused.
LOOSE = frozenset({RECRUITING, "returned"})
#: Classes that take the time of who is in them.
TAKE_TIME = frozenset({"recruiting", "filed", "approved", "returned", "open"})
#: Classes that are done with: nobody comes in any more, and no roster is amended.
OVER = frozenset({"ended", "archived", "cancelled"})
#: Classes that nobody is trained in.
NEVER_HELD = frozenset({"cancelled"})

_ALL = frozenset(Side)
_HOLDERS = frozenset({Side.HOLDER, Side.SYSTEM})


class Move(NamedTuple):
    """Who may make it, while the class stands how."""

    sides: frozenset[Side]
    while_class: frozenset[str]


#: All moves there are, amendments aside.
MOVES: Mapping[tuple[Status, Status], Move] = {
    (Status.APPLIED, Status.CONFIRMED): Move(_HOLDERS, LOOSE),
    (Status.APPLIED, Status.WITHDRAWN): Move(_ALL, LOOSE),
    (Status.CONFIRMED, Status.WITHDRAWN): Move(_ALL, LOOSE),
    (Status.WITHDRAWN, Status.APPLIED): Move(_ALL, frozenset({RECRUITING})),
    (Status.WITHDRAWN, Status.CONFIRMED): Move(_HOLDERS, LOOSE),
    (Status.CONFIRMED, Status.COMPLETED): Move(_HOLDERS, frozenset({"ended"})),
}


@dataclass(frozen=True, slots=True)
class Times:
    """When a class is held: its sittings, or while none is planned its days; both ends count."""

    starts_on: date | None
    ends_on: date | None
    sittings: Sequence[tuple[datetime, datetime]] = ()

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day; None where nobody knows them."""
        if self.sittings:
            return (
                min(start for start, _ in self.sittings).date(),
                max(end for _, end in self.sittings).date(),
            )
        if self.starts_on is None:
            return None
        return self.starts_on, self.ends_on or self.starts_on


@dataclass(frozen=True, slots=True)
class Other:
    """Another class that the person is in."""

    class_id: UUID
    title: str
    status: Status
    class_status: str
    counts: bool
    times: Times
    #: Whose class it is: an institution, or a firm.
    holder: UUID | None = None


# --- may this person be in this class -------------------------------------------------------------


def check_recruiting(
    class_status: str, title: str, *, begun: bool = False, side: Side = Side.SELF
) -> None:
    """People come in while the class recruits, and whoever holds one that was returned puts its
    roster right. `begun`: the first day is over, and who came now would be trained before they
    are filed (L11). Raises DomainError roster_frozen; class_not_recruiting, about begun or over."""
    if class_status in OVER:
        raise DomainError("class_not_recruiting", title=title, about="over")
    if class_status in FROZEN:
        raise DomainError("roster_frozen", title=title)
    if class_status not in (LOOSE if side in _HOLDERS else {RECRUITING}):
        raise DomainError("class_not_recruiting", title=title)
    if begun:
        raise DomainError("class_not_recruiting", title=title, about="begun")


def check_standing(standing: str | None) -> None:
    """Whoever holds the class is in the directory today; None: a firm, which need not be.

    Raises DomainError enrolment_stopped, about suspended or unlisted (L12).
    """
    if standing not in (None, "listed"):
        about = "suspended" if standing == "suspended" else "unlisted"
        raise DomainError("enrolment_stopped", about=about)


def check_places(capacity: int, taken: int, wanted: int = 1) -> None:
    """There is no waiting list: the notices know none, and a place that nobody promised is
    better than a number in a queue that moves nowhere. Raises DomainError class_full."""
    if taken + wanted > capacity:
        raise DomainError("class_full", capacity=capacity, left=max(0, capacity - taken))


def find_overlap(times: Times, others: Sequence[Other]) -> Other | None:
    """Of `others` the first that takes the same time as a class held at `times`.

    By sittings where both have them, else by days: nobody knows yet which hours they will be.
    """
    for other in others:
        takes = other.status in (Status.APPLIED, Status.CONFIRMED)
        if takes and other.class_status in TAKE_TIME and _meet(times, other.times):
            return other
    return None


def check_overlap(times: Times, others: Sequence[Other], *, told_of: UUID | None = None) -> None:
    """`told_of`: whose classes alone whoever asks may hear of; None: of all.

    Raises DomainError enrolment_overlaps, which names the other class; about elsewhere without
    its name, where where a person learns is none of the asker's business.
    """
    other = find_overlap(times, others)
    if other is not None:
        if told_of not in (None, other.holder):
            raise DomainError("enrolment_overlaps", about="elsewhere")
        raise DomainError("enrolment_overlaps", title=other.title, class_id=other.class_id)


def count_trainings(year: int, others: Sequence[Other]) -> int:
    """Subsidised trainings of `year` among `others`: those that began, or will, and count."""
    return sum(
        other.counts
        and other.status in ACTIVE
        and other.class_status not in NEVER_HELD
        and other.times.days is not None
        and other.times.days[0].year == year
        for other in others
    )


def check_told(year: int, others: Sequence[Other], *, counts: bool, told: bool) -> bool:
    """Whether this would be more than a year's subsidised trainings. The notice limits what is
    subsidised, not who may learn: the person is told before, and goes on or not.

    Raises DomainError trainings_used_up where they were not told yet.
    """
    had = count_trainings(year, others)
    beyond = counts and had >= TRAININGS_A_YEAR
    if beyond and not told:
        raise DomainError(
            "trainings_used_up",
            year=year,
            had=had,
            most=TRAININGS_A_YEAR,
            clause=TRAININGS_CLAUSE,
        )
    return beyond


def year_of(times: Times, today: date) -> int:
    """The year that a class held at `times` counts for."""
    return times.days[0].year if times.days else today.year


# --- what becomes of an enrolment -----------------------------------------------------------------


def first_status(side: Side) -> Status:
    """Whoever holds the class has taken those whom they enrol themselves."""
    return Status.CONFIRMED if side in _HOLDERS else Status.APPLIED


def check_move(before: Status, after: Status, *, side: Side, class_status: str, title: str) -> None:
    """Raises DomainError roster_frozen, about over where nothing amends it any more;
    enrolment_stands, no_permission."""
    move = MOVES.get((before, after))
    if move is None:
        raise DomainError("enrolment_stands", status=before.value)
    if side not in move.sides:
        raise DomainError("no_permission")
    if class_status not in move.while_class:
        if class_status in FROZEN and after is not Status.COMPLETED:
            if class_status in AMENDABLE:
                raise DomainError("roster_frozen", title=title)
            raise DomainError("roster_frozen", title=title, about="over")
        raise DomainError("enrolment_stands", status=before.value)


def check_return(*, left_by_themselves: bool, side: Side) -> None:
    """Whoever has withdrawn comes back because they want to, not because somebody puts them on a
    list again. Raises DomainError left_by_themselves."""
    if left_by_themselves and side not in (Side.SELF, Side.OPERATOR):
        raise DomainError("left_by_themselves")


def check_amendable(class_status: str, title: str) -> None:
    """A roster is amended from filing until the class ends. Raises DomainError
    roster_not_amendable."""
    if class_status not in AMENDABLE:
        raise DomainError("roster_not_amendable", title=title)


def check_allowed(allowed_by: str, reason: str) -> tuple[str, str]:
    """Who allowed an amendment, and why, as they are kept. Raises DomainError
    amendment_unfounded where one is not said."""
    name, why = " ".join(allowed_by.split()), " ".join(reason.split())
    if not name or not why:
        raise DomainError("amendment_unfounded")
    return name[:80], why[:500]


def check_reservation(places: int, named: int) -> None:
    """A firm gives back no place of somebody whom it has named. Raises DomainError
    places_named."""
    if places < named:
        raise DomainError("places_named", named=named)


def _meet(one: Times, other: Times) -> bool:
    if one.sittings and other.sittings:
        return any(
            start < other_end and other_start < end
            for (start, end), (other_start, other_end) in product(one.sittings, other.sittings)
        )
    if one.days is None or other.days is None:
        return False
    return one.days[0] <= other.days[1] and other.days[0] <= one.days[1]
