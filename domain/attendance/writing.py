"""Writing check-ins down, so that PostgreSQL says who was first: whatever two do at one moment."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.attendance.rules import Flag, Kind, Known, Sitting, State
from models.attendance import CheckIn
from models.transactions import transaction

#: Written only while the session is as it was judged; it is held against whoever takes it out of
#: the timetable at the same moment.
_INSERT = """
    INSERT INTO check_ins (
        id, session_id, person_id, kind, at, made_at, phone_at, channel, late, distance_m,
        accuracy_m, device, address, place, flags, state, reason, document_id, made_by,
        decided_by, decision_reason, client_id
    )
    SELECT $1::uuid, s.id, $3::uuid, $4::varchar, $5::timestamptz, $6::timestamptz,
        $7::timestamptz, $8::varchar, $9::boolean, $10::int, $11::int, $12::bytea, $13::bytea,
        $14::bytea, $15::jsonb, $16::varchar, $17::varchar, $18::uuid, $19::varchar, '', '',
        $20::varchar
    FROM class_sessions s
    WHERE s.id = $2 AND s.starts_at = $21 AND s.ends_at = $22
    FOR KEY SHARE OF s
    ON CONFLICT DO NOTHING
    RETURNING id
"""
_GIVE_WAY = """
    UPDATE check_ins SET state = $2, decided_by = $3, decided_at = $4
    WHERE id = $1 AND state = $5 RETURNING id
"""


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """A check-in as its doors tell it."""

    id: UUID
    session_id: UUID
    at: datetime
    kind: Kind
    late: bool
    distance_m: int | None
    flags: Sequence[Flag]
    state: State


class _Overtaken(Exception):  # noqa: N818 (what happened, not what kind of class)
    """What it was to take the place of, or the session, is not as it was."""


def show_check_in(row: CheckIn) -> CheckedIn:
    """A check-in as it stands."""
    return CheckedIn(
        row.id,
        row.session_id,
        row.at,
        Kind(row.kind),
        row.late,
        row.distance_m,
        [Flag(flag) for flag in row.flags],
        State(row.state),
    )


async def write_check_in(connection: BaseDBAsyncClient, row: CheckIn, sitting: Sitting) -> bool:
    """Insert `row`, as judged by `sitting`. False where something else is so by now: somebody was
    faster, the session was moved."""
    written = await connection.execute_query_dict(
        _INSERT,
        [
            *(row.id, sitting.id, row.person_id, row.kind, row.at, row.made_at, row.phone_at),
            *(row.channel, row.late, row.distance_m, row.accuracy_m),
            *(row.device, row.address, row.place, json.dumps(row.flags), row.state),
            *(row.reason, row.document_id, row.made_by, row.client_id),
            *(sitting.starts_at, sitting.ends_at),
        ],
    )
    return bool(written)


async def replace_check_in(row: CheckIn, sitting: Sitting, over: Known, now: datetime) -> bool:
    """The same in place of one that stands, which stays as what it was; all or nothing."""
    state = State.LAPSED if over.has_lapsed(now) else State.REPLACED
    try:
        async with transaction() as connection:
            gone = await connection.execute_query_dict(
                _GIVE_WAY, [over.id, state.value, row.made_by, now, over.state.value]
            )
            if not gone or not await write_check_in(connection, row, sitting):
                raise _Overtaken
    except _Overtaken:
        return False
    return True
