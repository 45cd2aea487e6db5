"""Check-ins that wait for somebody's word, over all classes that one may decide on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from domain.actor import Actor
from domain.attendance.rules import CONFIRM_WITHIN
from domain.permissions import Permission, Reach, reach_of

#: What was entered for others waits for whoever has not entered it, as long as a confirmation
#: counts; what a phone kept offline waits for the class's teachers. Nobody confirms what is their
#: own (entering.needs_another).
_CLASSES = """
    SELECT c.id, c.title, count(*) AS count,
        min(i.made_at) FILTER (WHERE i.channel IN ('teacher', 'paper')) AS entered_at
    FROM check_ins i JOIN class_sessions s ON s.id = i.session_id
    JOIN training_classes c ON c.id = s.training_class_id
    WHERE i.state = 'pending' AND CASE
        WHEN i.channel IN ('teacher', 'paper') THEN i.made_at >= $1 AND i.made_by <> $2
        ELSE $3::boolean END
        AND 'person ' || i.person_id::text <> $2
        AND ($4::uuid[] IS NULL OR coalesce(c.institution_id, c.employer_id) = ANY($4))
        AND ($5::text IS NULL OR c.county = $5)
    GROUP BY c.id ORDER BY entered_at NULLS LAST, c.id
"""


@dataclass(frozen=True, slots=True)
class ClassWaiting:
    """A class in which so many check-ins wait for who asked. due: when the first of them lapses;
    None where none does."""

    id: UUID
    title: str
    count: int
    due: datetime | None


async def list_waiting(actor: Actor, *, now: datetime) -> list[ClassWaiting]:
    """The classes in which something waits for `actor`, what lapses first at the top; none for
    who decides on no check-ins."""
    reach = reach_of(actor, Permission.DECIDE_CHECK_IN)
    if reach is None:
        return []
    own = list(actor.owns) if reach is Reach.OWN else None
    county = (getattr(actor, "county", None) or "") if reach is Reach.COUNTY else None
    rows = await get_connection("default").execute_query_dict(
        _CLASSES, [now - CONFIRM_WITHIN, actor.key, reach is Reach.OWN, own, county]
    )
    return [
        ClassWaiting(
            row["id"],
            row["title"],
            row["count"],
            row["entered_at"] and row["entered_at"] + CONFIRM_WITHIN,
        )
        for row in rows
    ]
