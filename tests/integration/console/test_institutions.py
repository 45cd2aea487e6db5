"""The directory in the console: the list, one institution, its words, its standing, its sheet."""

import re
from datetime import date
from uuid import UUID, uuid4

import pytest

from domain.actor import Role, Staff
from domain.institutions.contacts import mask_contact
from domain.sheets.writing import write_workbook
from models.audit import AuditEntry
from models.institutions import Institution, InstitutionRecord
from tests.consoles import CITY_OFFICER
from tests.integration.console.conftest import OpenConsole, Visitor

YANGGU = Staff(uuid4(), Role.COUNTY_OFFICER, county="371521")
ENTRY = {
    "name": "阳谷县鸿翔职业培训学校",
    "uscc": "91371521MA3C0DE09Y",
    "county": "371521",
    "address": "谷山路1号",
    "may_teach": "电工、焊工",
    "phone": "0635-6212345",
    "contact": "赵六 13800000000",
    "valid_from": "2026-01-01",
    "document": "阳人社字〔2026〕1号",
}


def spell_uscc(body: str) -> str:
    """A number whose last letter is right."""
    from stdnum.cn import uscc

    return body + uscc.calc_check_digit(body)


ENTRY["uscc"] = spell_uscc("91371521MA3C0DE09")


@pytest.fixture
async def officer(open_console: OpenConsole) -> Visitor:
    return await open_console(CITY_OFFICER)


async def list_one(visitor: Visitor, **changed: str) -> str:
    page = await visitor.post("/institutions/new", once=str(uuid4()), **(ENTRY | changed))
    assert visitor.status == 200, page
    return visitor.path.removeprefix("/console")


async def test_a_new_one_is_listed_with_its_record(officer: Visitor) -> None:
    assert "从哪天起列入目录" in await officer.get("/institutions/new")
    path = await list_one(officer)
    page = await officer.get(path)
    for words in ("阳谷县", "电工、焊工", "赵*", "在目录", "列入目录", "阳人社字〔2026〕1号"):
        assert words in page
    listed = await officer.get("/institutions?q=hongxiang")
    assert path in listed and "阳谷县鸿翔职业培训学校" in listed


async def test_the_contact_is_seen_for_a_reason_that_is_kept(officer: Visitor) -> None:
    path = await list_one(officer)
    for masked in (path, f"{path}/edit"):
        page = await officer.get(masked)
        assert "赵六" not in page and "13800000000" not in page, masked
    page = await officer.post(f"{path}/contact")
    assert officer.status == 422 and "要先选一个理由" in page and "赵六" not in page
    assert not await AuditEntry.filter(event="institution.contact_revealed").exists()
    page = await officer.post(f"{path}/contact", reason="contact", note="问开班的事")
    assert "赵六 13800000000" in page and "已记录：打电话联系机构：问开班的事" in page
    entry = await AuditEntry.get(event="institution.contact_revealed")
    assert f"/institutions/{entry.about_id}" == path and entry.actor == CITY_OFFICER.key
    assert entry.facts == {"reason": "打电话联系机构：问开班的事"}
    assert "赵六" not in await officer.get(path)


async def test_a_contact_that_nobody_has_seen_stays(officer: Visitor) -> None:
    path = await list_one(officer)
    edit = ENTRY | {"valid_from": "2026-11-22", "address": "谷山路2号", "contact": ""}
    page = await officer.post(f"{path}/edit", **edit)
    assert "地址从“谷山路1号”改成“谷山路2号”" in page and "赵* 138****0000" in page
    page = await officer.post(f"{path}/edit", **(edit | {"contact": "钱七 0635-6212345"}))
    assert "钱* 063****2345" in page and "联系人改了" in page
    page = await officer.post(f"{path}/edit", **edit, no_contact="1")
    assert "钱*" not in page


@pytest.mark.parametrize(
    ("contact", "masked"),
    [
        ("赵六 13800000000", "赵* 138****0000"),
        ("赵六13800000000", "赵* 138****0000"),
        ("欧阳六，0635-621 2345", "欧* 063****2345"),
        ("王老师5", "王*"),
        ("张校长（手机138 0000 0000）", "张* 手* 138****0000"),
        ("", ""),
    ],
)
def test_of_a_contact_nobody_is_named(contact: str, masked: str) -> None:
    assert mask_contact(contact) == masked


async def test_one_click_too_many_lists_it_once(officer: Visitor) -> None:
    key = str(uuid4())
    await officer.post("/institutions/new", once=key, **ENTRY)
    first = officer.path
    await officer.post("/institutions/new", once=key, **ENTRY)
    assert officer.path == first
    assert await Institution.all().count() == 1


