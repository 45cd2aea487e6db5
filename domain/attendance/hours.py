"""What comes of check-ins: minutes per person and session, rates per person and class day. Pure.

Only what counts is counted; what waits to be confirmed is shown and worth nothing yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.attendance.rules import CONFIRM_WITHIN, FOR_OTHERS, Channel, Flag, Kind, State
from domain.calendar import LOCAL


class Gap(StrEnum):
    """Why a session that is over is worth less than it lasted."""

    #: Nobody saw them come.
    ABSENT = "absent"
    #: They came, and the class wants to see them leave.
    NO_OUT = "no_out"
    #: They left, and nobody saw them come.
    NO_IN = "no_in"
    #: What there is waits to be confirmed.
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Record:
    """A check-in as hours are counted by it. state: as it stands now, lapsed among them."""

    id: UUID
    person: UUID
    session: UUID
    kind: Kind
    at: datetime
    late: bool
    state: State
    channel: Channel
    distance_m: int | None = None
    flags: Sequence[Flag] = ()
    reason: str = ""
    made_by: str = ""
    made_at: datetime | None = None
    decided_by: str = ""
    #: Why it was refused.
    refusal: str = ""
    document: UUID | None = None

    @property
    def lapses_at(self) -> datetime | None:
        """Until when somebody may confirm it; None for what does not lapse."""
        if self.channel not in FOR_OTHERS or self.made_at is None:
            return None
        return self.made_at + CONFIRM_WITHIN


@dataclass(frozen=True, slots=True)
class Held:
    """A session, and whether the class wants people to check out of it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    wants_out: bool = False
    topic: str = ""

    @property
    def minutes(self) -> int:
        """As long as it lasts."""
        return _minutes(self.starts_at, self.ends_at)

    @property
    def day(self) -> date:
        """The day that it belongs to."""
        return self.starts_at.astimezone(LOCAL).date()


@dataclass(frozen=True, slots=True)
class Presence:
    """One person in one session. came, left: the records that stand, pending ones among them.

    minutes: what counts of it; 0 as long as it is not over. gap: why that is not all of it; None
    for what has not been held yet, too.
    """

    came: Record | None
    left: Record | None
    minutes: int
    gap: Gap | None


@dataclass(frozen=True, slots=True)
class Share:
    """had of held: minutes, or people."""

    had: int
    held: int

    @property
    def percent(self) -> float | None:
        """None where nothing has been held."""
        return None if self.held == 0 else 100 * self.had / self.held


def find_presence(session: Held, records: Sequence[Record], now: datetime) -> Presence:
    """How much of `session` a person was there, by their own records of it."""
    came, left = _standing(records, Kind.IN), _standing(records, Kind.OUT)
    if now < session.ends_at:
        return Presence(came, left, 0, None)
    minutes, gap = _count(session, came, left)
    return Presence(came, left, minutes, gap)


def share_of(sessions: Sequence[Held], presences: Mapping[UUID, Presence], now: datetime) -> Share:
    """The minutes that somebody had of those that have been held, by session."""
    over = [one for one in sessions if one.ends_at <= now]
    had = sum(presences[one.id].minutes for one in over if one.id in presences)
    return Share(had, sum(one.minutes for one in over))


def share_by_day(
    sessions: Sequence[Held], people: Mapping[UUID, Mapping[UUID, Presence]], now: datetime
) -> dict[date, Share]:
    """Of each day that has been held how often somebody of `people` was there, of how often they
    should have been: once for each session. `people`: person -> session -> presence."""
    days: dict[date, Share] = {}
    for session in sessions:
        if session.ends_at > now:
            continue
        known = days.get(session.day, Share(0, 0))
        there = sum(1 for own in people.values() if own[session.id].minutes > 0)
        days[session.day] = Share(known.had + there, known.held + len(people))
    return days


def is_under(share: Share, percent: int) -> bool:
    """Whether somebody was there less than they should have been, so far."""
    return share.held > 0 and share.had * 100 < share.held * percent


def _standing(records: Sequence[Record], kind: Kind) -> Record | None:
    live = (State.COUNTED, State.PENDING)
    return next((one for one in records if one.kind is kind and one.state in live), None)


def _count(session: Held, came: Record | None, left: Record | None) -> tuple[int, Gap | None]:
    counted_in = came if came and came.state is State.COUNTED else None
    counted_out = left if left and left.state is State.COUNTED else None
    if counted_in is None:
        if came is not None:
            return 0, Gap.WAITS
        return 0, Gap.NO_IN if left is not None else Gap.ABSENT
    if counted_out is None and session.wants_out:
        return 0, Gap.WAITS if left is not None else Gap.NO_OUT
    begin = max(counted_in.at, session.starts_at) if counted_in.late else session.starts_at
    end = session.ends_at if counted_out is None else min(counted_out.at, session.ends_at)
    return max(0, _minutes(begin, end)), None


def _minutes(begin: datetime, end: datetime) -> int:
    return int((end - begin).total_seconds() // 60)
