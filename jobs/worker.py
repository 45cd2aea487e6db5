"""The parts of the worker process side by side: told to stop they all end, and none ends alone."""

import asyncio
from collections.abc import Coroutine, Mapping

import structlog

log = structlog.get_logger(__name__)

Parts = Mapping[str, Coroutine[object, object, None]]


class WorkerEnded(Exception):  # noqa: N818 (what happened, not what kind of class)
    """A part of the worker has ended though nobody told it to."""


async def run_until(stop: asyncio.Event, parts: Parts) -> None:
    """Run `parts` until `stop`; one that ends by itself ends all, and raises WorkerEnded."""
    log.info("worker_started")
    stopping = asyncio.create_task(stop.wait())
    tasks = {name: asyncio.create_task(part) for name, part in parts.items()}
    await asyncio.wait({stopping, *tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
    ended = None if stop.is_set() else next(name for name, task in tasks.items() if task.done())
    stopping.cancel()
    for task in tasks.values():
        task.cancel()
    results = await asyncio.gather(*tasks.values(), return_exceptions=True)
    for name, result in zip(tasks, results, strict=True):
        if isinstance(result, Exception):
            log.error("part_failed", component=name, exc_info=result)
    if ended is not None:
        log.error("worker_ended", component=ended)
        raise WorkerEnded(ended)
    log.info("worker_stopped")
