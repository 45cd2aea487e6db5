"""A session or a class as whoever acts for its holder, or decides on it, stands towards it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.attendance.reading import wants_of
from domain.attendance.rules import Sitting, Wants
from domain.errors import DomainError
from domain.permissions import Permission, may, require

_COLUMNS = """
    c.id AS class_id, c.title, c.status, c.county,
    coalesce(c.institution_id, c.employer_id) AS holder,
    x.opens_before_min, x.closes_after_min, x.late_until_percent, x.wants_place, x.refuses_far,
    x.wants_out, x.outs_turned
"""
_CLASS = f"""
    SELECT {_COLUMNS}, x.version AS settings_version, c.latitude IS NOT NULL AS has_place
    FROM training_classes c LEFT JOIN attendance_settings x ON x.training_class_id = c.id
    WHERE c.id = $1
"""  # noqa: S608 (nothing of it comes from outside)
_SESSION = f"""
    SELECT s.id, s.starts_at, s.ends_at, s.topic, {_COLUMNS}
    FROM class_sessions s JOIN training_classes c ON c.id = s.training_class_id
    LEFT JOIN attendance_settings x ON x.training_class_id = c.id
    WHERE s.id = $1
"""  # noqa: S608 (nothing of it comes from outside)


@dataclass(frozen=True, slots=True)
class Session:
    """A session within the reach of whoever asked."""

    sitting: Sitting
    topic: str
    holder: UUID
    county: str


@dataclass(frozen=True, slots=True)
class AttendedClass:
    """A class within the reach of whoever asked. wants: its own, or the usual ones.
    settings_version: of its own, 0 where it has none. outs_turned: when it turned wants_out over.
    has_place: it is held somewhere."""

    id: UUID
    title: str
    status: str
    holder: UUID
    county: str
    wants: Wants
    settings_version: int
    has_place: bool
    outs_turned: Sequence[datetime] = ()


async def find_attended_class(
    connection: BaseDBAsyncClient,
    actor: Actor,
    permission: Permission,
    usual: Wants,
    class_id: UUID,
) -> AttendedClass:
    """The class, where `actor` has `permission` for it. Raises DomainError: no_permission;
    not_found for what is out of reach."""
    if not may(actor, permission):
        raise DomainError("no_permission")
    rows = await connection.execute_query_dict(_CLASS, [class_id])
    if not rows:
        # As `require` says it of what is out of reach: in other words it would say that it is.
        raise DomainError("not_found")
    row = rows[0]
    require(actor, permission, owner=row["holder"], county=row["county"])
    return AttendedClass(
        row["class_id"],
        row["title"],
        row["status"],
        row["holder"],
        row["county"],
        wants_of(row, usual),
        row["settings_version"] or 0,
        row["has_place"],
        row["outs_turned"] or (),
    )


async def find_session(
    connection: BaseDBAsyncClient,
    actor: Actor | None,
    permission: Permission,
    usual: Wants,
    session_id: UUID,
) -> Session:
    """The session, where `actor` has `permission` for its class; None: who asks was let in
    otherwise. Raises DomainError: no_permission; not_found for what is out of reach."""
    if actor is not None and not may(actor, permission):
        raise DomainError("no_permission")
    rows = await connection.execute_query_dict(_SESSION, [session_id])
    if not rows:
        # To who may not ask for each, what is not there is as what is out of reach.
        raise DomainError("not_found", **({"about": "sitting"} if actor is None else {}))
    row = rows[0]
    if actor is not None:
        require(actor, permission, owner=row["holder"], county=row["county"])
    return Session(_read(row, usual), row["topic"], row["holder"], row["county"])


def _read(row: dict[str, Any], usual: Wants) -> Sitting:
    return Sitting(
        id=row["id"],
        class_id=row["class_id"],
        title=row["title"],
        class_status=row["status"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        wants=wants_of(row, usual, row["starts_at"]),
    )
