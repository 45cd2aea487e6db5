"""Who of a class's roster is in another class at the same time.

Enrolling keeps the rule for whoever comes (domain/enrolments/rules.py); this keeps it when the
class moves under them, by the same measure: the sessions of both where both have some, else days.
"""

from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.errors import DomainError

_CLASHES = """
    WITH days AS (
        SELECT c.id, c.status,
            coalesce(min((s.starts_at AT TIME ZONE 'Asia/Shanghai')::date), c.starts_on) AS first,
            coalesce(
                max((s.ends_at AT TIME ZONE 'Asia/Shanghai')::date), c.ends_on, c.starts_on
            ) AS last,
            count(s.id) > 0 AS planned
        FROM training_classes c LEFT JOIN class_sessions s ON s.training_class_id = c.id
        WHERE c.id IN (
            SELECT theirs.training_class_id FROM enrolments mine
            JOIN enrolments theirs ON theirs.person_id = mine.person_id
            WHERE mine.training_class_id = $1
        )
        GROUP BY c.id
    )
    SELECT DISTINCT mine.id
    FROM enrolments mine
    JOIN enrolments theirs ON theirs.person_id = mine.person_id
        AND theirs.training_class_id <> mine.training_class_id
        AND theirs.status IN ('applied', 'confirmed')
    JOIN days own ON own.id = mine.training_class_id
    JOIN days other ON other.id = theirs.training_class_id
        AND other.status IN ('recruiting', 'filed', 'approved', 'returned', 'open')
    WHERE mine.training_class_id = $1 AND mine.status IN ('applied', 'confirmed')
        AND own.first <= other.last AND other.first <= own.last
        AND (NOT (own.planned AND other.planned) OR EXISTS (
            SELECT FROM class_sessions a
            JOIN class_sessions b ON a.starts_at < b.ends_at AND b.starts_at < a.ends_at
            WHERE a.training_class_id = own.id AND b.training_class_id = other.id
        ))
    ORDER BY mine.id
"""


async def find_clashing(connection: BaseDBAsyncClient, class_id: UUID) -> list[UUID]:
    """The enrolments of those on the roster who are in another class at the same time."""
    rows = await connection.execute_query_dict(_CLASHES, [class_id])
    return [row["id"] for row in rows]


async def require_no_clash(connection: BaseDBAsyncClient, class_id: UUID) -> None:
    """Nobody on the roster is in another class at the time that this one has by now.

    Raises DomainError class_people_overlap: how many people, and their enrolments in this class
    (domain.enrolments.clashing names them). Which other class it is is theirs to tell.
    """
    clashing = [str(one) for one in await find_clashing(connection, class_id)]
    if clashing:
        raise DomainError("class_people_overlap", people=len(clashing), enrolments=clashing)
