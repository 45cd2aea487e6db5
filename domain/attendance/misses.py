"""Wrong codes, counted in a transaction of their own: the refusal that tells of one undoes what
the action did, and not the count."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.attendance.pauses import add_miss, require_not_paused
from models.attendance import CodeMisses
from models.columns import new_id
from models.transactions import transaction

_KEEP = timedelta(days=1)
#: The row, locked, and made where there is none.
_TAKE = """
    INSERT INTO code_misses (id, person_id, times, last_at) VALUES ($1, $2, '{}', $3)
    ON CONFLICT (person_id) DO UPDATE SET last_at = code_misses.last_at
    RETURNING times, paused_until
"""
_SAVE = """
    UPDATE code_misses SET times = $2, last_at = $3, paused_until = $4 WHERE person_id = $1
"""


async def count_miss(person: UUID, now: datetime) -> int:
    """Count one wrong code; how many more there may be before the pause, 0 where it begins.

    Raises DomainError check_in_paused where another one at the same moment has begun it.
    """
    async with transaction() as connection:
        (row,) = await connection.execute_query_dict(_TAKE, [new_id(), person, now])
        require_not_paused(row["paused_until"], now)
        times, paused_until, left = add_miss(row["times"], now)
        await connection.execute_query(_SAVE, [person, times, now, paused_until])
    return left


async def purge_misses(now: datetime) -> int:
    """Delete the counts that say nothing any more; answers how many."""
    return await CodeMisses.filter(last_at__lt=now - _KEEP).delete()
