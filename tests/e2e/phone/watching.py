"""Pages that are watched while the tests use them."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request

from scripts.pictures.browser import Scheme, find_chromium, open_page
from scripts.pictures.phone import PATIENCE_MS, open_phones

QUESTION = "企业自己培训员工要不要开发票"
needs_chromium = pytest.mark.skipif(find_chromium() is None, reason="needs Chromium")


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


def act(page: Page, base_url: str, openid: str, text: str) -> None:
    """Somebody writes, though it is not tapped on this page."""
    data = {"openid": openid, "act": {"kind": "text", "text": text}}
    assert page.request.post(f"{base_url}/sandbox/phone/acts", data=data).status == 202
