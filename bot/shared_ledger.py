"""The ledger as the door sees it: in Redis, and in this process while Redis is away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog
from redis.exceptions import RedisError

from bot.breaker import Breaker
from bot.ledger import Ledger, Opened, RedisLedger
from bot.local_ledger import LocalLedger
from bot.record_buffer import RecordBuffer
from domain.messaging.records import InboundRecord

log = structlog.get_logger(__name__)

#: What a lost Redis can look like from here.
REDIS_FAILURES = (RedisError, OSError, TimeoutError)
#: How long one call may take before the message goes on without Redis.
REDIS_SECONDS = 1.0
#: How long nobody asks again afterwards.
_PAUSE_SECONDS = 0.5

LoadDialogues = Callable[[], Awaitable[Iterable[tuple[bytes, bytes, int]]]]


class SharedLedger:
    """Opens messages in Redis, or locally; whoever opened a message also finishes it."""

    def __init__(
        self,
        redis: RedisLedger,
        buffer: RecordBuffer,
        load_dialogues: LoadDialogues,
        count_fallback: Callable[[], object] = lambda: None,
    ) -> None:
        self._redis = redis
        self._local = LocalLedger(buffer.keep)
        self._buffer = buffer
        self._load_dialogues = load_dialogues
        self._count_fallback = count_fallback
        self._breaker = Breaker(_PAUSE_SECONDS)
        #: Dialogues may have moved on in PostgreSQL while Redis was away.
        self._distrust = False

    async def open(
        self, key: bytes, person: bytes, reply: bytes, record: InboundRecord, *, aside: bool
    ) -> tuple[Opened, Ledger]:
        """The verdict, and the ledger to go on with."""
        if self._breaker.allows:
            try:
                async with asyncio.timeout(REDIS_SECONDS):
                    return await self._open_in_redis(key, person, reply, record, aside), self._redis
            except REDIS_FAILURES as error:
                self.lose_redis(error)
        self._count_fallback()
        return await self._local.open(key, person, reply, record, aside=aside), self._local

    def lose_redis(self, error: BaseException) -> None:
        """Redis has failed: for a moment nobody asks it, then the dialogues are loaded anew."""
        if self._breaker.allows:
            log.warning("redis_lost", error=type(error).__name__)
        self._breaker.trip()
        self._distrust = True

    def keep_record(self, record: InboundRecord) -> None:
        """A record that Redis did not take."""
        self._buffer.keep(record)

    async def _open_in_redis(
        self, key: bytes, person: bytes, reply: bytes, record: InboundRecord, aside: bool
    ) -> Opened:
        if self._distrust:
            await self._redis.distrust_dialogues()
            self._distrust = False
            log.info("redis_back")
        opened = await self._redis.open(key, person, reply, record, aside=aside)
        if opened.verdict != "cold":
            return opened
        try:
            await self._redis.load_dialogues(await self._load_dialogues())
        except REDIS_FAILURES:
            raise
        except Exception as error:
            # PostgreSQL is away too: nobody can be in a dialogue, and answers still go out.
            log.warning("dialogues_not_loaded", error=type(error).__name__)
            return await self._redis.open(key, person, reply, record, aside=True)
        return await self._redis.open(key, person, reply, record, aside=aside)
