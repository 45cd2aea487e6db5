"""The queue at work, and at work again whenever PostgreSQL comes back."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException

from jobs.context import TOOLS, JobTools
from jobs.queue import LANES, Lane

log = structlog.get_logger(__name__)

#: A running job may take this long to end when the worker is told to stop.
GRACEFUL_SECONDS = 5.0
_PAUSE_SECONDS = 1.0
_LOOK_SECONDS = 10.0


class LaneEnded(Exception):  # noqa: N818 (what happened, not what kind of class)
    """procrastinate's worker has stopped by itself, as it does where it loses PostgreSQL."""


async def run_lanes(app: procrastinate.App, tools: JobTools, see_queue: Callable[[], None]) -> None:
    """Run all lanes until cancelled; a lost PostgreSQL is waited for.

    `see_queue` is called every 10 s while the queue can be reached.
    """
    while True:
        try:
            await _run_while_open(app, tools, see_queue)
        except Exception as error:
            # Closing may fail in the middle of a cancellation, and must not undo it.
            if _is_cancelled():
                raise asyncio.CancelledError from error
            log.warning("queue_waits", exc_info=error)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _run_while_open(
    app: procrastinate.App, tools: JobTools, see_queue: Callable[[], None]
) -> None:
    try:
        await app.open_async()
        parts = [_run_lane(app, lane, tools) for lane in LANES]
        await _run_until_one_ends(*parts, _look(app, see_queue))
    finally:
        # Also what was opened by half.
        await app.close_async()


async def _run_until_one_ends(*parts: Coroutine[object, object, None]) -> None:
    """And end the others in good order. Raises what the first has raised.

    Not a TaskGroup: Python 3.11's leaves its caller marked as cancelled.
    """
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()


async def _run_lane(app: procrastinate.App, lane: Lane, tools: JobTools) -> None:
    # Each lane sees to the schedule, as each worker process does: a moment is queued once.
    await app.run_worker_async(
        name=lane.queue,
        queues=[lane.queue],
        concurrency=lane.concurrency,
        additional_context={TOOLS: tools},
        install_signal_handlers=False,
        shutdown_graceful_timeout=GRACEFUL_SECONDS,
        delete_jobs="successful",
        task_middleware=[tools.metrics.observe_job],
    )
    raise LaneEnded(lane.queue)


async def _look(app: procrastinate.App, see_queue: Callable[[], None]) -> None:
    while True:
        # Whether one look that failed is the end is for the lanes to find out.
        with contextlib.suppress(ConnectorException):
            if await app.check_connection_async():
                see_queue()
        await asyncio.sleep(_LOOK_SECONDS)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
