"""What the tests of the phone share: the running demo, the browser, and pages that are watched."""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from domain.faq.routing import Router
from scripts.pictures.browser import Scheme, find_chromium, open_browser, open_page
from scripts.pictures.phone import PATIENCE_MS, open_phones
from tests.e2e.conftest import START_SECONDS, Place, new_place

QUESTION = "企业自己培训员工要不要开发票"
needs_chromium = pytest.mark.skipif(find_chromium() is None, reason="needs Chromium")


@pytest.fixture(scope="module")
def running(package_router: Router, models_folder: Path) -> Iterator[Place]:
    with new_place(models_folder) as place:
        place.wait_ready(place.start(sys.executable, "-m", "scripts", "demo"), START_SECONDS)
        yield place


@pytest.fixture(autouse=True)
def no_task_left_behind() -> None:
    """Instead of the one for all tests: the browser's driver keeps a loop of its own running in
    this thread, and no test of the phone starts a task."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with open_browser() as started:
        yield started


@pytest.fixture
def base_url(running: Place) -> str:
    return f"http://127.0.0.1:{running.port}"


class Watched:
    """Opens pages, and knows what went wrong on them."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self.browser = browser
        self.base_url = base_url
        self.pages: list[Page] = []
        self.wrong: list[str] = []

    def open(
        self, *openids: str, width: int = 1280, height: int = 800, scheme: Scheme = "light"
    ) -> Page:
        page = open_page(self.browser, width, height, scheme=scheme)
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", self._check_host)
        self.pages.append(page)
        open_phones(page, self.base_url, openids)
        return page

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.wrong.append(text)

    def _check_host(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme != "data" and asked.netloc != urlsplit(self.base_url).netloc:
            self.wrong.append(f"asked {request.url}")


@pytest.fixture
def watched(browser: Browser, base_url: str) -> Iterator[Watched]:
    """Pages that say nothing to the console and ask nobody but us."""
    pages = Watched(browser, base_url)
    yield pages
    for page in pages.pages:
        page.context.close()
    assert pages.wrong == []


@pytest.fixture
def people(running: Place) -> list[str]:
    """Openids of the demo's people."""
    return [person["openid"] for person in running.read_demo()["people"]]


def act(page: Page, base_url: str, openid: str, text: str) -> None:
    """Somebody writes, though it is not tapped on this page."""
    data = {"openid": openid, "act": {"kind": "text", "text": text}}
    assert page.request.post(f"{base_url}/sandbox/phone/acts", data=data).status == 202
