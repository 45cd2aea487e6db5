"""How far a rotation has come, on a terminal and in a log."""

import sys

import pytest

from domain.rotation.rotating import Progress
from scripts.rotation_progress import showing_progress


def show_all(done: int) -> None:
    with showing_progress() as report:
        for number in range(0, done + 1, 200):
            report(Progress("people", 1, number, done))


def test_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show_all(1000)
    said = capsys.readouterr().out
    assert "第 1 遍  people" in said
    assert "1000/1000" in said
    assert "行/秒" in said


def test_some_lines_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    """The first batch, then one every five seconds, and the last."""
    show_all(100_000)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("第 1 遍 people：0/100,000 行")
    assert lines[-1].startswith("第 1 遍 people：100,000/100,000 行")
    assert len(lines) < 5


def test_a_log_without_a_terminal_has_no_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_all(400)
    assert "\x1b" not in capsys.readouterr().out
