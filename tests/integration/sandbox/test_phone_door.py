"""Who may use the phone's door, and the files of its page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from sandbox.phone import page
from tests.integration.sandbox.support import OPENID, Hand, open_client

ROOT = Path(__file__).parents[3]


async def ask(hand: Hand, method: str, path: str, headers: dict[str, str], **more: Any) -> int:
    async with hand.session.request(
        method, f"{hand.url}/sandbox/{path}", headers=headers, **more
    ) as response:
        return response.status


ACT = b'{"openid": "%s", "act": {"kind": "text", "text": "x"}}' % OPENID.encode()
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (JSON, 202),
        ({"Content-Type": "application/json; charset=utf-8"}, 202),
        ({}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({**JSON, "Origin": "https://elsewhere.example"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**JSON, "Sec-Fetch-Site": "same-site"}, 403),
        ({**JSON, "Sec-Fetch-Site": "same-origin"}, 202),
        ({**JSON, "Host": "rebound.example"}, 403),
        ({**JSON, "Host": "rebound.example", "Origin": "http://rebound.example"}, 403),
        ({**JSON, "Host": "localhost:1"}, 202),
    ],
)
async def test_pages_of_other_sites_cannot_act(hand: Hand, headers: Any, status: int):
    assert await ask(hand, "POST", "phone/acts", headers, data=ACT) == status
    assert len(await hand.items()) == (1 if status == 202 else 0)


async def test_its_own_page_acts(hand: Hand):
    assert await ask(hand, "POST", "phone/acts", {**JSON, "Origin": hand.url}, data=ACT) == 202


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "reset"), ("DELETE", "faults"), ("POST", "tokens/revoke")]
)
async def test_the_rest_of_the_control_door_is_guarded_too(hand: Hand, method: str, path: str):
    foreign = {"Origin": "https://elsewhere.example"}
    assert await ask(hand, method, path, foreign) == 403
    assert await ask(hand, method, path, {}) == 200


async def test_no_name_that_points_here_looks_in(hand: Hand):
    assert await ask(hand, "GET", "phone/setup", {"Host": "rebound.example"}) == 403
    assert await ask(hand, "GET", "phone/setup", {"Host": "[::1]:80"}) == 200


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of page files of the test's own, with a secret beside it."""
    folder = tmp_path / "static"
    (folder / "deep").mkdir(parents=True)
    (folder / "phone.html").write_text("<title>手机</title>", encoding="utf-8")
    (folder / "phone.js").write_text("1", encoding="utf-8")
    (folder / "deep" / "a.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (tmp_path / "secret.js").write_text("secret", encoding="utf-8")
    (folder / "link.js").symlink_to(tmp_path / "secret.js")
    monkeypatch.setattr(page, "_STATIC", folder)
    yield folder


@pytest.mark.usefixtures("static")
@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("", "text/html"),
        ("static/phone.html", "text/html"),
        ("static/phone.js", "text/javascript"),
        ("static/deep/a.svg", "image/svg+xml"),
        ("static/tokens.css", "text/css"),
    ],
)
async def test_files_of_the_page(hand: Hand, path: str, content_type: str):
    async with hand.session.get(f"{hand.url}/sandbox/{path}") as response:
        assert (response.status, response.content_type) == (200, content_type)
        assert response.headers["Cache-Control"] == "no-cache"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        body = await response.read()
    if path.endswith("tokens.css"):
        assert body == (ROOT / "web" / "static" / "tokens.css").read_bytes()


@pytest.mark.usefixtures("static")
@pytest.mark.parametrize(
    "path",
    [
        "static/",
        "static/deep",
        "static/notes.txt",
        "static/none.js",
        "static/link.js",
        "static/../secret.js",
        "static/%2e%2e/secret.js",
        "static/..%2fsecret.js",
        "static/%2fetc%2fhostname.js",
        "static/a%00.js",
        "static/" + "a" * 5000 + ".js",
    ],
)
async def test_no_other_files(hand: Hand, path: str):
    url = URL(f"{hand.url}/sandbox/{path}", encoded=True)
    async with hand.session.get(url) as response:
        assert response.status == 404
        assert "secret" not in await response.text()


async def test_the_address_without_its_slash(hand: Hand):
    async with hand.session.get(f"{hand.url}/sandbox", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/sandbox/")


@pytest.mark.parametrize("path", ["media/none", "pictures/none.png", "pictures/..%2Fx.png"])
async def test_pictures_that_are_not_there(hand: Hand, path: str):
    assert await ask(hand, "GET", path, {}) == 404


async def test_a_file_of_another_kind_is_not_shown(hand: Hand):
    """A page of the service's own upload must not run under our address."""
    async with open_client(hand) as client:
        media_id = await client.upload_media("image", "a.html", b"<script>", "text/html")
    assert await ask(hand, "GET", f"media/{media_id}", {}) == 404
