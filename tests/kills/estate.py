"""The house as the driver stands before it: where it is, how it is killed, and what it has kept."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from demo.accounts import load_accounts
from domain.vault import Vault
from sandbox.callback.posting import PhoneAccount
from scripts.embedded.postgres_server import postgres_url
from scripts.embedded.processes import find_by_command, find_by_environment
from scripts.embedded.scratch import read_recorded_scratch, sockets_in
from scripts.supervisor.demo import MARK
from settings import read_settings
from tests.e2e.conftest import Place, new_place
from tests.kills.house import READY

#: Starting it all takes a tenth of this on a quiet machine.
START_SECONDS = 180.0
ASK_EVERY_SECONDS = 0.05


class Estate:
    """One running house (tests/kills/house.py) in a place of its own."""

    def __init__(self, place: Place, other_port: int) -> None:
        self.place = place
        self._ports = {"web": place.port, "other": other_port}
        self.run = place.start(sys.executable, "-m", "tests.kills.house", str(other_port))
        began = time.monotonic()
        self.lines = _read_until_ready(self.run)
        #: What a start of all of it took on this machine, quiet or busy as it is.
        self.start_seconds = time.monotonic() - began
        demo = place.read_demo()
        self.account = PhoneAccount(**demo["wechat"])
        self.platform_url: str = demo["sandbox_url"]
        scratch = read_recorded_scratch(place.var)
        assert scratch is not None
        self._scratch = scratch
        self.database_url = postgres_url(sockets_in(scratch))
        settings = read_settings(
            {**load_accounts(place.var).as_environment(), "ZPT_SANDBOX": "1"}
            | {"WECHAT_API_BASE": self.platform_url}
        )
        self._vault = Vault(settings.data_keys)

    @property
    def servers(self) -> Sequence[str]:
        """The base URLs of the two web servers."""
        return [self.url_of(name) for name in self._ports]

    def url_of(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    # --- its processes --------------------------------------------------------------------------

    def pids_of(self, part: str) -> list[int]:
        """The processes of "web", "other", "redis" or "postgres", the parent first."""
        if part in self._ports:
            port, mark = str(self._ports[part]), str(self.place.var)
            ours = {*find_by_environment("PORT", port)} & {*find_by_environment(MARK, mark)}
            return sorted(ours & {*find_by_command(lambda argv: "serve" in argv)})
        if part == "postgres":
            return self.place.postgres_processes()
        folder = str(self._scratch)
        return find_by_command(
            lambda argv: "redis-server" in argv[0] and any(folder in word for word in argv)
        )

    def kill(self, *parts: str) -> None:
        """SIGKILL all processes of `parts`, as near to at once as one can."""
        pids = [pid for part in parts for pid in self.pids_of(part)]
        assert len(pids) >= len(parts), f"{parts} do not all run"
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_one_worker(self) -> None:
        """SIGKILL one of the two processes that share the demo's port."""
        _parent, *workers = self.pids_of("web")
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)

    @contextlib.contextmanager
    def nobody_restarts(self) -> Iterator[None]:
        """The supervisor sleeps meanwhile: what is killed stays dead."""
        self.run.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.run.send_signal(signal.SIGCONT)

    # --- what it says and keeps -----------------------------------------------------------------

    async def wait_ready(self, session: aiohttp.ClientSession) -> None:
        """Both servers say that they are ready. Waits for ever: the caller has the patience."""
        for server in self.servers:
            while not await _says_ready(session, server):
                await asyncio.sleep(ASK_EVERY_SECONDS)

    def key_of(self, identity: str) -> bytes:
        """The blind index under which the message is recorded."""
        return self._vault.index(identity, "message")

    def sender_of(self, openid: str) -> bytes:
        """The blind index of a person."""
        return self._vault.index(f"{self.account.app_id}\0{openid}", "person")

    async def fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database_url)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(query, *values)
            return rows
        finally:
            await connection.close()

    async def count_records(self, keys: Iterable[bytes]) -> dict[bytes, int]:
        """How often each of `keys` is recorded; those that are not are left out."""
        rows = await self.fetch(
            "SELECT key, count(*) FROM inbound_messages WHERE key = ANY($1) GROUP BY key", [*keys]
        )
        return {row["key"]: row["count"] for row in rows}

    async def wait_until_recorded(self, keys: Iterable[bytes], seconds: float) -> set[bytes]:
        """Wait for the records of `keys`; answers those that have not come within `seconds`."""
        wanted = {*keys}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while missing := wanted - {*await self._count_patiently(wanted)}:
                    await asyncio.sleep(ASK_EVERY_SECONDS)
                    wanted = missing
                return set()
        return wanted

    async def _count_patiently(self, keys: Iterable[bytes]) -> dict[bytes, int]:
        try:
            return await self.count_records(keys)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return {}

    async def list_left_of(self, openid: str) -> list[str]:
        """What is still known of a person who has left; [] where all has gone."""
        sender = self.sender_of(openid)
        tables = ("inbound_messages", "followers", "dialogues", "late_replies")
        found = [
            table
            for table in tables
            if await self.fetch(f"SELECT 1 FROM {table} WHERE person = $1", sender)
        ]
        if not await self.fetch("SELECT 1 FROM forgotten WHERE person = $1", sender):
            found.append("no mark in forgotten")
        return found

    async def list_service_messages(self, session: aiohttp.ClientSession) -> list[tuple[str, str]]:
        """The customer-service messages that went out: (openid, text)."""
        async with session.get(f"{self.platform_url}/sandbox/sent") as response:
            sent = (await response.json())["items"]
        return [(one["openid"], str(one["content"])) for one in sent]


@contextlib.contextmanager
def open_estate(models: Path) -> Iterator[Estate]:
    """Start a house; whatever belongs to it ends with it."""
    with new_place(models) as place:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            other_port = int(listener.getsockname()[1])
        # Several houses may stand on one machine.
        place.environment["ZPT_WORKER_LISTEN"] = ""
        yield Estate(place, other_port)


async def _says_ready(session: aiohttp.ClientSession, server: str) -> bool:
    try:
        async with session.get(f"{server}/readyz", timeout=aiohttp.ClientTimeout(total=3)) as page:
            return page.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


def _read_until_ready(run: subprocess.Popen[str]) -> list[str]:
    """What the house says until it is ready. Raises AssertionError where it ends instead."""
    lines: list[str] = []
    assert run.stdout is not None
    for line in run.stdout:
        lines.append(line.rstrip())
        if line.startswith(READY):
            return lines
    raise AssertionError("\n".join(lines))
