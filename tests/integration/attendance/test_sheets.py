"""The sign-in sheet (学员签到表), read back as a spreadsheet program would."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from content.schema import Content
from domain.actor import Role, Staff, System
from domain.attendance.for_others import check_in_by_hand
from domain.attendance.rules import Kind, Wants
from domain.attendance.sheets import Shown, export_signin
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment
from models.people import Person
from models.training import ClassEvent, ClassSession, TrainingClass
from tests.integration.attendance.conftest import (
    ENDS,
    NOW,
    STARTS,
    HoldClass,
    Join,
    enrol,
    refused,
)
from tests.integration.attendance.conftest import CheckIn as Come
from tests.integration.enrolments.conftest import COUNTY, MakePerson, id_number_of

AFTER = ENDS + timedelta(hours=1)
DAY = timedelta(days=1)
REASON = "交备案、补贴的材料"


Export = Callable[..., Awaitable[Workbook]]


@pytest.fixture
def export(vault: Vault, content: Content) -> Export:
    async def take(
        actor: Staff | System,
        row: TrainingClass,
        shown: Shown = Shown.MASKED,
        reason: str = "",
    ) -> Workbook:
        sheet = await export_signin(
            actor, vault, content, class_id=row.id, shown=shown, reason=reason, now=AFTER
        )
        assert sheet.title == row.title
        return load_workbook(BytesIO(sheet.content))

    return take


def words(sheet: Worksheet) -> list[list[object]]:
    """Row by row what stands in it."""
    return [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]


async def approve(row: TrainingClass, **facts: object) -> None:
    await ClassEvent.create(
        training_class_id=row.id,
        version=3,
        kind="approve",
        before="filed",
        after="approved",
        facts=facts,
        made_by="staff tests",
        made_at=NOW - timedelta(days=5),
    )


async def test_a_sheet_is_printed_as_it_is(
    hold_class: HoldClass, join: Join, come: Come, clerk: Staff, export: Export
) -> None:
    row, morning = await hold_class(
        address="阳谷县侨润街道1号", teacher="孙老师", hours=40, target_group="农民"
    )
    await ClassSession.create(training_class_id=row.id, starts_at=STARTS + DAY, ends_at=ENDS + DAY)
    await approve(row, filing_number="聊培备〔2026〕12号")
    there, late, by_hand, absent = [await join(row, number) for number in (1, 2, 3, 4)]
    await come(there, morning)
    await come(late, morning, now=STARTS + timedelta(minutes=90))
    await check_in_by_hand(
        *(clerk, Wants()),
        session_id=morning.id,
        enrolments=[(await Enrolment.get(person_id=by_hand.id)).id],
        kind=Kind.IN,
        at=STARTS,
        reason="手机没电",
        now=AFTER,
    )
    gone = await join(row, 5)
    await come(gone, morning)
    await Enrolment.filter(person_id=gone.id).update(status="withdrawn")
    book = await export(clerk, row)
    (sheet,) = book.worksheets
    shown = words(sheet)
    assert shown[0] == ["学员签到表"]
    assert shown[1] == ["班期：养老护理员第1期", "备案号：聊培备〔2026〕12号"]
    assert shown[2] == ["办班单位：阳谷县巧手职业培训学校", "授课老师：孙老师"]
    assert shown[3] == [
        "培训项目：康养培训；职业（工种）：养老护理员",
        "总课时：40课时（一课时45分钟）",
    ]
    assert shown[4] == [
        "上课地点：阳谷县侨润街道1号",
        "培训日期：2026年12月7日至2026年12月18日",
    ]
    titles = ["序号", "姓名", "身份证号", "12月7日（周一）\n08:30—11:30"]
    titles += ["12月8日（周二）\n08:30—11:30", "累计课时", "出勤率", "学员签名"]
    assert shown[5] == titles
    assert shown[6] == ["签到", "签退"] * 2
    masked = f"3715**********{id_number_of(1)[-4:]}"
    assert shown[7] == [1, "王*", masked, "08:20", 4, 100]
    assert shown[8][3:] == ["10:00\n迟", 2, 50]
    assert shown[9][3:] == ["08:30\n手 待", 0, 0]
    assert shown[10][3:] == ["缺勤", 0, 0]
    assert shown[11][3:] == ["08:20", 4, "已退出"]
    # Of tomorrow's session nobody can say who was there.
    assert shown[12] == ["实到", "2/4人"]
    legend = shown[13][0]
    assert isinstance(legend, str)
    for mark in ("迟＝", "手＝", "纸＝", "离＝", "待＝", "低＝出勤率低于80%（本地设置"):
        assert mark in legend
    footer = sheet.oddFooter
    signs = [part.text for part in (footer.left, footer.center, footer.right)]
    assert [str(one).split("：")[0] for one in signs] == ["授课老师签字", "班主任签字", "日期"]
    assert "低" in sheet.cell(11, 9).number_format and "低" not in sheet.cell(8, 9).number_format
    assert absent.id != late.id


async def test_the_print_settings(
    hold_class: HoldClass, join: Join, clerk: Staff, export: Export
) -> None:
    row, _ = await hold_class()
    await join(row, 1)
    (sheet,) = (await export(clerk, row)).worksheets
    setup = sheet.page_setup
    assert (setup.orientation, str(setup.paperSize)) == ("landscape", "9")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$1:$7"
    assert sheet.print_area == f"'{sheet.title}'!$A$1:$H$10"
    footer = sheet.oddFooter
    assert str(footer.center.text).endswith("\n第&P页 共&N页")
    assert f"\n班期号 {COUNTY}-" in str(footer.left.text)
    assert str(footer.right.text).endswith("\n导出：2026-12-07 12:30")
    assert sheet.freeze_panes == "A8"
    # Somebody signs in each row.
    assert sheet.row_dimensions[8].height == 27
    assert sheet.cell(8, 8).border.bottom.style == "thin"
    width = sum(sheet.column_dimensions[name].width for name in "ABCDEFGH")
    assert 90 < width < 150


async def test_many_sessions_are_a_sheet_a_week(
    hold_class: HoldClass, join: Join, come: Come, clerk: Staff, export: Export
) -> None:
    row, first = await hold_class()
    for day in range(12):
        for hours in ([] if day == 0 else [0]) + [5]:
            starts = STARTS + timedelta(days=day, hours=hours)
            await ClassSession.create(
                training_class_id=row.id, starts_at=starts, ends_at=starts + timedelta(hours=3)
            )
    who = await join(row, 1)
    await come(who, first)
    book = await export(clerk, row)
    names = ["1. 12月7日-12月9日", "2. 12月10日-12月12日", "3. 12月13日"]
    names += ["4. 12月14日-12月16日", "5. 12月17日-12月18日"]
    assert book.sheetnames == names
    sheets = book.worksheets
    assert words(sheets[1])[0] == ["学员签到表（第2张，共5张）"]
    for sheet in sheets:
        assert sheet.print_title_rows == "$1:$7"
        assert str(sheet.oddFooter.center.text).endswith("第&P页 共&N页")
    # What the page holds, and what there is in all.
    assert [words(sheet)[7][-3:] for sheet in sheets[:2]] == [[4, 4, 100], [0, 4, 100]]


async def test_the_lines_of_the_head_are_alike(
    hold_class: HoldClass, join: Join, clerk: Staff, export: Export
) -> None:
    """However many columns a sheet has: one that is split badly makes one row two lines high."""
    row, _ = await hold_class("养老护理员（五级）第1期")
    await approve(row)
    await join(row, 1)
    for day in range(1, 6):
        for sheet in (await export(clerk, row)).worksheets:
            heights = {sheet.row_dimensions[at].height for at in range(2, 6)}
            assert len(heights) == 1, (day, sheet.title)
        starts = STARTS + timedelta(days=day)
        await ClassSession.create(
            training_class_id=row.id, starts_at=starts, ends_at=starts + timedelta(hours=3)
        )


async def test_a_class_without_sessions_can_be_signed(
    hold_class: HoldClass, join: Join, clerk: Staff, export: Export
) -> None:
    row, session = await hold_class()
    await session.delete()
    await join(row, 1)
    (sheet,) = (await export(clerk, row)).worksheets
    assert words(sheet)[7][0] == 1 and sheet.print_area


async def test_names_need_a_reason_that_is_kept(
    hold_class: HoldClass, join: Join, clerk: Staff, officer: Staff, export: Export
) -> None:
    row, _ = await hold_class()
    await join(row, 1)
    for actor in (clerk, officer, System("zpt export")):
        for shown in (Shown.NAMES, Shown.WHOLE):
            assert await refused(export(actor, row, shown)) == "reason_missing"
    assert not await AuditEntry.filter(event="signin.export").exists()
    (named,) = (await export(clerk, row, Shown.NAMES, REASON)).worksheets
    number = id_number_of(1)
    masked = f"3715**********{number[-4:]}"
    assert words(named)[7][:3] == [1, "王秀兰", masked]
    (whole,) = (await export(officer, row, Shown.WHOLE, REASON)).worksheets
    assert words(whole)[7][:3] == [1, "王秀兰", number]
    await export(officer, row)
    kept = [
        (one.facts, one.about_id == row.id)
        for one in await AuditEntry.filter(event="signin.export").order_by("id")
    ]
    facts = {"unmasked": True, "reason": REASON, "people": 1}
    assert kept == [
        (facts | {"numbers": False}, True),
        (facts | {"numbers": True}, True),
        ({"unmasked": False, "people": 1}, True),
    ]


async def test_who_may_have_it(
    hold_class: HoldClass, join: Join, clerk: Staff, officer: Staff, export: Export
) -> None:
    row, _ = await hold_class()
    await join(row, 1)
    for stranger, said in (
        (replace(clerk, institution=new_id()), "not_found"),
        (replace(officer, county="371502"), "not_found"),
        (Staff(new_id(), Role.HOTLINE), "no_permission"),
        (Staff(new_id(), Role.EDITOR), "no_permission"),
    ):
        assert await refused(export(stranger, row)) == said
        assert await refused(export(stranger, row, Shown.WHOLE, REASON)) == said
    supervisor = Staff(new_id(), Role.SUPERVISOR)
    assert await export(supervisor, row)
    assert await refused(export(supervisor, row, Shown.NAMES, REASON)) == "no_permission"
    # Before it is filed nobody is taken for certain.
    await TrainingClass.filter(id=row.id).update(status="recruiting")
    assert await refused(export(clerk, row, Shown.NAMES, REASON)) == "roster_not_filed"


async def test_who_was_erased_is_named_to_an_office_alone(
    hold_class: HoldClass, join: Join, clerk: Staff, officer: Staff, export: Export
) -> None:
    row, _ = await hold_class()
    who = await join(row, 1)
    await Person.filter(id=who.id).update(erased_at=NOW)
    (theirs,) = (await export(clerk, row, Shown.WHOLE, REASON)).worksheets
    assert words(theirs)[7][1] == "王*"
    (ours,) = (await export(officer, row, Shown.WHOLE, REASON)).worksheets
    assert words(ours)[7][1] == "王秀兰"


async def test_nothing_in_it_runs(
    hold_class: HoldClass, make_trainee: MakePerson, clerk: Staff, export: Export
) -> None:
    evil = '=HYPERLINK("http://example.invalid","签到")'
    row, _ = await hold_class(evil, address="+1+1", teacher="@SUM(A1)", occupation="=1")
    await enrol(row, await make_trainee(1, "=1+1"))
    (sheet,) = (await export(clerk, row, Shown.WHOLE, REASON)).worksheets
    for cells in sheet.iter_rows():
        for cell in cells:
            assert cell.data_type != "f" and cell.hyperlink is None, cell.value
            assert not str(cell.value or "").startswith(("=", "+", "@")), cell.value
    assert sheet.cell(8, 2).value == "'=1+1"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "备案号：没有编号；2026年12月2日同意开班（班期号 371521-"),
        ({"filing_number": "聊培备12"}, "备案号：聊培备12"),
        (None, "备案号：还没有同意开班（班期号 371521-"),
    ],
)
async def test_what_tells_the_filing(
    hold_class: HoldClass, clerk: Staff, export: Export, facts: dict[str, object] | None, said: str
) -> None:
    row, _ = await hold_class(ends_on=date(2026, 12, 7))
    if facts is not None:
        await approve(row, **facts)
    (sheet,) = (await export(clerk, row)).worksheets
    assert str(words(sheet)[1][1]).startswith(said)
    assert words(sheet)[4][1] == "培训日期：2026年12月7日"
