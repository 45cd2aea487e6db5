"""A headless Chromium of this machine: nothing is downloaded, nothing is asked elsewhere."""

import contextlib
import shutil
from collections.abc import Iterator
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

Scheme = Literal["light", "dark"]


def find_chromium() -> str | None:
    """The program, or None where this machine has none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Raises FileNotFoundError where there is no Chromium."""
    chromium = find_chromium()
    if chromium is None:
        raise FileNotFoundError("这台机器上没有 Chromium，先装上再来")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        try:
            yield browser
        finally:
            browser.close()


def open_page(
    browser: Browser,
    width: int,
    height: int,
    *,
    scheme: Scheme = "light",
    scale: float = 1.0,
    touch: bool = False,
) -> Page:
    """An empty page in a context of its own; `width` and `height` in CSS pixels."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        device_scale_factor=scale,
        has_touch=touch,
        locale="zh-CN",
        reduced_motion="reduce",
    )
    return context.new_page()
