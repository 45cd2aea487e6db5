"""The supervisor with real servers and stand-in parts, a process that is signalled and killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from scripts.embedded.processes import find_by_environment, is_alive
from scripts.supervisor.demo import MARK
from tests.integration.embedded import standin

pytestmark = pytest.mark.alone

ROOT = Path(__file__).parents[3]


class Run:
    """A supervisor process and what it has printed."""

    def __init__(self, var: Path, port: int, what: str = "serve") -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(standin.__file__), str(var), str(port), what],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.lines: list[str] = []

    def wait_ready(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("{"):
                ready: dict[str, Any] = json.loads(line)
                return ready
        raise AssertionError("\n".join(self.lines))

    def wait_end(self, timeout: float) -> int:
        output, _ = self.process.communicate(timeout=timeout)
        self.lines += output.splitlines()
        return self.process.returncode


@pytest.fixture
def runs(var: Path) -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for pid in find_by_environment(MARK, str(var)):
        os.kill(pid, signal.SIGKILL)
    for run in started:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait(10)
        assert run.process.stdout is not None
        run.process.stdout.close()


def processes_of(var: Path, ready: dict[str, Any]) -> list[int]:
    return [*ready["pids"].values(), *find_by_environment(MARK, str(var))]


def wait_gone(pids: list[int], seconds: float) -> None:
    until = time.monotonic() + seconds
    while left := [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < until, f"still running: {left}"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_or_two_signals_stop_everything(
    var: Path, free_port: int, runs: list[Run], number: signal.Signals
) -> None:
    runs.append(run := Run(var, free_port))
    pids = processes_of(var, run.wait_ready())
    # PostgreSQL, Redis, web, its own child, worker: all there before.
    assert len(set(pids)) == 5
    began = time.monotonic()
    run.process.send_signal(number)
    time.sleep(0.05)
    run.process.send_signal(number)
    assert run.wait_end(10) == 0
    assert time.monotonic() - began < 10
    assert [pid for pid in pids if is_alive(pid)] == []
    assert run.lines[-1] == "已全部停止。"


def test_part_that_does_not_stop_is_killed_in_time(
    var: Path, free_port: int, runs: list[Run]
) -> None:
    runs.append(run := Run(var, free_port, "deaf"))
    pids = processes_of(var, run.wait_ready())
    run.process.send_signal(signal.SIGTERM)
    assert run.wait_end(10) == 0
    assert [pid for pid in pids if is_alive(pid)] == []
    assert any("web 没有按时停下来" in line for line in run.lines)


@pytest.mark.parametrize("at_once", [False, True])
def test_kill_9_of_the_supervisor_leaves_nothing_and_loses_nothing(
    var: Path, free_port: int, runs: list[Run], at_once: bool
) -> None:
    runs.append(run := Run(var, free_port))
    ready = run.wait_ready()
    pids = processes_of(var, ready)
    with psycopg.connect(ready["database_url"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'yes' AS text")
    run.process.kill()
    run.process.wait(5)
    if not at_once:
        # The kernel tells them; the stand-in's own child it does not, as it would gunicorn's.
        wait_gone(list(ready["pids"].values()), 5)
    # The same port: the next start waits for what is still going.
    runs.append(again := Run(var, free_port))
    ready = again.wait_ready()
    wait_gone(pids, 1)
    with psycopg.connect(ready["database_url"]) as connection:
        assert connection.execute("SELECT text FROM kept").fetchone() == ("yes",)
    again.process.send_signal(signal.SIGTERM)
    assert again.wait_end(10) == 0


def test_kill_9_of_the_whole_tree_loses_nothing(var: Path, free_port: int, runs: list[Run]) -> None:
    runs.append(run := Run(var, free_port))
    ready = run.wait_ready()
    with psycopg.connect(ready["database_url"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'yes' AS text")
    for pid in (run.process.pid, *processes_of(var, ready)):
        os.kill(pid, signal.SIGKILL)
    run.process.wait(5)
    runs.append(again := Run(var, free_port))
    began = time.monotonic()
    ready = again.wait_ready()
    assert time.monotonic() - began < 10
    with psycopg.connect(ready["database_url"]) as connection:
        assert connection.execute("SELECT text FROM kept").fetchone() == ("yes",)
    again.process.send_signal(signal.SIGTERM)
    assert again.wait_end(10) == 0


def test_second_start_in_the_same_folder_is_refused(
    var: Path, free_port: int, runs: list[Run]
) -> None:
    runs.append(run := Run(var, free_port))
    ready = run.wait_ready()
    runs.append(second := Run(var, free_port))
    assert second.wait_end(10) == 2
    assert len(second.lines) == 1
    assert f"进程 {run.process.pid}" in second.lines[0]
    assert all(is_alive(pid) for pid in ready["pids"].values())
    run.process.send_signal(signal.SIGTERM)
    assert run.wait_end(10) == 0


def test_taken_port_is_named_and_nothing_is_left(var: Path, runs: list[Run]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        runs.append(run := Run(var, port))
        assert run.wait_end(10) == 2
    assert len(run.lines) == 1
    assert f"127.0.0.1:{port}" in run.lines[0]
    assert not (var / "postgres").exists()


@pytest.mark.parametrize("part", ["web", "worker", "redis", "postgres"])
def test_part_that_dies_is_started_again(
    var: Path, free_port: int, runs: list[Run], part: str
) -> None:
    runs.append(run := Run(var, free_port))
    ready = run.wait_ready()
    os.kill(ready["pids"][part], signal.SIGKILL)
    assert run.process.stdout is not None
    line = run.process.stdout.readline()
    assert f"{part} 意外退出（被信号 SIGKILL 结束）" in line
    until = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", free_port), timeout=1):
                pass
            with psycopg.connect(ready["database_url"]) as connection:
                connection.execute("SELECT 1")
            break
        except (OSError, psycopg.OperationalError):
            assert time.monotonic() < until
            time.sleep(0.1)
    run.process.send_signal(signal.SIGTERM)
    assert run.wait_end(10) == 0


def test_part_that_keeps_dying_ends_everything(var: Path, free_port: int, runs: list[Run]) -> None:
    runs.append(run := Run(var, free_port, "die"))
    assert run.wait_end(30) == 1
    text = "\n".join(run.lines)
    assert "web 在 60 秒内退出了 5 次（退出码 1）" in text
    assert "this part dies" in text
    assert find_by_environment(MARK, str(var)) == []
    assert not (var / "postgres" / "postmaster.pid").exists()
