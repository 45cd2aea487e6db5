"""Records that Redis cannot take now: kept here until Redis, PostgreSQL or the disk takes them."""

import asyncio
import base64
import contextlib
import json
import os
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from domain.messaging.records import InboundRecord

log = structlog.get_logger(__name__)

#: Records kept in memory; past that the oldest are lost, and counted.
_MOST_RECORDS = 50_000
_BATCH = 500
_EVERY_SECONDS = 1.0
#: A sink may take this long for a batch; at the end of the process there is less time.
_SINK_SECONDS = 2.0
_LAST_SINK_SECONDS = 0.4

Sink = Callable[[Sequence[InboundRecord]], Awaitable[object]]


class RecordBuffer:
    """Holds records and hands them to the first sink that takes them.

    At the end of the process what no sink takes is written to `spool`, and read from there by
    the next process that starts. The texts in it are sealed.
    """

    def __init__(self, sinks: Sequence[Sink], spool: Path) -> None:
        self._sinks = sinks
        self._spool = spool
        self._records: deque[InboundRecord] = deque()
        self._task: asyncio.Task[None] | None = None

    def keep(self, record: InboundRecord) -> None:
        """Take one record; never blocks and never fails."""
        if len(self._records) >= _MOST_RECORDS:
            self._records.popleft()
            log.error("record_lost")
        self._records.append(record)

    def __len__(self) -> int:
        return len(self._records)

    def start(self) -> None:
        """Begin to hand records on, the spooled ones first."""
        self._take_spooled()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Hand on what is left, or write it down."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.flush(_LAST_SINK_SECONDS)
        if not self._records:
            return
        try:
            self._write_spool()
        except OSError as error:
            log.error("records_lost", error=type(error).__name__, records=len(self._records))

    async def flush(self, seconds: float = _SINK_SECONDS) -> None:
        """Hand on all that a sink takes now."""
        while self._records:
            batch = [self._records[i] for i in range(min(_BATCH, len(self._records)))]
            if not await self._hand_on(batch, seconds):
                return
            for _ in batch:
                self._records.popleft()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await self.flush()

    async def _hand_on(self, batch: Sequence[InboundRecord], seconds: float) -> bool:
        for sink in self._sinks:
            try:
                async with asyncio.timeout(seconds):
                    await sink(batch)
            except Exception as error:
                log.warning("records_not_taken", error=type(error).__name__, records=len(batch))
            else:
                return True
        return False

    def _write_spool(self) -> None:
        self._spool.mkdir(parents=True, exist_ok=True)
        file = self._spool / f"{os.getpid()}-{os.urandom(4).hex()}.jsonl"
        lines = []
        for record in self._records:
            about, text = record.to_stream()
            lines.append(json.dumps([about.decode(), base64.b64encode(text).decode()]))
        # Written whole under another name first, so that no reader finds half a file.
        draft = file.with_suffix(".part")
        draft.write_text("\n".join(lines), encoding="utf-8")
        draft.chmod(0o600)
        draft.rename(file)
        log.warning("records_spooled", records=len(self._records))
        self._records.clear()

    def _take_spooled(self) -> None:
        for file in sorted(self._spool.glob("*.jsonl")):
            claimed = file.with_suffix(f".{os.getpid()}")
            try:
                # Of several processes that start together one gets the file.
                file.rename(claimed)
            except FileNotFoundError:
                continue
            for line in claimed.read_text(encoding="utf-8").splitlines():
                try:
                    about, text = json.loads(line)
                    record = InboundRecord.from_stream(
                        about.encode(), base64.b64decode(text, validate=True)
                    )
                except (ValueError, TypeError, AttributeError):
                    # One line that a full disk has cut must not keep the service from starting.
                    log.error("record_unreadable", file=file.name)
                else:
                    self.keep(record)
            claimed.unlink()
