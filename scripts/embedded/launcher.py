"""Becomes another program, as another user if asked, and dies with the process that started it.

Run as a file of its own (`python -I -S launcher.py PARENT SIGNAL UID GID -- PROGRAM …`) and never
imported: a `preexec_fn` would fork a Python with threads, which can deadlock and which
Python 3.12 warns about. UID and GID are -1 where the user stays. Only the standard library.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(parent: int, death_signal: int, uid: int, gid: int, argv: list[str]) -> None:
    """Replace this process by `argv`; returns never. Raises OSError where it cannot be executed."""
    # A shell that starts us in the background leaves SIGINT ignored, and Python itself ignores
    # SIGPIPE; both would be inherited.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    if uid >= 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    if sys.platform == "linux":
        # After the change of user, which clears it.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        if os.getppid() != parent:
            sys.exit("the starting process has gone")
    os.execv(argv[0], argv)  # noqa: S606 - this is what the file is for


if __name__ == "__main__":
    split = sys.argv.index("--")
    numbers = [int(text) for text in sys.argv[1:split]]
    become(numbers[0], numbers[1], numbers[2], numbers[3], sys.argv[split + 1 :])
