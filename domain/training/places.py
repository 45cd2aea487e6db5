"""How many places of a class are gone."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

#: What firms hold and have named nobody for counts until the class is filed.
_COUNT = """
    SELECT c.id, count(e.id) AS people, CASE
        WHEN c.status IN ('recruiting', 'returned') THEN coalesce((
            SELECT sum(greatest(0, r.places - (
                SELECT count(*) FROM enrolments n WHERE n.training_class_id = c.id
                AND n.employer_id = r.employer_id AND n.status <> 'withdrawn'
            ))) FROM reservations r WHERE r.training_class_id = c.id
        ), 0)::int ELSE 0 END AS held
    FROM training_classes c
    LEFT JOIN enrolments e ON e.training_class_id = c.id AND e.status <> 'withdrawn'
    WHERE c.id = ANY($1::uuid[])
    GROUP BY c.id
"""


class Places(NamedTuple):
    """Places that people have taken, and those that firms hold for people not yet named."""

    people: int
    held: int

    @property
    def gone(self) -> int:
        """Both."""
        return self.people + self.held


async def count_places(
    connection: BaseDBAsyncClient, classes: Sequence[UUID]
) -> Mapping[UUID, Places]:
    """For each of `classes`."""
    rows = await connection.execute_query_dict(_COUNT, [list(classes)])
    return {row["id"]: Places(row["people"], row["held"]) for row in rows}
