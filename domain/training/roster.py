"""The roster as it freezes when a class is filed: who was on it, as one digest (L11)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

_ROSTER = """
    SELECT id, person_id FROM enrolments
    WHERE training_class_id = $1 AND status <> 'withdrawn' ORDER BY id
"""
_CONFIRM = """
    UPDATE enrolments SET status = 'confirmed', changed_by = $2, changed_at = $3
    WHERE training_class_id = $1 AND status = 'applied'
"""


@dataclass(frozen=True, slots=True)
class Roster:
    """Enrolments that were not withdrawn, in the order in which they were made."""

    lines: Sequence[tuple[UUID, UUID]]

    @property
    def enrolments(self) -> frozenset[UUID]:
        """Their ids."""
        return frozenset(enrolment for enrolment, _ in self.lines)

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over JSON of the pairs of enrolment and person."""
        written = json.dumps([[str(one) for one in line] for line in self.lines])
        return hashlib.sha256(written.encode("ascii")).hexdigest()


async def read_roster(connection: BaseDBAsyncClient, class_id: UUID) -> Roster:
    """The roster as it stands; nobody changes it while the class is held."""
    rows = await connection.execute_query_dict(_ROSTER, [class_id])
    return Roster([(row["id"], row["person_id"]) for row in rows])


async def confirm_applied(
    connection: BaseDBAsyncClient, class_id: UUID, made_by: str, now: datetime
) -> int:
    """Take all who have applied, because the class is filed with them; how many they were."""
    count, _ = await connection.execute_query(_CONFIRM, [class_id, made_by, now])
    return count
