"""The scratch folder outside `var/`: the sockets, and what the servers' user cannot reach in var.

A socket's path may have at most 107 bytes, and a clone may lie deep. As root the folder belongs
to root and can be entered but not listed (0711), so that the unprivileged user owns only the
folders inside that are made for it; else it is private (0700).
"""

import contextlib
import hashlib
import os
import shutil
import stat
from pathlib import Path

from scripts.embedded.account import Account
from scripts.embedded.errors import EmbeddedError

SOCKET_PATH_LIMIT = 107
#: The longest name below the scratch folder that is a socket.
LONGEST_SOCKET = "sockets/.s.PGSQL.5432"
RECORD = "scratch"


def open_scratch(var: Path, account: Account, temporary_folder: str | None) -> Path:
    """The scratch folder of `var`, made where it is missing, checked where it is there.

    `var`/scratch records it, so that another TMPDIR on another day finds the same one. Raises
    EmbeddedError where somebody else holds the name.
    """
    recorded = read_recorded_scratch(var)
    name = _scratch_name(var)
    # A clone that was moved has another name; what it left in its scratch folder is its data.
    if recorded is not None and (
        (recorded.name == name and recorded.is_dir()) or (recorded / "postgres").is_dir()
    ):
        _check_scratch(recorded)
        return recorded
    scratch = _choose_parent(account, temporary_folder, name) / name
    # No more than this bit beyond the owner: enter.
    mode = 0o711 if account.switched else 0o700
    try:
        scratch.mkdir(mode=mode)
        scratch.chmod(mode)
    except FileExistsError:
        _check_scratch(scratch)
    (var / RECORD).write_text(f"{scratch}\n", encoding="utf-8")
    return scratch


def read_recorded_scratch(var: Path) -> Path | None:
    """The scratch folder that the last start in `var` used, or None."""
    try:
        text = (var / RECORD).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return Path(text) if text.startswith("/") else None


def sockets_in(scratch: Path) -> Path:
    """The folder below `scratch` that holds both servers' sockets."""
    return scratch / "sockets"


def prepare_folder(folder: Path, account: Account) -> None:
    """Make `folder` (0700) for the servers' user. Raises EmbeddedError where it is not its own."""
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        state = folder.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid != account.uid:
            raise EmbeddedError(
                f"{folder} 属于用户 {state.st_uid}，不是 {account.uid}；请换回当初启动的用户。"
            ) from None


def remove_scratch(scratch: Path, *, with_data: bool) -> None:
    """Remove the sockets, and the folder where nothing that must be kept is in it."""
    shutil.rmtree(sockets_in(scratch), ignore_errors=True)
    if not scratch.is_dir():
        return
    holds_data = any(
        path.name in ("postgres", "redis") or ".aside-" in path.name for path in scratch.iterdir()
    )
    if with_data or not holds_data:
        shutil.rmtree(scratch, ignore_errors=True)


def _scratch_name(var: Path) -> str:
    digest = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()
    return f"zpt-{os.geteuid()}-{digest[:12]}"


def _choose_parent(account: Account, temporary_folder: str | None, name: str) -> Path:
    for candidate in (temporary_folder, "/var/tmp", "/tmp"):  # noqa: S108 - checked on opening
        if not candidate or not candidate.startswith("/"):
            continue
        parent = Path(candidate)
        longest = len(os.fsencode(parent / name / LONGEST_SOCKET))
        with contextlib.suppress(OSError):
            if (
                longest <= SOCKET_PATH_LIMIT
                and os.access(parent, os.W_OK | os.X_OK)
                and account.can_enter(parent)
            ):
                return parent
    raise EmbeddedError("找不到能放套接字的临时文件夹：/var/tmp 和 /tmp 都写不了。")


def _check_scratch(scratch: Path) -> None:
    state = scratch.lstat()
    if (
        not stat.S_ISDIR(state.st_mode)
        or state.st_uid != os.geteuid()
        or stat.S_IMODE(state.st_mode) & ~0o711
    ):
        raise EmbeddedError(f"临时文件夹 {scratch} 不是我们建的，不能用；请先把它删掉。")
