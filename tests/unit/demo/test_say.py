"""`zpt demo say` as somebody who is not there."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.commands.demo import demo


def test_of_four_hundred_names_a_few_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [{"name": f"王{number}", "openid": f"o{number}"} for number in range(400)]
    (tmp_path / "demo.json").write_text(json.dumps({"people": people}), encoding="utf-8")
    monkeypatch.setenv("ZPT_VAR", str(tmp_path))
    told = CliRunner().invoke(demo, ["say", "你好", "--as", "李四"])
    assert told.exit_code == 2
    assert "演示里没有 李四；一共400人，比如：王0、王1、王2、王3、王4。" in told.stderr
    assert "王5" not in told.stderr and str(tmp_path / "demo.json") in told.stderr
