"""Receiving one file: streamed to disk, judged by its content, gone when the request ends.

Nothing that the client says of the file is believed: its name is never used as a path, its
Content-Type never as its kind.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, cast

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from domain.errors import DomainError
from web.body_limits import AT_END, body_limit_of, within
from web.fields import refuse_field
from web.forms import add_field, decode_text

MULTIPART = "multipart/form-data"
#: Fields beside the file, and bytes of all of them together.
MOST_FIELDS = 20
_MOST_FIELD_BYTES = 64 * 1024
_CHUNK = 256 * 1024
#: Bytes that tell every kind.
_BEGINNING = 16
#: A file that a killed process left behind is certainly of no use after so many seconds.
_LEFT_OVER_SECONDS = 3600
_PREFIX = "upload-"

#: Where files are received; the system's folder where a test sets none.
UPLOAD_FOLDER = web.AppKey("upload_folder", Path)

#: What aiohttp's reader raises for a body that is not the multipart it promises to be.
_UNREADABLE = (ValueError, LookupError, AssertionError, RuntimeError, HttpProcessingError)


class Kind(Enum):
    """What a file is, by its first bytes. The value is its media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"
    MP4 = "video/mp4"
    #: A workbook (.xlsx) is one; whoever opens it finds out whether it is.
    ZIP = "application/zip"
    #: None of these: a csv, and whatever else. For views whose reader says what it takes.
    OTHER = "application/octet-stream"


_BEGINNINGS = {
    b"\xff\xd8\xff": Kind.JPEG,
    b"\x89PNG\r\n\x1a\n": Kind.PNG,
    b"%PDF-": Kind.PDF,
    b"PK\x03\x04": Kind.ZIP,
}
#: The brands of MP4 proper: the same box begins HEIC pictures and QuickTime films.
_MP4_BRANDS = frozenset(
    (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"mmp4")
)


def kind_of(beginning: bytes) -> Kind | None:
    """The kind of a file that begins so (16 bytes are enough); None for any other."""
    if beginning[4:8] == b"ftyp" and beginning[8:12] in _MP4_BRANDS:
        return Kind.MP4
    fitting = (kind for magic, kind in _BEGINNINGS.items() if beginning.startswith(magic))
    return next(fitting, None)


@dataclass(frozen=True, slots=True)
class ReceivedFile(os.PathLike[str]):
    """A file that was received; use it as a path, or move it away, before the request ends."""

    path: Path
    kind: Kind
    size: int
    #: The other fields of the form.
    fields: Mapping[str, str]

    def __fspath__(self) -> str:
        return str(self.path)


def add_upload_folder(app: web.Application, folder: Path) -> None:
    """Receive files in `folder`, which is made at the start and freed of what was left there."""
    app[UPLOAD_FOLDER] = folder

    async def prepare(_app: web.Application) -> None:
        await asyncio.to_thread(_prepare, folder)

    app.on_startup.append(prepare)


