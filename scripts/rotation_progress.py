"""How far a rotation has come: a bar on a terminal, a line every few seconds elsewhere."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from domain.rotation.rotating import Progress

_LINE_SECONDS = 5.0


@contextlib.contextmanager
def showing_progress() -> Iterator[Callable[[Progress], None]]:
    """What is to be called after each batch."""
    if not sys.stdout.isatty():
        yield _Lines().report
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f} 行/秒  还要"),
        TimeRemainingColumn(),
    )
    with Bar(*columns) as bar:
        task = bar.add_task("", total=None, rate=0.0)
        began = time.monotonic()

        def report(progress: Progress) -> None:
            rate = progress.done / max(time.monotonic() - began, 0.001)
            bar.update(
                task,
                description=f"第 {progress.number} 遍  {progress.table}",
                completed=progress.done,
                total=progress.of,
                rate=rate,
            )

        yield report


class _Lines:
    """A line now and then, for a log."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        #: The first comes with the first batch.
        self._next = self._began

    def report(self, progress: Progress) -> None:
        now = time.monotonic()
        if now < self._next and progress.done < progress.of:
            return
        self._next = now + _LINE_SECONDS
        rate = progress.done / max(now - self._began, 0.001)
        left = (progress.of - progress.done) / max(rate, 0.001)
        print(
            f"第 {progress.number} 遍 {progress.table}：{progress.done:,}/{progress.of:,} 行，"
            f"{rate:,.0f} 行/秒，还要 {left:,.0f} 秒",
            flush=True,
        )
