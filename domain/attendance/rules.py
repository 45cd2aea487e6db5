"""When a check-in is taken, and how it counts. Pure.

`judge` is the whole of it: what is refused first is what stands first. Refusals that say nothing of
the code come before the code, so that nobody finds one by trying where they may not come in.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.attendance.distances import show_distance
from domain.calendar import LOCAL
from domain.errors import DomainError


class Kind(StrEnum):
    """签到 or 签退."""

    IN = "in"
    OUT = "out"


class Channel(StrEnum):
    """How it reached us."""

    MINI = "mini"
    CHAT = "chat"
    TEACHER = "teacher"
    PAPER = "paper"


#: What somebody enters for others.
FOR_OTHERS = frozenset({Channel.TEACHER, Channel.PAPER})


class State(StrEnum):
    """What a check-in is worth; models.attendance.STATES."""

    COUNTED = "counted"
    PENDING = "pending"
    REFUSED = "refused"
    LAPSED = "lapsed"
    REPLACED = "replaced"


class Flag(StrEnum):
    """What somebody should look at; none of it refuses."""

    #: Farther away than the class's place can be mistaken for.
    FAR = "far"
    #: The class wants to know where, and they did not say.
    NO_PLACE = "no_place"
    #: The mini-program did not say on which phone it is.
    NO_DEVICE = "no_device"
    #: Kept on the phone while there was no network.
    OFFLINE = "offline"
    BY_HAND = "by_hand"
    PAPER = "paper"
    #: Left without having come.
    NO_IN = "no_in"


class Place(NamedTuple):
    """Degrees as WeChat's maps give them (GCJ-02); both ends of a distance are in it."""

    latitude: float
    longitude: float


#: Classes in which people are taught. One that has ended had its last session before: what comes
#: of it late was kept offline, or is a leaving.
HELD = frozenset({"approved", "open", "ended"})
#: Enrolments of who is in the class.
TAKEN = frozenset({"confirmed", "completed"})
#: One who leaves may do so for that long after the end.
LEAVES_UNTIL = timedelta(minutes=30)
#: Metres, and of the phone's own doubt at most so many more.
FAR_BEYOND_M, MOST_DOUBT_M = 300, 200
#: What was kept offline comes within it, and phones' clocks are that wrong.
OFFLINE_WITHIN, CLOCK_GRACE = timedelta(hours=24), timedelta(minutes=2)
#: Between a code that was typed and where they are, which a chat asks for next.
TYPED_WITHIN = timedelta(minutes=10)
#: Within it a second person confirms what was entered for others.
CONFIRM_WITHIN = timedelta(hours=24)
#: How long after the end of a session somebody may still be entered: who waits until the rates are
#: known fills what is missing. The notices name no time; paper has signatures to compare with.
ENTERED_WITHIN = {Channel.TEACHER: timedelta(days=1), Channel.PAPER: timedelta(days=7)}
#: Who left and stayed on after all leaves once more, so much later at the least.
LEAVES_AGAIN = timedelta(minutes=1)

WRONG_CODE = "check_in_wrong_code"
_EARTH_M = 6_371_000


