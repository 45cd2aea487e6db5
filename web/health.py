"""`/healthz`, `/readyz` and `/metrics`: what machines ask."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import structlog
from aiohttp import web

from observing.metrics import CONTENT_TYPE, Metrics
from web.access import Access, allow

log = structlog.get_logger("web.health")

#: Answers quietly when what it checks is there, raises anything when it is not.
Check = Callable[[], Awaitable[object]]

#: Finds what is missing; find_missing with its arguments.
FindMissing = Callable[[], Coroutine[Any, Any, list[str]]]

CHECK_SECONDS = 1.0
#: Seconds for which a dear check's success and its failure are believed.
KEPT_SECONDS = 5.0
KEPT_FAILURE_SECONDS = 1.0


def add_health_routes(
    app: web.Application,
    checks: Mapping[str, Check],
    metrics: Metrics,
    *,
    seconds: float = CHECK_SECONDS,
) -> None:
    """Add the three routes. `checks` by name: "database", "redis", "migrations".

    Each check has `seconds` to answer; all run at the same time. /readyz is open to all, so
    those who ask while the checks run share their result.
    """
    find_shared = share_calls(lambda: find_missing(checks, seconds))

    @allow(Access.ANYONE)
    async def tell_alive(_request: web.Request) -> web.Response:
        """Liveness: this process answers. Asks nothing of others, so that their failure does
        not make a supervisor kill us."""
        return web.json_response({"status": "ok"})

    @allow(Access.ANYONE)
    async def tell_ready(_request: web.Request) -> web.Response:
        """Readiness: 503 and the names of what is missing while a check fails."""
        missing = await find_shared()
        status = {"status": "unavailable" if missing else "ok", "missing": missing}
        return web.json_response(status, status=503 if missing else 200)

    @allow(Access.METRICS)
    async def show_metrics(_request: web.Request) -> web.Response:
        body = await asyncio.to_thread(metrics.render)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    app.router.add_get("/healthz", tell_alive)
    app.router.add_get("/readyz", tell_ready)
    app.router.add_get("/metrics", show_metrics)


async def find_missing(checks: Mapping[str, Check], seconds: float = CHECK_SECONDS) -> list[str]:
    """The names of the checks that failed or did not answer within `seconds`, in order.

    One that is late is cancelled but not waited for: a driver may take as long to give a query
    up as the server takes to answer.
    """
    tasks = {name: asyncio.create_task(_ask(check)) for name, check in checks.items()}
    if tasks:
        try:
            await asyncio.wait(tasks.values(), timeout=seconds)
        finally:
            for task in tasks.values():
                _let_end(task)
    return [name for name, task in tasks.items() if not _has_passed(name, task)]


def share_calls(call: FindMissing) -> FindMissing:
    """`call`, run once for all who ask while it runs."""
    running: asyncio.Future[list[str]] | None = None

    async def share() -> list[str]:
        nonlocal running
        if running is None or running.done():
            running = asyncio.ensure_future(call())
        # Who goes away must not take the answer from the others.
        return await asyncio.shield(running)

    return share


def keep_result(check: Check, clock: Callable[[], float] = time.monotonic) -> Check:
    """`check`, asked at most once in KEPT_SECONDS after a success, KEPT_FAILURE_SECONDS after a
    failure. For what costs much and changes seldom."""
    asked_at = -math.inf
    failure: Exception | None = None

    async def ask() -> None:
        nonlocal asked_at, failure
        if clock() - asked_at >= (KEPT_SECONDS if failure is None else KEPT_FAILURE_SECONDS):
            try:
                await check()
            except Exception as error:
                failure = error
            else:
                failure = None
            asked_at = clock()
        if failure is not None:
            # A new one: raising the same object again would lengthen its traceback each time.
            raise RuntimeError(f"failed: {type(failure).__qualname__}")

    return ask


#: Checks that were given up and have not ended; without a reference they could vanish halfway.
_ending: set[asyncio.Task[None]] = set()


async def _ask(check: Check) -> None:
    await check()


def _let_end(task: asyncio.Task[None]) -> None:
    if task.done():
        return
    task.cancel()
    _ending.add(task)
    task.add_done_callback(_forget)


def _forget(task: asyncio.Task[None]) -> None:
    _ending.discard(task)
    if not task.cancelled():
        # Read, so that asyncio does not report what has been told as a failed check.
        task.exception()


def _has_passed(name: str, task: asyncio.Task[None]) -> bool:
    if not task.done() or task.cancelled():
        log.warning("check_failed", check=name, error="TimeoutError")
        return False
    error = task.exception()
    if error is not None:
        log.warning("check_failed", check=name, error=type(error).__qualname__)
    return error is None
