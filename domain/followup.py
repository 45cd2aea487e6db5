"""Follow-up work is a row in the transaction of its cause (law 4).

procrastinate's own client would use a connection of its own, outside our transaction. Its SQL
function on the ORM's connection commits and rolls back with the models.
"""

import json
from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

#: What people wait for, and what can wait (purges and the like): each has workers of its own.
Queue = Literal["default", "upkeep"]

_QUEUEING_LOCK_INDEX = "procrastinate_jobs_queueing_lock_idx_v1"
_DEFER = """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW($1, $2, $3, $4, $5, $6, $7)::procrastinate_job_to_defer_v1
    ])
"""


async def defer_job(
    connection: BaseDBAsyncClient,
    task: str,
    *,
    queue: Queue = "default",
    priority: int = 0,
    lock: str | None = None,
    queueing_lock: str | None = None,
    not_before: datetime | None = None,
    **ids: int | UUID,
) -> bool:
    """Queue `task` with `ids`; call with the connection of the open transaction.

    Only ids: what a job is about is read from its row when it runs (law 8). A UUID reaches the
    task as text. Of the jobs with one
    `lock` one runs at a time. Of those with one `queueing_lock` one waits at a time: False where
    one does already, and the transaction goes on as if nothing had been asked.
    """
    for name, value in ids.items():
        if not isinstance(value, int | UUID):
            raise TypeError(f"{name}: a job carries ids only")
    arguments = json.dumps(ids, default=str)
    values = [queue, task, priority, lock, queueing_lock, arguments, not_before]
    if queueing_lock is None:
        await connection.execute_query(_DEFER, values)
        return True
    # The function of procrastinate has no ON CONFLICT, and its failure would end the transaction.
    await connection.execute_query("SAVEPOINT before_job")
    try:
        await connection.execute_query(_DEFER, values)
    except IntegrityError as error:
        if getattr(error.__cause__, "constraint_name", None) != _QUEUEING_LOCK_INDEX:
            raise
        await connection.execute_query("ROLLBACK TO SAVEPOINT before_job")
        queued = False
    else:
        queued = True
    await connection.execute_query("RELEASE SAVEPOINT before_job")
    return queued
