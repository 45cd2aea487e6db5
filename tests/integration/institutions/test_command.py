"""`zpt import directory` and `zpt import standards`, as an operator runs them."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest

from models.institutions import Institution
from models.standards import SubsidyStandard
from tests.integration.institutions.test_importing import (
    GOOD,
    LATER,
    STANDARD_TITLES,
    row,
    sheet,
    standards,
)
from tests.support import make_environment
from tests.unit.sheets.building import workbook

Run = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def run(database: str, redis_url: str, tmp_path: Path) -> Run:
    """Runs `zpt` with these words; its exit code, and all that it printed."""

    async def run_zpt(*words: str | Path) -> tuple[int, str]:
        environment = os.environ | make_environment(database, redis_url, tmp_path)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts", *map(str, words)),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await child.communicate()
        return child.returncode or 0, printed.decode()

    return run_zpt


async def test_a_directory_with_a_bad_row(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "目录.xlsx"
    file.write_bytes(sheet(*GOOD, row(9, "鸿翔")))
    code, printed = await run("import", "directory", file, "--dry-run")
    assert code == 1 and "只是检查，没有改动。导入的话：新增 3 行" in printed
    assert await Institution.all().count() == 0
    back = tmp_path / "退回.xlsx"
    code, printed = await run("import", "directory", file, "--refused", back)
    assert code == 1
    assert "导入完成：新增 3 行，变更 0 行，没有变化 0 行，没收下 1 行。" in printed
    assert "第6行“培训机构名称”（B列）里的名称不完整" in printed
    assert back.exists() and await Institution.all().count() == 3
    code, printed = await run("import", "directory", file)
    assert "已经导入过，这次什么也没有改" in printed


async def test_a_file_that_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "standards.xlsx"
    file.write_bytes(
        workbook([STANDARD_TITLES, ("电工", "合格证", "", 80, "=800", date(2026, 1, 1))])
    )
    code, printed = await run("import", "standards", file)
    assert code == 2 and "第2行“补贴标准（元/人）”（E列）" in printed and "Traceback" not in printed
    assert await SubsidyStandard.all().count() == 0
    file.write_bytes(standards(LATER))
    code, printed = await run("import", "standards", file, "--examples")
    assert code == 0 and "新增 1 行" in printed
    assert (await SubsidyStandard.get()).is_example
