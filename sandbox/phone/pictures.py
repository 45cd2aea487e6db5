"""Ready-made pictures that a person may send, all real PNG files, and a voice message."""

from functools import cache
from pathlib import Path

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
