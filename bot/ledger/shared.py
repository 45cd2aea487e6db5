"""The ledger as the door sees it: in Redis, and in this process while Redis is away."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from bot.ledger.contract import UNKNOWN, Ledger, Opened
from bot.ledger.in_redis import REDIS_FAILURES, RedisLedger
from bot.ledger.local import LocalLedger
from bot.ledger.missed import Missed
from bot.records.buffer import RecordBuffer
from domain.messaging.records import InboundRecord
from models.availability import Database, DatabaseUnavailable
from models.breaker import Breaker
from models.patience import within

log = structlog.get_logger(__name__)

#: How long nobody asks a Redis again that has failed.
_PAUSE_SECONDS = 0.5
#: Messages wait this long for a load of the dialogues, counted from its beginning; then
#: PostgreSQL is asked about each one's sender alone.
_WAIT_FOR_LOAD_SECONDS = 0.5
#: So long a message waits for those of the same sender that are still asking Redis.
_OVERTAKING_SECONDS = 2.0
#: What follows on the news that Redis knows no dialogues may take this long in all, that wait
#: included: with the trip that brought the news some two seconds of the 4.5 that a message has.
_COLD_SECONDS = 1.0
#: The load itself goes on behind them, for as long as PostgreSQL lets one statement run.
_LOAD_SECONDS = 10.0

#: Lists (sender, what Redis knows of the talk, seconds left).
ListDialogues = Callable[[], Coroutine[Any, Any, Sequence[tuple[bytes, bytes, int]]]]


class SharedLedger:
    """Opens messages in Redis, or locally; whoever opened a message also finishes it."""

    def __init__(
        self,
        redis: RedisLedger,
        buffer: RecordBuffer,
        list_dialogues: ListDialogues,
        database: Database,
        *,
        count_fallback: Callable[[], object] = lambda: None,
        count_unexpected: Callable[[], object] = lambda: None,
    ) -> None:
        self._redis = redis
        self._missed = Missed(redis, self.lose_redis, count_unexpected)
        self._local = LocalLedger(buffer.keep, self._missed.note_sender)
        self._list_dialogues = list_dialogues
        self._database = database
        self._count_fallback = count_fallback
        self._count_unexpected = count_unexpected
        self._breaker = Breaker(_PAUSE_SECONDS)
        #: The one load that is under way, and until when messages wait for it (loop time).
        self._loading: asyncio.Task[bool] | None = None
        self._wait_until = 0.0
        #: By sender, the end of the opening of the message that came last.
        self._opening: dict[bytes, asyncio.Future[None]] = {}

    async def open(
        self, key: bytes, sender: bytes, reply: bytes, record: InboundRecord, *, aside: bool
    ) -> tuple[Opened, Ledger]:
        """The verdict, and the ledger to go on with."""
        before = self._opening.get(sender)
        mine = self._opening[sender] = asyncio.get_running_loop().create_future()
        try:
            return await self._open_in_order(key, sender, reply, record, aside, before)
        finally:
            mine.set_result(None)
            if self._opening.get(sender) is mine:
                del self._opening[sender]

    async def _open_in_order(
        self,
        key: bytes,
        sender: bytes,
        reply: bytes,
        record: InboundRecord,
        aside: bool,
        before: asyncio.Future[None] | None,
    ) -> tuple[Opened, Ledger]:
        # What was answered here is repeated here, also when Redis is back.
        free = not self._local.knows(key) and self._breaker.allows()
        if free and await self._missed.catch_up():
            try:
                opened = await self._open_in_redis(key, sender, reply, record, aside)
            except REDIS_FAILURES as error:
                self._missed.note_ghost(key, sender)
                self.lose_redis(error)
            else:
                self._breaker.mend()
                return opened, self._redis
        self._count_fallback()
        if before is not None and not aside:
            # One that finds out whether Redis is back takes a second over it, and comes here then:
            # a choice would otherwise be made after the question that has ended it.
            await asyncio.wait({before}, timeout=_OVERTAKING_SECONDS)
        return await self._local.open(key, sender, reply, record, aside=aside), self._local

    def lose_redis(self, error: BaseException) -> None:
        """Redis has failed: for a moment nobody asks it, and then whether it was started anew."""
        if not self._breaker.tripped:
            log.warning("redis_lost", error=type(error).__name__)
        self._breaker.trip()
        self._missed.note_failure()

    async def keep_reply_locally(self, key: bytes, reply: bytes, record: InboundRecord) -> None:
        """What Redis did not take while the message goes on: what was said, and the record."""
        await self._local.keep_reply(key, reply, record)

    async def finish_locally(
        self,
        key: bytes,
        sender: bytes,
        reply: bytes,
        record: InboundRecord | None,
        *,
        private: bool = False,
    ) -> None:
        """What Redis did not take of a message that it opened: its reply and its record."""
        self._missed.note_ghost(key, sender)
        await self._local.finish(
            key, sender, reply, record, state=UNKNOWN, state_seconds=0, private=private
        )

    async def give_up_locally(
        self, key: bytes, sender: bytes, record: InboundRecord | None, *, reply: bytes = b""
    ) -> None:
        """The same of a message whose handling has failed."""
        self._missed.note_ghost(key, sender)
        await self._local.give_up(key, sender, record, reply=reply)

    async def close(self) -> None:
        """End what may be under way to fill Redis."""
        await self._missed.close()
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)

    async def _open_in_redis(
        self, key: bytes, sender: bytes, reply: bytes, record: InboundRecord, aside: bool
    ) -> Opened:
        opened = await self._redis.open(key, sender, reply, record, aside=aside)
        if opened.verdict != "cold":
            return opened
        return await within(_COLD_SECONDS, self._open_in_cold_redis(key, sender, reply, record))

    async def _open_in_cold_redis(
        self, key: bytes, sender: bytes, reply: bytes, record: InboundRecord
    ) -> Opened:
        # Whoever comes while the load lasts, or while PostgreSQL is away, goes on by himself: his
        # own dialogue is looked up when his turn comes, and answers still go out.
        loaded = await self._wait_for_load()
        return await self._redis.open(key, sender, reply, record, unsure=not loaded)

    async def _wait_for_load(self) -> bool:
        """Whether the dialogues are in Redis now; waits for a moment for the load that fills it."""
        loop = asyncio.get_running_loop()
        if self._loading is None:
            if self._database.is_away:
                return False
            self._loading = loop.create_task(self._load_dialogues())
            self._wait_until = loop.time() + _WAIT_FOR_LOAD_SECONDS
        loading = self._loading
        await asyncio.wait({loading}, timeout=max(0.0, self._wait_until - loop.time()))
        return loading.done() and not loading.cancelled() and loading.result()

    async def _load_dialogues(self) -> bool:
        """Fill the copy in Redis; False where PostgreSQL or Redis fails."""
        try:
            states = await self._database.ask(self._list_dialogues(), seconds=_LOAD_SECONDS)
            await self._redis.load_dialogues(states)
        except (DatabaseUnavailable, *REDIS_FAILURES) as error:
            log.warning("dialogues_not_loaded", error=type(error).__name__)
            return False
        except Exception as error:
            # A fault of ours; policy questions are answered all the same.
            self._count_unexpected()
            log.error("dialogues_not_loaded", exc_info=error)
            return False
        finally:
            self._loading = None
        return True
