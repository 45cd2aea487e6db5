"""The marks of those who asked to be forgotten, in Redis."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from redis.asyncio import Redis

from domain.calendar import LOCAL
from domain.messaging.forgetting import MARK_LASTS

#: The key's end is the person's blind index: it says nothing by itself.
_MARK = "zpt:forgotten:"


class RedisForgettingMarks:
    """domain.messaging.forgetting.ForgettingMarks in Redis. Raises what redis-py raises."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, asked: Mapping[bytes, datetime]) -> None:
        """Mark persons; a later time replaces an earlier one."""
        pipeline = self._redis.pipeline(transaction=False)
        for person, asked_at in asked.items():
            pipeline.set(_MARK + person.hex(), str(asked_at.timestamp()), ex=MARK_LASTS)
        await pipeline.execute()

    async def read(self, persons: Sequence[bytes]) -> Mapping[bytes, datetime]:
        """The marks of those of `persons` that have one."""
        marks = await self._redis.mget([_MARK + person.hex() for person in persons])
        return {
            person: datetime.fromtimestamp(float(mark), LOCAL)
            for person, mark in zip(persons, marks, strict=True)
            if mark is not None
        }
