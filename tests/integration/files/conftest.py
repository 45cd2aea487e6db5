"""A store in a folder of the test's own."""

from pathlib import Path

import pytest

from clients.files import Files
from domain.vault import Vault
from settings import DataKey


@pytest.fixture
def vault() -> Vault:
    return Vault([DataKey("k1", bytes(range(32)))])


@pytest.fixture
def store(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")
