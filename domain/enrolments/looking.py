"""What institutions and firms learn of people by naming them, and how much of it in a day.

A roster that is tried, and a name that is refused, tell of a stranger whether this is their name,
whether they learn elsewhere at that time, how often they have. So every such look is on the record,
and whoever looks for others has a day's measure of it; those who are in the class anyway, and those
who come in, are no part of it.
"""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from content.schema import Content
from domain.actor import Actor, EmployerContact, Role, Staff
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.calendar import LOCAL
from domain.errors import DomainError
from models.transactions import transaction

#: The measure's key in content/limits.yaml, and what it is where a folder leaves it out.
LIMIT, _USUAL = "roster-looks", 3000
#: Refusals that say nothing of the person who was named.
_SAY_NOTHING = frozenset(
    {
        *("not_found", "no_permission", "consent_unheard", "amendment_unfounded"),
        *("id_number_wrong", "name_wrong", "phone_wrong", "too_many_looks"),
    }
)
#: Reasons that are counted by themselves (api/console/audit_words.py); all others are `other`.
REASONS = frozenset(
    {
        *("name_differs", "enrolment_overlaps", "trainings_used_up", "left_by_themselves"),
        *("class_full", "already_in_class", "person_twice", "unreadable"),
    }
)
_EVENTS = ["roster.look", "roster.import", "roster.refuse"]
_LOOKED = """
    SELECT coalesce(sum((facts->>'asked')::int), 0) AS asked FROM audit_entries
    WHERE event = ANY($1::text[]) AND at >= $2 AND facts->>'on_behalf' = $3
"""
#: The first number of these advisory locks.
_LOOKS = 0x7A706C


def looker_of(actor: Actor) -> UUID | None:
    """The institution or firm that `actor` looks for; None: nobody's measure is asked."""
    if isinstance(actor, EmployerContact):
        return actor.employer
    if isinstance(actor, Staff) and actor.role is Role.INSTITUTION:
        return actor.institution
    return None


async def allow_look(
    connection: BaseDBAsyncClient, actor: Actor, content: Content, people: int, now: datetime
) -> None:
    """`actor` may name `people` more today. Until the transaction ends nobody else looks for the
    same institution or firm, for two at once would have the rest of the day's measure twice.

    Raises DomainError too_many_looks.
    """
    looker = looker_of(actor)
    if looker is None:
        return
    most = next((limit.most for limit in content.limits if limit.key == LIMIT), _USUAL)
    await connection.execute_query(
        "SELECT pg_advisory_xact_lock($1, hashtext($2))", [_LOOKS, str(looker)]
    )
    day = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    (row,) = await connection.execute_query_dict(_LOOKED, [_EVENTS, day, str(looker)])
    left = max(0, most - int(row["asked"]))
    if people > left:
        raise DomainError("too_many_looks", most=most, left=left, people=people)


def facts_of(actor: Actor, *, rows: int, asked: int, refusals: Sequence[str]) -> dict[str, Fact]:
    """What the record says of a look. rows: people who were named. asked: those of whom the answer
    told something. refusals: the codes of those who were refused."""
    looker = looker_of(actor)
    counted = Counter(code if code in REASONS else "other" for code in refusals)
    return {
        "on_behalf": None if looker is None else str(looker),
        "rows": rows,
        "asked": asked,
        "refused": len(refusals),
        **counted,
    }


@contextlib.asynccontextmanager
async def noting_refusal(actor: Actor, class_id: UUID, now: datetime) -> AsyncIterator[None]:
    """Around an action that brings one person in, outside of its transaction: a refusal goes on
    the record before anybody is told of it."""
    try:
        yield
    except DomainError as refusal:
        if refusal.code not in _SAY_NOTHING:
            facts = facts_of(actor, rows=1, asked=1, refusals=[refusal.code])
            async with transaction() as connection:
                about = ("class", class_id)
                await record(connection, actor, "roster.refuse", about=about, facts=facts, now=now)
        raise
