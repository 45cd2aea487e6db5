"""Receiving one file, over real connections."""

import asyncio
import io
import json
import os
import time
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData, web

from tests.integration.api.applications import make_application
from web.access import Access, allow
from web.body_limits import body
from web.uploads import Kind, add_upload_folder, kind_of, receive_file

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 20
PNG = b"\x89PNG\r\n\x1a\n" + bytes(5000)
PDF = b"%PDF-1.7\n" + b"x" * 5000
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(5000)
HEIC = b"\x00\x00\x00\x20ftypheic" + bytes(5000)
MOST_BYTES, MOST_BODY = 50_000, 80_000
BOUNDARY = "trial-boundary"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def make_workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return stream.getvalue()


@allow(Access.ANYONE)
@body(most_bytes=MOST_BODY, seconds=1.0, streamed=True)
async def take_file(request: web.Request) -> web.Response:
    kinds = set(Kind) - {Kind.OTHER}
    file = await receive_file(request, most_bytes=MOST_BYTES, kinds=kinds)
    content = await asyncio.to_thread(Path(file).read_bytes)
    return web.json_response(
        {
            "kind": file.kind.value,
            "size": file.size,
            "content": content.hex(),
            "path": os.fspath(file),
            "fields": dict(file.fields),
        }
    )


@allow(Access.ANYONE)
@body(most_bytes=MOST_BODY, seconds=1.0, streamed=True)
async def take_picture(request: web.Request) -> web.Response:
    await receive_file(request, most_bytes=MOST_BYTES, kinds={Kind.JPEG, Kind.PNG}, field="photo")
    raise RuntimeError("the view fails with the file in its hands")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
async def client(aiohttp_client, folder):
    def extend(api: web.Application) -> None:
        api.router.add_post("/v1/file", take_file)
        api.router.add_post("/v1/photo", take_picture)

    app = make_application(extend=extend)
    add_upload_folder(app, folder)
    app.router.add_post("/console/file", take_file)
    return await aiohttp_client(app)


def form(*files: tuple[str, bytes, str], **fields: str) -> FormData:
    data = FormData(default_to_multipart=True)
    for name, value in fields.items():
        data.add_field(name, value)
    for name, content, filename in files:
        data.add_field(name, content, filename=filename, content_type="image/jpeg")
    return data


async def assert_refused(response, status: int, code: str, reason: str = "") -> None:
    problem = json.loads(await response.read())
    assert (response.status, problem["code"]) == (status, code)
    if reason:
        assert [field["reason"] for field in problem["facts"]["fields"]] == [reason]


async def assert_nothing_left(folder: Path) -> None:
    for _ in range(100):
        if not list(folder.iterdir()):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(list(folder.iterdir()))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (PDF, "application/pdf"),
        (MP4, "video/mp4"),
        (make_workbook(), "application/zip"),
    ],
    ids=["jpeg", "png", "pdf", "mp4", "xlsx"],
)
async def test_a_file_is_judged_by_its_content(client, folder, content, kind):
    # Its Content-Type says JPEG and its name nothing.
    response = await client.post("/api/v1/file", data=form(("file", content, "x"), note="说明"))
    answer = await response.json()
    assert response.status == 200
    assert (answer["kind"], answer["size"]) == (kind, len(content))
    assert bytes.fromhex(answer["content"]) == content
    assert answer["fields"] == {"note": "说明"}
    assert not Path(answer["path"]).exists()
    await assert_nothing_left(folder)


@pytest.mark.parametrize(
    "name", ["../../evil.jpg", "/etc/passwd", "..\\..\\evil.exe", "a\tb", "名" * 300, "."]
)
async def test_the_name_is_never_a_path(client, folder, name):
    response = await client.post("/api/v1/file", data=form(("file", JPEG, name)))
    path = Path((await response.json())["path"])
    assert path.parent == folder
    assert path.name.startswith("upload-")
    assert "evil" not in path.name
    assert sorted(path.name for path in folder.parent.iterdir()) == ["uploads"]


@pytest.mark.parametrize("content", [b"MZ\x90\x00", b"<html>", HEIC, b"GIF89a", b"\xff\xd8"])
async def test_another_kind_is_refused(client, folder, content):
    response = await client.post("/api/v1/file", data=form(("file", content, "photo.jpg")))
    await assert_refused(response, 415, "unsupported_media_type")
    assert list(folder.iterdir()) == []


async def test_a_view_takes_only_its_kinds(client):
    response = await client.post("/api/v1/photo", data=form(("photo", PDF, "photo.jpg")))
    await assert_refused(response, 415, "unsupported_media_type")


async def test_the_file_goes_when_the_view_fails(client, folder):
    response = await client.post("/api/v1/photo", data=form(("photo", PNG, "p.png")))
    await assert_refused(response, 500, "unexpected")
    assert list(folder.iterdir()) == []


async def test_no_file_two_files_and_another_field(client, folder):
    for data, reason in (
        (form(note="only words"), "missing"),
        (form(("file", b"", "")), "missing"),
        (form(("file", b"", "empty.jpg")), "missing"),
        (form(("file", JPEG, "1.jpg"), ("file", PNG, "2.png")), "too_long"),
        (form(("other", JPEG, "1.jpg")), "extra_forbidden"),
    ):
        response = await client.post("/api/v1/file", data=data)
        await assert_refused(response, 422, "invalid_input", reason)
        assert list(folder.iterdir()) == []


