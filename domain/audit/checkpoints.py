"""Checkpoints kept outside of PostgreSQL, in a file that only grows: against them the chain is
checked, so that whoever owns the database cannot cut off its end or make it anew.

    2026-12-01T04:07:00+08:00 208:3f5a…
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.audit.verifying import Checkpoint, Verdict, verify_log


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint and when it was written down."""

    at: datetime
    checkpoint: Checkpoint


class CheckpointsDamaged(ValueError):  # noqa: N818 (what happened, not what kind of class)
    """The file is there, and no line of it can be read."""


class CheckpointFile:
    """The file of one machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read_newest(self) -> Kept | None:
        """The newest; None where none was ever written down here.

        A line that broke off, as a machine that lost power leaves it, is passed over. Raises
        CheckpointsDamaged, OSError.
        """
        try:
            lines = self.path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return None
        for line in reversed(lines):
            at, _, checkpoint = line.partition(" ")
            try:
                return Kept(datetime.fromisoformat(at), Checkpoint.read(checkpoint))
            except ValueError:
                continue
        if lines:
            raise CheckpointsDamaged(self.path.name)
        return None

    def append(self, checkpoint: Checkpoint, now: datetime) -> None:
        """Write one down; it lies on the disk afterwards. Raises OSError."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            # Begins a line of its own, whatever the last one broke off at.
            stream.write(f"\n{now.isoformat(timespec='seconds')} {checkpoint}\n")
            stream.flush()
            os.fsync(stream.fileno())


async def verify_and_keep(file: CheckpointFile, now: datetime) -> Verdict:
    """Check the whole log against the newest checkpoint of `file`; write down the next one where
    all of it fits, and nothing where it does not.

    Raises CheckpointsDamaged, OSError.
    """
    newest = file.read_newest()
    verdict = await verify_log(None if newest is None else newest.checkpoint)
    if verdict.fault is None and verdict.last is not None:
        file.append(verdict.last, now)
    return verdict
