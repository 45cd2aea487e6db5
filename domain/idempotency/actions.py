"""Doing once what is asked twice, whatever breaks in between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.errors import DomainError
from domain.idempotency.rules import KEPT, Answer, Asked, read_answer, write_answer
from domain.sealed import open_field, seal_field
from domain.vault import Vault
from models.idempotency import FirstAnswer
from models.transactions import transaction

#: The first number of these advisory locks; domain.messaging.forgetting has another.
_LOCK_SPACE = 0x7A7077
_LOCK = "SELECT pg_try_advisory_xact_lock($1, $2) AS got"
#: A second request looks so often whether the first is done. It holds no connection meanwhile:
#: a process has five.
_TRIES = 60
_TRY_SECONDS = 0.05
_PURGE_BATCH = 1000


async def do_once(
    actor: Actor,
    vault: Vault,
    asked: Asked,
    produce: Callable[[], Awaitable[Answer]],
    *,
    now: datetime,
) -> tuple[Answer, bool]:
    """The answer of `produce`, or the first one that was given to the same request, and whether
    it is that one.

    `produce` runs inside of a transaction, so that what its action does and the answer that is
    kept stand or fall together: a process that is killed in the middle has done nothing, and the
    next try does all of it. It must therefore ask nothing of the outside.
    A refusal, raised or answered, is not kept; what an action has stored before it refuses stays.

    Raises DomainError idempotency_key_reused (another body under the key), request_in_progress
    (the first is still under way after 3 seconds), and what `produce` raises.
    """
    id = asked.identify(actor.key)
    for _ in range(_TRIES):
        refusal: DomainError | None = None
        async with transaction() as connection:
            if await _take_lock(connection, id):
                kept = await _find_answer(connection, id, now)
                if kept is not None:
                    return read_answer(asked, open_field(vault, kept, "answer")), True
                try:
                    answer = await produce()
                except DomainError as error:
                    refusal = error
                else:
                    if answer.is_kept:
                        await _keep_answer(connection, vault, id, asked, answer, now)
                    return answer, False
        if refusal is not None:
            raise refusal
        await asyncio.sleep(_TRY_SECONDS)
    raise DomainError("request_in_progress", retry_after=1)


async def forget_answers(actor: Actor, *, now: datetime) -> int:  # noqa: ARG001
    """Delete the answers that are older than a day; their number. A job calls it every hour."""
    count = 0
    while True:
        async with transaction() as connection:
            gone, _ = await connection.execute_query(_PURGE, [now - KEPT, _PURGE_BATCH])
        count += gone
        if gone < _PURGE_BATCH:
            return count


_PURGE = """
    DELETE FROM first_answers WHERE id IN (
        SELECT id FROM first_answers WHERE answered_at < $1 ORDER BY answered_at LIMIT $2
        FOR UPDATE SKIP LOCKED
    )
"""


async def _take_lock(connection: BaseDBAsyncClient, id: UUID) -> bool:
    number = int.from_bytes(id.bytes[:4]) >> 1
    _, rows = await connection.execute_query(_LOCK, [_LOCK_SPACE, number])
    return bool(rows[0]["got"])


async def _find_answer(
    connection: BaseDBAsyncClient, id: UUID, now: datetime
) -> FirstAnswer | None:
    row = await FirstAnswer.get_or_none(id=id, using_db=connection)
    if row is not None and row.answered_at < now - KEPT:
        await row.delete(using_db=connection)
        return None
    return row


async def _keep_answer(
    connection: BaseDBAsyncClient,
    vault: Vault,
    id: UUID,
    asked: Asked,
    answer: Answer,
    now: datetime,
) -> None:
    sealed = seal_field(vault, FirstAnswer, "answer", id, write_answer(asked, answer))
    await FirstAnswer.create(id=id, answer_sealed=sealed, answered_at=now, using_db=connection)
