"""Entries of the stream that nobody can store: set aside, so that the others go on."""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from domain.messaging.queries import list_forgotten
from domain.messaging.records import InboundRecord

#: Beside domain.messaging.records.STREAM: the same fields, to be looked at by hand.
DEAD_LETTERS = "zpt:inbound:dead"
#: More than this is one fault many times over: the newest tell it as well as all.
_MOST_ENTRIES = 10_000
#: The texts in it are sealed, and still no older than what PostgreSQL keeps (90 days).
_KEPT = timedelta(days=30)

Entry = tuple[bytes, dict[bytes, bytes]]


class DeadLetters:
    """A stream of bounded length and age. Raises what redis-py raises."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, entries: Iterable[Entry]) -> None:
        """Keep entries as they came; the oldest go where there are too many."""
        pipeline = self._redis.pipeline(transaction=True)
        for _, fields in entries:
            # redis-py's type of a mapping of fields does not take one of bytes alone.
            copied: dict[Any, Any] = {**fields}
            pipeline.xadd(DEAD_LETTERS, copied, maxlen=_MOST_ENTRIES, approximate=False)
        # The id of an entry begins with its time in milliseconds.
        oldest = int((time.time() - _KEPT.total_seconds()) * 1000)
        pipeline.xtrim(DEAD_LETTERS, minid=oldest, approximate=False)
        pipeline.expire(DEAD_LETTERS, _KEPT)
        await pipeline.execute()

    async def forget(self) -> None:
        """Delete what lies here from before its sender asked to be forgotten."""
        lying = [
            (name, record)
            for name, fields in await self._list()
            if (record := read_entry(fields)) is not None
        ]
        if not lying:
            return
        asked = await list_forgotten({record.sender for _, record in lying})
        names = [
            name
            for name, record in lying
            if record.sender in asked and record.received_at <= asked[record.sender]
        ]
        if names:
            await self._redis.xdel(DEAD_LETTERS, *names)

    async def count(self) -> int:
        """How many entries lie here."""
        return int(await self._redis.xlen(DEAD_LETTERS))

    async def _list(self) -> Sequence[Entry]:
        # redis-py's types cover both protocols and both kinds of text; ours is one of each.
        answer: Any = await self._redis.xrange(DEAD_LETTERS)
        entries: Sequence[Entry] = answer
        return entries


def read_entry(fields: dict[bytes, bytes]) -> InboundRecord | None:
    """The record in an entry of either stream; None where it is not one of ours."""
    try:
        return InboundRecord.from_stream(fields[b"m"], fields[b"x"])
    except (ValueError, KeyError):
        return None
