"""What a person's own check-ins in their class come to: sessions, hours, a rate."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from domain.actor import Trainee
from domain.attendance.hours import Held, Presence, Record, Share, find_presence, share_of
from domain.attendance.queries import read_record
from domain.attendance.reading import wants_of
from domain.attendance.rules import State, Wants
from domain.permissions import Permission, require

#: Of several classes the one that sat last, before one that has yet to sit.
_CLASS = """
    SELECT c.id, c.title, x.opens_before_min, x.closes_after_min, x.late_until_percent,
        x.wants_place, x.refuses_far, x.wants_out, x.outs_turned
    FROM enrolments e
    JOIN training_classes c ON c.id = e.training_class_id
    LEFT JOIN attendance_settings x ON x.training_class_id = c.id
    LEFT JOIN LATERAL (
        SELECT max(s.starts_at) AS at FROM class_sessions s
        WHERE s.training_class_id = c.id AND s.starts_at <= $2
    ) latest ON true
    WHERE e.person_id = $1 AND e.status IN ('confirmed', 'completed')
        AND c.status IN ('approved', 'open', 'ended')
    ORDER BY latest.at DESC NULLS LAST, e.id DESC LIMIT 1
"""
_SESSIONS = """
    SELECT id, starts_at, ends_at, topic FROM class_sessions
    WHERE training_class_id = $1 ORDER BY starts_at, id
"""
_RECORDS = """
    SELECT i.* FROM class_sessions s JOIN check_ins i ON i.session_id = s.id AND i.person_id = $2
    WHERE s.training_class_id = $1 ORDER BY i.made_at, i.id
"""


@dataclass(frozen=True, slots=True)
class OwnAttendance:
    """One's own class. sessions: those that have begun, and one that has not where one has checked
    in to it, the earliest first. presences: by session. refusals: by session, why the last
    check-in was refused, where none stands. share: minutes, of sessions that are over."""

    title: str
    sessions: Sequence[Held]
    presences: Mapping[UUID, Presence]
    refusals: Mapping[UUID, str]
    share: Share

    def list_over(self, now: datetime) -> list[Held]:
        """The sessions that are over at `now`."""
        return [one for one in self.sessions if one.ends_at <= now]


async def read_own_attendance(
    actor: Trainee, usual: Wants, *, now: datetime
) -> OwnAttendance | None:
    """How the actor attends the class that they are in; None for who is in none. `usual`: what
    classes want that do not say it themselves."""
    require(actor, Permission.CHECK_IN, owner=actor.id)
    connection = get_connection("default")
    rows = await connection.execute_query_dict(_CLASS, [actor.id, now])
    if not rows:
        return None
    (row,) = rows
    records = await _list_records(connection, row["id"], actor.id, now)
    sessions = [
        Held(
            one["id"],
            one["starts_at"],
            one["ends_at"],
            wants_of(row, usual, one["starts_at"]).wants_out,
            one["topic"],
        )
        for one in await connection.execute_query_dict(_SESSIONS, [row["id"]])
        if one["starts_at"] <= now or one["id"] in records
    ]
    presences = {one.id: find_presence(one, records.get(one.id, []), now) for one in sessions}
    refusals = {
        session: own[-1].refusal
        for session, own in records.items()
        if all(one.state is State.REFUSED for one in own)
    }
    share = share_of(sessions, presences, now)
    return OwnAttendance(row["title"], sessions, presences, refusals, share)


async def _list_records(
    connection: BaseDBAsyncClient, class_id: UUID, person: UUID, now: datetime
) -> dict[UUID, list[Record]]:
    """The person's records of a class, by session."""
    records: dict[UUID, list[Record]] = defaultdict(list)
    for row in await connection.execute_query_dict(_RECORDS, [class_id, person]):
        record = read_record(row, now)
        records[record.session].append(record)
    return records
