"""Start, wait for, end and find child processes. Call `spawn` from the main thread only.

Linux ties a child's life to the thread that started it.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scripts.embedded.account import Account

LAUNCHER = Path(__file__).with_name("launcher.py")
LOG_LIMIT_BYTES = 10 * 1024 * 1024
POLL_SECONDS = 0.03

Process = subprocess.Popen[bytes]


def spawn(
    argv: Sequence[str],
    log: Path,
    environment: Mapping[str, str],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    folder: Path = Path("/"),
    pass_fds: tuple[int, ...] = (),
) -> Process:
    """Start `argv` (the program by full path) in a session of its own, its output added to `log`.

    It gets `death_signal` when this process dies, however that happens (Linux). With `account`
    it runs as that user.
    """
    rotate_log(log)
    with log.open("ab") as output:
        return subprocess.Popen(
            guard(argv, death_signal=death_signal, account=account),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            # Ctrl-C in the terminal then reaches the supervisor alone, which keeps the order.
            start_new_session=True,
            pass_fds=pass_fds,
        )


def guard(
    argv: Sequence[str],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
) -> list[str]:
    """`argv` so that it gets `death_signal` when this process dies, and runs as `account`."""
    switch = account if account is not None and account.switched else None
    uid, gid = (switch.uid, switch.gid) if switch else (-1, -1)
    return [
        *(sys.executable, "-I", "-S", str(LAUNCHER)),
        *(str(os.getpid()), str(int(death_signal)), str(uid), str(gid), "--"),
        *argv,
    ]


def rotate_log(log: Path) -> None:
    """Make the folder of `log`, and move a long one aside, keeping one old one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))


def log_size(log: Path) -> int:
    """Bytes in `log` now: where the output of the next child begins."""
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def read_log_end(log: Path, *, since: int = 0, lines: int = 12) -> str:
    """The last `lines` lines that `log` holds behind byte `since`, at most 16 KiB."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(since, log_size(log) - 16384))
            text = stream.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


async def wait_exit(process: Process) -> int:
    """The exit code of `process`, negative for a signal. Several may wait for the same process."""
    # Asked for rather than announced: the loop may be asyncio's or uvloop's, and a handful of
    # children cost nothing to ask.
    while (code := process.poll()) is None:  # noqa: ASYNC110
        await asyncio.sleep(POLL_SECONDS)
    return code


async def end_process(process: Process, ask: signal.Signals, patience: float) -> bool:
    """Ask `process` to end, wait `patience` seconds, then kill all of its process group.

    Returns whether it went by itself.
    """
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(ask)
    went = True
    try:
        await asyncio.wait_for(wait_exit(process), patience)
    except TimeoutError:
        went = False
    finally:
        # Also where we were cancelled, and also what an ended child may have left behind.
        kill_group(process)
    await wait_exit(process)
    return went


def kill_group(process: Process) -> None:
    """Kill `process` and all that it started in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether `pid` is a process that has not ended (one waiting to be reaped has)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in (b"Z", b"X")


def find_by_command(matches: Callable[[list[str]], bool]) -> list[int]:
    """The living processes whose command line `matches`; none where there is no /proc."""
    return _find("cmdline", lambda raw: matches(raw.decode("utf-8", "replace").split("\0")))


def find_by_environment(name: str, value: str) -> list[int]:
    """The living processes, except this one, that were started with the variable set so."""
    entry = f"{name}={value}".encode()
    found = _find("environ", lambda raw: entry in raw.split(b"\0"))
    return [pid for pid in found if pid != os.getpid()]


def _find(record: str, matches: Callable[[bytes], bool]) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if matches((folder / record).read_bytes()):
                found.append(int(folder.name))
    return [pid for pid in found if is_alive(pid)]


async def end_leftovers(
    find: Callable[[], list[int]], ask: signal.Signals, patience: float
) -> None:
    """Ask all that `find` names to end, and kill those still there after `patience` seconds."""
    _signal_all(find(), ask)
    until = asyncio.get_running_loop().time() + patience
    while left := find():
        if asyncio.get_running_loop().time() > until:
            _signal_all(left, signal.SIGKILL)
            until += patience
        await asyncio.sleep(POLL_SECONDS)


def _signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
