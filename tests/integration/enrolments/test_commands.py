"""`zpt import roster` and `zpt export roster`, as an operator runs them."""

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest

from domain.enrolments.roster import COLUMNS
from domain.sheets.reading import read_sheet
from models.audit import AuditEntry
from models.enrolments import Enrolment
from models.training import TrainingClass
from tests.integration.enrolments.conftest import MakeClass, id_number_of
from tests.support import make_environment
from tests.unit.sheets.building import workbook

ROWS = [
    ("姓名", "身份证号", "手机号"),
    ("王秀兰", id_number_of(1), "16900000001"),
    ("李建国", id_number_of(3), "16900000003"),
]


@pytest.fixture
def environment(database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    key = "k1:" + base64.b64encode(bytes(range(32))).decode()
    return os.environ | make_environment(database_url, redis_url, tmp_path, ZPT_DATA_KEYS=key)


async def run(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scripts", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_in_and_out_again(
    make_class: MakeClass, environment: dict[str, str], tmp_path: Path
) -> None:
    row: TrainingClass = await make_class()
    file, back, out = tmp_path / "in.xlsx", tmp_path / "back.xlsx", tmp_path / "out.xlsx"
    file.write_bytes(workbook([*ROWS, ("Ａ1", id_number_of(4), "")]))
    taking = ["import", "roster", str(file), "--class", str(row.id)]
    code, said = await run(environment, *taking, "--dry-run")
    assert code == 1 and "第2行 王* 报上" in said and "只是检查，没有改动" in said, said
    assert await Enrolment.all().count() == 0
    code, said = await run(environment, *taking, "--refused", str(back))
    assert code == 1 and "新增 2 行" in said and "第4行" in said, said
    assert back.exists() and id_number_of(1) not in said
    code, said = await run(environment, "export", "roster", str(row.id), str(out))
    assert code == 0, said
    assert out.stat().st_mode & 0o077 == 0
    sheet = read_sheet(out.read_bytes(), COLUMNS)
    assert [(one.values["name"], one.values["id_number"]) for one in sheet.rows] == [
        ("王秀兰", id_number_of(1)),
        ("李建国", id_number_of(3)),
    ]
    entry = await AuditEntry.get(event="roster.export")
    assert (entry.facts, entry.actor) == ({"people": 2, "unmasked": True}, "system zpt export")
    await run(environment, "export", "roster", str(row.id), str(out), "--masked")
    masked = read_sheet(out.read_bytes(), COLUMNS).rows[0].values
    assert (masked["name"], masked["id_number"]) == ("王*", f"3715**********{id_number_of(1)[-4:]}")
