"""The ledger as the door sees it: in Redis, and in this process while Redis is away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog
from redis.exceptions import RedisError

from bot.breaker import Breaker
from bot.ledger import UNKNOWN, Ledger, Opened, RedisLedger
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
#: PostgreSQL may take this long to list the open dialogues; REDIS_SECONDS holds both.
_LOAD_SECONDS = 0.5

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
        #: Whose dialogues may have moved on in PostgreSQL without the copy in Redis.
        self._strayed: set[bytes] = set()
        #: Messages (key, person) that Redis may hold as being handled, and nobody handles there.
        self._ghosts: set[tuple[bytes, bytes]] = set()
        self._local = LocalLedger(buffer.keep, self._strayed.add)
        self._load_dialogues = load_dialogues
        self._count_fallback = count_fallback
        self._breaker = Breaker(_PAUSE_SECONDS)
        self._database = Breaker(_PAUSE_SECONDS)
        #: Redis has been away, and may have come back empty.
        self._distrust = False

    async def open(
        self, key: bytes, person: bytes, reply: bytes, record: InboundRecord, *, aside: bool
    ) -> tuple[Opened, Ledger]:
        """The verdict, and the ledger to go on with."""
        # What was answered here is repeated here, also when Redis is back.
        if not self._local.knows(key) and self._breaker.allows():
            try:
                opened = await self._open_in_redis(key, person, reply, record, aside)
            except REDIS_FAILURES as error:
                self._ghosts.add((key, person))
                self.lose_redis(error)
            else:
                self._breaker.mend()
                return opened, self._redis
        self._count_fallback()
        return await self._local.open(key, person, reply, record, aside=aside), self._local

    def lose_redis(self, error: BaseException) -> None:
        """Redis has failed: for a moment nobody asks it, then the dialogues are loaded anew."""
        if not self._breaker.tripped:
            log.warning("redis_lost", error=type(error).__name__)
        self._breaker.trip()
        self._distrust = True

    @property
    def redis_lost(self) -> bool:
        """Redis has failed, and nobody has seen it answer since."""
        return self._breaker.tripped

    async def finish_locally(
        self, key: bytes, person: bytes, reply: bytes, record: InboundRecord
    ) -> None:
        """What Redis did not take of a message that it opened: its reply and its record."""
        self._ghosts.add((key, person))
        await self._local.finish(key, person, reply, record, state=UNKNOWN, state_seconds=0)

    async def _open_in_redis(
        self, key: bytes, person: bytes, reply: bytes, record: InboundRecord, aside: bool
    ) -> Opened:
        if self._distrust or self._strayed:
            strayed, ghosts = frozenset(self._strayed), frozenset(self._ghosts)
            await self._redis.catch_up(strayed, ghosts, all_lost=self._distrust)
            self._strayed -= strayed
            self._ghosts -= ghosts
            self._distrust = False
        opened = await self._redis.open(key, person, reply, record, aside=aside)
        if opened.verdict != "cold":
            return opened
        # Where PostgreSQL cannot say who is in a dialogue, answers still go out.
        loaded = await self._reload_dialogues()
        return await self._redis.open(key, person, reply, record, aside=aside or not loaded)

    async def _reload_dialogues(self) -> bool:
        """Fill the copy in Redis; False where PostgreSQL does not answer."""
        if not self._database.allows():
            return False
        try:
            async with asyncio.timeout(_LOAD_SECONDS):
                states = await self._load_dialogues()
        except Exception as error:
            # A connection that PostgreSQL refuses is an OSError too: it must not count as Redis.
            self._database.trip()
            log.warning("dialogues_not_loaded", error=type(error).__name__)
            return False
        self._database.mend()
        await self._redis.load_dialogues(states)
        return True
