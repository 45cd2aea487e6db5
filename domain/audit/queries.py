"""Reading the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from domain.actor import Actor
from domain.calendar import LOCAL
from domain.paging import Page, Position, after
from domain.permissions import Permission, require
from models.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: by whom, which event, about what, between which days (both count)."""

    actor: str | None = None
    event: str | None = None
    about: UUID | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry."""

    id: UUID
    at: datetime
    actor: str
    role: str
    event: str
    about_kind: str
    about_id: UUID | None
    facts: Mapping[str, object]


async def list_entries(
    actor: Actor,
    wanted: Wanted,
    *,
    order: Sequence[str] = ("-at",),
    position: Position | None = None,
    limit: int = 50,
) -> Page[Shown]:
    """Entries, the newest first. Raises DomainError no_permission."""
    require(actor, Permission.READ_AUDIT)
    rows = AuditEntry.all()
    if wanted.actor is not None:
        rows = rows.filter(actor=wanted.actor)
    if wanted.event is not None:
        rows = rows.filter(event=wanted.event)
    if wanted.about is not None:
        rows = rows.filter(about_id=wanted.about)
    if wanted.first is not None:
        # PostgreSQL begins with the year 1 in UTC, and here it began eight hours before.
        first = max(wanted.first, date.min + timedelta(days=1))
        rows = rows.filter(at__gte=datetime.combine(first, time(), LOCAL))
    if wanted.last is not None:
        # The last day there is has no day behind it.
        behind = min(wanted.last, date.max - timedelta(days=1)) + timedelta(days=1)
        rows = rows.filter(at__lt=datetime.combine(behind, time(), LOCAL))
    page = await after(rows, order, position, limit)
    return Page([_show(row) for row in page.rows], page.position)


def _show(row: AuditEntry) -> Shown:
    return Shown(
        id=row.id,
        at=row.at,
        actor=row.actor,
        role=row.role,
        event=row.event,
        about_kind=row.about_kind,
        about_id=row.about_id,
        facts=row.facts,
    )
