"""Waiting for somebody else's answer: only time in which this process was free to read it counts.

A thousand messages at once keep a process busy for longer than PostgreSQL or Redis may take. Their
answers have come by then and lie unread; by the clock alone both would seem to be away, and all
that goes on without them, retries and open talks, would get worse in the very moment when there is
most to do.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")

#: The wait is cut into so many, and after each the loop has read what had come.
_LOOKS = 8
#: By the clock a wait is so many times as long at most.
_MOST = 3.0


async def within(seconds: float, question: Coroutine[Any, Any, _T]) -> _T:
    """What `question` answers. Raises TimeoutError after `seconds`, and what it raises itself."""
    asking = asyncio.get_running_loop().create_task(question)
    await wait_for_answer(asking, seconds)
    if not asking.done():
        raise TimeoutError
    return asking.result()


async def wait_for_answer(asking: asyncio.Task[Any], seconds: float) -> None:
    """Wait for `asking`, then cancel it, and not wait for that: a driver may take as long to give
    a question up as the other side takes to answer."""
    clock = asyncio.get_running_loop().time
    latest = clock() + _MOST * seconds
    try:
        for _ in range(_LOOKS):
            await asyncio.wait({asking}, timeout=seconds / _LOOKS)
            if asking.done() or clock() >= latest:
                return
    finally:
        if not asking.done():
            asking.cancel()
            _ending.add(asking)
            asking.add_done_callback(_forget)


#: Questions that were given up and have not ended; without a reference they could vanish halfway.
_ending: set[asyncio.Task[Any]] = set()


def _forget(task: asyncio.Task[Any]) -> None:
    _ending.discard(task)
    if not task.cancelled():
        # Read, so that asyncio does not report what its asker was told already.
        task.exception()
