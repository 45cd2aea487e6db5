"""Which user the servers run as. PostgreSQL refuses root, so root steps down to another user."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

NOBODY_UID = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group by number; `switched` where it is not the one that runs us."""

    uid: int
    gid: int
    switched: bool

    def own(self, path: Path) -> None:
        """Give `path`, which this program has just made, to the user."""
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether the mode bits let the user through `folder` and every folder above it."""
        return all(self._may(part, 0o1) for part in (folder, *folder.parents))

    def can_run(self, program: Path) -> bool:
        """Whether the user can reach, read and execute the file `program`."""
        return self.can_enter(program.parent) and self._may(program, 0o5)

    def _may(self, path: Path, bits: int) -> bool:
        if not self.switched:
            return os.access(path, bits)
        state = path.stat()
        if state.st_uid == self.uid:
            granted = state.st_mode >> 6
        elif state.st_gid == self.gid:
            granted = state.st_mode >> 3
        else:
            granted = state.st_mode
        return granted & bits == bits


def choose_account(data_folders: tuple[Path, ...]) -> Account:
    """The running user; for root the owner of the first data folder that exists, or `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    for folder in data_folders:
        if folder.is_dir():
            state = folder.stat()
            if state.st_uid != 0:
                return Account(state.st_uid, state.st_gid, switched=True)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(NOBODY_UID, NOBODY_UID, switched=True)
    return Account(nobody.pw_uid, nobody.pw_gid, switched=True)
