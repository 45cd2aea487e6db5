"""`zpt keys` as a process of its own, as an operator runs it."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from settings import DataKey
from tests.conftest import Servers
from tests.integration.rotation.rows import NEW, OLD
from tests.support import make_environment

ROOT = Path(__file__).parents[3]


def write_keys(*keys: DataKey) -> str:
    """ZPT_DATA_KEYS."""
    parts = ([key.key_id, key.use.value, base64.b64encode(key.key).decode()] for key in keys)
    return ",".join(":".join(filter(None, part)) for part in parts)


class Command:
    """One that is running; what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said = ""

    async def read_until(self, words: str) -> None:
        """Wait for `words` on stdout. Fails where it ends without them."""
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while words not in self.said:
                line = await self._process.stdout.readline()
                assert line, f"it ended, and said only: {self.said}"
                self.said += line.decode()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def end(self) -> int:
        """Its exit code, with all that it said to both."""
        async with asyncio.timeout(120):
            said, complained = await self._process.communicate()
        self.said += said.decode() + complained.decode()
        assert self._process.returncode is not None
        return self._process.returncode


class StartCommand(Protocol):
    """Start `zpt keys …` with these keys; the fixture's."""

    async def __call__(self, *arguments: str, keys: tuple[DataKey, ...] = (NEW, OLD)) -> Command:
        """It is running."""


@pytest.fixture
async def zpt(database_url: str, servers: Servers, tmp_path: Path) -> AsyncIterator[StartCommand]:
    """What it started and did not end, it kills."""
    running: list[asyncio.subprocess.Process] = []

    async def start(*arguments: str, keys: tuple[DataKey, ...] = (NEW, OLD)) -> Command:
        environment = {
            **os.environ,
            **make_environment(database_url, servers.redis_url, tmp_path),
            "ZPT_DATA_KEYS": write_keys(*keys),
            "PYTHONPATH": str(ROOT),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts", "keys", *arguments),
            cwd=tmp_path,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        running.append(process)
        return Command(process)

    yield start
    for process in running:
        if process.returncode is None:
            process.kill()
            await process.wait()
