"""Where the sealed bytes of files lie, as this area sees it (clients/files.py)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol


class FileStore(Protocol):
    """Names are ours: `3f/0198…`. All raise OSError where the store is away or full."""

    async def put(self, name: str, content: bytes) -> None:
        """Write a new file, whole or not at all."""

    async def get(self, name: str) -> bytes:
        """What was put. Raises FileNotFoundError."""

    async def delete(self, name: str) -> None:
        """Away with it; one that is not there is none."""

    def list_before(self, moment: datetime) -> AsyncIterator[str]:
        """The names of all that were put before `moment`."""
