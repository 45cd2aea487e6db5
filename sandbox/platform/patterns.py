"""What stands for the codes that the platform draws: PNG files that are real, and no codes."""

import hashlib
import struct
import zlib

CELLS = 25


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