async def test_a_file_or_a_body_that_is_too_large(client, folder):
    for size in (MOST_BYTES + 1, MOST_BODY + 1):
        response = await client.post(
            "/api/v1/file", data=form(("file", JPEG + bytes(size - len(JPEG)), "x"))
        )
        await assert_refused(response, 413, "too_large")
    within = JPEG + bytes(MOST_BYTES - len(JPEG))
    assert (await client.post("/api/v1/file", data=form(("file", within, "x")))).status == 200
    await assert_nothing_left(folder)


def part(disposition: str, content: bytes, more: str = "") -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n"
    return head.encode() + content + b"\r\n"


FILE = 'name="file"; filename="x.jpg"'
END = f"--{BOUNDARY}--\r\n".encode()


async def send_in_chunks(*pieces: bytes, pause: float = 0) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(pause)


async def test_without_a_length_the_limit_is_the_same(client, folder):
    begin = part(FILE, JPEG)[:-2]
    for flood in (
        send_in_chunks(begin, *[bytes(10_000)] * 6, b"\r\n" + END),
        send_in_chunks(*[b"before the first part\r\n" * 500] * 10, begin, END),
    ):
        response = await client.post("/api/v1/file", data=flood, headers=MULTIPART)
        await assert_refused(response, 413, "too_large")
    await assert_nothing_left(folder)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"no boundary at all",
        part(FILE, JPEG)[: len(JPEG) // 2],
        part(FILE, JPEG),
        part(FILE, JPEG) + f"--{BOUNDARY}\r\nContent-Dispo".encode(),
        f"--{BOUNDARY}\r\n\r\n".encode() + JPEG + b"\r\n" + END,
        part(FILE, JPEG, "Content-Transfer-Encoding: base64\r\n") + END,
        part(FILE, JPEG, "X: 1\r\n" * 500) + END,
        part(FILE, JPEG, "X: " + "1" * 20_000 + "\r\n") + END,
        part(FILE, JPEG, "Content-Type: multipart/mixed; boundary=inner\r\n") + END,
        part('name="_charset_"', b"x" * 50) + part(FILE, JPEG) + END,
    ],
    ids=lambda sent: f"{len(sent)} bytes",
)
async def test_what_is_truncated_or_malformed(client, folder, sent):
    response = await client.post("/api/v1/file", data=sent, headers=MULTIPART)
    await assert_refused(response, 400, "bad_request")
    await assert_nothing_left(folder)


async def test_fields_are_bounded_and_read_strictly(client):
    response = await client.post(
        "/api/v1/file", data=form(("file", JPEG, "x"), **{f"f{n}": "1" for n in range(1000)})
    )
    await assert_refused(response, 413, "too_large")
    for sent, status, code in (
        (b"\xff\xfe", 400, "wrong_encoding"),
        (b"a\0b", 400, "bad_request"),
        (b"x" * 70_000, 413, "too_large"),
    ):
        response = await client.post(
            "/api/v1/file", data=part('name="note"', sent) + END, headers=MULTIPART
        )
        await assert_refused(response, status, code)
    twice = part('name="a"', b"1") + part('name="a"', b"2") + END
    response = await client.post("/api/v1/file", data=twice, headers=MULTIPART)
    await assert_refused(response, 422, "invalid_input", "too_long")


async def test_a_slow_file_is_cut_off(client, folder):
    slow = send_in_chunks(part(FILE, JPEG)[:-2], bytes(10), END, pause=2)
    response = await client.post("/api/v1/file", data=slow, headers=MULTIPART)
    await assert_refused(response, 408, "too_slow")
    await assert_nothing_left(folder)


async def test_a_client_that_goes_away_leaves_nothing(client, folder):
    _reader, writer = await asyncio.open_connection(client.host, client.port)
    head = (
        "POST /api/v1/file HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n"
        f"Content-Type: {MULTIPART['Content-Type']}\r\n\r\n"
    )
    writer.write(head.encode() + part(FILE, JPEG)[:-2])
    for _ in range(200):
        if list(folder.iterdir()):
            break
        await asyncio.sleep(0.02)
    writer.close()
    await writer.wait_closed()
    await assert_nothing_left(folder)


async def test_other_bodies_are_no_upload(client):
    for headers in ({"Content-Type": "application/json"}, {"Content-Type": "text/plain"}):
        response = await client.post("/api/v1/file", data=b"{}", headers=headers)
        await assert_refused(response, 415, "unsupported_media_type")
    response = await client.post(
        "/api/v1/file", data=b"{}", headers={"Content-Type": "multipart/form-data"}
    )
    await assert_refused(response, 400, "bad_request")


async def test_a_page_is_told_in_a_page(client):
    response = await client.post(
        "/console/file", data=form(("file", b"MZ", "x.jpg")), headers={"Accept": "text/html"}
    )
    assert (response.status, response.content_type) == (415, "text/html")
    assert "不收这种格式" in await response.text()


async def test_what_a_killed_process_left_goes_at_the_next_start(aiohttp_client, folder):
    folder.mkdir()
    old, new, other = (folder / name for name in ("upload-old", "upload-new", "notes"))
    for path in (old, new, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (time.time() - 7200,) * 2)
    app = make_application()
    add_upload_folder(app, folder)
    await aiohttp_client(app)
    assert sorted(folder.iterdir()) == [other, new]


def test_too_few_bytes_are_no_kind():
    assert all(kind_of(beginning) is None for beginning in (b"", b"\xff", b"ftypisom", b"PK"))
