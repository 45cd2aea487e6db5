"""Pictures: those that the platform draws, and ready-made ones that a person may send.

All are real PNG files, though no scanner reads them.
"""

import hashlib
import struct
import zlib
from functools import cache
from pathlib import Path

CELLS = 25
_FOLDER = Path(__file__).parent / "drawings"
#: Drawn by us, each from the SVG beside it: file name and title.
PICTURES = {
    "sign-in-sheet": "签到表",
    "recruitment-poster": "招生广告",
    "roster": "花名册",
}
#: A fifth of a second of nothing, in AMR.
SILENCE = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 10
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@cache
def draw_ready(picture_id: str) -> bytes:
    """The PNG of a name in PICTURES."""
    return (_FOLDER / f"{picture_id}.png").read_bytes()


def kind_of_picture(content: bytes) -> str | None:
    """image/png or image/jpeg by the first bytes; None for anything else."""
    for beginning, content_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return content_type
    return None


def draw_pattern(text: str, width: int = 200) -> bytes:
    """A square PNG of black and white cells that differs with `text`; `width` in pixels."""
    cell = max(width // CELLS, 1)
    bits = hashlib.shake_256(text.encode()).digest(CELLS * CELLS)
    rows = bytearray()
    for row in range(CELLS):
        line = b"".join(
            (b"\x00" if bits[row * CELLS + column] & 1 else b"\xff") * cell
            for column in range(CELLS)
        )
        rows += (b"\x00" + line) * cell
    side = CELLS * cell
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows)))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check
