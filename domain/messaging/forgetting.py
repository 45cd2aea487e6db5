"""A person who asked to be forgotten stays forgotten, in whatever order things are stored.

What somebody wrote may reach PostgreSQL after their farewell: from another worker, from another
process's memory, hours later from a spool file. A farewell therefore leaves a mark (the model
Forgotten), and whoever stores something of a person looks at it. So that no farewell falls
between the look and the storing, both hold a lock: who stores shares it, who forgets is alone.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.followup import defer_job

#: The first number of our two-number advisory locks ("zpt" as a number).
_LOCK_SPACE = 0x7A7074
#: Persons share this many locks: PostgreSQL's table of locks has some 6,400 places for everybody,
#: and a batch of a lock for each of its 500 senders would fill it with a dozen processes.
_LOCKS = 64

_LOCK = """
    SELECT CASE WHEN alone THEN pg_advisory_xact_lock($1, number)
                ELSE pg_advisory_xact_lock_shared($1, number) END
    FROM unnest($2::int[], $3::bool[]) AS lock (number, alone)
"""

#: An earlier farewell that is stored later takes nothing back.
_MARK = """
    INSERT INTO forgotten (person, asked_at) SELECT * FROM unnest($1::bytea[], $2::timestamptz[])
    ON CONFLICT (person) DO UPDATE
    SET asked_at = greatest(forgotten.asked_at, excluded.asked_at)
"""

#: By the marks of the senders: what is no later goes, and the messages stay to be counted.
_FORGET = (
    """
    DELETE FROM followers USING forgotten WHERE forgotten.person = ANY($1::bytea[])
    AND followers.person = forgotten.person AND followed_at <= asked_at
    """,
    """
    DELETE FROM dialogues USING forgotten WHERE forgotten.person = ANY($1::bytea[])
    AND dialogues.person = forgotten.person AND updated_at <= asked_at
    """,
    """
    DELETE FROM late_replies USING forgotten WHERE forgotten.person = ANY($1::bytea[])
    AND late_replies.person = forgotten.person AND opened_at <= asked_at
    """,
    """
    UPDATE inbound_messages SET person = NULL, text_sealed = NULL FROM forgotten
    WHERE forgotten.person = ANY($1::bytea[])
    AND inbound_messages.person = forgotten.person AND received_at <= asked_at
    """,
)

_FORGET_IDENTITIES = """
    DELETE FROM identities USING forgotten WHERE forgotten.person = ANY($1::bytea[])
    AND identities.sender = forgotten.person AND coalesce(bound_at, created_at) <= asked_at
    RETURNING person_id
"""

#: The task that erases a person who has no identity left; jobs/ registers it under this name.
ERASE_LEFT = "people.erase_left"


async def lock_senders(
    connection: BaseDBAsyncClient, storing: Iterable[bytes], forgetting: Iterable[bytes] = ()
) -> None:
    """Until the transaction ends nobody forgets the senders of `storing`, and nobody stores
    anything of those of `forgetting`.

    Call once in a transaction and before anything else: everybody takes the locks in the order
    of their numbers and holds nothing yet, so nobody waits in a circle.
    """
    alone = {_number_of(sender): False for sender in storing}
    alone |= {_number_of(sender): True for sender in forgetting}
    numbers = sorted(alone)
    await connection.execute_query(
        _LOCK, [_LOCK_SPACE, numbers, [alone[number] for number in numbers]]
    )


async def forget_senders(connection: BaseDBAsyncClient, asked: Mapping[bytes, datetime]) -> None:
    """Mark the senders and delete what is known of them from before they asked. Whoever was known
    by name, and by no other identity, is erased by a job: nobody could ask for it any more.

    Call while `lock_senders` holds them as `forgetting`.
    """
    senders = list(asked)
    await connection.execute_query(_MARK, [senders, list(asked.values())])
    for statement in _FORGET:
        await connection.execute_query(statement, [senders])
    rows = await connection.execute_query_dict(_FORGET_IDENTITIES, [senders])
    for person in {row["person_id"] for row in rows} - {None}:
        await defer_job(
            connection, ERASE_LEFT, queueing_lock=f"erase left {person}", person_id=person
        )


async def has_left_since(connection: BaseDBAsyncClient, sender: bytes, at: datetime) -> bool:
    """Whether the person asked to be forgotten then or later: what is of that time is not kept.

    Call while `lock_senders` holds the sender.
    """
    rows = await connection.execute_query_dict(
        "SELECT FROM forgotten WHERE person = $1 AND asked_at >= $2", [sender, at]
    )
    return bool(rows)


def _number_of(sender: bytes) -> int:
    return sender[0] % _LOCKS
