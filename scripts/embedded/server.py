"""What the two servers have in common: how one is waited for, ended and asked after."""

import abc
import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path

from scripts.embedded.account import Account
from scripts.embedded.errors import EmbeddedError
from scripts.embedded.processes import (
    Process,
    end_process,
    kill_group,
    log_size,
    read_log_end,
    spawn,
    wait_exit,
)
from scripts.embedded.progress import Progress

#: A line is said again after this many seconds of waiting.
SAY_EVERY_SECONDS = 5.0
ASK_EVERY_SECONDS = 0.03
#: Nothing of the operator's environment (PGPORT, PGDATA, LC_ALL …) reaches the servers.
SERVER_ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


class Server(abc.ABC):
    """One server process. `start` may be called again after it ended."""

    name: str
    #: The product's name in a line for the operator.
    title: str
    #: Sent for a shutdown in good order, also by the kernel when the supervisor is killed.
    ask_to_stop: signal.Signals

    def __init__(self, data: Path, log: Path, account: Account, progress: Progress) -> None:
        self.data = data
        self.log = log
        self._account = account
        self._progress = progress
        self._process: Process | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The process id while the server is meant to run."""
        return self._process.pid if self._process is not None else None

    @abc.abstractmethod
    async def start(self) -> None:
        """Start and return when it answers. Raises EmbeddedError where it cannot."""

    async def wait_exit(self) -> int:
        """The exit code, once it has ended."""
        assert self._process is not None, "start comes first"
        return await wait_exit(self._process)

    async def stop(self, patience: float) -> None:
        """Shut down in good order; kill what is left after `patience` seconds."""
        if self._process is None:
            return
        process, self._process = self._process, None
        if not await end_process(process, self.ask_to_stop, patience):
            self._progress(f"{self.title} 在 {patience:.0f} 秒内没停下来，已强行结束。")

    def kill(self) -> None:
        """End it at once, with no order; the next start recovers."""
        if self._process is not None:
            kill_group(self._process)

    def _spawn(self, argv: list[str]) -> None:
        self._log_start = log_size(self.log)
        self._process = spawn(
            argv,
            self.log,
            SERVER_ENVIRONMENT,
            death_signal=self.ask_to_stop,
            account=self._account,
        )

    def _read_output(self) -> str:
        return read_log_end(self.log, since=self._log_start)

    def _refusal(self, what: str) -> EmbeddedError:
        """An error that shows the end of what the server wrote since it was started."""
        output = self._read_output()
        if "No space left on device" in output:
            return EmbeddedError(f"{what}：磁盘满了（{self.data.parent}）；腾出地方后再启动。")
        return EmbeddedError(f"{what}，日志在 {self.log}，最后几行是：\n{output}")

    async def _wait_until_it_answers(self) -> bool:
        """False where the process ended instead. Waits as long as it lives: a recovery takes
        what it takes."""
        assert self._process is not None, "spawn comes first"
        loop = asyncio.get_running_loop()
        began = loop.time()
        said = began
        while self._process.poll() is None:
            waiting_for = await self._ask()
            if waiting_for is None:
                return True
            if loop.time() - said >= SAY_EVERY_SECONDS:
                said = loop.time()
                self._progress(f"{self.title} {waiting_for}，已经等了 {said - began:.0f} 秒…")
            await asyncio.sleep(ASK_EVERY_SECONDS)
        return False

    @abc.abstractmethod
    async def _ask(self) -> str | None:
        """None where the server answers, else what it is busy with."""