def _prepare(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Another process may be receiving: only what is old goes.
    oldest = time.time() - _LEFT_OVER_SECONDS
    for path in folder.glob(f"{_PREFIX}*"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue


async def receive_file(
    request: web.Request, *, most_bytes: int, kinds: Collection[Kind], field: str = "file"
) -> ReceivedFile:
    """The one file of a multipart form, which stands in its field `field`.

    The view is marked with `@body(…, streamed=True)`: its limits are those of the whole body,
    `most_bytes` is that of the file.
    Raises DomainError unsupported_media_type (another kind), too_large, invalid_input (no file,
    an empty one, two, another field), wrong_encoding, bad_request (truncated or malformed);
    HTTPRequestTimeout.
    """
    limit = body_limit_of(request.match_info.handler, request.method)
    if limit is None or not limit.streamed:
        raise RuntimeError("receive_file needs @body(…, streamed=True) on the view")
    if request.content_type != MULTIPART:
        raise DomainError("unsupported_media_type", accepted=[MULTIPART])
    form = _Form(request, most_bytes, kinds, field)
    async with within(request, limit):
        stream = cast(StreamReader, _BoundedStream(request.content, limit.most_bytes))
        with _telling_malformed():
            reader = MultipartReader(request.headers, stream)
        while (part := await _next_part(reader)) is not None:
            await form.take(part)
    return form.get_received()


class _Form:
    """What has come of the form so far."""

    def __init__(
        self, request: web.Request, most_bytes: int, kinds: Collection[Kind], field: str
    ) -> None:
        self._request = request
        self._most_bytes = most_bytes
        self._kinds = kinds
        self._field = field
        self._fields: dict[str, str] = {}
        self._bytes_left = _MOST_FIELD_BYTES
        self._file: tuple[Path, Kind, int] | None = None

    async def take(self, part: BodyPartReader) -> None:
        """Read one part to its end."""
        name = part.name
        if not name or "Content-Transfer-Encoding" in part.headers:
            raise DomainError("bad_request", about="upload")
        if part.filename is None:
            await self._take_field(name, part)
            return
        beginning = b""
        while len(beginning) < _BEGINNING and not part.at_eof():
            beginning += await _read_chunk(part)
        if not beginning:
            # What a browser sends where no file was chosen.
            return
        if name != self._field:
            raise refuse_field(name, "extra_forbidden")
        if self._file is not None:
            raise refuse_field(name, "too_long", max_length=1)
        kind = kind_of(beginning) or Kind.OTHER
        if kind not in self._kinds:
            raise DomainError(
                "unsupported_media_type", accepted=sorted(kind.value for kind in self._kinds)
            )
        self._file = await self._take_file(part, beginning, kind)

    async def _take_file(
        self, part: BodyPartReader, beginning: bytes, kind: Kind
    ) -> tuple[Path, Kind, int]:
        folder = self._request.config_dict.get(UPLOAD_FOLDER)
        descriptor, name = await asyncio.to_thread(tempfile.mkstemp, prefix=_PREFIX, dir=folder)
        path, size, chunk = Path(name), 0, beginning
        self._request[AT_END].callback(path.unlink, missing_ok=True)
        try:
            while chunk:
                size += len(chunk)
                if size > self._most_bytes:
                    raise DomainError("too_large", limit_bytes=self._most_bytes)
                await asyncio.to_thread(_write, descriptor, chunk)
                chunk = await _read_some(part)
        finally:
            os.close(descriptor)
        return path, kind, size

    async def _take_field(self, name: str, part: BodyPartReader) -> None:
        if len(self._fields) >= MOST_FIELDS:
            raise DomainError("too_large", about="fields")
        value = b""
        while not part.at_eof():
            value += await _read_chunk(part)
            if len(name) + len(value) > self._bytes_left:
                raise DomainError("too_large", limit_bytes=_MOST_FIELD_BYTES)
        self._bytes_left -= len(name) + len(value)
        add_field(self._fields, name, decode_text(value))

    def get_received(self) -> ReceivedFile:
        """What the view gets. Raises DomainError invalid_input where there was no file."""
        if self._file is None:
            raise refuse_field(self._field, "missing")
        path, kind, size = self._file
        return ReceivedFile(path, kind, size, self._fields)


class _BoundedStream:
    """aiohttp's stream of a body, which refuses to be read once more has come than is allowed.

    Content-Length has been judged before; a chunked body, and what a compressed one unpacks
    to, tells its length only by coming.
    """

    def __init__(self, stream: StreamReader, most_bytes: int) -> None:
        self._stream = stream
        self._most_bytes = most_bytes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def read(self, count: int = -1) -> bytes:
        self._check()
        return await self._stream.read(count)

    async def readline(self, **options: Any) -> bytes:
        self._check()
        return await self._stream.readline(**options)

    def _check(self) -> None:
        if self._stream.total_bytes > self._most_bytes:
            raise DomainError("too_large", limit_bytes=self._most_bytes)


@contextmanager
def _telling_malformed() -> Iterator[None]:
    """Around each call of aiohttp's reader, and around nothing of ours."""
    try:
        yield
    except _UNREADABLE:
        raise DomainError("bad_request", about="upload") from None


async def _next_part(reader: MultipartReader) -> BodyPartReader | None:
    with _telling_malformed():
        part = await reader.next()
    if isinstance(part, MultipartReader):
        # Files within files: RFC 7578 has done away with them.
        raise DomainError("bad_request", about="upload")
    return part


async def _read_chunk(part: BodyPartReader) -> bytes:
    with _telling_malformed():
        return bytes(await part.read_chunk(_CHUNK))


async def _read_some(part: BodyPartReader) -> bytes:
    """Up to about _CHUNK bytes, in one piece: a trip to a thread for each packet would cost."""
    pieces: list[bytes] = []
    size = 0
    while size < _CHUNK and not part.at_eof():
        piece = await _read_chunk(part)
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _write(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
