"""Records of messages, from Redis to PostgreSQL, in batches behind the answers."""

import asyncio
import os
import socket
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from domain.calendar import LOCAL
from domain.messaging.actions import forget_person, store_records
from domain.messaging.records import FORGETTING_KINDS, STREAM, InboundRecord

log = structlog.get_logger(__name__)

_GROUP = "postgres"
_BATCH = 500
_BLOCK_MILLISECONDS = 1000
#: An entry that another worker took and did not finish within this time is ours.
_ABANDONED_MILLISECONDS = 30_000
_PAUSE_SECONDS = 1.0
#: Who has asked to be forgotten, and when, for longer than any record waits in Redis.
_FORGOTTEN = "zpt:forgotten:"
_FORGOTTEN_SECONDS = 2 * 86_400

Entry = tuple[bytes, dict[bytes, bytes]]


class Drain:
    """Moves entries: stored first, acknowledged and deleted after. At least once, and the unique
    key of a message makes it exactly once."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._consumer = f"{socket.gethostname()}-{os.getpid()}"

    async def run(self) -> None:
        """Move entries until cancelled; a lost Redis or PostgreSQL is waited for."""
        ready = False
        while True:
            try:
                if not ready:
                    await self._make_group()
                    # What failed comes before what is new: the order of messages matters.
                    while await self.move_own():
                        pass
                    ready = True
                if not await self.move_abandoned():
                    await self.move_new(block=_BLOCK_MILLISECONDS)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                # A Redis that lost its data has no group either.
                ready = False
                log.warning("drain_waits", error=type(error).__name__)
                await asyncio.sleep(_PAUSE_SECONDS)

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
        # A claimed entry that was deleted meanwhile comes without fields.
        entries = [entry for entry in entries if entry[1]]
        if not entries:
            return 0
        records = [record for _, fields in entries if (record := _parse(fields)) is not None]
        await self._mark_forgotten(records)
        await store_records(records)
        await self._forget_again(records)
        pipeline = self._redis.pipeline(transaction=True)
        names = [name for name, _ in entries]
        pipeline.xack(STREAM, _GROUP, *names)
        pipeline.xdel(STREAM, *names)
        await pipeline.execute()
        return len(entries)

    async def _mark_forgotten(self, records: Sequence[InboundRecord]) -> None:
        """Note who asks to be forgotten, before it is done.

        A batch of another worker may be stored before or after this one. Either it is there when
        this one forgets, or it finds the mark afterwards.
        """
        for record in records:
            if record.kind in FORGETTING_KINDS:
                name = _FORGOTTEN + record.person.hex()
                asked_at = str(record.received_at.timestamp())
                await self._redis.set(name, asked_at, ex=_FORGOTTEN_SECONDS)

    async def _forget_again(self, records: Sequence[InboundRecord]) -> None:
        """Of what was just stored, forget what had been asked for before it came through."""
        persons = sorted({record.person for record in records})
        if not persons:
            return
        marks = await self._redis.mget([_FORGOTTEN + person.hex() for person in persons])
        for person, mark in zip(persons, marks, strict=True):
            if mark is not None:
                await forget_person(person, datetime.fromtimestamp(float(mark), LOCAL))

    async def _make_group(self) -> None:
        try:
            await self._redis.xgroup_create(STREAM, _GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def _parse(fields: dict[bytes, bytes]) -> InboundRecord | None:
    try:
        return InboundRecord.from_stream(fields[b"m"], fields[b"x"])
    except (ValueError, KeyError, TypeError):
        log.error("record_unreadable")
        return None


async def backlog(redis: Redis) -> int:
    """How many records wait in Redis."""
    try:
        length: Any = await redis.xlen(STREAM)
    except RedisError:
        return 0
    return int(length)
