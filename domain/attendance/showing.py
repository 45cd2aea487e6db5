"""What a session's screen shows (班级大屏): the code of the moment, who is in, and for how long."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from domain.attendance.classes import find_session
from domain.attendance.codes import changes_at, code_at, secret_of, write_qr
from domain.attendance.queries import UNNAMED
from domain.attendance.reading import find_running
from domain.attendance.rules import CONFIRM_WITHIN, HELD, Kind, Sitting, Wants, Window, window_of
from domain.enrolments.notice import Teller, word_notice_of
from domain.errors import DomainError
from domain.people.rules import mask_given_name
from domain.permissions import Permission
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.people import Person
from models.training import TrainingClass

_NAMES = """
    SELECT i.person_id, i.kind, i.at, i.late, i.state FROM check_ins i
    WHERE i.session_id = $1 AND i.state IN ('counted', 'pending')
        AND (i.state = 'counted' OR i.channel NOT IN ('teacher', 'paper') OR i.made_at >= $2)
    ORDER BY i.made_at, i.id
"""
_EXPECTED = """
    SELECT count(*) AS people FROM enrolments
    WHERE training_class_id = $1 AND status IN ('confirmed', 'completed')
"""
_EARLIER = """
    SELECT EXISTS (
        SELECT FROM class_sessions WHERE training_class_id = $1 AND starts_at < $2
    ) AS earlier
"""
_CHANGES = """
    SELECT session_id, count(*) FILTER (WHERE state IN ('counted', 'pending')) AS people,
        max(greatest(made_at, coalesce(decided_at, made_at))) AS last_at
    FROM check_ins WHERE session_id = ANY($1::uuid[]) GROUP BY session_id
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody who is in, masked. left_at: when they checked out. waits: to be confirmed. number:
    counts those whose masked names are alike, in the order in which they came; 0 for who is alone
    with theirs."""

    name: str
    at: datetime
    late: bool
    waits: bool
    left_at: datetime | None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Screen:
    """A session as its screen shows it at one moment.

    code, qr: of the moment, until `changes_at`; "" where nobody may check in to the class.
    window: to come; leaving: to leave. people: in the order in which they came. expected: how
    many are in the class. first: it is the first session of its class (L12).
    """

    sitting: Sitting
    topic: str
    code: str
    qr: str
    changes_at: datetime
    window: Window
    leaving: Window
    people: Sequence[Shown]
    expected: int
    first: bool


@dataclass(frozen=True, slots=True)
class Faced:
    """A session that somebody may check in to or out of now, and what its QR code says until
    `changes_at`."""

    session_id: UUID
    title: str
    topic: str
    qr: str
    changes_at: datetime


#: How a session's check-ins stand: how many count or wait, and when the last one changed.
Change = tuple[int, datetime]


async def show_screen(vault: Vault, usual: Wants, session_id: UUID, *, now: datetime) -> Screen:
    """For whoever was let in (screens.require_screen, screens.find_linked_session). Raises
    DomainError not_found for a session that is not there, or was moved."""
    connection = get_connection("default")
    asked = (Permission.SHOW_SCREEN, usual, session_id)
    session = await find_session(connection, None, *asked)
    sitting = session.sitting
    (expected,) = await connection.execute_query_dict(_EXPECTED, [sitting.class_id])
    (earlier,) = await connection.execute_query_dict(
        _EARLIER, [sitting.class_id, sitting.starts_at]
    )
    code = code_at(secret_of(vault, session_id), now) if sitting.class_status in HELD else ""
    return Screen(
        sitting=sitting,
        topic=session.topic,
        code=code,
        qr=write_qr(session_id, code) if code else "",
        changes_at=changes_at(now),
        window=window_of(sitting, Kind.IN),
        leaving=window_of(sitting, Kind.OUT),
        people=await list_shown(vault, session_id, now=now),
        expected=expected["people"],
        first=not earlier["earlier"],
    )


async def list_shown(vault: Vault, session_id: UUID, *, now: datetime) -> list[Shown]:
    """Who is in, masked, in the order in which they came."""
    connection = get_connection("default")
    rows = await connection.execute_query_dict(_NAMES, [session_id, now - CONFIRM_WITHIN])
    came = {row["person_id"]: row for row in rows if row["kind"] == Kind.IN}
    left = {row["person_id"]: row["at"] for row in rows if row["kind"] == Kind.OUT}
    people = {one.id: one for one in await Person.filter(id__in=list(came))}
    names = [open_field_or_none(vault, people[person], "name") for person in came]
    masked = [mask_given_name(name) if name else UNNAMED for name in names]
    return [
        Shown(
            name=name,
            at=row["at"],
            late=row["late"],
            waits=row["state"] == "pending",
            left_at=left.get(person),
            number=number,
        )
        for (person, row), name, number in zip(
            came.items(), masked, number_alike(masked), strict=True
        )
    ]


def number_alike(names: Sequence[str]) -> list[int]:
    """For each name which of those that are the same it is, from 1; 0 where there is one alone."""
    all_of, seen = Counter(names), Counter[str]()
    numbers: list[int] = []
    for name in names:
        seen[name] += 1
        numbers.append(seen[name] if all_of[name] > 1 else 0)
    return numbers


async def word_first_notice(teller: Teller, class_id: UUID, *, now: datetime) -> str:
    """What the screen says before the first session of a class (L12), as it reads today. Raises
    DomainError not_found."""
    row = await TrainingClass.get_or_none(id=class_id)
    if row is None:
        raise DomainError("not_found", about="class")
    return await word_notice_of(teller, row, now)


async def list_faced(vault: Vault, usual: Wants, *, now: datetime, most: int = 50) -> list[Faced]:
    """The screens that hang somewhere now. It tells the codes of all: the sandbox's alone, where
    nobody has a camera."""
    connection = get_connection("default")
    faced: list[Faced] = []
    for running in await find_running(connection, now):
        asked = (Permission.SHOW_SCREEN, usual, running.id)
        session = await find_session(connection, None, *asked)
        windows = [window_of(session.sitting, kind) for kind in Kind]
        if len(faced) < most and any(window.holds(now) for window in windows):
            qr = write_qr(running.id, code_at(secret_of(vault, running.id), now))
            faced.append(Faced(running.id, running.title, session.topic, qr, changes_at(now)))
    return faced


async def list_changes(sessions: Sequence[UUID]) -> Mapping[UUID, Change]:
    """How the check-ins of several sessions stand, in one question for all screens of a process;
    a session without any is left out."""
    rows = await get_connection("default").execute_query_dict(_CHANGES, [list(sessions)])
    return {row["session_id"]: (row["people"], row["last_at"]) for row in rows}
