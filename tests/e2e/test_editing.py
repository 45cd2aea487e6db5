"""Editors at work while the service runs: changes are taken up, broken ones kept out."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.faq.routing import Router
from tests.e2e.conftest import START_SECONDS, Place, new_place
from tests.unit.faq.conftest import write_harbour
from tests.unit.faq.test_commands import GOOD

pytestmark = [pytest.mark.e2e, pytest.mark.alone]

CHANGE_SECONDS = 60.0
ASKED = "要不要戴泳帽"
STRANGE = "我叫张小花，明天股市会涨吗，打138 1234 5678告诉我"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_harbour(tmp_path_factory.mktemp("harbour"), **GOOD)


@pytest.fixture(scope="module")
def running(package_router: Router, models_folder: Path, folder: Path) -> Iterator[Place]:
    """The demo over a small city's content."""
    with new_place(models_folder) as place:
        run = place.start(sys.executable, "-m", "scripts", "demo", ZPT_CONTENT=str(folder))
        place.environment["ZPT_CONTENT"] = str(folder)
        place.wait_ready(run, START_SECONDS)
        yield place


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "faq" / "swim.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def wait_for(place: Place, said: str) -> None:
    """Both web processes say it: several times in a row."""
    until = time.monotonic() + CHANGE_SECONDS
    in_a_row = 0
    while in_a_row < 8:
        assert time.monotonic() < until, "the change was not taken up"
        in_a_row = in_a_row + 1 if said in place.say(ASKED) else 0


def test_change_is_taken_up_without_a_restart_and_a_broken_one_is_not(
    running: Place, folder: Path
) -> None:
    assert "要戴，自己带。" in running.say(ASKED)
    edit(folder, "要戴，自己带。", "要戴，池边发。")
    wait_for(running, "要戴，池边发。")
    edit(folder, "要戴，池边发。", "要戴，随便。\n  sources: [H9]\n  bad: 1\n  x: ")
    log = running.var / "log" / "web.log"
    until = time.monotonic() + CHANGE_SECONDS
    while "content_refused" not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < until
        time.sleep(0.3)
    assert "要戴，池边发。" in running.say(ASKED)
    edit(folder, "要戴，随便。\n  sources: [H9]\n  bad: 1\n  x: ", "要戴，门口买。")
    wait_for(running, "要戴，门口买。")


def test_unanswered_are_listed_masked_and_ready_to_paste(running: Place) -> None:
    running.say(STRANGE)
    until = time.monotonic() + CHANGE_SECONDS
    while True:
        listed = running.run("faq", "unanswered")
        assert listed.returncode == 0, listed.stderr
        if "股市" in listed.stdout:
            break
        assert time.monotonic() < until
        time.sleep(0.5)
    assert '    - "我叫〔姓名〕，明天股市会涨吗，打〔电话〕告诉我"' in listed.stdout
    assert "张小花" not in listed.stdout
    assert "1234" not in listed.stdout
    assert "# 1 次，其中" in listed.stdout


def test_nobody_has_tapped_yet(running: Place) -> None:
    assert "还没有人点过" in running.run("faq", "useful").stdout
