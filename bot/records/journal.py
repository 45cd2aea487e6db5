"""Records that wait in memory, on the disk as well: a process that is killed loses none of them."""

from collections import deque
from pathlib import Path

import structlog

from bot.records.spool import SpoolWriter
from domain.messaging.records import InboundRecord

log = structlog.get_logger(__name__)

#: Records on one page, and pages kept: more than may wait in memory, some 50 MB. With the next
#: page the oldest goes.
_PAGE_RECORDS = 20_000
_MOST_PAGES = 4


class Journal:
    """The records of one process that no store has taken yet, as files of the spool.

    They are this process's while it lives. Where it is killed, the next that starts on the same
    spool hands them on. Not flushed to the disk one by one: a machine that loses its power loses
    the last of them.
    """

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._pages: deque[SpoolWriter] = deque()
        self._on_page = 0
        #: The disk takes nothing; said once.
        self._failing = False

    def write(self, record: InboundRecord) -> None:
        """Note one record; never fails: it still waits in memory."""
        try:
            if not self._pages or self._on_page >= _PAGE_RECORDS:
                self._turn_page()
            self._pages[-1].write(record)
        except OSError as error:
            if not self._failing:
                log.error("journal_not_written", error=type(error).__name__)
            self._failing = True
        else:
            self._on_page += 1
            self._failing = False

    def clear(self) -> None:
        """All that was noted is in good hands."""
        while self._pages:
            self._pages.popleft().remove()

    def leave(self) -> None:
        """Leave what is noted to the next process."""
        while self._pages:
            self._pages.popleft().close()

    def _turn_page(self) -> None:
        self._pages.append(SpoolWriter(self._spool))
        self._on_page = 0
        if len(self._pages) > _MOST_PAGES:
            self._pages.popleft().remove()
