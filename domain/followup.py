"""Follow-up work is a row in the transaction of its cause (law 4).

procrastinate's own client would use a connection of its own, outside our transaction. Its SQL
function on the ORM's connection commits and rolls back with the models.
"""

import json
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

_DEFER = """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW($1, $2, $3, $4, $5, $6, $7)::procrastinate_job_to_defer_v1
    ])
"""


async def defer_job(
    connection: BaseDBAsyncClient,
    task: str,
    *,
    queue: str = "default",
    priority: int = 0,
    lock: str | None = None,
    not_before: datetime | None = None,
    **ids: int,
) -> None:
    """Queue `task` with `ids`; call with the connection of the open transaction.

    Only ids: what a job is about is read from its row when it runs (law 8).
    """
    for name, value in ids.items():
        if not isinstance(value, int):
            raise TypeError(f"{name}: a job carries ids only")
    await connection.execute_query(
        _DEFER, [queue, task, priority, lock, None, json.dumps(ids), not_before]
    )
