"""docs/wechat.md names tests that exist, and all 33 threads."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "wechat.md").read_text(encoding="utf-8")


def test_every_test_that_it_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 25
    written: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        written |= set(re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8")))
    assert named - written == set()


def test_all_threads_are_there() -> None:
    rows = re.findall(r"^\| (\d+) \S", PAGE, re.MULTILINE)
    assert [int(row) for row in rows] == list(range(1, 34))


def test_files_that_it_names_exist() -> None:
    for name in re.findall(r"`((?:bot|jobs|tests)/[\w./]+)`", PAGE):
        assert (ROOT / name).exists(), name
