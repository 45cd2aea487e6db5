"""Writing the audit log: one call inside the action's own transaction."""

import json
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.audit.rules import Entry, Facts, check_event, clean_facts, digest_of
from models.columns import new_id

_INSERT = """
    INSERT INTO audit_entries (id, at, actor, role, event, about_kind, about_id, facts, digest)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9)
"""

_NO_FACTS: Facts = {}


async def record(
    connection: BaseDBAsyncClient,
    actor: Actor,
    event: str,
    *,
    about: tuple[str, UUID] | None = None,
    facts: Facts = _NO_FACTS,
    now: datetime,
) -> None:
    """Write down that `actor` did or saw `event`, in the open transaction of `connection`.

    What staff see of a person and what they change is recorded: unmasked and changed each time,
    masked once in half an hour (sights.record_sight). What thousands do in the same minute
    (check-ins) does not belong here, for transactions that record commit one after the other.
    `event` is "noun.verb", `about` the kind of a thing and the id of its row, `facts` plain values
    that hold nothing personal. Rolled back with the transaction.
    """
    check_event(event, about)
    entry = Entry(new_id(), now, actor.key, actor.role.value, event, about, clean_facts(facts))
    kind, about_id = ("", None) if about is None else about
    await connection.execute_query(
        _INSERT,
        [
            *(entry.id, entry.at, entry.actor, entry.role, entry.event, kind, about_id),
            *(json.dumps(entry.facts), digest_of(entry)),
        ],
    )
