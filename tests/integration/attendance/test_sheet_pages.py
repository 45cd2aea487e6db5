"""The sheets as the console gives them, and as `zpt export` does."""

from io import BytesIO
from pathlib import Path

from aiohttp import ClientResponse
from openpyxl import load_workbook

from domain.actor import Role, Staff
from models.audit import AuditEntry
from models.columns import new_id
from tests.consoles import CITY_OFFICER, TOKEN
from tests.integration.attendance.conftest import NOW, HoldClass, Join, make_class
from tests.integration.enrolments.conftest import MakeClass
from tests.integration.enrolments.test_commands import environment, run
from tests.integration.training.test_pages import Client, opened, read, words_of

__all__ = ["environment", "make_class"]

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def take_out(client: Client, path: str, **fields: str) -> ClientResponse:
    return await client.post(
        f"/console/classes{path}",
        data={"csrf": TOKEN, **fields},
        headers={"Accept": "text/html"},
        allow_redirects=False,
    )


async def test_a_class_page_gives_its_sheet(
    hold_class: HoldClass, join: Join, clerk: Staff
) -> None:
    row, _ = await hold_class(recruiting_since=NOW)
    await join(row, 1)
    async with opened(clerk) as client:
        page = await read(client, f"/{row.id}")
        assert "下载签到表" in page and "下载有姓名的签到表" in page
        answer = await take_out(client, f"/{row.id}/signin")
        assert (answer.status, answer.content_type) == (200, SHEET)
        assert answer.headers["Cache-Control"] == "no-store"
        assert (
            "filename*=UTF-8''%E5%AD%A6%E5%91%98%E7%AD%BE%E5%88%B0%E8%A1%A8"
            in (answer.headers["Content-Disposition"])
        )
        (sheet,) = load_workbook(BytesIO(await answer.read())).worksheets
        assert sheet.cell(8, 2).value == "王*"
        named = {"shown": "names", "reason": "filing", "note": "第一批"}
        answer = await take_out(client, f"/{row.id}/signin", **named)
        (sheet,) = load_workbook(BytesIO(await answer.read())).worksheets
        assert sheet.cell(8, 2).value == "王秀兰" and "*" in str(sheet.cell(8, 3).value)
        refusal = await take_out(client, f"/{row.id}/signin", shown="whole")
        assert refusal.status == 422
    facts = [one.facts for one in await AuditEntry.filter(event="signin.export").order_by("id")]
    assert [one.get("reason") for one in facts] == [None, "交备案、补贴的材料：第一批"]


async def test_who_sees_no_attendance_is_offered_no_sheet(hold_class: HoldClass) -> None:
    row, _ = await hold_class(recruiting_since=NOW)
    async with opened(Staff(new_id(), Role.HOTLINE)) as client:
        assert "签到表" not in await read(client, f"/{row.id}")
        assert (await take_out(client, f"/{row.id}/signin")).status == 403
    async with opened(Staff(new_id(), Role.SUPERVISOR)) as client:
        page = await read(client, f"/{row.id}")
        assert "下载签到表" in page and "有姓名的" not in page


async def test_the_city_finds_its_table(make_class: MakeClass) -> None:
    await make_class("葫芦雕刻第1期", is_project=True, recruiting_since=NOW)
    async with opened(CITY_OFFICER) as client:
        assert "/console/classes/projects" in await read(client)
        page = words_of(await read(client, "/projects"))
        assert "葫芦雕刻第1期（康养培训）" in page and "1个，10人" in page
        assert "；计划开展" in page
        later = words_of(await read(client, "/projects?from=2027-01-05")).replace(" ", "")
        assert "2027年1月5日至12月31日开班的项目制班：0个，0人" in later
        days = {"from": "2026-12-01", "to": "2026-12-31", "name": "王敏"}
        answer = await take_out(client, "/projects", **days)
        assert (answer.status, answer.content_type) == (200, SHEET)
        (sheet,) = load_workbook(BytesIO(await answer.read())).worksheets
        assert "2026年12月1日至2026年12月31日" in str(sheet.cell(2, 1).value)
        assert sheet.cell(4, 3).value == "葫芦雕刻第1期（康养培训）"
    async with opened(Staff(new_id(), Role.COUNTY_OFFICER, county="371521")) as client:
        assert "/console/classes/projects" not in await read(client)
        await read(client, "/projects", 403)


async def test_an_operator_takes_them_out(
    hold_class: HoldClass, join: Join, environment: dict[str, str], tmp_path: Path
) -> None:
    row, _ = await hold_class(is_project=True, recruiting_since=NOW)
    await join(row, 1)
    signin, table = tmp_path / "signin.xlsx", tmp_path / "table2.xlsx"
    code, said = await run(environment, "export", "signin", str(row.id), "--out", str(signin))
    assert code == 0, said
    assert signin.stat().st_mode & 0o077 == 0
    assert load_workbook(signin).worksheets[0].cell(8, 2).value == "王*"
    unmasked = ["export", "signin", str(row.id), "--out", str(signin), "--unmasked"]
    code, said = await run(environment, *unmasked)
    assert code == 2 and "--reason" in said, said
    code, said = await run(environment, *unmasked, "--reason", "核对")
    assert code == 2 and "请写明理由" in said and "4到200个字" in said, said
    code, said = await run(environment, *unmasked, "--reason", "交补贴材料")
    assert code == 0 and "用完请删掉" in said, said
    assert load_workbook(signin).worksheets[0].cell(8, 2).value == "王秀兰"
    code, said = await run(environment, "export", "signin", str(new_id()))
    assert code == 2 and "没有这个班" in said, said
    days = ["--from", "2026-12-01", "--to", "2026-12-31", "--county", "371521"]
    code, said = await run(environment, "export", "table2", *days, "--out", str(table))
    assert code == 0, said
    assert "养老护理员第1期" in str(load_workbook(table).worksheets[0].cell(4, 3).value)
    for wrong in (["--from", "2026-12-01"], ["--year", "2026", *days], ["--county", "1"]):
        code, said = await run(environment, "export", "table2", *wrong, "--out", str(table))
        assert code == 2, said
