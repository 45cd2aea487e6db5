"""The demo in a place of its own, for as long as the pictures take."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from settings import WECHAT_VARIABLES

_ROOT = Path(__file__).parents[2]
_STOP_SECONDS = 15.0
_READY = "按 Ctrl-C 停下"


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo answers, and who is in it."""

    base_url: str
    openids: tuple[str, ...]
    #: Of the console's accounts, by user name.
    passwords: Mapping[str, str]
    #: Ids by title.
    classes: Mapping[str, str]
    #: The session that goes on, and who may come to it: openids.
    session: str
    mates: tuple[str, ...]


@contextlib.contextmanager
def run_demo() -> Iterator[Demo]:
    """Start it on a free port over an empty folder; it is gone at the end, with all it kept.

    Raises RuntimeError where it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="zpt-pictures-", ignore_cleanup_errors=True) as folder:
        var = Path(folder) / "var"
        learned = _ROOT / "var" / "models"
        if learned.is_dir():
            shutil.copytree(learned, var / "models")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        left_out = {*WECHAT_VARIABLES, "DATABASE_URL", "REDIS_URL"}
        environment = {key: value for key, value in os.environ.items() if key not in left_out}
        run = subprocess.Popen(
            [sys.executable, "-m", "scripts", "demo"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=_ROOT,
            env=environment | {"ZPT_VAR": str(var), "PORT": str(port)},
        )
        try:
            _wait_ready(run)
            yield read_demo(f"http://127.0.0.1:{port}", var)
        finally:
            run.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.communicate(timeout=_STOP_SECONDS)


def read_demo(base_url: str, var: Path) -> Demo:
    """The demo that runs at `base_url` and keeps its data in `var`."""
    told = json.loads((var / "demo.json").read_text(encoding="utf-8"))
    return Demo(
        base_url,
        tuple(person["openid"] for person in told["people"]),
        {account["username"]: account["password"] for account in told["staff"]},
        {one["title"]: one["id"] for one in told["classes"]},
        told["open_session"]["id"],
        tuple(
            person["openid"]
            for person in told["people"]
            if person["bound"] and told["open_session"]["class_id"] in person["enrolled"]
        ),
    )


def _wait_ready(run: subprocess.Popen[str]) -> None:
    lines: list[str] = []
    assert run.stdout is not None
    for line in run.stdout:
        lines.append(line)
        if _READY in line:
            return
    raise RuntimeError("演示没有启动：\n" + "".join(lines[-10:]))