@dataclass(frozen=True, slots=True)
class Wants:
    """What a class wants of check-ins; content/attendance.yaml has the defaults."""

    opens_before_min: int = 30
    closes_after_min: int = 15
    late_until_percent: int = 50
    wants_place: bool = True
    refuses_far: bool = False
    wants_out: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """When one may check in; all ends belong to it. on_time_until: who comes later is late."""

    opens_at: datetime
    on_time_until: datetime
    closes_at: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether one may at `moment`."""
        return self.opens_at <= moment <= self.closes_at


@dataclass(frozen=True, slots=True)
class Known:
    """The record of the same kind that stands already."""

    id: UUID
    at: datetime
    made_at: datetime
    channel: Channel
    state: State

    def has_lapsed(self, now: datetime) -> bool:
        """Nobody confirmed in time what was entered for others: it counts for nothing."""
        return has_lapsed(self.channel, self.state, self.made_at, now)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session as a check-in of one person finds it.

    enrolment: its status, None for who is not in the class. known: the record of this kind.
    came: there is one of coming. device_taken: somebody else checked in to it on this phone.
    """

    id: UUID
    class_id: UUID
    title: str
    class_status: str
    starts_at: datetime
    ends_at: datetime
    wants: Wants = Wants()
    place: Place | None = None
    enrolment: str | None = None
    known: Known | None = None
    came: bool = False
    device_taken: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody does to check in. moment: the server's now; of what was kept offline, the
    phone's clock then."""

    kind: Kind
    channel: Channel
    moment: datetime
    offline: bool = False
    place: Place | None = None
    accuracy_m: float | None = None
    has_device: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt counts. over: the pending record that it takes the place of."""

    state: State
    late: bool
    distance_m: int | None
    flags: tuple[Flag, ...]
    over: Known | None = None


def judge(sitting: Sitting, attempt: Attempt, *, code_right: bool, now: datetime) -> Verdict:
    """Take an attempt, or say why not.

    Raises DomainError, in this order: check_in_not_enrolled; check_in_window_closed for a class
    that is not held; check_in_already; check_in_window_closed; check_in_wrong_code;
    check_in_device_used; check_in_too_far where the class refuses that.
    """
    require_enrolled(sitting)
    require_held(sitting)
    state = State.PENDING if attempt.offline else State.COUNTED
    over = _require_first(sitting, attempt, state, now)
    if attempt.offline:
        require_fresh(now - attempt.moment)
    late = require_open(sitting, attempt.kind, attempt.moment)
    if not code_right:
        raise DomainError("check_in_wrong_code")
    if sitting.device_taken:
        raise DomainError("check_in_device_used")
    distance, flags = _measure(sitting, attempt)
    return Verdict(state, late, distance, flags, over)


def require_enrolled(sitting: Sitting) -> None:
    """Raises DomainError check_in_not_enrolled unless the class has taken the person."""
    if sitting.enrolment not in TAKEN:
        about = "applied" if sitting.enrolment == "applied" else "class"
        raise DomainError("check_in_not_enrolled", about=about, title=sitting.title)


def require_held(sitting: Sitting) -> None:
    """Raises DomainError check_in_window_closed for a class that nobody is taught in now."""
    if sitting.class_status not in HELD:
        raise DomainError("check_in_window_closed", about="class", title=sitting.title)


def wanted_out(now_wanted: bool, turned: Sequence[datetime], begins: datetime) -> bool:
    """Whether people had to check out of a session that begins then, of a class that has turned
    that over at these moments: what a session asked for is not changed under it."""
    return now_wanted ^ (sum(moment > begins for moment in turned) % 2 == 1)


def window_of(sitting: Sitting, kind: Kind) -> Window:
    """When one may come: from before the start until half time, after the first minutes late;
    when one may leave: from the start until half an hour after the end."""
    starts, ends, wants = sitting.starts_at, sitting.ends_at, sitting.wants
    if kind is Kind.OUT:
        return Window(starts, ends + LEAVES_UNTIL, ends + LEAVES_UNTIL)
    on_time = starts + timedelta(minutes=wants.closes_after_min)
    latest = starts + (ends - starts) * wants.late_until_percent / 100
    return Window(starts - timedelta(minutes=wants.opens_before_min), on_time, max(on_time, latest))


def require_open(sitting: Sitting, kind: Kind, moment: datetime) -> bool:
    """Whether a check-in of `moment` is late. Raises DomainError check_in_window_closed, which
    says when the window opens or closed."""
    window = window_of(sitting, kind)
    if not window.holds(moment):
        early = moment < window.opens_at
        raise DomainError(
            "check_in_window_closed",
            about=f"{'early' if early else 'over'}_{kind.value}",
            title=sitting.title,
            opens_at=window.opens_at.astimezone(LOCAL).isoformat(),
            closes_at=window.closes_at.astimezone(LOCAL).isoformat(),
            opens=show_time(window.opens_at),
            closes=show_time(window.closes_at),
        )
    return moment > window.on_time_until


def require_fresh(ago: timedelta) -> None:
    """Raises DomainError check_in_window_closed for what was kept offline for too long, or is yet
    to come."""
    if ago > OFFLINE_WITHIN:
        raise DomainError("check_in_window_closed", about="offline")
    if ago < -CLOCK_GRACE:
        raise DomainError("check_in_window_closed", about="clock")


def choose_sitting(
    own: Sequence[Sitting], right: Collection[UUID], kind: Kind, moment: datetime
) -> Sitting | None:
    """Which of one's own sessions a code without a session is meant for, where `right` are those
    whose code it is: one that is open, else any; None where it is no one's."""
    found = [one for one in own if one.id in right]
    open_ones = [one for one in found if window_of(one, kind).holds(moment)]
    return next(iter(open_ones or found), None)


def require_some_open(own: Sequence[Sitting], kind: Kind, moment: datetime) -> None:
    """Raises DomainError check_in_window_closed where there are sessions and none is open: no
    code is right then, and none was wrong. It speaks of the one whose window is nearest."""
    if not own or any(window_of(one, kind).holds(moment) for one in own):
        return
    nearest = min(own, key=lambda one: _distance_in_time(window_of(one, kind), moment))
    require_held(nearest)
    require_open(nearest, kind, moment)


