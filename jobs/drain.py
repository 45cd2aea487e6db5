"""Records of messages, from Redis to PostgreSQL, in batches behind the answers."""

import asyncio
import os
import socket
from collections.abc import Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from domain.messaging.actions import store_records
from domain.messaging.records import STREAM, InboundRecord

log = structlog.get_logger(__name__)

_GROUP = "postgres"
_BATCH = 500
_BLOCK_MILLISECONDS = 1000
#: An entry that another worker took and did not finish within this time is ours.
_ABANDONED_MILLISECONDS = 30_000
_PAUSE_SECONDS = 1.0

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
        answer = await self._redis.xreadgroup(
            _GROUP, self._consumer, {STREAM: ">"}, count=_BATCH, block=block
        )
        return await self._store(answer[0][1]) if answer else 0

    async def move_abandoned(self) -> int:
        """Move one batch that was taken long ago and never acknowledged."""
        answer = await self._redis.xautoclaim(
            STREAM, _GROUP, self._consumer, _ABANDONED_MILLISECONDS, "0-0", count=_BATCH
        )
        return await self._store(answer[1])

    async def _store(self, entries: Sequence[Entry]) -> int:
        # A claimed entry that was deleted meanwhile comes without fields.
        entries = [entry for entry in entries if entry[1]]
        if not entries:
            return 0
        records = [record for _, fields in entries if (record := _read(fields)) is not None]
        await store_records(records)
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


def _read(fields: dict[bytes, bytes]) -> InboundRecord | None:
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
