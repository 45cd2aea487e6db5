"""The API's page in a real browser: it shows what it should and asks nobody but us."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.faq.routing import Router
from tests.e2e.conftest import START_SECONDS, Place, new_place

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium"),
]

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def running(package_router: Router, models_folder: Path) -> Iterator[Place]:
    with new_place(models_folder) as place:
        place.wait_ready(place.start(sys.executable, "-m", "scripts", "demo"), START_SECONDS)
        yield place


def test_the_docs_page_loads_nothing_from_elsewhere(running: Place, tmp_path: Path) -> None:
    base_url = f"http://127.0.0.1:{running.port}"
    network_log = tmp_path / "net.json"
    page = subprocess.run(
        [
            "chromium",
            *FLAGS,
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--log-net-log={network_log}",
            "--dump-dom",
            f"{base_url}/api/docs",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    # Addresses may break at their slashes.
    assert "/api/v1/faq" in page.replace("<wbr>", "")
    log = json.loads(network_log.read_text(encoding="utf-8"))
    asked = {
        event["params"]["url"]
        for event in log["events"]
        if base_url in event.get("params", {}).get("initiator", "") and "url" in event["params"]
    }
    assert any(".css" in url for url in asked), "the page's own files are in the log"
    assert {urlsplit(url).netloc for url in asked} == {f"127.0.0.1:{running.port}"}
