"""项目制培训情况统计表 (P32-A2): which classes it has, and how it is printed."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from content.schema import Content
from domain.actor import Role, Staff, System
from domain.attendance.projects import Period, year_of
from domain.attendance.table2 import Filled, export_table2, list_projects
from models.audit import AuditEntry
from models.columns import new_id
from models.training import ClassEvent, TrainingClass
from tests.integration.attendance.conftest import (
    ENDS,
    NOW,
    STARTS,
    HoldClass,
    Join,
    make_class,
    refused,
)
from tests.integration.enrolments.conftest import COUNTY, MakeClass

__all__ = ["make_class"]

AFTER = ENDS + timedelta(days=14)
YEAR = year_of(2026)
CITY = Staff(new_id(), Role.CITY_OFFICER)
COLUMNS = ["市", "组织区县", "培训项目名称", "群体范围", "培训人数", "组织时间", "备注"]


def words(sheet: Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]


async def export(content: Content, period: Period = YEAR, county: str = "") -> Worksheet:
    filled = Filled("王敏", "0635-0000000")
    made = await export_table2(CITY, content, period, county, filled=filled, now=AFTER)
    (sheet,) = load_workbook(BytesIO(made)).worksheets
    return sheet


async def run_by_city(row: TrainingClass) -> None:
    await ClassEvent.create(
        training_class_id=row.id,
        version=3,
        kind="approve",
        before="filed",
        after="approved",
        facts={"city_run": True},
        made_by="staff tests",
        made_at=NOW,
    )


async def test_the_table_is_the_notices(
    hold_class: HoldClass, make_class: MakeClass, join: Join, content: Content
) -> None:
    shown = {"is_project": True, "recruiting_since": NOW, "target_group": "农村转移劳动力"}
    held, _ = await hold_class("葫芦雕刻第1期", status="ended", programme="heritage", **shown)
    for number, status in enumerate(("confirmed", "completed", "withdrawn", "applied"), 1):
        await join(held, number, status)
    city, _ = await hold_class("市里的班", status="approved", **shown)
    await run_by_city(city)
    await make_class("招生的班", county="371502", capacity=30, **shown)
    sheet = await export(content)
    rows = words(sheet)
    assert rows[:3] == [
        ["项目制培训情况统计表"],
        ["统计范围：2026年1月1日至2026年12月31日开班的项目制班"],
        COLUMNS,
    ]
    school, time = "阳谷县巧手职业培训学校", "2026年12月7日8:30至11:30，共1次课"
    group = "农村转移劳动力"
    assert rows[3:6] == [
        ["聊城市", "市直", "市里的班（康养培训）", group, 0, time, f"{school}\n计划开展"],
        [
            *("聊城市", "东昌府区", "招生的班（康养培训）", group, 30),
            "2026年12月7日至12月18日，还没有排课次",
            f"{school}\n计划开展\n人数是计划招收的，已报名0人",
        ],
        ["聊城市", "阳谷县", "葫芦雕刻第1期（非遗传承培训）", group, 2, time, school],
    ]
    assert rows[6] == ["合计", "3个班", 32]
    assert str(rows[7][0]).startswith("注：培训项目由市直组织的，“组织区县”一列填写“市直”；")
    assert rows[8] == ["填表人：王敏", "联系电话：0635-0000000", "填表日期：2026年12月21日"]
    setup = sheet.page_setup
    assert (setup.orientation, str(setup.paperSize), setup.fitToHeight) == ("landscape", "9", 0)
    assert (sheet.print_title_rows, sheet.oddFooter.center.text) == ("$1:$3", "第&P页 共&N页")
    assert str(sheet.print_area).endswith("$A$1:$G$9")


@pytest.mark.parametrize(
    "fields",
    [
        {"is_project": False},
        {"status": "draft"},
        {"status": "cancelled"},
        # Called off before anybody saw it, or not shown to anybody yet.
        {"recruiting_since": None},
        {"starts_on": date(2025, 12, 31)},
        {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 1, 9)},
    ],
)
async def test_what_is_no_part_of_it(
    make_class: MakeClass, content: Content, fields: dict[str, object]
) -> None:
    await make_class(**({"is_project": True, "recruiting_since": NOW} | fields))
    assert await list_projects(CITY, content, YEAR, now=AFTER) == []
    assert ["这段时间没有项目制班"] in words(await export(content))


async def test_a_county_and_a_period(make_class: MakeClass, content: Content) -> None:
    shown = {"is_project": True, "recruiting_since": NOW}
    await make_class("阳谷的班", **shown)
    city = await make_class("市里的班", **shown)
    await run_by_city(city)
    await make_class("东昌府的班", county="371502", **shown)

    async def names(period: Period = YEAR, county: str = "") -> list[str]:
        lines = await list_projects(CITY, content, period, county, now=AFTER)
        return [line.name.split("（")[0] for line in lines]

    assert await names() == ["市里的班", "东昌府的班", "阳谷的班"]
    # What the city organises in a county is the city's.
    assert await names(county=COUNTY) == ["阳谷的班"]
    assert await names(Period(date(2026, 12, 7), date(2026, 12, 7)), "371502") == ["东昌府的班"]
    assert await names(Period(date(2026, 12, 8), date(2026, 12, 31))) == []


async def test_who_may(database: str, content: Content) -> None:
    for role, said in (
        (Role.CITY_OFFICER, ""),
        (Role.SUPERVISOR, ""),
        (Role.COUNTY_OFFICER, "no_permission"),
        (Role.INSTITUTION, "no_permission"),
        (Role.HOTLINE, "no_permission"),
        (Role.INSPECTOR, "no_permission"),
    ):
        actor = Staff(new_id(), role, county=COUNTY, institution=new_id())
        asked = export_table2(actor, content, YEAR, filled=Filled(), now=AFTER)
        assert await refused(asked) == said
    await export_table2(System("zpt export"), content, YEAR, filled=Filled(), now=AFTER)
    entries = await AuditEntry.filter(event="table2.export")
    assert len(entries) == 3
    assert entries[0].facts == {
        "from": "2026-01-01",
        "until": "2026-12-31",
        "county": None,
        "classes": 0,
    }


async def test_nothing_in_it_runs(make_class: MakeClass, content: Content) -> None:
    shown = {"is_project": True, "recruiting_since": NOW, "target_group": "=1+1"}
    await make_class("@SUM(A1)", **shown)
    made = await export_table2(CITY, content, YEAR, filled=Filled("=1", "+8610"), now=AFTER)
    (sheet,) = load_workbook(BytesIO(made)).worksheets
    for cells in sheet.iter_rows():
        for cell in cells:
            assert cell.data_type != "f"
            assert not str(cell.value or "").startswith(("=", "+", "@")), cell.value
    assert STARTS < AFTER
