"""The running demo, and one browser for all who take part in a walk."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from domain.faq.routing import Router
from scripts.pictures.browser import open_browser
from scripts.pictures.phone import PATIENCE_MS
from tests.e2e.conftest import START_SECONDS, Place, new_place
from tests.e2e.walk.acting import Town


@pytest.fixture(autouse=True)
def no_task_left_behind() -> None:
    """Instead of the one for all tests, as in tests/e2e/phone."""


@pytest.fixture(scope="module")
def running(package_router: Router, models_folder: Path) -> Iterator[Place]:
    with new_place(models_folder) as place:
        place.wait_ready(place.start(sys.executable, "-m", "scripts", "demo"), START_SECONDS)
        yield place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with open_browser() as started:
        yield started


@pytest.fixture(scope="module")
def town(browser: Browser, running: Place) -> Iterator[Town]:
    """Everybody of the demo; their windows are closed at the end."""
    everybody = Town(browser, f"http://127.0.0.1:{running.port}", running.read_demo())
    yield everybody
    everybody.close()
