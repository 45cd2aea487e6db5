"""The subsidy standards in the console."""

import re
from datetime import date
from uuid import uuid4

from domain.actor import Role, Staff
from domain.sheets.writing import Fen, write_workbook
from domain.standards.importing import import_standards
from tests.consoles import CITY_OFFICER, NOW
from tests.integration.console.conftest import OpenConsole

TITLES = ("职业（工种）", "类别", "等级", "课时", "补贴标准", "起始日期", "文号")
ROWS = [
    ("家政服务员", "合格证", "", 40, Fen(80_000), date(2026, 1, 1), "聊人社字〔2026〕3号"),
    ("电工", "职业技能等级", "五级", 120, Fen(180_050), date(2026, 12, 1), ""),
]


async def test_the_standards_of_a_day(open_console: OpenConsole) -> None:
    officer = await open_console(CITY_OFFICER)
    assert "这一天没有补贴标准" in await officer.get("/standards")
    await import_standards(CITY_OFFICER, write_workbook(TITLES, ROWS), now=NOW)
    today = await officer.get("/standards")
    assert "家政服务员" in today and "800元" in today and "电工" not in today
    later = await officer.get("/standards?on=2026-12-02&q=电")
    assert "1,800.50元" in later and "家政服务员" not in later


async def test_made_up_ones_say_so(open_console: OpenConsole) -> None:
    await import_standards(CITY_OFFICER, write_workbook(TITLES, ROWS), examples=True, now=NOW)
    officer = await open_console(CITY_OFFICER)
    assert "示例，不是真的标准" in await officer.get("/standards")


async def test_a_sheet_of_standards(open_console: OpenConsole) -> None:
    officer = await open_console(CITY_OFFICER)
    page = await officer.hand_in("/standards/import", write_workbook(TITLES, ROWS))
    assert "<strong>2</strong>条新标准" in page
    sheet = re.search(r'name="sheet" value="([^"]+)"', page)
    assert sheet
    await officer.post("/standards/import/confirmed", sheet=sheet[1])
    assert "家政服务员" in await officer.get("/standards")


async def test_only_the_city_keeps_them(open_console: OpenConsole) -> None:
    county = await open_console(Staff(uuid4(), Role.COUNTY_OFFICER, county="371521"))
    await county.get("/standards")
    assert county.status == 403
