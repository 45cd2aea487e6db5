"""Records that Redis cannot take now: kept here until Redis, PostgreSQL or the disk takes them."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

import structlog

from bot.records.journal import Journal
from bot.records.spool import SpoolFile, claim_spool_files, write_spool_file
from domain.messaging.records import InboundRecord

log = structlog.get_logger(__name__)

#: Records kept in memory; past that the oldest are lost, and counted.
_MOST_RECORDS = 50_000
_BATCH = 500
_EVERY_SECONDS = 1.0
#: A sink may take this long for a batch; at the end of the process there is less time.
_SINK_SECONDS = 2.0
_LAST_SINK_SECONDS = 0.4

#: Takes a batch, or raises; answers those that it will never take, if any: another sink may.
Sink = Callable[[Sequence[InboundRecord]], Awaitable[Collection[InboundRecord] | None]]


class RecordBuffer:
    """Holds records and hands them to the first sink that takes them.

    What waits lies in `spool` as well, so that a process that is killed loses none of it; at the
    end of one that is not what no sink takes is written down there. The next process that starts
    reads it; a file stays until a sink has taken all of it. The texts in it are sealed. A record
    may be handed on twice: its key makes it one again.
    """

    def __init__(self, sinks: Sequence[Sink], spool: Path) -> None:
        self._sinks = sinks
        self._spool = spool
        self._journal = Journal(spool)
        #: What waits; what is being handed on is in nobody's way here.
        self._waiting: deque[InboundRecord] = deque()
        #: What a sink has refused for ever: another may take it.
        self._refused: deque[InboundRecord] = deque()
        self._lost = 0
        self._files: deque[SpoolFile] = deque()
        #: What was read of the first file and is not handed on yet.
        self._from_file: list[InboundRecord] = []
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def keep(self, record: InboundRecord) -> None:
        """Take one record; never blocks and never fails."""
        self._waiting.append(record)
        self._journal.write(record)
        self._drop_oldest()

    def __len__(self) -> int:
        """How many records wait in memory."""
        return len(self._waiting) + len(self._refused)

    def start(self) -> None:
        """Begin to hand records on, the spooled ones first."""
        try:
            self._files.extend(claim_spool_files(self._spool))
        except OSError as error:
            log.error("spool_unreadable", error=type(error).__name__)
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Hand on what is left, or write it down."""
        # A driver may lose the cancellation (bot/ledger/in_redis.py).
        self._closing = True
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.flush(_LAST_SINK_SECONDS)
        while self._files:
            self._files.popleft().close()
        left = [*self._refused, *self._waiting]
        if not left:
            self._journal.clear()
            return
        try:
            write_spool_file(self._spool, left)
        except OSError as error:
            # What the journal has of them is there for the next process.
            self._journal.leave()
            log.error("records_lost", error=type(error).__name__, count=len(left))
        else:
            log.warning("records_spooled", count=len(left))
            self._journal.clear()
            self._refused.clear()
            self._waiting.clear()

    async def flush(self, seconds: float = _SINK_SECONDS) -> None:
        """Hand on all that a sink takes now."""
        if await self._flush_files(seconds):
            await self._flush_waiting(seconds)
        if self._lost:
            log.error("records_lost", reason="too_many", count=self._lost)
            self._lost = 0

    async def _run(self) -> None:
        while not self._closing:
            await asyncio.sleep(_EVERY_SECONDS)
            await self.flush()

    async def _flush_files(self, seconds: float) -> bool:
        """Empty the claimed files; False where no sink takes anything now."""
        while self._files:
            try:
                self._from_file = self._from_file or self._files[0].read_batch(_BATCH)
                if not self._from_file:
                    self._files.popleft().remove()
                    continue
            except OSError as error:
                # It stays where it is for the next process, and the others go on.
                log.error("spool_unreadable", error=type(error).__name__)
                self._files.popleft().close()
                continue
            if not await self._hand_on(self._from_file, seconds):
                return False
            self._from_file = []
        return True

    async def _flush_waiting(self, seconds: float) -> None:
        while self._waiting:
            if not await self._flush_batch(self._waiting, seconds):
                return
        if self._refused:
            # Once in a round: what is refused again goes to the end of the queue.
            await self._flush_batch(self._refused, seconds)
        if not len(self):
            self._journal.clear()

    async def _flush_batch(self, queue: deque[InboundRecord], seconds: float) -> bool:
        # Taken out first: what comes meanwhile may push out the oldest that wait, not these.
        batch = [queue.popleft() for _ in range(min(_BATCH, len(queue)))]
        taken = False
        try:
            taken = await self._hand_on(batch, seconds)
        finally:
            if not taken:
                queue.extendleft(reversed(batch))
            self._drop_oldest()
        return taken

    def _drop_oldest(self) -> None:
        for queue in (self._waiting, self._refused):
            while len(queue) > _MOST_RECORDS:
                queue.popleft()
                self._lost += 1

    async def _hand_on(self, batch: Sequence[InboundRecord], seconds: float) -> bool:
        for sink in self._sinks:
            try:
                async with asyncio.timeout(seconds):
                    refused = await sink(batch)
            except Exception as error:
                log.warning("records_not_taken", error=type(error).__name__, count=len(batch))
            else:
                if refused:
                    log.error("records_refused", count=len(refused))
                    self._refused.extend(refused)
                return True
        return False
