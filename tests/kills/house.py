"""The running demo with a second web server beside it, as another machine would have one.

`python -m tests.kills.house OTHER_PORT` is `zpt demo` and one more `zpt serve`, under the same
supervisor: the two ports are what a load balancer stands before. The demo's own server has two
processes, the other one; each server keeps its files in a folder of its own.
"""

import asyncio
import dataclasses
import os
import shutil
import sys

from demo.accounts import load_accounts
from demo.names import DEMO_FILE
from scripts.embedded.postgres_server import postgres_url
from scripts.embedded.redis_server import redis_url
from scripts.embedded.scratch import read_recorded_scratch, sockets_in
from scripts.supervisor.children import ChildSpec
from scripts.supervisor.demo import ROOT, build_environment, start_demo
from scripts.supervisor.running_demo import find_running_demo
from scripts.supervisor.supervisor import Supervisor, supervise
from settings import Need, read_settings

#: The line that says that all of it is ready.
READY = "两边的网站都就绪。"


async def run(other_port: int) -> int:
    """Start everything and keep it alive until asked to stop. The exit code."""
    settings = read_settings(os.environ, Need.NOTHING)

    def say(line: str) -> None:
        print(line, flush=True)

    async def start(supervisor: Supervisor) -> None:
        await start_demo(supervisor, settings, os.environ, say)
        scratch = read_recorded_scratch(settings.var)
        running = find_running_demo(os.environ)
        assert scratch is not None and running is not None, DEMO_FILE
        environment = build_environment(
            dataclasses.replace(settings, port=other_port),
            os.environ,
            load_accounts(settings.var),
            sandbox_url=running["WECHAT_API_BASE"],
            database_url=postgres_url(sockets_in(scratch)),
            redis_url=redis_url(sockets_in(scratch)),
        )
        other_var = settings.var / "other"
        shutil.copytree(settings.var / "models", other_var / "models", dirs_exist_ok=True)
        await supervisor.start(
            [
                ChildSpec(
                    name="other",
                    argv=(sys.executable, "-m", "scripts", "serve", "--workers", "1"),
                    environment=environment | {"ZPT_VAR": str(other_var)},
                    log=settings.var / "log" / "other.log",
                    ready_url=f"http://127.0.0.1:{other_port}/readyz",
                    folder=ROOT,
                )
            ]
        )
        await supervisor.wait_ready()
        say(READY)

    return await supervise(start, say)


if __name__ == "__main__":
    sys.exit(asyncio.run(run(int(sys.argv[1]))))
