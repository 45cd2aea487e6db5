"""Keeps the parts alive, and stops all of them in order within ten seconds, whatever happens."""

import asyncio
import signal
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from scripts.embedded.errors import EmbeddedError
from scripts.embedded.processes import read_log_end
from scripts.embedded.progress import Progress
from scripts.embedded.services import EmbeddedServices
from scripts.supervisor.children import Child, ChildSpec
from scripts.supervisor.parent import wait_until_make_gives_up
from settings import SettingsError

#: A part that dies so often within the window ends everything.
DEATHS_ALLOWED = 5
DEATH_WINDOW_SECONDS = 60.0
FIRST_BACK_OFF_SECONDS = 0.5
READY_PATIENCE_SECONDS = 180.0
SAY_EVERY_SECONDS = 5.0
#: How often the output of a step that ends by itself is looked through.
SAY_STEP_EVERY_SECONDS = 0.3
#: What PostgreSQL and Redis get of the ten seconds.
SERVERS_STOP_SECONDS = 2.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SupervisorError(Exception):
    """The service cannot run; `str()` is what to print, `exit_code` how the command ends."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Part(Protocol):
    """What the supervisor keeps alive: a child, PostgreSQL, Redis."""

    name: str
    log: Path

    async def start(self) -> None: ...

    async def wait_exit(self) -> int: ...


class Supervisor:
    """The running parts. Made by `supervise`, which also stops them."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._children: list[Child] = []
        self._services: EmbeddedServices | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._held: list[socket.socket] = []
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def children(self) -> tuple[Child, ...]:
        """Those started, in their order."""
        return tuple(self._children)

    def claim(self, services: EmbeddedServices) -> None:
        """Take the lock of the services' folder. Raises AlreadyRunningError."""
        self._services = services
        services.claim()

    def hold(self, listener: socket.socket) -> socket.socket:
        """Keep it open until everything has stopped: a child that is restarted inherits it anew."""
        self._held.append(listener)
        return listener

    async def start_services(self) -> None:
        """Start the claimed servers, and from now on restart one that dies."""
        assert self._services is not None, "claim comes first"
        await self._services.start()
        for server in self._services.servers:
            self._keep_alive(server)

    async def run_to_end(self, spec: ChildSpec) -> None:
        """Run one step that ends by itself. Raises SupervisorError where its code is not 0."""
        step = Child(spec)
        self._children.append(step)
        await step.start()
        ended = asyncio.create_task(step.wait_exit())
        try:
            while not ended.done():
                await asyncio.wait([ended], timeout=SAY_STEP_EVERY_SECONDS)
                for line in step.read_steps():
                    self._progress(line)
            code = await ended
        finally:
            ended.cancel()
        self._children.remove(step)
        if code != 0:
            raise SupervisorError(
                f"{spec.name} 没有成功（{describe_exit(code)}），日志在 {spec.log}，"
                f"最后几行是：\n{step.read_output()}"
            )

    async def start(self, specs: Sequence[ChildSpec]) -> None:
        """Start the children, in this order, and from now on restart one that dies."""
        for spec in specs:
            child = Child(spec)
            self._children.append(child)
            await child.start()
            self._keep_alive(child)

    async def wait_ready(self, patience: float = READY_PATIENCE_SECONDS) -> None:
        """Return when every child is ready. Raises SupervisorError after `patience` seconds."""
        waits = {asyncio.create_task(child.wait_ready()): child for child in self._children}
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        pending = set(waits)
        try:
            while pending:
                _, pending = await asyncio.wait(pending, timeout=SAY_EVERY_SECONDS)
                names = "、".join(sorted(waits[task].name for task in pending))
                if pending and loop.time() > until:
                    child = waits[next(iter(pending))]
                    raise SupervisorError(
                        f"等了 {patience:.0f} 秒，{names} 还没有就绪，日志在 {child.log}，"
                        f"最后几行是：\n{child.read_output()}"
                    )
                if pending:
                    self._progress(f"还在等 {names} 就绪…")
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def stop(self) -> None:
        """Stop everything: the children stage by stage, then the servers; at most 10 s in all."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        ordered = sorted(self._children, key=lambda child: child.spec.stop_stage)
        for _, stage in groupby(ordered, key=lambda child: child.spec.stop_stage):
            children = list(stage)
            went = await asyncio.gather(*(child.stop() for child in children))
            for child, by_itself in zip(children, went, strict=True):
                if not by_itself:
                    self._progress(f"{child.name} 没有按时停下来，已强行结束。")
        if self._services is not None:
            await self._services.stop(SERVERS_STOP_SECONDS)
        for listener in self._held:
            listener.close()
        if not self.failed.done():
            self.failed.cancel()
        elif not self.failed.cancelled():
            # Read, so that asyncio does not complain of an error that came while we stopped.
            self.failed.exception()

    def _keep_alive(self, part: Part) -> None:
        keeper = asyncio.create_task(self._restart_whenever_it_dies(part))
        keeper.add_done_callback(self._note_failure)
        self._keepers.append(keeper)

    def _note_failure(self, keeper: asyncio.Task[None]) -> None:
        if keeper.cancelled() or self.failed.done():
            return
        if error := keeper.exception():
            self.failed.set_exception(error)

    async def _restart_whenever_it_dies(self, part: Part) -> None:
        loop = asyncio.get_running_loop()
        deaths: deque[float] = deque()
        while True:
            how = describe_exit(await part.wait_exit())
            while True:
                now = loop.time()
                deaths.append(now)
                while now - deaths[0] > DEATH_WINDOW_SECONDS:
                    deaths.popleft()
                if len(deaths) >= DEATHS_ALLOWED:
                    raise SupervisorError(
                        f"{part.name} 在 {DEATH_WINDOW_SECONDS:.0f} 秒内退出了 {len(deaths)} 次"
                        f"（{how}），全部停止。日志在 {part.log}，最后几行是：\n"
                        f"{read_log_end(part.log)}"
                    )
                pause = FIRST_BACK_OFF_SECONDS * 2 ** (len(deaths) - 1)
                self._progress(f"{part.name} 意外退出（{how}），{pause:g} 秒后重新启动。")
                await asyncio.sleep(pause)
                try:
                    await part.start()
                except EmbeddedError as error:
                    how = str(error)
                    continue
                break


async def supervise(body: Callable[[Supervisor], Awaitable[None]], progress: Progress) -> int:
    """Run `body`, which starts the parts, then watch them until asked to stop. The exit code.

    0 after Ctrl-C, SIGTERM or SIGHUP, sent once or more often; else that of the error which
    ended it. Everything that was started has ended on return.
    """
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, asked.set)
    supervisor = Supervisor(progress)
    starting = asyncio.ensure_future(body(supervisor))
    stopping = asyncio.create_task(asked.wait())
    orphaned = asyncio.create_task(wait_until_make_gives_up())
    waited: set[asyncio.Future[object]] = {starting, stopping, orphaned, supervisor.failed}  # type: ignore[arg-type]
    exit_code = 0
    try:
        while True:
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if stopping in done or orphaned in done:
                progress("正在停止…")
                break
            for future in done:
                future.result()
            waited -= done
    except (SupervisorError, EmbeddedError) as error:
        progress(str(error))
        exit_code = error.exit_code
    except SettingsError as error:
        progress(str(error))
        exit_code = 2
    finally:
        for task in (starting, stopping, orphaned):
            task.cancel()
        # Whatever it raised has been told already, or is on its way up.
        await asyncio.gather(starting, stopping, orphaned, return_exceptions=True)
        await supervisor.stop()
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
    if exit_code == 0:
        progress("已全部停止。")
    return exit_code


def describe_exit(code: int) -> str:
    """An exit code as the operator reads it."""
    return f"退出码 {code}" if code >= 0 else f"被信号 {signal.Signals(-code).name} 结束"
