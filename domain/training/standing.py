"""How an institution stands on a day, out of its dated records (L12)."""

from datetime import date
from typing import cast
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.training.rules import Standing

_STANDING = """
    SELECT kind, valid_until FROM institution_records
    WHERE institution_id = $1 AND valid_from <= $2
        AND kind IN ('listed', 'suspended', 'restored', 'removed')
    ORDER BY valid_from DESC, made_at DESC, id DESC LIMIT 1
"""


async def find_standing(
    connection: BaseDBAsyncClient, institution: UUID, day: date
) -> Standing | None:
    """As of `day` in Asia/Shanghai; None for one that nobody has listed."""
    rows = await connection.execute_query_dict(_STANDING, [institution, day])
    if not rows:
        return None
    kind, until = rows[0]["kind"], rows[0]["valid_until"]
    over = kind == "suspended" and until is not None and until < day
    return "listed" if over or kind == "restored" else cast(Standing, kind)
