"""The directory and the standards out of sheets: once, whole, and the refused rows back."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from domain.actor import Actor
from domain.errors import DomainError
from domain.institutions.actions import suspend_institution
from domain.institutions.importing import Report, import_directory
from domain.institutions.queries import standing_of
from domain.institutions.writing import Dated
from domain.sealed import open_field
from domain.sheets.reading import read_sheet
from domain.sheets.refused import send_back, word_faults
from domain.standards.importing import import_standards
from domain.standards.queries import find_standard, list_standards
from domain.vault import Vault
from models.institutions import Institution, InstitutionRecord
from models.sheets import SheetImport
from models.standards import SubsidyStandard
from tests.integration.institutions.conftest import (
    CITY,
    COUNTIES,
    HOTLINE,
    NOW,
    TODAY,
    YANGGU,
    AddOne,
    make_entry,
    make_uscc,
)
from tests.support import package_content
from tests.unit.sheets.building import workbook

TEXTS = package_content().texts
TITLES = (
    *(
        "序号",
        "培训机构名称",
        "统一社会信用代码",
        "所在县市区",
        "列入日期",
        "工种",
        "电话",
        "联系人",
    ),
    *("状态", "状态开始日期", "原因"),
)


def row(number: int, name: str, county: str = "阳谷县", **more: object) -> Sequence[object]:
    values = {"listed": date(2024, 1, 1), "teaches": "电工、焊工", "phone": "0635-6210001"} | more
    code = next((code for code, known in COUNTIES.items() if known.startswith(county)), "371521")
    return (
        *(number, name, make_uscc(number, code), county, values["listed"], values["teaches"]),
        *(values["phone"], values.get("contact"), values.get("status"), values.get("since")),
        values.get("reason"),
    )


def sheet(*rows: Sequence[object]) -> bytes:
    return workbook([("聊城市职业培训机构目录",), TITLES, *rows, ("注：以文件为准",)])


GOOD = (
    row(1, "阳谷县鸿翔职业培训学校", contact="王建国"),
    row(2, "东阿县启明职业培训学校", "东阿"),
    row(
        3,
        "临清市未来职业培训学校",
        "临清市",
        status="暂停",
        since=date(2026, 11, 1),
        reason="虚假宣传",
    ),
)


@pytest.fixture
def take(database: str, vault: Vault) -> Any:
    async def take_over(content: bytes, actor: Actor = CITY, **more: Any) -> Report:
        return await import_directory(actor, vault, content, counties=COUNTIES, now=NOW, **more)

    return take_over


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.refused)


def told(report: Any) -> list[str]:
    return [word_faults(TEXTS, faults) for _, faults in report.refused]


async def test_a_directory_is_taken_over_once(take: Any, vault: Vault) -> None:
    dry = await take(sheet(*GOOD), dry_run=True)
    assert counts(dry) == (3, 0, 0, 0) and await Institution.all().count() == 0
    assert await SheetImport.all().count() == 0
    assert counts(await take(sheet(*GOOD))) == (3, 0, 0, 0)
    first = await Institution.get(name="阳谷县鸿翔职业培训学校")
    assert (first.county, first.may_teach, first.initials) == (
        "371521",
        ["电工", "焊工"],
        "ygxhxzypxxx",
    )
    assert open_field(vault, first, "contact") == "王建国"
    third = await Institution.get(name="临清市未来职业培训学校")
    standing = await standing_of(third.id, TODAY)
    assert standing is not None
    assert (standing.status, standing.since, standing.reason) == (
        *("suspended", date(2026, 11, 1), "虚假宣传"),
    )
    again = await take(sheet(*GOOD))
    assert again.repeated == NOW and counts(again) == (0, 0, 3, 0)
    other_file = await take(sheet(*GOOD, row(4, "阳谷县新建职业培训学校")))
    assert other_file.repeated is None and counts(other_file) == (1, 0, 3, 0)
    assert await InstitutionRecord.all().count() == 5


async def test_what_differs_is_changed_with_a_record(take: Any) -> None:
    await take(sheet(*GOOD))
    changed = (
        row(1, "阳谷县鸿翔职业技能培训学校", phone="0635-6210009"),
        row(2, "东阿县启明职业培训学校", "东阿", status="移出", since=TODAY, reason="材料造假"),
    )
    report = await take(sheet(*changed))
    assert counts(report) == (0, 2, 0, 0)
    first = await Institution.get(name="阳谷县鸿翔职业技能培训学校")
    record = await InstitutionRecord.get(institution_id=first.id, kind="changed")
    assert record.changes["name"] == ["阳谷县鸿翔职业培训学校", "阳谷县鸿翔职业技能培训学校"]
    assert record.valid_from == TODAY
    second = await Institution.get(name="东阿县启明职业培训学校")
    standing = await standing_of(second.id, TODAY)
    assert standing is not None and standing.status == "removed"


async def test_an_old_sheet_sent_again_undoes_nothing(take: Any, add_one: AddOne) -> None:
    await take(sheet(*GOOD))
    one = await Institution.get(name="阳谷县鸿翔职业培训学校")
    await suspend_institution(CITY, institution_id=one.id, dated=Dated(TODAY), now=NOW)
    await take(sheet(*GOOD))
    says_fine = await take(sheet(row(1, "阳谷县鸿翔职业培训学校", status="正常")))
    assert told(says_fine) == [
        "第3行“状态”（I列）和目录里的记录对不上（已经暂停或移出的，要在系统里恢复或重新列入）"
    ]
    says_nothing = await take(
        sheet(row(1, "阳谷县鸿翔职业培训学校"), row(7, "阳谷县别的职业培训学校"))
    )
    assert counts(says_nothing) == (1, 1, 0, 0), "its contact is no longer named"
    standing = await standing_of(one.id, TODAY)
    assert standing is not None and standing.status == "suspended"


async def test_bad_rows_come_back_and_the_others_are_taken(take: Any) -> None:
    bad = (
        row(11, "鸿翔"),
        row(12, "阳谷县某某职业培训学校", "北京"),
        row(1, "阳谷县重复职业培训学校"),
        row(13, "阳谷县鸿翔职业培训学校"),
        row(14, "阳谷县状态职业培训学校", status="还行"),
        row(15, "阳谷县日期职业培训学校", listed="去年"),
        row(16, "阳谷县暂停职业培训学校", status="暂停"),
        row(17, "阳谷县早停职业培训学校", status="暂停", since=date(2023, 1, 1)),
    )
    content = sheet(GOOD[0], *bad)
    report = await take(content)
    assert report.added == 1 and len(report.refused) == len(bad)
    words = sorted(told(report))
    assert words[0] == "第10行“状态开始日期”（J列）没有填"
    assert "第4行“培训机构名称”（B列）里的名称不完整，请写营业执照或办学许可证上的全名" in words
    assert "第5行“所在县市区”（D列）里的县市区不认识，请写全名，比如“阳谷县”" in words
    assert "第6行“统一社会信用代码”（C列）和第3行重复了，请只留一行" in words
    assert "第7行“培训机构名称”（B列）里的名称已经被另一家机构用了" in words
    back = send_back(report.sheet, report.refused, TEXTS)
    from domain.institutions.columns import COLUMNS

    assert len(read_sheet(back, COLUMNS).rows) == len(bad)
    assert counts(await take(back)) == (0, 1, 0, len(bad) - 1), "alone, one is a new name"


async def test_a_county_takes_over_its_own(take: Any) -> None:
    report = await take(sheet(*GOOD), actor=YANGGU)
    assert counts(report) == (1, 0, 0, 2)
    assert all("不归您的县管" in words for words in told(report))
    with pytest.raises(DomainError, match="no_permission"):
        await take(sheet(*GOOD), actor=HOTLINE)


async def test_another_countys_cannot_be_taken_by_its_number(take: Any, add_one: AddOne) -> None:
    await add_one(make_entry(2, "东阿县启明职业培训学校", county="371524"))
    stolen = list(row(5, "阳谷县启明职业培训学校"))
    stolen[2] = make_uscc(2, "371524")
    assert told(await take(sheet(stolen), actor=YANGGU)) == [
        "第3行“统一社会信用代码”（C列）里的机构不归您的县管，没有收下"
    ]


async def test_a_sheet_of_a_program_without_days(take: Any) -> None:
    titles = ("name", "uscc", "county", "address", "status")
    rows = [("阳谷县鸿翔职业培训学校", make_uscc(1), "371521", "谷山北路18号", "listed")]
    assert counts(await take(workbook([titles, *rows]))) == (1, 0, 0, 0)
    one = await Institution.get()
    standing = await standing_of(one.id, TODAY)
    assert standing is not None and (standing.status, standing.since) == ("listed", TODAY)
    later = (*rows, ("东阿县启明职业培训学校", make_uscc(2, "371524"), "东阿县", "", ""))
    assert counts(await take(workbook([titles, *later]))) == (1, 0, 1, 0)


async def test_two_send_the_same_file_at_once(take: Any) -> None:
    reports = await asyncio.gather(*(take(sheet(*GOOD)) for _ in range(3)))
    assert sorted(report.added for report in reports) == [0, 0, 3]


# --- the standards ------------------------------------------------------------------------------

STANDARD_TITLES = (
    "职业（工种）",
    "类别",
    "等级",
    "课时",
    "补贴标准（元/人）",
    "起始日期",
    "截止日期",
)


def standards(*rows: Sequence[object]) -> bytes:
    return workbook([STANDARD_TITLES, *rows])


ELECTRICIAN = ("电工", "职业技能等级", "五级", 120, 1200, date(2025, 1, 1), None)
LATER = ("电工", "职业技能等级", "五级", 120, "1,350.5元", date(2026, 7, 1), date(2026, 12, 31))
NURSE = ("养老护理", "专项职业能力", None, 80, 800, date(2025, 1, 1), None)


async def test_standards_are_taken_over_once_and_apply_by_day(database: str) -> None:
    content = standards(ELECTRICIAN, LATER, NURSE)
    assert (await import_standards(CITY, content, dry_run=True, now=NOW)).added == 3
    assert await SubsidyStandard.all().count() == 0
    report = await import_standards(CITY, content, examples=True, now=NOW)
    assert (report.added, report.refused) == (3, [])
    assert (await import_standards(CITY, content, now=NOW)).repeated == NOW

    async def amount(day: date) -> int | None:
        found = await find_standard("电工", "职业技能等级", "五级", day)
        return None if found is None else found.amount_fen

    assert await amount(date(2024, 12, 31)) is None
    assert await amount(date(2026, 6, 30)) == 120000
    assert await amount(date(2026, 7, 1)) == 135050
    assert await amount(date(2027, 1, 1)) is None, "it ended, and nothing followed"
    assert [one.occupation for one in await list_standards(TODAY)] == ["养老护理", "电工"]
    assert [one.is_example for one in await list_standards(TODAY, "电工")] == [True]


async def test_a_standard_is_never_overwritten(database: str) -> None:
    await import_standards(CITY, standards(ELECTRICIAN), now=NOW)
    other = (*ELECTRICIAN[:4], 1500, *ELECTRICIAN[5:])
    report = await import_standards(CITY, standards(other, NURSE), now=NOW)
    assert (report.added, report.unchanged) == (1, 0)
    assert told(report) == [
        "第2行“补贴标准（元/人）”（E列）里的金额和已有的标准不一样，同一天起只能有一个；"
        "改标准请换一个新的起始日期"
    ]
    with pytest.raises(DomainError, match="no_permission"):
        await import_standards(YANGGU, standards(NURSE), now=NOW)


async def test_bad_standards_come_back(database: str) -> None:
    bad = (
        (*NURSE[:3], 0, *NURSE[4:]),
        (*NURSE[:4], 99999999999, *NURSE[5:]),
        (*NURSE[:6], date(2024, 1, 1)),
        (*NURSE[:4], "八百", *NURSE[5:]),
        NURSE,
        NURSE,
    )
    report = await import_standards(CITY, standards(*bad), now=NOW + timedelta(days=1))
    assert (report.added, len(report.refused)) == (1, 5)
    words = " ".join(told(report))
    for part in ("课时要大于0", "金额太大了", "比开始日期还早", "要填金额", "和第6行重复了"):
        assert part in words
