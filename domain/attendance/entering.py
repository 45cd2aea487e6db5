"""What is entered for others, and what is decided on check-ins: the statements and checks of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Trainee
from domain.attendance.rules import (
    CONFIRM_WITHIN,
    ENTERED_WITHIN,
    FOR_OTHERS,
    Channel,
    Flag,
    Kind,
    Sitting,
    State,
    require_held,
    window_of,
)
from domain.errors import DomainError
from domain.reasons import LEAST_REASON, MOST_REASON
from models.attendance import CheckIn
from models.columns import new_id

#: A class has no more people.
MOST_ENTERED = 500

#: The session is held, so that nobody moves it meanwhile.
_HOLD_SESSION = """
    SELECT id FROM class_sessions WHERE id = $1 AND starts_at = $2 AND ends_at = $3 FOR KEY SHARE
"""
_PEOPLE = """
    SELECT e.person_id, EXISTS (
        SELECT FROM check_ins i WHERE i.session_id = $3 AND i.person_id = e.person_id
            AND i.kind = 'in' AND i.state IN ('counted', 'pending')
    ) AS came
    FROM enrolments e
    WHERE e.training_class_id = $1 AND e.id = ANY($2::uuid[])
        AND e.status IN ('confirmed', 'completed')
    ORDER BY e.person_id
"""
_LAPSE = """
    UPDATE check_ins SET state = 'lapsed', decided_at = $4
    WHERE session_id = $1 AND person_id = ANY($2::uuid[]) AND kind = $3 AND state = 'pending'
        AND channel IN ('teacher', 'paper') AND made_at < $5
"""
_ENTER = """
    INSERT INTO check_ins (
        id, session_id, person_id, kind, at, made_at, channel, late, flags, state, reason,
        document_id, made_by, decided_by, decision_reason
    )
    SELECT one.id, $3::uuid, one.person, $4::varchar, $5::timestamptz, $6::timestamptz,
        $7::varchar, $8::boolean, one.flags::jsonb, 'pending', $9::varchar, $10::uuid,
        $11::varchar, '', ''
    FROM unnest($1::uuid[], $2::uuid[], $12::text[]) AS one (id, person, flags)
    ON CONFLICT DO NOTHING
    RETURNING id, person_id
"""


def require_reason(reason: str) -> str:
    """The reason as it is kept. Raises DomainError check_in_entered_wrong."""
    tidy = " ".join(reason.split())
    if not LEAST_REASON <= len(tidy) <= MOST_REASON:
        bounds = {"least": LEAST_REASON, "most": MOST_REASON}
        raise DomainError("check_in_entered_wrong", about="reason", **bounds)
    return tidy


def may_enter(ends_at: datetime, channel: Channel, now: datetime) -> bool:
    """Whether somebody may still be entered for a session that ends then."""
    return now - ends_at <= ENTERED_WITHIN[channel]


def require_time(
    sitting: Sitting, kind: Kind, channel: Channel, at: datetime, now: datetime
) -> bool:
    """Whether who came at `at` was late. Raises DomainError: check_in_window_closed for a class
    that is not held, check_in_entered_wrong for a time outside of the session's window and for a
    session that is over for too long.

    Whoever could not come later by themselves may be entered as late until the end.
    """
    require_held(sitting)
    if not may_enter(sitting.ends_at, channel, now):
        days = ENTERED_WITHIN[channel].days
        raise DomainError("check_in_entered_wrong", about=f"over_{channel.value}", days=days)
    window = window_of(sitting, kind)
    last = max(window.closes_at, sitting.ends_at)
    if not window.opens_at <= at <= min(last, now):
        raise DomainError("check_in_entered_wrong", about="time")
    return at > window.on_time_until


async def enter(
    connection: BaseDBAsyncClient,
    sitting: Sitting,
    enrolments: Sequence[UUID],
    *,
    kind: Kind,
    at: datetime,
    late: bool,
    channel: Channel,
    reason: str,
    document: UUID | None,
    made_by: str,
    now: datetime,
) -> Mapping[UUID, UUID]:
    """Write pending check-ins for people of the class: person -> check-in, without those who
    have one that stands. Call in a transaction.

    Raises DomainError: check_in_entered_wrong for nobody or too many; check_in_not_enrolled where
    one of them is not in the class; not_found for a session that was moved meanwhile.
    """
    asked = set(enrolments)
    if not 1 <= len(asked) <= MOST_ENTERED:
        raise DomainError("check_in_entered_wrong", about="people", most=MOST_ENTERED)
    times = [sitting.starts_at, sitting.ends_at]
    if not await connection.execute_query_dict(_HOLD_SESSION, [sitting.id, *times]):
        raise DomainError("not_found", about="sitting")
    people = await connection.execute_query_dict(
        _PEOPLE, [sitting.class_id, list(asked), sitting.id]
    )
    if len(people) < len(asked):
        raise DomainError("check_in_not_enrolled", about="entered", title=sitting.title)
    ids = [row["person_id"] for row in people]
    lapsed_before = now - CONFIRM_WITHIN
    await connection.execute_query(_LAPSE, [sitting.id, ids, kind.value, now, lapsed_before])
    own = Flag.PAPER if channel is Channel.PAPER else Flag.BY_HAND
    flags = [
        [own.value, *([Flag.NO_IN.value] if kind is Kind.OUT and not row["came"] else [])]
        for row in people
    ]
    written = await connection.execute_query_dict(
        _ENTER,
        [
            *([new_id() for _ in ids], ids, sitting.id, kind.value, at, now, channel.value, late),
            *(reason, document, made_by, [json.dumps(one) for one in flags]),
        ],
    )
    return {row["person_id"]: row["id"] for row in written}


def needs_another(person: UUID, made_by: str, by: str) -> bool:
    """Whether somebody else than `by` (Actor.key) has to confirm a check-in of `person`: nobody
    confirms what they have entered, nor that they themselves were there, as somebody could who
    acts for a firm and learns in its class."""
    return by in (made_by, Trainee(person).key)


def require_decidable(row: CheckIn, by: str, *, accept: bool, now: datetime) -> None:
    """Whether `by` (Actor.key) may decide so on a check-in.

    What waits is confirmed or refused; what counts may still be refused. What somebody entered
    for others is confirmed within a day; by whom, needs_another says. Who entered it may take it
    back.
    Raises DomainError: check_in_decided, check_in_needs_another, check_in_lapsed.
    """
    state, channel = State(row.state), Channel(row.channel)
    open_states = {State.PENDING} if accept else {State.PENDING, State.COUNTED}
    if state not in open_states:
        raise DomainError("check_in_decided", state=row.state)
    if accept and channel in FOR_OTHERS and now - row.made_at > CONFIRM_WITHIN:
        raise DomainError("check_in_lapsed")
    if accept and needs_another(row.person_id, row.made_by, by):
        raise DomainError("check_in_needs_another")
