"""What an attempt to check in is judged by, in one statement, whatever the size of the table.

The statements read rows of areas below (sessions, classes, enrolments), which are PostgreSQL's to
join: one trip instead of six.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.attendance.rules import (
    Channel,
    Kind,
    Known,
    Place,
    Sitting,
    State,
    Wants,
    wanted_out,
)
from domain.calendar import LOCAL
from domain.training.details import LONGEST_SITTING
from models.attendance import CheckIn

#: A session that begins so long before a moment may still be left, or come to so long after.
_BEFORE, _AFTER = LONGEST_SITTING + timedelta(hours=1), timedelta(hours=2)
#: Sessions that run in a whole city at one moment: some hundreds.
_MOST_RUNNING = 2000

_COLUMNS = """
    s.id, s.training_class_id, c.title, c.status, s.starts_at, s.ends_at, c.latitude, c.longitude,
    x.opens_before_min, x.closes_after_min, x.late_until_percent, x.wants_place, x.refuses_far,
    x.wants_out, x.outs_turned, e.status AS enrolment,
    k.id AS known, k.at, k.made_at, k.channel, k.state,
    EXISTS (
        SELECT FROM check_ins i WHERE i.session_id = s.id AND i.person_id = $1
            AND i.kind = 'in' AND i.state IN ('counted', 'pending')
    ) AS came,
    EXISTS (
        SELECT FROM check_ins d WHERE d.session_id = s.id AND d.kind IN ('in', 'out')
            AND d.device = $3 AND d.device IS NOT NULL AND d.person_id <> $1
            AND d.state IN ('counted', 'pending')
    ) AS device_taken
"""
_JOINS = """
    JOIN training_classes c ON c.id = s.training_class_id
    LEFT JOIN attendance_settings x ON x.training_class_id = s.training_class_id
    LEFT JOIN check_ins k ON k.session_id = s.id AND k.person_id = $1 AND k.kind = $2
        AND k.state IN ('counted', 'pending')
"""
#: The pause stands in every row, and in one where there is no session.
_ONE = f"""
    SELECT m.paused_until, f.*
    FROM (SELECT) one
    LEFT JOIN code_misses m ON m.person_id = $1
    LEFT JOIN LATERAL (
        SELECT {_COLUMNS}
        FROM class_sessions s {_JOINS}
        LEFT JOIN enrolments e ON e.training_class_id = s.training_class_id AND e.person_id = $1
        WHERE s.id = $4
    ) f ON true
"""  # noqa: S608 (nothing of it comes from outside)
_OWN = f"""
    SELECT m.paused_until, f.*
    FROM (SELECT) one
    LEFT JOIN code_misses m ON m.person_id = $1
    LEFT JOIN LATERAL (
        SELECT {_COLUMNS}
        FROM enrolments e
        JOIN class_sessions s ON s.training_class_id = e.training_class_id {_JOINS}
        WHERE e.person_id = $1 AND e.status IN ('confirmed', 'completed')
            AND c.status IN ('approved', 'open', 'ended')
            AND s.starts_at >= $4 AND s.starts_at < $5
    ) f ON true
    ORDER BY f.starts_at, f.id
"""  # noqa: S608
_RUNNING = """
    SELECT s.id, c.title
    FROM class_sessions s JOIN training_classes c ON c.id = s.training_class_id
    WHERE s.starts_at BETWEEN $1 AND $2 AND s.ends_at > $3 AND c.status IN ('approved', 'open')
    ORDER BY s.starts_at LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Found:
    """paused_until: no code of the person is looked at before."""

    paused_until: datetime | None
    sittings: Sequence[Sitting]


@dataclass(frozen=True, slots=True)
class Running:
    """A session that is held somewhere."""

    id: UUID
    title: str


async def find_sitting(
    connection: BaseDBAsyncClient,
    usual: Wants,
    person: UUID,
    kind: Kind,
    device: bytes | None,
    session_id: UUID,
) -> Found:
    """One session, whoever is in it. `usual`: what classes want that do not say it."""
    rows = await connection.execute_query_dict(_ONE, [person, kind.value, device, session_id])
    return _read(rows, usual)


async def find_own_sittings(
    connection: BaseDBAsyncClient,
    usual: Wants,
    person: UUID,
    kind: Kind,
    device: bytes | None,
    moment: datetime,
) -> Found:
    """The sessions of the day of `moment` in the classes that have taken the person, and what
    goes on over midnight; the earliest first."""
    midnight = datetime.combine(moment.astimezone(LOCAL).date(), time(), LOCAL)
    first = min(midnight, moment - _BEFORE)
    last = max(midnight + timedelta(days=1), moment + _AFTER)
    rows = await connection.execute_query_dict(_OWN, [person, kind.value, device, first, last])
    return _read(rows, usual)


async def find_running(connection: BaseDBAsyncClient, moment: datetime) -> list[Running]:
    """The sessions of all classes that somebody may be checking in to."""
    rows = await connection.execute_query_dict(
        _RUNNING, [moment - _BEFORE, moment + _AFTER, moment - timedelta(hours=1), _MOST_RUNNING]
    )
    return [Running(row["id"], row["title"]) for row in rows]


async def find_sent(connection: BaseDBAsyncClient, person: UUID, client_id: str) -> CheckIn | None:
    """What the person's client has sent under this name before."""
    query = CheckIn.filter(person_id=person, client_id=client_id).using_db(connection)
    return await query.first()


def wants_of(row: Mapping[str, Any], usual: Wants, begins: datetime | None = None) -> Wants:
    """What a class wants: its own settings, joined as columns that are null where it has none.
    `begins`: of a session, which wants people to check out as the class did then."""
    if row["opens_before_min"] is None:
        return usual
    wants = Wants(**{name: row[name] for name in Wants.__slots__})
    if begins is None:
        return wants
    return replace(wants, wants_out=wanted_out(wants.wants_out, row["outs_turned"], begins))


def _read(rows: Sequence[Mapping[str, Any]], usual: Wants) -> Found:
    paused = rows[0]["paused_until"]
    return Found(paused, [_read_sitting(row, usual) for row in rows if row["id"] is not None])


def _read_sitting(row: Mapping[str, Any], usual: Wants) -> Sitting:
    known = None
    if row["known"] is not None:
        known = Known(
            row["known"],
            row["at"],
            row["made_at"],
            Channel(row["channel"]),
            State(row["state"]),
        )
    return Sitting(
        id=row["id"],
        class_id=row["training_class_id"],
        title=row["title"],
        class_status=row["status"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        wants=wants_of(row, usual, row["starts_at"]),
        place=None if row["latitude"] is None else Place(row["latitude"], row["longitude"]),
        enrolment=row["enrolment"],
        known=known,
        came=row["came"],
        device_taken=row["device_taken"],
    )
