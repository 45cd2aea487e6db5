"""What machines ask the worker: `/healthz`, `/readyz` and `/metrics`, on an address of its own."""

import asyncio
import errno

import structlog
from aiohttp import web

from jobs.metrics import WorkerMetrics
from jobs.sightings import Sightings
from observing.metrics import CONTENT_TYPE
from settings import Address

log = structlog.get_logger(__name__)

_TRY_AGAIN_SECONDS = 15.0
#: A scrape that is under way when the worker stops.
_SHUTDOWN_SECONDS = 1.0


def make_listener(metrics: WorkerMetrics, sightings: Sightings) -> web.Application:
    """The three routes. They tell figures only; who may ask is a matter of the address."""

    async def tell_alive(_request: web.Request) -> web.Response:
        """Liveness: this process answers, whatever has become of PostgreSQL and Redis."""
        return web.json_response({"status": "ok"})

    async def tell_ready(_request: web.Request) -> web.Response:
        """Readiness: 503 and the names of what has not been seen lately."""
        missing = sightings.list_missing()
        status = {"status": "unavailable" if missing else "ok", "missing": missing}
        return web.json_response(status, status=503 if missing else 200)

    async def show_metrics(_request: web.Request) -> web.Response:
        # On the loop, for what is measured changes there.
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.router.add_get("/healthz", tell_alive)
    app.router.add_get("/readyz", tell_ready)
    app.router.add_get("/metrics", show_metrics)
    return app


async def listen(app: web.Application, address: Address) -> None:
    """Answer at `address` until cancelled.

    Another worker of this machine may have it: that is said once, and it is tried again.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        said = False
        while True:
            try:
                await web.TCPSite(runner, address.host, address.port).start()
                break
            except OSError as error:
                if not said:
                    code = errno.errorcode.get(error.errno or 0, "")
                    log.warning("worker_cannot_listen", port=address.port, code=code)
                said = True
                await asyncio.sleep(_TRY_AGAIN_SECONDS)
        log.info("worker_listens", port=address.port)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
