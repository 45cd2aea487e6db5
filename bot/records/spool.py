"""Records on the disk: what no store took before a process ended waits here for the next one.

A process writes them while they wait (journal.py), for it may be killed, and once more at its end,
when it knows what is left.
"""

import base64
import errno
import fcntl
import json
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Self, TextIO

import structlog

from domain.messaging.records import InboundRecord

log = structlog.get_logger(__name__)

_SUFFIX = ".jsonl"
_DRAFT_SUFFIX = ".part"


class SpoolFile:
    """One file of records, read by this process alone until it is removed or closed.

    The claim is a lock on the open file, which ends with the process whatever ends it: a file
    whose reader was killed is there for the next to start.
    """

    def __init__(self, path: Path, lines: TextIO) -> None:
        self._path = path
        self._lines = lines

    @classmethod
    def claim(cls, path: Path) -> Self | None:
        """The file at `path`; None where another process reads it or has just emptied it."""
        try:
            lines = path.open(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lines, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lines.close()
            return None
        if not os.fstat(lines.fileno()).st_nlink:
            # Its reader removed it between our opening and our lock.
            lines.close()
            return None
        return cls(path, lines)

    def read_batch(self, size: int) -> list[InboundRecord]:
        """The next records, at most `size`; empty at the end of the file."""
        while lines := list(islice(self._lines, size)):
            records = [record for line in lines if (record := _read_line(line)) is not None]
            if len(records) < len(lines):
                # Lines that a full disk has cut must not keep the service from starting.
                log.error("record_unreadable", count=len(lines) - len(records))
            if records:
                return records
        return []

    def remove(self) -> None:
        """All its records are handed on."""
        self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave it to the next process."""
        self._lines.close()


def claim_spool_files(spool: Path) -> list[SpoolFile]:
    """All files in `spool` that no other process reads, oldest name first."""
    claimed = (SpoolFile.claim(path) for path in sorted(spool.glob(f"*{_SUFFIX}")))
    return [file for file in claimed if file is not None]


class SpoolWriter:
    """A file of records that grows; no other process reads it before it is closed, or before this
    process has ended, whatever ends it.

    All of it raises OSError where the disk does not take it.
    """

    def __init__(self, spool: Path) -> None:
        spool.mkdir(parents=True, exist_ok=True)
        # Under another name until it is locked, so that no reader finds it before.
        draft = spool / f"{os.getpid()}-{os.urandom(4).hex()}{_DRAFT_SUFFIX}"
        self._path = draft.with_suffix(_SUFFIX)
        #: The last line is not whole.
        self._cut = False
        self._descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.rename(self._path)
        except BaseException:
            draft.unlink(missing_ok=True)
            self.close()
            raise

    def write(self, record: InboundRecord) -> None:
        """Add `record`."""
        # What the disk has cut is ended first: the reader passes over it.
        line = b"\n" * self._cut + _write_line(record)
        self._cut = os.write(self._descriptor, line) != len(line)
        if self._cut:
            raise OSError(errno.ENOSPC, "half a record")

    def remove(self) -> None:
        """All its records are handed on."""
        self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave it to the next process."""
        os.close(self._descriptor)


def write_spool_file(spool: Path, records: Iterable[InboundRecord]) -> None:
    """Write `records` down for the next process. Raises OSError."""
    spool.mkdir(parents=True, exist_ok=True)
    # Written whole under another name first, so that no reader finds half a file.
    draft = spool / f"{os.getpid()}-{os.urandom(4).hex()}{_DRAFT_SUFFIX}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(map(_write_line, records))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(draft.with_suffix(_SUFFIX))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _write_line(record: InboundRecord) -> bytes:
    about, text = record.to_stream()
    return json.dumps([about.decode(), base64.b64encode(text).decode()]).encode() + b"\n"


def _read_line(line: str) -> InboundRecord | None:
    try:
        about, text = json.loads(line)
        return InboundRecord.from_stream(about.encode(), base64.b64decode(text, validate=True))
    except (ValueError, TypeError, AttributeError):
        return None
