"""The running demo as a person has it: started, asked, signalled, and gone without a trace."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.faq.routing import Router
from scripts.embedded.processes import find_by_command, find_by_environment, is_alive
from scripts.embedded.scratch import read_recorded_scratch
from scripts.supervisor.demo import MARK
from settings import WECHAT_VARIABLES

ROOT = Path(__file__).parents[2]
#: A quiet machine needs a tenth of these: one that others keep busy says nothing about the service.
START_SECONDS = 180.0
#: What people are promised of Ctrl-C.
STOP_SECONDS = 10.0
#: What was killed is gone by then, however busy the machine.
GONE_SECONDS = 40.0


class Place:
    """One data folder and port, and what was started there."""

    def __init__(self, var: Path, port: int) -> None:
        self.var = var
        self.port = port
        self.runs: list[subprocess.Popen[str]] = []
        self.environment = {
            key: value for key, value in os.environ.items() if key not in WECHAT_VARIABLES
        } | {"ZPT_VAR": str(var), "PORT": str(port)}
        for variable in ("DATABASE_URL", "REDIS_URL"):
            self.environment.pop(variable, None)

    def start(self, *command: str, **extra: str) -> subprocess.Popen[str]:
        run = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env=self.environment | extra,
            start_new_session=True,
            # Where the tests run in a shell's background Ctrl-C is ignored, and make would too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.runs.append(run)
        return run

    def wait_ready(self, run: subprocess.Popen[str], seconds: float) -> list[str]:
        """The lines up to the last of the start, which must come within `seconds`."""
        began = time.monotonic()
        lines: list[str] = []
        assert run.stdout is not None
        for line in run.stdout:
            lines.append(line.rstrip())
            if "按 Ctrl-C 停下" in line:
                assert time.monotonic() - began < seconds
                return lines
        raise AssertionError("\n".join(lines))

    def processes(self) -> list[int]:
        """Every process that belongs to this folder."""
        folders = [str(self.var), str(read_recorded_scratch(self.var))]
        servers = find_by_command(
            lambda argv: (
                argv[0].rpartition("/")[2].startswith(("postgres", "redis-server"))
                and any(folder in part for part in argv for folder in folders)
            )
        )
        return [*find_by_environment(MARK, str(self.var)), *servers]

    def _kill_all(self) -> None:
        """SIGKILL the supervisor first, which would start the others again, and then those.

        It is a child of make's where make was started, and bears no mark of its own.
        """
        starters = sorted(find_by_environment("ZPT_VAR", str(self.var)))
        for pid in dict.fromkeys((*starters, *self.processes())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code

    def read_demo(self) -> dict[str, Any]:
        demo: dict[str, Any] = json.loads((self.var / "demo.json").read_text(encoding="utf-8"))
        return demo

    def say(self, text: str, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "scripts", "demo", "say", text, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout

    def run(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """One `zpt` command to its end, whatever its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "scripts", *arguments],
            cwd=ROOT,
            env=self.environment | extra,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def postgres_processes(self) -> list[int]:
        """PostgreSQL and all its children: they call themselves by what they do."""
        folder = str(read_recorded_scratch(self.var))
        masters = find_by_command(
            lambda argv: argv[0].endswith("/postgres") and any(folder in part for part in argv)
        )
        children = [
            int(pid)
            for master in masters
            for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()
        ]
        return [*masters, *children]

    def clean_up(self) -> None:
        """End by force whatever a failed test has left."""
        self._kill_all()
        for run in self.runs:
            run.communicate(timeout=GONE_SECONDS)
        scratch = read_recorded_scratch(self.var)
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)

    def stop(self, run: subprocess.Popen[str], number: signal.Signals) -> str:
        """Signal only the process that was started; everything must have gone in time."""
        before = self.processes()
        assert len(before) >= 6, [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in before]
        began = time.monotonic()
        run.send_signal(number)
        output, _ = run.communicate(timeout=GONE_SECONDS)
        assert time.monotonic() - began < STOP_SECONDS
        assert [pid for pid in before if is_alive(pid)] == []
        assert self.processes() == []
        return output

    def kill(self, run: subprocess.Popen[str]) -> None:
        """`kill -9` of the whole tree at once."""
        self._kill_all()
        run.communicate(timeout=GONE_SECONDS)


@contextlib.contextmanager
def new_place(models: Path) -> Iterator[Place]:
    """A data folder and a free port; whatever was started there ends with it. What others have
    learned from the content in `models` is there already."""
    with tempfile.TemporaryDirectory(prefix="zpt-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        place = Place(Path(folder) / "var", port)
        shutil.copytree(models, place.var / "models")
        try:
            yield place
        finally:
            place.clean_up()


@pytest.fixture
def place(package_router: Router, models_folder: Path) -> Iterator[Place]:
    """A place of this test's own."""
    with new_place(models_folder) as own:
        yield own
