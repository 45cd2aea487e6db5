"""Sheets as people make them: found, typed, and each fault at its place."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from domain.errors import DomainError
from domain.sheets.cells import Cell, Holds, name_column, read_place
from domain.sheets.digests import fingerprint, row_key
from domain.sheets.reading import Sheet, read_sheet
from domain.sheets.refused import word_fault
from domain.sheets.values import Kind, Unreadable, Value, read_value
from domain.sheets.writing import write_workbook
from tests.support import package_content
from tests.unit.sheets.building import COLUMNS, ID_NUMBER, PERSON, TITLES, repack, roster, workbook

TEXTS = package_content().texts
ALL_TITLES = ("姓名", "身份证号码", "联系电话", "开始日期", "课时", "补贴金额")


def read(content: bytes) -> Sheet:
    return read_sheet(content, COLUMNS)


def told(sheet: Sheet) -> list[str]:
    return [word_fault(TEXTS, fault) for row in sheet.rows for fault in row.faults]


def test_a_roster_with_a_title_above_and_notes_below() -> None:
    sheet = read(
        workbook(
            [
                ("聊城市职业培训学员花名册",),
                ("填表单位：某某学校", None, "日期：2026年11月"),
                ("序号", " 学员\n姓名 ", "证件号码（必填）*", "备注"),
                (1, " 王素梅 ", ID_NUMBER.lower(), None),
                (),
                (2, "李建国", " 3715 0219 7803 16902x ", "低保户"),
                (None, None, None, None),
                ("合计：2人",),
                ("注：请按身份证填写。", None, None, None),
                ("填表人：", None, "审核人：", None),
            ]
        )
    )
    assert sheet.titles == ("序号", "学员 姓名", "证件号码（必填）*", "备注")
    assert [row.number for row in sheet.rows] == [4, 6]
    assert [row.values["name"] for row in sheet.rows] == ["王素梅", "李建国"]
    assert [row.values["id_number"] for row in sheet.rows] == [ID_NUMBER] * 2
    assert sheet.notes == (8, 9, 10)
    assert not told(sheet)


def test_every_kind_of_value_in_a_workbook() -> None:
    row = ("王素梅", ID_NUMBER, 13800000000, date(2026, 11, 30), 40, 1800.1)
    (read_row,) = read(workbook([ALL_TITLES, row])).rows
    assert read_row.values == {
        "name": "王素梅",
        "id_number": ID_NUMBER,
        "phone": "13800000000",
        "starts_on": date(2026, 11, 30),
        "hours": 40,
        "amount": 180010,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("line", ["\r\n", "\n"])
def test_every_kind_of_csv(encoding: str, separator: str, line: str) -> None:
    rows = [("花名册",), ALL_TITLES, ("王素梅", ID_NUMBER, "", "2026年11月30日", "40", "1800元")]
    text = line.join(separator.join(row) for row in rows)
    sheet = read(text.encode(encoding))
    (row,) = sheet.rows
    assert (row.number, row.values["starts_on"], row.values["amount"]) == (
        3, date(2026, 11, 30), 180000,
    )  # fmt: skip
    assert sheet.name == ""


def test_rows_of_a_csv_are_counted_as_programs_do() -> None:
    content = '姓名,身份证号\r\n\r\n"王\r\n素梅",="371502"\r\n李建国,\r\n'.encode()
    sheet = read(content)
    assert [row.number for row in sheet.rows] == [3, 4]
    values = sheet.rows[0].values
    assert (values["name"], values["id_number"]) == ("王 素梅", "371502")
    assert told(sheet) == ["第4行“身份证号”（B列）没有填"]


def test_hidden_rows_are_read_and_told() -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True

    sheet = read(workbook([TITLES, PERSON, ("李建国", "1")], hide))
    assert len(sheet.rows) == 2 and sheet.hidden == (3,)


@pytest.mark.parametrize("number", [371502197803169024, 3.71502e17, 3.71502197803169e17])
def test_an_id_that_has_become_a_number_has_lost_digits(number: float) -> None:
    sheet = read(roster(("王素梅", number), ("李建国", "3.71502E+17"), PERSON))
    lost = told(sheet)
    assert len(lost) == 2
    assert lost[0].startswith("第2行“身份证号”（B列）写成了数字“3")
    assert lost[1].startswith("第3行“身份证号”（B列）写成了数字“3.71502E+17”，后面几位已经丢了")
    assert sheet.rows[0].values["id_number"] is None
    assert not sheet.rows[2].faults


def test_each_fault_has_its_place() -> None:
    row = ("王素梅", None, "没有", "明年春天", "四十", "3块5毛")
    sheet = read(workbook([ALL_TITLES, row, ("#N/A", *PERSON[1:], None, "2026-02-30")]))
    assert told(sheet)[0] == "第2行“身份证号码”（B列）没有填"
    assert (
        told(sheet)[1] == "第2行“开始日期”（D列）里的日期“明年春天”看不懂，请写成 2026-11-30 这样"
    )
    assert [fault.code for fault in sheet.rows[0].faults] == [
        *("missing", "not_a_date", "not_an_integer", "not_money"),
    ]
    assert [fault.code for fault in sheet.rows[1].faults] == ["error_value", "no_such_day"]
    assert all(value is None for key, value in sheet.rows[0].values.items() if key in ("hours",))


def test_a_text_that_is_too_long() -> None:
    sheet = read(roster(("王" * 201, ID_NUMBER)))
    assert told(sheet) == ["第2行“姓名”（A列）太长了，最多200个字"]


def test_a_workbook_that_counts_from_1904() -> None:
    day = date(2026, 11, 30)

    def count_from_1904(sheet: Any) -> None:
        sheet.parent.epoch = CALENDAR_MAC_1904

    content = workbook([ALL_TITLES, ("王素梅", ID_NUMBER, None, day)], count_from_1904)
    assert read(content).rows[0].values["starts_on"] == day


def test_texts_as_other_programs_share_them() -> None:
    """In pieces of several looks, with their sound beside them, with escaped characters."""
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><r><t>姓</t></r><r><rPr><b/></rPr><t>名</t></r><rPh><t>xingming</t></rPh></si>"
        '<si><t>身份证号</t></si><si><t xml:space="preserve">王_x000D_素梅 </t></si>'
        f"<si><t>{ID_NUMBER}</t></si></sst>"
    )
    content = repack(
        write_workbook(TITLES, [PERSON]), {"xl/sharedStrings.xml": shared.encode("utf-16")}
    )
    assert read(content).rows[0].values["name"] == "王 素梅"


def test_a_strict_workbook() -> None:
    """The other edition of the format differs by its namespaces."""

    def make_strict(name: str, part: bytes) -> bytes:
        return part.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )

    for content in (write_workbook(TITLES, [PERSON]), roster(PERSON)):
        strict = read(repack(content, change=make_strict))
        assert strict.rows[0].values["id_number"] == ID_NUMBER


def test_faults_have_words() -> None:
    codes = {key.rpartition(".")[2] for key in TEXTS if key.startswith("sheets.faults.")}
    assert {"missing", "digits_lost", "not_a_date"} <= codes


# --- values -------------------------------------------------------------------------------------


def value(text: str, kind: Kind, holds: Holds = Holds.TEXT) -> Value:
    return read_value(Cell(holds, text), kind)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-30", "2026/11/30", "2026.11.30", "2026年11月30日", "2026年11月30号"),
        *("20261130", "２０２６－１１－３０", " 2026 年 11 月 30 日 ", "2026-11-30 08:30:00"),
        "2026-11-30T00:00:00",
    ],
)
def test_dates_as_people_write_them(text: str) -> None:
    assert value(text, Kind.DATE) == date(2026, 11, 30)


def test_dates_as_programs_keep_them() -> None:
    assert value("46356", Kind.DATE, Holds.NUMBER) == date(2026, 11, 30)
    assert value("20261130", Kind.DATE, Holds.NUMBER) == date(2026, 11, 30)
    assert value("2026-11-30 08:30:00", Kind.DATE, Holds.DATE) == date(2026, 11, 30)


@pytest.mark.parametrize(
    "text", ["11/30/2026", "2026-11", "2026", "30号", "46356", "0", "二〇二六年"]
)
def test_no_dates(text: str) -> None:
    with pytest.raises(Unreadable, match="not_a_date"):
        value(text, Kind.DATE)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        *(("1800", 180000), ("1,800.00元", 180000), ("￥1800.5", 180050), ("0.01", 1)),
        *(("１８００元整", 180000), ("0", 0), ("人民币 12,345,678.90", 1234567890)),
    ],
)
def test_money_to_the_fen(text: str, fen: int) -> None:
    assert value(text, Kind.MONEY) == fen


@pytest.mark.parametrize("fen", [30, 58, 110, 180010, 99999999999])
def test_money_of_programs_is_not_rounded_away(fen: int) -> None:
    assert value(repr(fen / 100), Kind.MONEY, Holds.NUMBER) == fen
    assert value("0.30000000000000004", Kind.MONEY, Holds.NUMBER) == 30


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("1.805", "less_than_a_fen"), ("-5", "money_negative"), ("1,80", "not_money")),
        *(("1.2万", "not_money"), ("1e3", "not_money"), ("一百", "not_money")),
    ],
)
def test_no_money(text: str, code: str) -> None:
    with pytest.raises(Unreadable, match=code):
        value(text, Kind.MONEY)


def test_codes_keep_their_digits() -> None:
    assert value("'0635", Kind.CODE) == "0635"
    assert value("３７１５０２ １９７８", Kind.CODE) == "3715021978"
    assert value("13800000000", Kind.CODE, Holds.NUMBER) == "13800000000"
    assert value("1.38E+10", Kind.CODE, Holds.NUMBER) == "13800000000"
    for text in ("-5", "1.5"):
        with pytest.raises(Unreadable, match="not_a_code"):
            value(text, Kind.CODE, Holds.NUMBER)


# --- anything at all ----------------------------------------------------------------------------


@given(st.text(max_size=60), st.sampled_from(Kind), st.sampled_from(Holds))
@settings(max_examples=600)
def test_any_text_is_a_value_or_says_why_not(text: str, kind: Kind, holds: Holds) -> None:
    try:
        found = value(text, kind, holds)
    except Unreadable as unreadable:
        assert f"sheets.faults.{unreadable.code}" in TEXTS
    else:
        assert found is None or isinstance(found, str | int | date)
        assert not isinstance(found, datetime)


@given(st.binary(max_size=400))
@settings(max_examples=400)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for beginning in (b"", b"PK\x03\x04", "姓名,身份证号\n".encode(), b"\xd0\xcf\x11\xe0"):
        try:
            read(beginning + content)
        except DomainError as refused:
            assert f"errors.{refused.code}.detail" in TEXTS


GOOD = (roster(PERSON, ("李建国", 46356)), write_workbook(TITLES, [PERSON, ("李建国", 46356)]))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_workbook_with_wrong_bytes_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(GOOD)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(content))
    except DomainError as refused:
        assert f"errors.{refused.code}.detail" in TEXTS


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_parts_with_wrong_characters_are_read_or_refused(data: st.DataObject) -> None:
    """What the archive's checksums would have kept out, were they not made anew."""

    def change(name: str, part: bytes) -> bytes:
        if not name.endswith((".xml", ".rels")) or not part:
            return part
        changed = bytearray(part)
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(changed) - 1))
            changed[at : at + data.draw(st.integers(0, 4))] = data.draw(
                st.sampled_from([b"<", b">", b'"', b"9", b"-1", b"", b"&#0;", b"\xff", b"A"])
            )
        return bytes(changed)

    try:
        read(repack(data.draw(st.sampled_from(GOOD)), change=change))
    except DomainError as refused:
        assert f"errors.{refused.code}.detail" in TEXTS


# --- places and digests -------------------------------------------------------------------------


@given(st.integers(0, 16_383), st.integers(1, 1_048_576))
def test_places_are_read_as_they_are_named(column: int, row: int) -> None:
    assert read_place(f"{name_column(column)}{row}") == (row, column)


def test_a_row_is_known_again_however_it_is_spelled() -> None:
    assert row_key("Ab 1", "x") == row_key("ａＢ１", "Ｘ")
    assert row_key("ab", "c") != row_key("a", "bc")
    assert len(row_key("")) == 16
    assert fingerprint(b"") != fingerprint(b"\0") and len(fingerprint(b"")) == 32
