"""Records of messages, from Redis to PostgreSQL, in batches behind the answers."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from domain.messaging.actions import store_records
from domain.messaging.records import FORGETTING_KINDS, STREAM
from jobs.dead_letters import DeadLetters, Entry, read_entry

log = structlog.get_logger(__name__)

_GROUP = "postgres"
_BATCH = 500
_BLOCK_MILLISECONDS = 1000
#: An entry that another worker took and did not finish within this time is ours: whoever starts
#: after a worker was killed has its entries a few seconds later. A worker that is merely slow
#: loses nothing by it, for the second to store a record changes nothing.
_ABANDONED_MILLISECONDS = 5_000
_PAUSE_SECONDS = 1.0
#: So many records, and all refused: the fault is in the table, not in them.
_MANY_REFUSED = 10


class TableRefusesAll(Exception):  # noqa: N818 (what happened, not what kind of class)
    """PostgreSQL refuses whole batches: the records wait until the table is mended."""


class Drain:
    """Moves entries: stored first, acknowledged and deleted after. At least once, and the unique
    key of a message makes it exactly once. What nobody can store goes to the dead letters."""

    def __init__(self, redis: Redis, see_drain: Callable[[], None] = lambda: None) -> None:
        """`see_drain` is called after each batch that went well, and each look that found none."""
        self._redis = redis
        self._see_drain = see_drain
        self._dead_letters = DeadLetters(redis)
        self._consumer = f"{socket.gethostname()}-{os.getpid()}"

    async def run(self) -> None:
        """Move entries until cancelled; a lost Redis or PostgreSQL is waited for."""
        ready = False
        task = asyncio.current_task()
        while True:
            if task is not None and task.cancelling():
                # The client sends through asyncio.wait_for, and on Python 3.11 that swallows a
                # cancellation that comes in the very moment in which it is done.
                raise asyncio.CancelledError
            try:
                await self._move(prepare=not ready)
                ready = True
                self._see_drain()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                if task is not None and task.cancelling():
                    # redis-py may meet a cancellation with an error of its own.
                    raise asyncio.CancelledError from error
                # A Redis that lost its data has no group either.
                ready = False
                log.warning("drain_waits", exc_info=error)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _move(self, *, prepare: bool) -> None:
        """Move one batch; `prepare`: after making sure of the group, and moving what failed."""
        if prepare:
            await self._make_group()
            # While Redis was away the doors stored farewells past it.
            await self._dead_letters.forget()
            # What failed comes before what is new: the order of messages matters.
            while await self.move_own():
                pass
        if not await self.move_abandoned():
            await self.move_new(block=_BLOCK_MILLISECONDS)

    async def move_new(self, block: int | None = None) -> int:
        """Move one batch that nobody has taken yet; answers how many entries it had."""
        return await self._store(await self._read(">", block))

    async def move_own(self) -> int:
        """Move one batch that this worker has taken and could not store."""
        return await self._store(await self._read("0"))

    async def move_abandoned(self) -> int:
        """Move one batch that was taken long ago and never acknowledged."""
        answer = await self._redis.xautoclaim(
            STREAM, _GROUP, self._consumer, _ABANDONED_MILLISECONDS, "0-0", count=_BATCH
        )
        return await self._store(answer[1])

    async def _read(self, start: str, block: int | None = None) -> Sequence[Entry]:
        # redis-py's types cover both protocols and both kinds of text; ours is one of each.
        answer: Any = await self._redis.xreadgroup(
            _GROUP, self._consumer, {STREAM: start}, count=_BATCH, block=block
        )
        entries: Sequence[Entry] = answer[0][1] if answer else ()
        return entries

    async def _store(self, entries: Sequence[Entry]) -> int:
        # An entry that was deleted meanwhile comes without fields, and there is only its claim;
        # Redis 6.2 leaves even its name out where the claim was another worker's.
        entries = [entry for entry in entries if entry[0]]
        if not entries:
            return 0
        read = [(entry, read_entry(entry[1])) for entry in entries if entry[1]]
        records = [record for _, record in read if record is not None]
        refused = frozenset(await store_records(records))
        if len(refused) == len(records) >= _MANY_REFUSED:
            raise TableRefusesAll
        if len(refused) >= _MANY_REFUSED:
            # The table may have been mended in the middle: who is to blame is refused again.
            refused = frozenset(await store_records([one for one in records if one in refused]))
        dead = [entry for entry, record in read if record is None or record in refused]
        if dead:
            log.error("records_refused", count=len(dead))
            await self._dead_letters.put(dead)
        if dead or any(record.kind in FORGETTING_KINDS for record in records):
            await self._dead_letters.forget()
        pipeline = self._redis.pipeline(transaction=True)
        names = [name for name, _ in entries]
        pipeline.xack(STREAM, _GROUP, *names)
        pipeline.xdel(STREAM, *names)
        await pipeline.execute()
        return len(entries)

    async def _make_group(self) -> None:
        try:
            await self._redis.xgroup_create(STREAM, _GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


async def count_backlog(redis: Redis) -> int:
    """How many records wait in Redis, taken by a worker or not."""
    return int(await redis.xlen(STREAM))