async def test_what_is_wrong_stands_by_its_field(officer: Visitor) -> None:
    page = await officer.post("/institutions/new", **(ENTRY | {"uscc": "123", "phone": "abc"}))
    assert officer.status == 422
    assert "有2处要改一下" in page and "应该是18位" in page and "电话不对" in page
    assert 'value="123"' in page and 'value="阳谷县鸿翔职业培训学校"' in page
    await list_one(officer)
    page = await officer.post("/institutions/new", **ENTRY)
    assert "目录里已经有一家叫“阳谷县鸿翔职业培训学校”" in page
    assert await Institution.all().count() == 1


async def test_an_officer_stops_one_and_lifts_it(officer: Visitor) -> None:
    path = await list_one(officer)
    warning = await officer.get(f"{path}/suspend")
    assert "不能报名" in warning and "聊人社字" in warning
    fields = {
        "valid_from": "2026-11-22",
        "valid_until": "2027-02-28",
        "reason": "没有备案就开班。",
        "document": "聊人社字〔2026〕17号",
    }
    page = await officer.post(f"{path}/suspend", **fields)
    assert officer.path == f"/console{path}"
    assert "11月22日（周日）起暂停，到2027年2月28日（周日）为止" in page
    assert "没有备案就开班。聊人社字〔2026〕17号" in page
    assert f"/console{path}/restore" in page and f"/console{path}/suspend" not in page
    assert "暂停" in await officer.get("/institutions?status=suspended")

    page = await officer.post(f"{path}/restore", **(fields | {"reason": "整改合格"}))
    assert "在目录" in page and "整改合格" in page
    kinds = [one.kind for one in await InstitutionRecord.all().order_by("made_at")]
    assert kinds == ["listed", "suspended", "restored"]


async def test_what_cannot_follow_is_told_on_the_form(officer: Visitor) -> None:
    path = await list_one(officer)
    fields = {"valid_from": "2026-11-22", "reason": "整改合格", "document": "1号"}
    page = await officer.post(f"{path}/restore", **fields)
    assert officer.status == 422
    assert "这家机构那一天没有被暂停" in page and 'value="1号"' in page
    page = await officer.post(f"{path}/remove", **(fields | {"document": ""}))
    assert "有1处要改一下" in page


async def test_one_is_removed_and_taken_back(officer: Visitor) -> None:
    path = await list_one(officer)
    fields = {"valid_from": "2026-11-20", "reason": "虚假宣传", "document": "2号"}
    page = await officer.post(f"{path}/remove", **fields)
    assert "11月20日（周五）起不在目录里" in page and "重新列入" in page
    page = await officer.post(f"{path}/relist", **(fields | {"valid_from": "2026-11-21"}))
    assert "在目录" in page and "移出目录" in page


async def test_changed_words_are_kept_beside_the_new_ones(officer: Visitor) -> None:
    path = await list_one(officer)
    assert 'value="谷山路1号"' in await officer.get(f"{path}/edit")
    page = await officer.post(
        f"{path}/edit", **(ENTRY | {"address": "谷山路2号", "valid_from": "2026-11-22"})
    )
    assert "地址从“谷山路1号”改成“谷山路2号”" in page
    page = await officer.post(
        f"{path}/edit", **(ENTRY | {"address": "谷山路2号", "valid_from": "2026-11-22"})
    )
    assert "和原来一样，没有改动" in page


async def test_one_of_days_to_come_has_its_page(officer: Visitor) -> None:
    path = await list_one(officer, valid_from="2026-12-31")
    assert "还没到列入目录的日子" in await officer.get(path)


async def test_a_county_sees_and_changes_its_own(
    officer: Visitor, open_console: OpenConsole
) -> None:
    own = await list_one(officer)
    other = await list_one(
        officer,
        name="莘县巧手家政培训学校",
        uscc=spell_uscc("91371522MA3C0DE08"),
        county="371522",
    )
    county = await open_console(YANGGU)
    page = await county.get("/institutions?county=371522")
    assert own in page and other not in page
    for path in (other, f"{other}/edit", f"{other}/suspend"):
        await county.get(path)
        assert county.status == 404, path
    fields = {"valid_from": "2026-11-22", "reason": "试试看", "document": "1号"}
    for path in (f"{other}/suspend", f"{other}/remove", f"{other}/contact"):
        await county.post(path, **fields)
        assert county.status == 404, path
    await county.post(f"{other}/edit", **(ENTRY | {"county": "371521"}))
    assert county.status == 404
    page = await county.post("/institutions/new", **(ENTRY | {"county": "371522"}))
    assert county.status == 422
    assert await InstitutionRecord.all().count() == 2


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EDITOR])
async def test_others_have_no_business_here(open_console: OpenConsole, role: Role) -> None:
    visitor = await open_console(Staff(uuid4(), role))
    for path in ("/institutions", "/institutions/new", "/institutions/import"):
        page = await visitor.get(path)
        assert visitor.status == 403 and "这里不对您开放" in page
    assert "/console/institutions" not in await visitor.get("/")


