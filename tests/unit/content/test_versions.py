"""A version of the privacy notice that people may have agreed to is not changed."""

import shutil
from pathlib import Path

import pytest

from content.loader import PACKAGE_CONTENT, read_content_folder
from content.versions import SUMS, check_versions
from domain.faq.content_check import check_content
from tests.unit.faq.conftest import write_folder


def problems(folder: Path) -> list[str]:
    return [str(one).removeprefix(f"{folder}/") for one in check_versions(folder)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Our own notices, to be changed."""
    return Path(shutil.copytree(PACKAGE_CONTENT / "privacy", tmp_path / "privacy"))


def test_ours_are_as_they_were() -> None:
    assert problems(PACKAGE_CONTENT / "privacy") == []


def test_a_changed_version_is_found(folder: Path) -> None:
    notice = folder / "2026-11.yaml"
    text = notice.read_text(encoding="utf-8")
    notice.write_text(text.replace("90天", "60天"), encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.startswith("2026-11.yaml:1: 这一版已经登记") and "另写新的一版" in problem


def test_a_new_version_asks_for_its_line(folder: Path) -> None:
    text = (folder / "2026-11.yaml").read_text(encoding="utf-8")
    (folder / "2026-12.yaml").write_text(text.replace("2026-11", "2026-12"), encoding="utf-8")
    (problem,) = problems(folder)
    line = problem.partition("加一行：")[2]
    with (folder / SUMS).open("a", encoding="utf-8") as sums:
        sums.write(line + "\n")
    assert problems(folder) == []


def test_a_version_that_is_gone_or_not_to_be_read_is_found(folder: Path) -> None:
    (folder / "2026-11.yaml").unlink()
    with (folder / SUMS).open("a", encoding="utf-8") as sums:
        sums.write("2026-11.yaml\n" + (PACKAGE_CONTENT / "privacy" / SUMS).read_text())
    found = problems(folder)
    assert any("不见了" in problem for problem in found)
    assert any("两个空格" in problem for problem in found)
    assert any("写了两次" in problem for problem in found)


def test_a_folder_without_notices_needs_no_list(tmp_path: Path) -> None:
    assert problems(tmp_path) == problems(tmp_path / "nowhere") == []


def test_the_linter_says_it(tmp_path: Path, folder: Path) -> None:
    entry = "- {id: one, title: 一, phrasings: [怎么办], answer: 这么办。}"
    place = write_folder(tmp_path / "content", faq__a=entry)
    shutil.copytree(folder, place / "privacy")
    (place / "privacy" / SUMS).unlink()
    report = check_content(read_content_folder(place))
    assert any("还没有登记" in problem.message for problem in report.problems)
