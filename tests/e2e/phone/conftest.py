"""What the tests of the phone share: the running demo and a browser."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from domain.faq.routing import Router
from scripts.pictures.browser import open_browser
from scripts.pictures.phone import PATIENCE_MS
from tests.e2e.conftest import START_SECONDS, Place, new_place
from tests.e2e.phone.watching import Watched


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
