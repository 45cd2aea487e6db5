"""Attendance as staff read it: who of a class was where when, and what comes of it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from content.schema import AttendanceThreshold, Content
from domain.actor import Actor
from domain.attendance.classes import AttendedClass, find_attended_class
from domain.attendance.hours import (
    Held,
    Presence,
    Record,
    Share,
    find_presence,
    is_under,
    share_by_day,
    share_of,
)
from domain.attendance.patterns import Pattern, Trace, find_patterns
from domain.attendance.rules import Channel, Flag, Kind, State, has_lapsed, wanted_out
from domain.attendance.wanting import usual_wants
from domain.people.rules import mask_given_name, mask_id_number, mask_name
from domain.permissions import Permission, may
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.people import Person

_SESSIONS = """
    SELECT id, starts_at, ends_at, topic FROM class_sessions
    WHERE training_class_id = $1 ORDER BY starts_at, id
"""
#: Whoever was taken, and whoever left the class and was there before.
_PEOPLE = """
    SELECT e.id, e.person_id, e.status FROM enrolments e
    WHERE e.training_class_id = $1 AND (e.status IN ('confirmed', 'completed') OR EXISTS (
        SELECT FROM check_ins i JOIN class_sessions s ON s.id = i.session_id
        WHERE s.training_class_id = $1 AND i.person_id = e.person_id
    ))
    ORDER BY e.id
"""
_RECORDS = """
    SELECT i.* FROM class_sessions s JOIN check_ins i ON i.session_id = s.id
    WHERE s.training_class_id = $1 ORDER BY i.made_at, i.id
"""
#: Of enrolments: whoever is of the class still.
TAKEN = frozenset({"confirmed", "completed"})
#: Where nobody has said which they are.
UNNAMED = "—"


@dataclass(frozen=True, slots=True)
class Attendee:
    """One person of a class. called: masked so that whoever enters them can tell
    them from others of the same family name. presences: by session. under: below the threshold so
    far."""

    enrolment: UUID
    person: UUID
    name: str
    called: str
    id_number: str
    status: str
    presences: Mapping[UUID, Presence]
    share: Share
    under: bool


@dataclass(frozen=True, slots=True)
class Attendance:
    """A class's attendance. waiting: what somebody has yet to confirm, the oldest first.
    patterns: what looks alike, None for who may not see it."""

    of: AttendedClass
    sessions: Sequence[Held]
    people: Sequence[Attendee]
    days: Mapping[date, Share]
    waiting: Sequence[Record]
    threshold: AttendanceThreshold
    patterns: Sequence[Pattern] | None

    def name_of(self, person: UUID) -> str:
        """The masked name of somebody of the class."""
        return next((one.name for one in self.people if one.person == person), UNNAMED)


async def read_attendance(
    actor: Actor, vault: Vault, content: Content, class_id: UUID, *, now: datetime
) -> Attendance:
    """Everybody of a class in every session, masked. Raises DomainError: no_permission,
    not_found."""
    connection = get_connection("default")
    asked = (Permission.SEE_ATTENDANCE, usual_wants(content), class_id)
    of = await find_attended_class(connection, actor, *asked)
    sessions = await list_held(connection, of)
    rows = await connection.execute_query_dict(_RECORDS, [class_id])
    records = [read_record(row, now) for row in rows]
    threshold = content.attendance.threshold
    people = await _list_people(connection, vault, of, sessions, records, threshold, now)
    by_person = {one.person: one.presences for one in people if one.status in TAKEN}
    return Attendance(
        of,
        sessions,
        people,
        share_by_day(sessions, by_person, now),
        [one for one in records if one.state is State.PENDING],
        threshold,
        find_patterns(_list_traces(rows)) if may(actor, Permission.SEE_PATTERNS) else None,
    )


async def list_held(connection: BaseDBAsyncClient, of: AttendedClass) -> list[Held]:
    """The sessions of a class, the earliest first."""
    rows = await connection.execute_query_dict(_SESSIONS, [of.id])
    return [
        Held(
            row["id"],
            row["starts_at"],
            row["ends_at"],
            wanted_out(of.wants.wants_out, of.outs_turned, row["starts_at"]),
            row["topic"],
        )
        for row in rows
    ]


def read_record(row: Mapping[str, Any], now: datetime) -> Record:
    """A row of check_ins, as the driver gives it, as it stands at `now`."""
    state, channel = State(row["state"]), Channel(row["channel"])
    if has_lapsed(channel, state, row["made_at"], now):
        state = State.LAPSED
    return Record(
        id=row["id"],
        person=row["person_id"],
        session=row["session_id"],
        kind=Kind(row["kind"]),
        at=row["at"],
        late=row["late"],
        state=state,
        channel=channel,
        distance_m=row["distance_m"],
        flags=[Flag(flag) for flag in json.loads(row["flags"])],
        reason=row["reason"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        decided_by=row["decided_by"],
        refusal=row["decision_reason"] if state is State.REFUSED else "",
        document=row["document_id"],
    )


async def _list_people(
    connection: BaseDBAsyncClient,
    vault: Vault,
    of: AttendedClass,
    sessions: Sequence[Held],
    records: Sequence[Record],
    threshold: AttendanceThreshold,
    now: datetime,
) -> list[Attendee]:
    own: dict[tuple[UUID, UUID], list[Record]] = defaultdict(list)
    for record in records:
        own[record.person, record.session].append(record)
    rows = await connection.execute_query_dict(_PEOPLE, [of.id])
    named = {
        one.id: one
        for one in await Person.filter(id__in=[row["person_id"] for row in rows]).using_db(
            connection
        )
    }
    people = []
    for row in rows:
        person: UUID = row["person_id"]
        presences = {
            one.id: find_presence(one, own.get((person, one.id), []), now) for one in sessions
        }
        share = share_of(sessions, presences, now)
        name, id_number = (
            open_field_or_none(vault, named[person], field) for field in ("name", "id_number")
        )
        people.append(
            Attendee(
                enrolment=row["id"],
                person=person,
                name=mask_name(name) if name else UNNAMED,
                called=mask_given_name(name) if name else UNNAMED,
                id_number=mask_id_number(id_number) if id_number else UNNAMED,
                status=row["status"],
                presences=presences,
                share=share,
                under=is_under(share, threshold.percent),
            )
        )
    return people


def _list_traces(rows: Sequence[Mapping[str, Any]]) -> list[Trace]:
    """Of what came by phones and still stands or did until somebody refused it."""
    return [
        Trace(
            row["person_id"],
            row["session_id"],
            Kind(row["kind"]),
            row["made_at"],
            row["device"],
            row["address"],
            row["place"],
        )
        for row in rows
        if row["channel"] in (Channel.MINI, Channel.CHAT)
    ]
