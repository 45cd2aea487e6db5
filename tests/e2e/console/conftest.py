"""The gallery in Chromium."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, Request, expect

from scripts.pictures.browser import Scheme, open_browser
from tests.consoles import CITY_OFFICER, FRAME, let_in, make_console
from tests.e2e.console import gallery
from tests.e2e.console.serving import serving

PATIENCE_MS = 20_000
#: What Chromium says of a page whose status is one of these; the page itself is what is tested.
_EXPECTED = ("status of 422", "status of 403")


class Opener:
    """Opens pages below /console, and knows what went wrong on them."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self.pages: list[Page] = []
        self.wrong: list[str] = []

    def open(
        self,
        path: str,
        *,
        width: int = 1280,
        height: int = 800,
        scheme: Scheme = "light",
        script: bool = True,
    ) -> Page:
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=script,
            locale="zh-CN",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", self._check_host)
        self.pages.append(page)
        self.go(page, path)
        return page

    def go(self, page: Page, path: str) -> None:
        """Open another page in the same window."""
        page.goto(self._base_url + path)

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(known in text for known in _EXPECTED):
            self.wrong.append(text)

    def _check_host(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme != "data" and asked.netloc != urlsplit(self._base_url).netloc:
            self.wrong.append(f"asked {request.url}")


@pytest.fixture(autouse=True)
def no_task_left_behind() -> None:
    """Instead of the one for all tests, as in tests/e2e/phone: the browser's driver keeps a loop
    running in this thread, and the application has one in another."""


@asynccontextmanager
async def make_gallery() -> AsyncIterator[web.Application]:
    yield make_console(
        let_in(CITY_OFFICER),
        own=FRAME,
        areas=[gallery.add_routes],
        templates=[gallery.TEMPLATES],
    )


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serving(make_gallery) as address:
        yield f"{address}/console"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with open_browser() as started:
        yield started


@pytest.fixture
def opener(browser: Browser, base_url: str) -> Iterator[Opener]:
    """Pages that say nothing to the console and ask nobody but us."""
    pages = Opener(browser, base_url)
    yield pages
    for page in pages.pages:
        page.context.close()
    assert pages.wrong == []
