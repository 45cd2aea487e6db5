"""What Redis has missed while it was away, and the one errand that tells it.

An outage of an hour leaves thousands of persons whose copy in Redis is old. They are told in
batches, behind the messages: each batch is a few milliseconds of this process, and whoever comes
meanwhile goes on without Redis.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import structlog

from bot.ledger.in_redis import REDIS_FAILURES, REDIS_SECONDS, RedisLedger
from models.patience import within

log = structlog.get_logger(__name__)

#: Told in one trip.
_AT_ONCE = 500
#: Senders kept, and messages. With more senders no copy at all is trusted; of the messages the
#: oldest go first, for a turn without a lease ends by itself.
_MOST = 20_000
#: Messages wait this long for the errand, counted from its beginning.
_WAIT_SECONDS = 0.25


class Missed:
    """Remembers what Redis has to be told before anybody may ask it again.

    `report_loss` takes the failure of Redis that ends an errand, `count_unexpected` counts any
    other; what was not told is kept for the next errand.
    """

    def __init__(
        self,
        redis: RedisLedger,
        report_loss: Callable[[BaseException], object],
        count_unexpected: Callable[[], object],
    ) -> None:
        self._redis = redis
        self._report_loss = report_loss
        self._count_unexpected = count_unexpected
        #: Whose talks may have moved on in PostgreSQL without the copy in Redis.
        self._strayed: set[bytes] = set()
        #: There were too many of them.
        self._all_strayed = False
        #: Messages (key, sender) that Redis may hold as being handled, and nobody handles there;
        #: in their order.
        self._ghosts: OrderedDict[tuple[bytes, bytes], None] = OrderedDict()
        #: Redis has failed, and may have come back without its last second.
        self._doubted = False
        #: The one errand that is under way, and until when messages wait for it (loop time).
        self._telling: asyncio.Task[bool] | None = None
        self._wait_until = 0.0

    def note_sender(self, sender: bytes) -> None:
        """The copy of this sender's talk may be old."""
        if self._all_strayed:
            return
        self._strayed.add(sender)
        if len(self._strayed) > _MOST:
            self._strayed.clear()
            self._all_strayed = True

    def note_ghost(self, key: bytes, sender: bytes) -> None:
        """Redis may have taken this message up; it is handled without it."""
        self._ghosts[key, sender] = None
        if len(self._ghosts) > _MOST:
            self._ghosts.popitem(last=False)

    def note_failure(self) -> None:
        """Redis has failed, and may have been started anew."""
        self._doubted = True

    async def catch_up(self) -> bool:
        """Whether Redis knows everything now; waits for a moment for the errand that tells it."""
        if self._telling is None:
            if not self._is_anything:
                return True
            loop = asyncio.get_running_loop()
            self._telling = loop.create_task(self._tell())
            self._wait_until = loop.time() + _WAIT_SECONDS
        telling = self._telling
        left = self._wait_until - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.wait({telling}, timeout=left)
        return telling.done() and not telling.cancelled() and telling.result()

    async def close(self) -> None:
        """End the errand that may be under way."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    @property
    def _is_anything(self) -> bool:
        return bool(self._doubted or self._all_strayed or self._strayed or self._ghosts)

    async def _tell(self) -> bool:
        """Tell all there is, and what comes meanwhile; False where Redis fails."""
        try:
            while self._is_anything:
                await (self._tell_of_all() if self._all_strayed else self._tell_some())
        except REDIS_FAILURES as error:
            self._report_loss(error)
            return False
        except Exception as error:
            # A fault of ours; messages go on without Redis.
            self._count_unexpected()
            log.error("redis_not_told", exc_info=error)
            return False
        finally:
            self._telling = None
        return True

    async def _tell_some(self) -> None:
        # Taken out first: who is noted again meanwhile has moved on again, and is told again.
        senders = [self._strayed.pop() for _ in range(min(_AT_ONCE, len(self._strayed)))]
        ghosts = [
            self._ghosts.popitem(last=False)[0] for _ in range(min(_AT_ONCE, len(self._ghosts)))
        ]
        doubted, self._doubted = self._doubted, False
        told = False
        try:
            await within(REDIS_SECONDS, self._redis.catch_up(senders, ghosts, doubted=doubted))
            told = True
        finally:
            if not told:
                self._doubted |= doubted
                for sender in senders:
                    self.note_sender(sender)
                for key, sender in ghosts:
                    self.note_ghost(key, sender)

    async def _tell_of_all(self) -> None:
        # As above: who moves on from here is noted by himself.
        self._all_strayed = False
        told = False
        try:
            cursor = await within(REDIS_SECONDS, self._redis.distrust_copies(0))
            while cursor:
                cursor = await within(REDIS_SECONDS, self._redis.distrust_copies(cursor))
            told = True
        finally:
            if not told:
                self._all_strayed = True
                self._strayed.clear()
