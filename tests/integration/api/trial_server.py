"""A real server of two workers for test_serving.py: `python -m … PORT FOLDER`."""

import asyncio
import os
import sys
import time
from pathlib import Path

from web.serving import Server, gunicorn_options, prepare_metrics_directory


async def make_application():
    # Imported here, in the worker: prometheus_client must find its directory set.
    from aiohttp import web

    from observing.logs import configure_logging
    from observing.metrics import Metrics
    from tests.integration.api.applications import make_application
    from web.access import Access, allow

    configure_logging()
    metrics = Metrics(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))

    @allow(Access.ANYONE)
    async def answer_slowly(request: web.Request) -> web.Response:
        await asyncio.sleep(float(request.query["seconds"]))
        return web.json_response({"pid": os.getpid()})

    @allow(Access.ANYONE)
    async def block(request: web.Request) -> web.Response:
        time.sleep(float(request.query["seconds"]))
        return web.json_response({"pid": os.getpid()})

    @allow(Access.ANYONE)
    async def count_message(_request: web.Request) -> web.Response:
        metrics.bot_messages.labels("text", "policy").inc()
        return web.json_response({"pid": os.getpid()})

    def extend(api: web.Application) -> None:
        api.router.add_get("/v1/slow", answer_slowly)
        api.router.add_get("/v1/block", block)
        api.router.add_get("/v1/count", count_message)

    app = make_application(
        metrics=metrics,
        log_every={"/api/v1/count": 0},
        extend=extend,
    )

    async def tell_cleanup(_app: web.Application) -> None:
        await asyncio.sleep(0.1)
        (Path(sys.argv[2]) / f"cleaned-{os.getpid()}").touch()

    app.on_cleanup.append(tell_cleanup)
    return app


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    from observing.logs import configure_logging

    prepare_metrics_directory(folder / "metrics")
    configure_logging()
    (folder / "run").mkdir()
    options = gunicorn_options(host="127.0.0.1", port=port, workers=2, run_folder=folder / "run")
    Server(make_application, options).run()


if __name__ == "__main__":
    main()
