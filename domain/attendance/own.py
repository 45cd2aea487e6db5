"""A person's own check-ins, and the sessions that they may check in to now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from domain.actor import Trainee
from domain.attendance.pauses import require_not_paused
from domain.attendance.reading import find_own_sittings
from domain.attendance.rules import (
    Channel,
    Flag,
    Kind,
    Sitting,
    State,
    Wants,
    has_lapsed,
    window_of,
)
from domain.paging import Page, Position, after
from domain.permissions import Permission, require
from models.attendance import CheckIn
from models.training import ClassSession


@dataclass(frozen=True, slots=True)
class OwnCheckIn:
    """One check-in as the person may see it. reason: why it was refused, where it was."""

    session_id: UUID
    class_id: UUID
    title: str
    topic: str
    starts_at: datetime
    ends_at: datetime
    kind: Kind
    at: datetime
    late: bool
    distance_m: int | None
    flags: Sequence[Flag]
    channel: Channel
    state: State
    reason: str


async def list_own_check_ins(
    actor: Trainee, position: Position | None, limit: int, *, now: datetime
) -> Page[OwnCheckIn]:
    """The actor's own, the newest first; refused ones are among them."""
    require(actor, Permission.CHECK_IN, owner=actor.id)
    page = await after(CheckIn.filter(person_id=actor.id), ("-at",), position, limit)
    sessions = {
        one.id: one
        for one in await ClassSession.filter(
            id__in={row.session_id for row in page.rows}
        ).prefetch_related("training_class")
    }
    rows = [_show(row, sessions[row.session_id], now) for row in page.rows]
    return Page(rows, page.position)


async def open_sessions_of(
    person: UUID, usual: Wants, *, kind: Kind = Kind.IN, now: datetime
) -> list[Sitting]:
    """The sessions whose window for `kind` is open now, in the person's own classes, the earliest
    first; `known` says that they have checked in already."""
    found = await find_own_sittings(get_connection("default"), usual, person, kind, None, now)
    return [one for one in found.sittings if window_of(one, kind).holds(now)]


async def list_sittings_of_day(
    actor: Trainee, usual: Wants, *, kind: Kind = Kind.IN, now: datetime
) -> list[Sitting]:
    """The sessions of the day in the actor's own classes, whether or not one may check in to them
    now, the earliest first. Raises DomainError check_in_paused."""
    require(actor, Permission.CHECK_IN, owner=actor.id)
    connection = get_connection("default")
    found = await find_own_sittings(connection, usual, actor.id, kind, None, now)
    require_not_paused(found.paused_until, now)
    return list(found.sittings)


def _show(row: CheckIn, session: ClassSession, now: datetime) -> OwnCheckIn:
    state = State(row.state)
    if has_lapsed(Channel(row.channel), state, row.made_at, now):
        state = State.LAPSED
    return OwnCheckIn(
        session_id=session.id,
        class_id=session.training_class.id,
        title=session.training_class.title,
        topic=session.topic,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        kind=Kind(row.kind),
        at=row.at,
        late=row.late,
        distance_m=row.distance_m,
        flags=[Flag(flag) for flag in row.flags],
        channel=Channel(row.channel),
        state=state,
        reason=row.decision_reason if state is State.REFUSED else "",
    )
