"""The entries of a workbook, which is a ZIP archive, unpacked within limits.

The archive is never unpacked to disk. What it says of itself is checked before the first byte is
unpacked; what really comes out is counted while it does.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.errors import DomainError
from domain.sheets.limits import Limits

#: expat looks at the beginning of a long token again with each piece: few pieces, little work.
_CHUNK = 1024 * 1024
#: Smaller entries cannot do harm by being packed well.
_SMALL = 1024 * 1024
_ENCRYPTED = 0x1
#: What zipfile raises for an archive that is not what it says.
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)


class Archive:
    """An archive that has been looked at."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        """Raises DomainError sheet_damaged, sheet_locked, sheet_unsafe."""
        self._limits = limits
        self._unpacked = 0
        try:
            self._zip = ZipFile(BytesIO(content))
        except _BROKEN:
            raise DomainError("sheet_damaged") from None
        self._entries: dict[str, ZipInfo] = {}
        self._check(self._zip.infolist())

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._entries

    def unpack(self, name: str) -> Iterator[bytes]:
        """The bytes of an entry, piece by piece; none where it is not there.

        Raises DomainError sheet_unsafe where more comes out than may, sheet_damaged.
        """
        entry = self._entries.get(name.casefold())
        if entry is None:
            return
        unpacked = 0
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(_CHUNK):
                    unpacked += len(chunk)
                    self._unpacked += len(chunk)
                    if self._unpacked > self._limits.most_unpacked or self._is_bomb(
                        unpacked, entry.compress_size
                    ):
                        raise DomainError("sheet_unsafe", about="bomb")
                    yield chunk
        except _BROKEN:
            raise DomainError("sheet_damaged") from None

    def _check(self, entries: list[ZipInfo]) -> None:
        limits = self._limits
        if len(entries) > limits.most_entries:
            raise DomainError("sheet_unsafe", about="bomb")
        if sum(entry.file_size for entry in entries) > limits.most_unpacked:
            raise DomainError("sheet_unsafe", about="bomb")
        for entry in entries:
            if entry.flag_bits & _ENCRYPTED:
                raise DomainError("sheet_locked")
            name = entry.filename
            if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
                raise DomainError("sheet_unsafe", about="names")
            if self._is_bomb(entry.file_size, entry.compress_size):
                raise DomainError("sheet_unsafe", about="bomb")
            known = name.casefold() in self._entries
            if known or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                # One name twice: programs do not agree on which of them counts.
                raise DomainError("sheet_damaged")
            self._entries[name.casefold()] = entry

    def _is_bomb(self, unpacked: int, packed: int) -> bool:
        return unpacked > _SMALL and unpacked > max(packed, 1) * self._limits.most_ratio
