"""A person's talk in PostgreSQL: one step of it is one transaction, whoever takes it.

What a step sets off, the new state and the reply are committed together or not at all. The row is
held meanwhile, so that of two processes with the same message the second finds what the first has
said (`last_key`), and says it again.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.messaging import rules
from domain.messaging.forgetting import has_left_since, lock_senders
from domain.vault import SealBroken, Vault
from models.transactions import transaction

#: Places (domain.vault); the row is the sender.
STATE_PLACE = b"dialogues.state"
LAST_REPLY_PLACE = b"dialogues.last_reply"

_FIND = """
    SELECT state_sealed, private, active_until, expires_at, last_key, last_reply_sealed
    FROM dialogues WHERE person = $1 FOR UPDATE
"""
_KEEP = """
    INSERT INTO dialogues (person, name, state_sealed, updated_at, expires_at, active_until,
        private, last_key, last_reply_sealed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (person) DO UPDATE SET name = excluded.name, state_sealed = excluded.state_sealed,
        updated_at = greatest(dialogues.updated_at, excluded.updated_at),
        expires_at = excluded.expires_at, active_until = excluded.active_until,
        private = excluded.private, last_key = excluded.last_key,
        last_reply_sealed = excluded.last_reply_sealed
"""


@dataclass(frozen=True, slots=True)
class HeldDialogue:
    """The talk of one person while a step of it is taken.

    `state_sealed`: b"" where none is open. `left`: the person has asked to be forgotten since they
    said this, so nothing is kept.
    """

    connection: BaseDBAsyncClient
    sender: bytes
    said_at: datetime
    left: bool
    state_sealed: bytes
    private: bool
    active_until: datetime | None
    expires_at: datetime | None
    last_key: bytes
    last_reply_sealed: bytes

    def read_last_reply(self, vault: Vault) -> str | None:
        """What `last_key` was told; None where that is no longer kept."""
        try:
            return vault.open(self.last_reply_sealed, LAST_REPLY_PLACE, self.sender).decode()
        except SealBroken:
            return None

    async def attempt(self, action: Callable[[], Awaitable[Any]]) -> Any:
        """Do what the step sets off, as a part of its transaction. Where it raises it is undone,
        and the step may go on."""
        async with transaction():
            return await action()

    async def keep(
        self,
        vault: Vault,
        key: bytes,
        reply: str,
        *,
        name: str,
        state_sealed: bytes,
        private: bool,
        active_until: datetime,
        expires_at: datetime,
    ) -> None:
        """Write down where the talk stands after the message `key`, and what it was told."""
        await self._write(vault, key, reply, name, state_sealed, private, active_until, expires_at)

    async def end(
        self, vault: Vault, key: bytes, reply: str, *, private: bool, now: datetime
    ) -> None:
        """The talk is over; for ten minutes the message `key` still gets the same reply."""
        await self._write(vault, key, reply, "", None, private, None, now)

    async def _write(
        self,
        vault: Vault,
        key: bytes,
        reply: str,
        name: str,
        state_sealed: bytes | None,
        private: bool,
        active_until: datetime | None,
        expires_at: datetime,
    ) -> None:
        said = reply.encode("utf-8", "replace")
        reply_sealed = vault.seal(said, LAST_REPLY_PLACE, self.sender)
        await self.connection.execute_query(
            _KEEP,
            [
                *(self.sender, "" if private else name, state_sealed, self.said_at, expires_at),
                *(active_until, private, key, reply_sealed),
            ],
        )


@contextlib.asynccontextmanager
async def hold_dialogue(
    sender: bytes, *, said_at: datetime, now: datetime
) -> AsyncIterator[HeldDialogue]:
    """The transaction of one step: nobody else takes one with this person meanwhile, and nobody
    forgets them. What the body raises undoes all of it."""
    async with transaction() as connection:
        await lock_senders(connection, [sender])
        # The row may not be there yet, and a lock on nothing holds nobody.
        number = int.from_bytes(sender[:8], signed=True)
        await connection.execute_query("SELECT pg_advisory_xact_lock($1::bigint)", [number])
        rows = await connection.execute_query_dict(_FIND, [sender])
        row = rows[0] if rows else {}
        open_still = bool(row) and row["expires_at"] > now
        yield HeldDialogue(
            connection,
            sender,
            said_at,
            left=await has_left_since(connection, sender, said_at),
            state_sealed=(row["state_sealed"] or b"") if open_still else b"",
            private=bool(row.get("private")),
            active_until=row.get("active_until"),
            expires_at=row.get("expires_at"),
            last_key=row.get("last_key") or b"",
            last_reply_sealed=row.get("last_reply_sealed") or b"",
        )


async def forget_ended_dialogues(now: datetime) -> int:
    """Delete talks that nobody has gone on with, and those that ended ten minutes ago; of the
    others, forget what the last message was told by then. Answers how many rows went."""
    async with transaction() as connection:
        long_ago = now - rules.REPLIES_KEPT
        gone = await connection.execute_query_dict(_DELETE_ENDED, [now, long_ago])
        await connection.execute_query(_FORGET_REPLIES, [long_ago])
    return len(gone)


#: SKIP LOCKED: whoever holds one is taking a step with it.
_DELETE_ENDED = """
    DELETE FROM dialogues WHERE id IN (
        SELECT id FROM dialogues
        WHERE expires_at < CASE WHEN state_sealed IS NULL THEN $2::timestamptz
            ELSE $1::timestamptz END
        LIMIT 10000 FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""
_FORGET_REPLIES = """
    UPDATE dialogues SET last_reply_sealed = NULL WHERE id IN (
        SELECT id FROM dialogues WHERE last_reply_sealed IS NOT NULL AND updated_at < $1
        LIMIT 10000 FOR UPDATE SKIP LOCKED
    )
"""
