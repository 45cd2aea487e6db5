"""The account's menu in a small file: it is the platform's, and outlives a killed stand-in."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from sandbox.platform.answers import RefusalError
from sandbox.platform.menus import check_menu

NAME = "sandbox-menu.json"


class MenuFile:
    """`folder` need not be there yet. A disk that fails costs the menu at the next start alone."""

    def __init__(self, folder: Path, app_id: str) -> None:
        self._file = folder / NAME
        self._app_id = app_id

    def read(self) -> dict[str, Any] | None:
        """What was written last for this account; None for nothing, or nothing that is a menu."""
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            return check_menu(kept["menu"]) if kept["app_id"] == self._app_id else None
        except (OSError, ValueError, TypeError, KeyError, RecursionError, RefusalError):
            return None

    def write(self, menu: dict[str, Any] | None) -> None:
        """Keep `menu` in the place of the one before, wholly or not at all."""
        with contextlib.suppress(OSError):
            if menu is None:
                self._file.unlink(missing_ok=True)
                return
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(f".{os.getpid()}")
            kept = {"app_id": self._app_id, "menu": menu}
            draft.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
            draft.replace(self._file)
