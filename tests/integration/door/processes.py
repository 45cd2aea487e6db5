"""Real `zpt` processes for the tests of the door: started, watched, and ended one by one."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[3]
#: A machine that others keep busy learns and starts slowly.
_READY_SECONDS = 240.0


def find_free_port() -> int:
    """A port below those that systems give out by themselves: a service takes seconds to start,
    and meanwhile one of thousands of connections would get it."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Service:
    """One `zpt` command that listens on a port of its own."""

    def __init__(
        self,
        environment: dict[str, str],
        folder: Path,
        *command: str,
        before: Callable[[], None] | None = None,
        port: int | None = None,
    ) -> None:
        """`before` runs in the new process before the command, for limits of its own. `port`: of
        one that has ended, to be there again."""
        self.port = port or find_free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{command[0]}-{self.port}.log"
        environment = {**os.environ, **environment}
        if command[0] == "worker":
            environment["ZPT_WORKER_LISTEN"] = f"127.0.0.1:{self.port}"
        else:
            environment["PORT"] = str(self.port)
        environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        if command[0] == "sandbox":
            command = (*command, "--port", str(self.port))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts", *command],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                preexec_fn=before,
            )

    async def wait_ready(self, path: str = "/readyz") -> None:
        """Until it answers there; fails with its log where it does not."""
        until = time.monotonic() + _READY_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < until:
                assert self.process.poll() is None, self.log.read_text("utf-8")
                try:
                    async with session.get(self.base_url + path) as response:
                        if response.status < 500:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"not ready: {self.log.read_text('utf-8')[-3000:]}")

    def read_log(self, since: int = 0) -> str:
        """What it has logged from byte `since` on."""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace")

    def list_alarms(self, since: int = 0) -> list[dict[str, Any]]:
        """The lines of warnings and errors, and whatever is no line of JSON at all."""
        found = []
        for line in self.read_log(since).splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"level": "error", "event": line}
            if entry.get("level") not in ("debug", "info"):
                found.append(entry)
        return found

    def stop(self) -> None:
        """SIGTERM to this process alone; it takes its children along."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


def make_var(folder: Path, models: Path) -> Path:
    """A folder for ZPT_VAR in which the content has been learned already."""
    var = folder / "var"
    (var / "run").mkdir(parents=True)
    shutil.copytree(models, var / "models")
    return var
