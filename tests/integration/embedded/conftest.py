"""Folders for real servers: short-lived, removed with what lies in the scratch folder."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.embedded.scratch import read_recorded_scratch


@pytest.fixture
def var() -> Iterator[Path]:
    """A data folder whose parents everybody may enter (pytest's own are closed)."""
    with tempfile.TemporaryDirectory(prefix="zpt-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        var = Path(folder) / "var"
        yield var
        remove_scratch_of(var)


@pytest.fixture
def closed_var(tmp_path: Path) -> Iterator[Path]:
    """A data folder below one that only its owner may enter."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    yield closed / "var"
    remove_scratch_of(closed / "var")


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def remove_scratch_of(var: Path) -> None:
    scratch = read_recorded_scratch(var)
    if scratch is not None:
        shutil.rmtree(scratch, ignore_errors=True)
