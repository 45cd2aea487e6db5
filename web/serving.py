"""How the web application is served: gunicorn over aiohttp's worker, and how both stop.

What was found in their sources, and what is done about it:

- SIGTERM to the master closes the listeners, passes SIGTERM to the workers, and kills them
  after `graceful_timeout`. aiohttp's worker only looks at the flag that SIGTERM sets once a
  second; ours wakes it, or each stop would cost up to that second.
- A stopping worker closes idle keep-alive connections at once and waits for the requests at
  work; then come the application's `on_cleanup` hooks. The worker's own runner would wait for
  95 % of `graceful_timeout`, so that one stuck request left the hooks no time before the
  kill; ours (`make_runner`) leaves them 2.5 s. What must outlive the last request (flushing
  a batch) belongs into `on_cleanup`: `on_shutdown` runs before the last requests are done.
- gunicorn would open a control socket under $XDG_RUNTIME_DIR or the home directory, and keep
  heartbeat files in the system's temporary directory: the first is off, the second is moved.
- Each connection is an open file, and many systems allow a process 1,024 at first: so many idle
  connections would shut everybody else out. The server asks for as many as it may have.
- aiohttp waits for ever for a slow body; web/body_limits.py does not. Slow headers are cut by the
  keep-alive timeout, which counts from the opening of the connection.
"""

import os
import resource
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any

from aiohttp import web
from aiohttp.worker import GunicornUVLoopWebWorker
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from web.protocol import Runner

#: Seconds from SIGTERM until a worker is killed.
GRACEFUL_SECONDS = 8
#: Of these, seconds for the requests at work; WeChat itself waits 5. The rest is for on_cleanup.
REQUEST_SECONDS = 5.5
#: Open files that a process asks for, where the system sets no limit to what it may ask.
_MOST_FILES = 65_536
#: Longer than nginx keeps its own idle connections to us, or both would close at once.
KEEP_ALIVE_SECONDS = 75

MakeApplication = Callable[[], Awaitable[web.Application]]


class Worker(GunicornUVLoopWebWorker):
    """aiohttp's worker on uvloop, which notices SIGTERM at once."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._notify_waiter_done()


class PlainLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger without its own handlers: its lines take our renderer's way."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def child_exit(_server: object, worker: Any) -> None:
    """gunicorn hook: take a dead worker's gauges out of the metrics (its counters stay)."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def prepare_metrics_directory(directory: Path) -> None:
    """Make `directory` the place where all processes of this server keep their figures.

    Call it once in the master before anything imports prometheus_client, which looks at the
    environment only while it is imported; raises RuntimeError when that is too late. What a
    former server left there is removed, as Prometheus expects of a restart.
    """
    if "prometheus_client" in sys.modules:
        raise RuntimeError("prometheus_client was imported before its directory was set")
    directory.mkdir(parents=True, exist_ok=True)
    for left_over in directory.glob("*.db"):
        left_over.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)


def gunicorn_options(*, host: str, port: int, workers: int, run_folder: Path) -> dict[str, Any]:
    """gunicorn's settings. `run_folder` lies under ZPT_VAR and must exist."""
    return {
        "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"],
        "workers": workers,
        "worker_class": Worker,
        "logger_class": PlainLogger,
        "accesslog": None,
        "errorlog": "-",
        # A worker that has not shown life for this long hangs: kill it, start another.
        "timeout": 30,
        "graceful_timeout": GRACEFUL_SECONDS,
        "worker_tmp_dir": str(run_folder),
        "control_socket_disable": True,
        "umask": 0o027,
        "child_exit": child_exit,
        "proc_name": "zhipeitong",
    }


def allow_many_connections() -> None:
    """Let this process, and those that it starts, open as many files as the system permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def make_runner(app: web.Application) -> Runner:
    """The runner of one worker: no access log of its own, and time left for a clean end.

    `app` is one of web.application.create.
    """
    return Runner(
        app,
        access_log=None,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        shutdown_timeout=REQUEST_SECONDS,
    )


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with options from code: `Server(make_application, options).run()`.

    `make_application` is a coroutine function, called in each worker after the fork.
    """

    def __init__(self, make_application: MakeApplication, options: dict[str, Any]) -> None:
        self._make_application = make_application
        self._options = options
        super().__init__()

    def run(self) -> None:
        """Serve until a signal ends it."""
        allow_many_connections()
        super().run()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[[], Awaitable[web.AppRunner]]:
        async def make() -> web.AppRunner:
            return make_runner(await self._make_application())

        return make
