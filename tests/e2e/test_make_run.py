"""`make run` as a person runs it: the real processes, started, signalled, killed, started again."""

import json
import os
import shutil
import signal
import socket
import stat
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

from scripts.embedded.processes import find_by_command, find_by_environment, is_alive
from scripts.embedded.scratch import read_recorded_scratch
from scripts.supervisor.demo import MARK
from settings import WECHAT_VARIABLES

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
SECOND_START_SECONDS = 10.0
STOP_SECONDS = 10.0
installed_by_make = pytest.mark.skipif(
    not (ROOT / ".venv" / "installed-requirements.txt").exists(),
    reason="make would install into this environment; run it by `make test`",
)


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


@pytest.fixture
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="zpt-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        place = Place(Path(folder) / "var", port)
        yield place
        for pid in [run.pid for run in place.runs if run.poll() is None] + place.processes():
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        for run in place.runs:
            run.communicate(timeout=10)
        scratch = read_recorded_scratch(place.var)
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def stop(place: Place, run: subprocess.Popen[str], number: signal.Signals) -> str:
    """Signal only the process that was started; everything must have gone in time."""
    before = place.processes()
    assert len(before) >= 6
    began = time.monotonic()
    run.send_signal(number)
    output, _ = run.communicate(timeout=STOP_SECONDS + 2)
    assert time.monotonic() - began < STOP_SECONDS
    assert [pid for pid in before if is_alive(pid)] == []
    assert place.processes() == []
    return output


def checksum_is_right(id_number: str) -> bool:
    # ISO 7064 MOD 11-2 by its definition, not by the table of weights that the code uses.
    values = [10 if character == "X" else int(character) for character in id_number]
    weighted = [value << (17 - place) for place, value in enumerate(values)]
    return sum(weighted) % 11 == 1


@installed_by_make
def test_make_run_from_first_start_to_kill_9_and_back(place: Place) -> None:
    run = place.start("make", "run")
    lines = place.wait_ready(run, START_SECONDS)
    assert any("第一次启动" in line for line in lines)
    assert any(f"http://127.0.0.1:{place.port}/" in line for line in lines)
    assert place.get("/readyz") == 200
    assert place.get("/healthz") == 200

    demo = place.read_demo()
    assert demo["base_url"] == f"http://127.0.0.1:{place.port}"
    assert set(demo["wechat"]) == {"app_id", "token", "aes_key", "original_id"}
    assert len(demo["people"]) == 6
    assert all(checksum_is_right(person["id_number"]) for person in demo["people"])
    assert any(person["id_number"].startswith("371502") for person in demo["people"])
    for name in ("demo.json", "sandbox.json"):
        assert stat.S_IMODE((place.var / name).stat().st_mode) == 0o600
    assert "每人每月500元" in place.say("以工代训补贴多少钱")

    # `kill -INT` on make alone, which does not pass it on.
    stop(place, run, signal.SIGINT)

    run = place.start("make", "run")
    place.wait_ready(run, SECOND_START_SECONDS)
    assert place.read_demo()["people"] == demo["people"]
    for pid in (run.pid, *place.processes()):
        os.kill(pid, signal.SIGKILL)
    run.communicate(timeout=10)

    run = place.start("make", "run")
    place.wait_ready(run, SECOND_START_SECONDS)
    assert place.read_demo()["wechat"] == demo["wechat"]
    stop(place, run, signal.SIGTERM)


def test_demo_answers_and_stops_in_good_order(place: Place) -> None:
    run = place.start(sys.executable, "-m", "scripts", "demo")
    place.wait_ready(run, START_SECONDS)
    assert place.get("/readyz") == 200
    assert place.say("你好", "--as", place.read_demo()["people"][1]["name"]).strip()
    output = stop(place, run, signal.SIGTERM)
    assert output.splitlines()[-1].endswith("已全部停止。")
    assert "强行结束" not in output
    assert run.returncode == 0


@pytest.mark.parametrize("variable", WECHAT_VARIABLES)
def test_demo_refuses_beside_a_real_account(place: Place, variable: str) -> None:
    run = place.start(sys.executable, "-m", "scripts", "demo", **{variable: "wx0123456789abcdef"})
    output, _ = run.communicate(timeout=20)
    assert run.returncode == 2
    assert len(output.splitlines()) == 1
    assert variable in output
    assert not place.var.exists()


def test_demo_names_a_taken_port(place: Place) -> None:
    with socket.create_server(("127.0.0.1", place.port)):
        run = place.start(sys.executable, "-m", "scripts", "demo")
        output, _ = run.communicate(timeout=20)
    assert run.returncode == 2
    assert len(output.splitlines()) == 1
    assert f"127.0.0.1:{place.port}" in output
    assert place.processes() == []
