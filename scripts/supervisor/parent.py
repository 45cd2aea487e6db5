"""Notices that the `make` above us was told to stop.

GNU make passes SIGTERM on to its recipes but not SIGINT, which it expects the terminal to have
sent to everyone: `kill -INT` on make alone leaves it waiting for us for ever. While it waits it no
longer catches the signal, and that can be seen.
"""

import asyncio
import os
import signal
from pathlib import Path

ASK_EVERY_SECONDS = 0.3


async def wait_until_make_gives_up() -> None:
    """Return when the make that started us has been interrupted or has gone; else never."""
    parent = os.getppid()
    if _read_status(parent).get("Name") != "make" or not _catches_interrupt(parent):
        await asyncio.Event().wait()
    while os.getppid() == parent and _catches_interrupt(parent):  # noqa: ASYNC110 - not ours to signal
        await asyncio.sleep(ASK_EVERY_SECONDS)


def _catches_interrupt(pid: int) -> bool:
    caught = int(_read_status(pid).get("SigCgt", "0"), 16)
    return bool(caught >> (signal.SIGINT - 1) & 1)


def _read_status(pid: int) -> dict[str, str]:
    """The fields of /proc/PID/status; none where there is no such process or no /proc."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    fields = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in fields}