def _distance_in_time(window: Window, moment: datetime) -> timedelta:
    return max(window.opens_at - moment, moment - window.closes_at)


def moment_of(
    taken_at: datetime | None,
    typed_at: datetime | None,
    now: datetime,
    *,
    sent_at: datetime | None = None,
) -> datetime:
    """The moment that an attempt is judged at, by the server's clock and never one to come: a code
    that no screen has shown yet is right nowhere. Before anything else, for what is out of reach
    is no date to count with.

    taken_at: kept offline since then by the phone's clock, which showed sent_at when it was sent:
    the clock may be as wrong as it likes. Without sent_at it is taken to be right.
    Raises DomainError check_in_window_closed for what was kept for too long, or comes from a clock
    that goes ahead; and for a code that was typed too long ago.
    """
    if taken_at is not None:
        ago = (sent_at or now) - taken_at
        require_fresh(ago)
        return now - max(ago, timedelta())
    if typed_at is None:
        return now
    if now - typed_at > TYPED_WITHIN:
        raise DomainError("check_in_window_closed", about="typed")
    return typed_at


def tidy_clock(said: datetime | None) -> datetime | None:
    """What a phone says that its clock shows, however wrong; None for what is no time in UTC,
    which nobody could keep."""
    try:
        return None if said is None else said.astimezone(UTC)
    except OverflowError:
        return None


def has_lapsed(channel: Channel, state: State, made_at: datetime, now: datetime) -> bool:
    """Whether what was entered for others still waits, and has waited too long."""
    waits = state is State.PENDING and channel in FOR_OTHERS
    return state is State.LAPSED or (waits and now - made_at > CONFIRM_WITHIN)


def distance_m(one: Place, other: Place) -> float:
    """Metres along the ground; within a city the earth is round enough."""
    lat_1, lat_2 = math.radians(one.latitude), math.radians(other.latitude)
    half_lat = (lat_2 - lat_1) / 2
    half_lon = math.radians(other.longitude - one.longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_1) * math.cos(lat_2) * math.sin(half_lon) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(chord)))


def is_far(distance: float, accuracy_m: float | None) -> bool:
    """Whether it is too far even if the phone is as wrong as it says it may be."""
    return distance > FAR_BEYOND_M + min(max(accuracy_m or 0, 0), MOST_DOUBT_M)


def show_time(moment: datetime) -> str:
    """Hours and minutes, as people say them."""
    return f"{moment.astimezone(LOCAL):%H:%M}"


def _require_first(sitting: Sitting, attempt: Attempt, state: State, now: datetime) -> Known | None:
    """The record that gives way; None where there is none. Raises DomainError check_in_already.

    What counts at once is worth more than what waits, and what lapsed stands in nobody's way. One
    comes once; who has left by mistake, or too early, leaves again.
    """
    known = sitting.known
    if known is None:
        return None
    waits = known.state is State.PENDING and state is State.COUNTED
    again = attempt.kind is Kind.OUT and state is State.COUNTED
    if waits or known.has_lapsed(now) or (again and attempt.moment - known.at >= LEAVES_AGAIN):
        return known
    raise DomainError(
        "check_in_already",
        about="waits" if known.state is State.PENDING else "counted",
        at=known.at.astimezone(LOCAL).isoformat(),
        time=show_time(known.at),
    )


def _measure(sitting: Sitting, attempt: Attempt) -> tuple[int | None, tuple[Flag, ...]]:
    """How far from the class it was, and what somebody should look at."""
    flags = []
    distance: float | None = None
    if sitting.place is not None:
        if attempt.place is not None:
            distance = distance_m(sitting.place, attempt.place)
        _require_near(sitting, distance, attempt.accuracy_m)
        if distance is not None and is_far(distance, attempt.accuracy_m):
            flags.append(Flag.FAR)
        if distance is None and sitting.wants.wants_place:
            flags.append(Flag.NO_PLACE)
    if attempt.channel is Channel.MINI and not attempt.has_device:
        flags.append(Flag.NO_DEVICE)
    if attempt.offline:
        flags.append(Flag.OFFLINE)
    if attempt.kind is Kind.OUT and not sitting.came:
        flags.append(Flag.NO_IN)
    return None if distance is None else round(distance), tuple(flags)


def _require_near(sitting: Sitting, distance: float | None, accuracy_m: float | None) -> None:
    """Raises DomainError check_in_too_far for who is not there, where the class refuses that."""
    if not sitting.wants.refuses_far:
        return
    if distance is None:
        raise DomainError("check_in_too_far", about="no_place")
    if is_far(distance, accuracy_m):
        metres, shown = round(distance), show_distance(distance)
        raise DomainError("check_in_too_far", about="far", distance_m=metres, distance=shown)
