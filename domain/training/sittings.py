"""When a class sits next."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.training.views import SessionView, view_session
from models.training import ClassSession


async def find_next_sittings(class_ids: Sequence[UUID], now: datetime) -> dict[UUID, SessionView]:
    """The sitting of each class that goes on at `now` or is the next; who has none more is left
    out."""
    rows = ClassSession.filter(training_class_id__in=list(class_ids), ends_at__gt=now)
    following: dict[UUID, SessionView] = {}
    async for row in rows.order_by("starts_at", "id"):
        following.setdefault(row.training_class_id, view_session(row))
    return following
