"""One part of the service as a child process."""

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from scripts.embedded.processes import (
    Process,
    end_process,
    log_size,
    read_log_end,
    spawn,
    wait_exit,
)

#: A line of a child's output that begins with it is for whoever waits, too.
STEP = "… "
PROBE_TIMEOUT_SECONDS = 2.0
PROBE_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What a part is: how it is run, how it is known to be ready, and when it is stopped.

    `argv` has the program by full path. `ready_url` answers 200 when the part is ready; None: it
    is ready once started. Parts of a lower `stop_stage` are stopped first, all of one stage at
    once; a stage is given `stop_patience` seconds before it is killed.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    ready_url: str | None = None
    stop_stage: int = 0
    stop_patience: float = 5.0
    pass_fds: tuple[int, ...] = ()
    folder: Path = Path("/")


def say_step(line: str) -> None:
    """Tell, from within a child, whoever started everything what is being done."""
    print(f"{STEP}{line}", flush=True)


class Child:
    """A running part. `start` may be called again after it ended."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.name = spec.name
        self.log = spec.log
        self._process: Process | None = None
        self._log_start = 0
        #: How far its output has been looked through for steps.
        self._read_to = 0

    @property
    def pid(self) -> int | None:
        """The process id of the latest start."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the process; does not wait for it to be ready."""
        if self._process is not None:
            # What a dead gunicorn left behind would hold the port.
            await end_process(self._process, signal.SIGTERM, 0)
        self._log_start = self._read_to = log_size(self.spec.log)
        self._process = spawn(
            self.spec.argv,
            self.spec.log,
            self.spec.environment,
            folder=self.spec.folder,
            pass_fds=self.spec.pass_fds,
        )

    async def wait_exit(self) -> int:
        """The exit code, negative for a signal, once it has ended."""
        assert self._process is not None, "start comes first"
        return await wait_exit(self._process)

    async def wait_ready(self) -> None:
        """Return when `ready_url` answers 200. Waits for ever: the caller has the patience."""
        if self.spec.ready_url is None:
            return
        timeout = aiohttp.ClientTimeout(total=PROBE_TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while not await _answers(session, self.spec.ready_url):  # noqa: ASYNC110
                await asyncio.sleep(PROBE_EVERY_SECONDS)

    async def stop(self) -> bool:
        """Ask it to end, kill it after its patience; whether it went by itself."""
        if self._process is None:
            return True
        return await end_process(self._process, signal.SIGTERM, self.spec.stop_patience)

    def read_steps(self) -> list[str]:
        """What it has said by `say_step` since it was asked last."""
        with self.spec.log.open("rb") as log:
            log.seek(self._read_to)
            whole, _, _ = log.read().rpartition(b"\n")
        self._read_to += len(whole) + 1 if whole else 0
        lines = whole.decode(errors="replace").splitlines()
        return [line.removeprefix(STEP) for line in lines if line.startswith(STEP)]

    def read_output(self) -> str:
        """The last lines of what it wrote since its latest start."""
        return read_log_end(self.spec.log, since=self._log_start)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, allow_redirects=False) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