@pytest.mark.parametrize(
    "role", [Role.HOTLINE, Role.SUPERVISOR, Role.INSPECTOR, Role.INSTITUTION], ids=str
)
async def test_who_only_looks_finds_every_school_and_changes_none(
    officer: Visitor, open_console: OpenConsole, role: Role
) -> None:
    """A caller asks whether a school is listed, and whether it has been stopped."""
    path = await list_one(officer)
    dated = {"valid_from": "2026-11-22", "reason": "没有备案就开班。", "document": "17号"}
    await officer.post(f"{path}/suspend", **dated)
    reader = await open_console(Staff(uuid4(), role, institution=uuid4()))
    assert "/console/institutions" in await reader.get("/")
    page = await reader.get("/institutions?q=hongxiang&county=371521")
    assert reader.status == 200 and path in page and "暂停" in page
    assert f"/console{path}/" not in page and "/console/institutions/new" not in page
    page = await reader.get(path)
    assert reader.status == 200 and "没有备案就开班。" in page and "0635-6212345" in page
    assert "赵*" in page and "赵六" not in page and "记下并查看" not in page
    assert f"/console{path}/" not in page, "nothing leads to a change"
    for closed in ("/institutions/new", "/institutions/import", f"{path}/edit", f"{path}/restore"):
        await reader.get(closed)
        assert reader.status == 403, closed
    for act in ("edit", "restore", "contact"):
        page = await reader.post(f"{path}/{act}", **(ENTRY | dated | {"reason": "contact"}))
        assert reader.status == 403 and "赵六" not in page
    assert await InstitutionRecord.all().count() == 2


@pytest.mark.parametrize("path", ["/institutions/x", f"/institutions/{UUID(int=7)}"])
async def test_what_is_not_there(officer: Visitor, path: str) -> None:
    page = await officer.get(path)
    assert officer.status == 404 and "没有找到" in page


TITLES = ("机构名称", "统一社会信用代码", "县市区", "列入日期", "状态")


def make_sheet() -> bytes:
    good = (ENTRY["name"], ENTRY["uscc"], "阳谷县", date(2026, 1, 1), "")
    bad = ("莘县巧手家政培训学校", "12345", "莘县", date(2026, 1, 1), "停了")
    return write_workbook(TITLES, [good, bad])


async def test_a_sheet_is_looked_at_before_it_is_taken_over(officer: Visitor) -> None:
    form = await officer.get("/institutions/import")
    assert "下载空白表" in form and "统一社会信用代码" in form
    page = await officer.hand_in("/institutions/import", make_sheet())
    assert officer.status == 200
    assert "还没有导入" in page and "<strong>1</strong>家新列入" in page
    assert "1行收不下" in page and "第3行" in page and "统一社会信用代码不对" in page
    assert 'download="没有收下的行.xlsx"' in page
    assert await Institution.all().count() == 0

    sheet = re.search(r'name="sheet" value="([^"]+)"', page)
    assert sheet
    page = await officer.post("/institutions/import/confirmed", sheet=sheet[1])
    assert "导入好了" in page and "<strong>1</strong>家新列入" in page
    assert await Institution.all().count() == 1
    page = await officer.post("/institutions/import/confirmed", sheet=sheet[1])
    assert "这个文件导入过了" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "这不是能读的表格"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "老格式的表格"),
        ("机构,县区\n甲,乙\n".encode(), "没有导入任何内容"),
        (b"", "这一项要填"),
    ],
)
async def test_what_is_no_sheet_is_told(officer: Visitor, content: bytes, words: str) -> None:
    page = await officer.hand_in("/institutions/import", content)
    assert officer.status == 422
    assert words in page


async def test_a_file_without_the_token_is_refused(officer: Visitor) -> None:
    await officer.hand_in("/institutions/import", make_sheet(), csrf="another")
    assert officer.status == 403
