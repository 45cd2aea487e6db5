"""Going through the whole chain: is every entry there, and as it was written?

Needs the database alone: no key, no other service.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.audit.rules import NO_HASH, Entry, chain, digest_of
from models.transactions import transaction

#: Rows read at a time.
_PAGE = 2000

#: changed: the entry is not the one that was chained. missing: an entry or a link was deleted.
#: unchained: an entry that no link names. cut: the chain does not lead through the checkpoint.
#: unprotected: PostgreSQL has been told to let the tables be changed.
Why = Literal["changed", "missing", "unchained", "cut", "unprotected"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place in the chain and its hash. Kept elsewhere, it proves later that nothing before it
    was rewritten, and that nothing was cut off up to it."""

    position: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"

    def spell_for_log(self) -> str:
        """The same in groups: eleven digits side by side would be masked as a phone."""
        digits = self.hash.hex()
        return ":".join(
            [str(self.position), *(digits[at : at + 4] for at in range(0, len(digits), 4))]
        )

    @classmethod
    def read(cls, text: str) -> "Checkpoint":
        """The reverse of str() and of spell_for_log. Raises ValueError."""
        position, _, hash = text.partition(":")
        hash = hash.replace(":", "")
        if not position.isdecimal() or len(hash) != 2 * len(NO_HASH):
            raise ValueError("no checkpoint")
        return cls(int(position), bytes.fromhex(hash))


@dataclass(frozen=True, slots=True)
class Fault:
    """The first that is wrong. `position` is its place in the chain, where it has one."""

    why: Why
    position: int | None = None
    entry_id: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries were in order, the last of them, and what is wrong; None: nothing."""

    checked: int
    last: Checkpoint | None
    fault: Fault | None


async def verify_log(checkpoint: Checkpoint | None = None) -> Verdict:
    """Check all there is, as of one moment; staff go on meanwhile."""
    async with transaction() as connection:
        await connection.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        last, fault, passed = Checkpoint(0, NO_HASH), None, checkpoint is None
        async for row in _read_chain(connection):
            fault = _find_fault(last, row)
            if fault is not None:
                break
            last = Checkpoint(row["position"], row["hash"])
            if checkpoint is not None and checkpoint.position == last.position:
                passed = checkpoint == last
                if not passed:
                    fault = Fault("cut", last.position, row["entry_id"], row["at"])
                    break
        if fault is None and not passed:
            fault = Fault("cut", last.position + 1)
        fault = fault or await _find_unchained(connection) or await _find_unprotected(connection)
    return Verdict(last.position, last if last.position else None, fault)


def _find_fault(last: Checkpoint, row: Mapping[str, Any]) -> Fault | None:
    position, here = last.position + 1, (row["entry_id"], row["at"])
    if row["position"] != position:
        return Fault("missing", position)
    if row["id"] is None:
        return Fault("missing", position, row["entry_id"])
    about = (row["about_kind"], row["about_id"]) if row["about_kind"] else None
    entry = Entry(
        id=row["id"],
        at=row["at"],
        actor=row["actor"],
        role=row["role"],
        event=row["event"],
        about=about,
        facts=json.loads(row["facts"]),
    )
    digest = digest_of(entry)
    if digest != row["digest"] or chain(last.hash, digest) != row["hash"]:
        return Fault("changed", position, *here)
    return None


async def _read_chain(connection: BaseDBAsyncClient) -> AsyncIterator[Mapping[str, Any]]:
    position = 0
    while True:
        rows = await connection.execute_query_dict(_READ, [position, _PAGE])
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        position = rows[-1]["position"]


_READ = """
    SELECT position, entry_id, hash, id, at, actor, role, event, about_kind, about_id,
        facts::text AS facts, digest
    FROM audit_links LEFT JOIN audit_entries ON id = entry_id
    WHERE position > $1 ORDER BY position LIMIT $2
"""

_UNCHAINED = """
    SELECT id, at FROM audit_entries
    WHERE NOT EXISTS (SELECT FROM audit_links WHERE entry_id = id) ORDER BY at, id LIMIT 1
"""


async def _find_unchained(connection: BaseDBAsyncClient) -> Fault | None:
    rows = await connection.execute_query_dict(_UNCHAINED)
    return Fault("unchained", None, rows[0]["id"], rows[0]["at"]) if rows else None


#: Their triggers, switched on ("O": for everybody but a replica that applies changes).
_PROTECTED = """
    SELECT count(*) AS triggers FROM pg_trigger
    WHERE tgrelid IN ('audit_entries'::regclass, 'audit_links'::regclass)
    AND NOT tgisinternal AND tgenabled IN ('O', 'A')
    AND tgname IN ('audit_entries_refuse', 'audit_entries_link', 'audit_links_refuse',
        'audit_links_forge')
"""
_TRIGGERS = 4


async def _find_unprotected(connection: BaseDBAsyncClient) -> Fault | None:
    rows = await connection.execute_query_dict(_PROTECTED)
    return None if rows[0]["triggers"] == _TRIGGERS else Fault("unprotected")
