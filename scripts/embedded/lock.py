"""One supervisor for one data folder: a file lock that the kernel drops when its holder dies."""

import contextlib
import fcntl
import os
import time
from pathlib import Path

from scripts.embedded.errors import AlreadyRunningError, EmbeddedError

#: `is_held` takes the lock for a moment; a start that meets it tries again for so long.
PROBE_SECONDS = 1.0


class FolderLock:
    """An exclusive lock on one file, held from `take` to `release` or to the end of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock; nothing happens where this object has it. Raises AlreadyRunningError."""
        if self._descriptor is not None:
            return
        try:
            # Not inherited: the children must not keep the lock alive.
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except PermissionError:
            raise EmbeddedError(
                f"{self._path.parent} 属于另一个用户，当前用户写不了；"
                "请换回那个用户，或用 ZPT_VAR 换一个文件夹。"
            ) from None
        until = time.monotonic() + PROBE_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() < until:
                    time.sleep(0.05)
                    continue
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                os.close(descriptor)
                who = f"（进程 {holder}）" if holder else ""
                raise AlreadyRunningError(
                    f"职培通已经在 {self._path.parent} 里运行{who}；"
                    "请先停掉它，或用 ZPT_VAR 换一个文件夹。"
                ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two hold "the" lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock on the file `path`."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
    return False
