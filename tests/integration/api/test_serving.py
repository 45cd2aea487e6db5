"""The real server: gunicorn, two workers, uvloop; figures across processes, and how it stops."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from web.serving import REQUEST_SECONDS

pytestmark = [pytest.mark.e2e, pytest.mark.alone]


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    base: str
    folder: Path

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]


@pytest.fixture
async def server(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    homes = {name: tmp_path / name for name in ("HOME", "XDG_RUNTIME_DIR", "TMPDIR")}
    for home in homes.values():
        home.mkdir()
    environment = {**os.environ, **{name: str(path) for name, path in homes.items()}}
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.api.trial_server", str(port), str(tmp_path)],
            cwd=Path(__file__).parents[3],
            env=environment,
            stdout=log,
            stderr=log,
        )
    running = Running(process, f"http://127.0.0.1:{port}", tmp_path)
    try:
        await wait_until_ready(running)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


async def wait_until_ready(running: Running) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(200):
            try:
                async with session.get(f"{running.base}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                assert running.process.poll() is None, (running.folder / "log").read_text()
            await asyncio.sleep(0.1)
    raise AssertionError("not ready in 20 s")


async def fetch(running: Running, path: str) -> str:
    # A connection of its own each time, so that both workers get their share.
    connector = aiohttp.TCPConnector(force_close=True)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(running.base + path) as response,
    ):
        assert response.status == 200
        return await response.text()


async def read_figure(running: Running, sample: str) -> float | None:
    text = await fetch(running, "/metrics")
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


async def test_figures_add_up_across_processes(server):
    sample = 'zpt_bot_messages_total{outcome="policy",type="text"}'
    answers = []
    pids: set[int] = set()
    for _ in range(30):
        # On a shared listener an idle worker may take everything: keep one busy, ask the other.
        busy = asyncio.create_task(fetch(server, "/api/v1/block?seconds=0.2"))
        await asyncio.sleep(0.05)
        answers += await asyncio.gather(*(fetch(server, "/api/v1/count") for _ in range(5)))
        await busy
        pids = {json.loads(answer)["pid"] for answer in answers}
        if len(pids) == 2:
            break
    assert len(pids) == 2
    count = 'zpt_http_request_seconds_count{method="GET",route="/api/v1/count",status="2xx"}'
    for _ in range(6):
        assert await read_figure(server, sample) == len(answers)
        assert await read_figure(server, count) == len(answers)
        assert await read_figure(server, "zpt_web_processes") == 2

    os.kill(pids.pop(), signal.SIGKILL)
    started = time.monotonic()
    while True:
        answer = json.loads(await fetch(server, "/api/v1/slow?seconds=0"))
        if answer["pid"] not in pids and await read_figure(server, "zpt_web_processes") == 2:
            break
        assert time.monotonic() - started < 15
        await asyncio.sleep(0.1)
    assert await read_figure(server, sample) == len(answers)


async def test_a_stop_finishes_what_was_accepted(server):
    async with aiohttp.ClientSession() as session:
        # Idle keep-alive connections, held open until the end.
        for _ in range(6):
            async with session.get(f"{server.base}/healthz") as response:
                await response.read()
        slow = [asyncio.create_task(fetch(server, "/api/v1/slow?seconds=2.5")) for _ in range(4)]
        await asyncio.sleep(0.5)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*slow)
        code = await asyncio.to_thread(server.process.wait, 10)
        elapsed = time.monotonic() - started
    assert code == 0
    # On a busy machine it takes as long again, and more.
    assert 1.9 < elapsed < 9
    assert len(list(server.folder.glob("cleaned-*"))) == 2


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
async def test_idle_connections_do_not_delay_a_stop(server, signal_number):
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{server.base}/healthz") as response:
            await response.read()
        started = time.monotonic()
        server.process.send_signal(signal_number)
        assert await asyncio.to_thread(server.process.wait, 10) == 0
        # Waiting for the idle connection would take all of them; a busy machine takes some.
        assert time.monotonic() - started < REQUEST_SECONDS - 1


async def test_a_body_that_never_comes_does_not_hold_up_a_stop(server):
    host, port = server.base.removeprefix("http://").split(":")
    _reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /api/v1/policies HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 10\r\n\r\n"
    )
    await writer.drain()
    await asyncio.sleep(0.3)
    started = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(server.process.wait, 12) == 0
    assert 5 < time.monotonic() - started < 7.5
    # The hooks that flush what was accepted had their time all the same.
    assert len(list(server.folder.glob("cleaned-*"))) == 2
    writer.close()


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
async def test_heartbeats_are_kept_in_the_run_folder(server):
    links = [link.readlink() for link in Path(f"/proc/{server.process.pid}/fd").iterdir()]
    heartbeats = {str(link) for link in links if link.name.startswith("wgunicorn-")}
    assert len(heartbeats) == 2
    assert all(heartbeat.startswith(f"{server.folder}/run/") for heartbeat in heartbeats)


async def test_nothing_is_touched_outside_its_folder_and_every_line_is_json(server):
    await fetch(server, "/api/v1/faq?q=13812345678")
    for name in ("HOME", "XDG_RUNTIME_DIR", "TMPDIR"):
        assert list((server.folder / name).iterdir()) == []
    server.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(server.process.wait, 10)
    lines = server.log_lines()
    assert {"gunicorn.error"} <= {line.get("logger") for line in lines}
    assert any(line.get("route") == "/api/v1/faq" for line in lines)
    assert "1381234" not in (server.folder / "log").read_text()
