"""Bad sheets, one by one: each is refused whole, by a code of its own, with its places."""

import random
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from domain.errors import DomainError
from domain.sheets import xml
from domain.sheets.archive import Archive
from domain.sheets.limits import Limits
from domain.sheets.reading import read_sheet
from domain.sheets.writing import write_workbook
from tests.support import package_content
from tests.unit.sheets.building import (
    COLUMNS,
    HEAD_CELLS,
    PERSON,
    SHEET_PART,
    TITLES,
    repack,
    roster,
    save,
    text_cell,
    with_cells,
    workbook,
)
from web.words import fill

TEXTS = package_content().texts


def refusal(content: bytes, **more: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        read_sheet(content, COLUMNS, **more)
    return caught.value


def code_of(content: bytes, **more: Any) -> str:
    refused = refusal(content, **more)
    told = word(refused)
    assert told and "{" not in told, "every fact that the words want is there"
    return f"{refused.code} {refused.facts.get('about', '')}".strip()


def word(refused: DomainError) -> str:
    about = refused.facts.get("about")
    key = f"about.{about}" if about else "detail"
    return fill(TEXTS[f"errors.{refused.code}.{key}"], refused.facts)


# --- what is no sheet ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet_empty"),
        (b" \r\n\n", "sheet_empty"),
        (b"%PDF-1.7\n...", "sheet_unknown_kind"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "sheet_unknown_kind"),
        ("<html><table><tr><td>姓名</td></tr></table>".encode(), "sheet_unknown_kind"),
        (b"\x00\x01\x02\x03", "sheet_unknown_kind"),
        (b"\x7fELF\x02\x01\x01\x00\x00\xff\xff\xc0\x81", "sheet_unknown_kind"),
        (b"PK\x03\x04 and nothing else", "sheet_damaged"),
        (b"\xff\xff\xff\xff", "sheet_wrong_encoding"),
    ],
)
def test_other_files(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_an_old_workbook_that_is_called_xlsx() -> None:
    old = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504
    assert code_of(old + b"Workbook") == "sheet_old_kind"


def test_a_workbook_with_a_password() -> None:
    locked = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504 + "EncryptedPackage".encode("utf-16le")
    assert code_of(locked) == "sheet_locked"


def test_an_archive_with_a_password() -> None:
    content = bytearray(roster(PERSON))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    assert code_of(bytes(content)) == "sheet_locked"


def test_an_archive_that_is_no_workbook() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("holiday.txt", "no sheet")
    assert code_of(target.getvalue()) == "sheet_unknown_kind"


@pytest.mark.parametrize("part", ["word/document.xml", "xl/workbook.bin"])
def test_documents_and_binary_workbooks(part: str) -> None:
    """They are packed as workbooks are."""

    def change(name: str, content: bytes) -> bytes:
        return content.replace(b"xl/workbook.xml", part.encode())

    other = repack(roster(PERSON), {part: b"<document/>"}, change=change)
    assert code_of(other) == "sheet_unknown_kind"


def test_a_workbook_cut_short() -> None:
    content = roster(PERSON)
    for end in (30, len(content) // 2, len(content) - 5):
        assert code_of(content[:end]) == "sheet_damaged"


def test_a_part_whose_bytes_are_wrong() -> None:
    content = bytearray(roster(PERSON))
    start = content.index(SHEET_PART.encode()) + len(SHEET_PART) + 4
    content[start : start + 20] = b"\xaa" * 20
    assert code_of(bytes(content)) == "sheet_damaged"


# --- archives that are weapons ------------------------------------------------------------------


def test_a_bomb_by_what_it_says_of_itself() -> None:
    bomb = repack(roster(PERSON), {"xl/media/image1.png": b"\0" * 3_000_000})
    assert code_of(bomb) == "sheet_unsafe bomb"


def test_a_bomb_that_says_it_is_small() -> None:
    """Its directory names a smaller size than what comes out."""
    cells = f"<!-- {' ' * 3_000_000} -->"
    content = bytearray(with_cells(cells))
    directory = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET_PART.encode()))
    content[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")
    assert code_of(bytes(content)) in ("sheet_unsafe bomb", "sheet_damaged")


def test_too_much_in_all() -> None:
    content = roster(*[(f"王{number}", f"{number:018}") for number in range(2000)])
    assert code_of(content, limits=Limits(most_unpacked=50_000)) == "sheet_unsafe bomb"


def test_too_much_in_a_part_that_nobody_reads() -> None:
    content = repack(roster(PERSON), {"xl/media/image1.png": random.Random(1).randbytes(60_000)})
    assert read_sheet(content, COLUMNS).rows
    assert code_of(content, limits=Limits(most_unpacked=50_000)) == "sheet_unsafe bomb"


@pytest.mark.parametrize("strict", [Limits(most_unpacked=1000), Limits(most_ratio=1)])
def test_what_comes_out_is_counted_whatever_the_directory_says(
    strict: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = roster(*[(f"王{number}", f"{number:018}") for number in range(12_000)])
    archive = Archive(content, Limits())
    assert sum(map(len, archive.unpack(SHEET_PART))) > 1_000_000
    monkeypatch.setattr(archive, "_limits", strict)
    with pytest.raises(DomainError, match="sheet_unsafe"):
        list(archive.unpack(SHEET_PART))


def test_too_many_entries() -> None:
    parts = {f"xl/media/{number}.txt": b"" for number in range(1001)}
    assert code_of(repack(roster(PERSON), parts)) == "sheet_unsafe bomb"


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "xl/../../x", "xl\\..\\x", "C:/x"])
def test_names_that_lead_elsewhere(name: str) -> None:
    assert code_of(repack(roster(PERSON), {name: b"x"})) == "sheet_unsafe names"


def test_entities() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>'
    assert code_of(with_cells(text_cell("A1", "&a9;"), head)) == "sheet_unsafe entities"
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    assert code_of(with_cells(text_cell("A1", "&a;"), outside)) == "sheet_unsafe entities"


def test_the_same_part_twice() -> None:
    """Programs do not agree on which of them counts."""
    target = BytesIO(roster(PERSON))
    with pytest.warns(UserWarning), zipfile.ZipFile(target, "a") as archive:
        archive.writestr(SHEET_PART, b"<worksheet/>")
    assert code_of(target.getvalue()) == "sheet_damaged"


@pytest.mark.parametrize(
    "cells",
    [
        "<row><c",
        '<row r="0"/>',
        '<row r="2"/><row r="1"/>',
        '<row r="x"/>',
        '<row r="1"><c r="B1"/><c r="A1"/></row>',
        '<row r="1"><c r="1A"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>a</v></c></row>',
        '<row r="1"><c r="A1"><v>one</v></c></row>',
        '<row r="99999999"/>',
        "<a>" * 100,
    ],
)
def test_xml_that_makes_no_sense(cells: str) -> None:
    assert code_of(with_cells(cells)) == "sheet_damaged"


def test_part_of_a_workbook_missing() -> None:
    content = roster(PERSON)
    assert code_of(repack(content, {"xl/workbook.xml": None})) == "sheet_unknown_kind"
    assert code_of(repack(content, {SHEET_PART: None})) == "sheet_damaged"
    assert code_of(repack(content, {"xl/_rels/workbook.xml.rels": None})) == "sheet_damaged"
    shared = write_workbook(TITLES, [PERSON])
    assert code_of(repack(shared, {"xl/sharedStrings.xml": None})) == "sheet_damaged"


# --- too much -----------------------------------------------------------------------------------

SMALL = Limits(most_rows=5, most_columns=4, most_cells=50, most_characters=20, header_within=3)


@pytest.mark.parametrize("make", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("rows", "code", "facts"),
    [
        ([PERSON] * 6, "sheet_too_large rows", {"most": 5}),
        ([(*PERSON, "", "", "x")], "sheet_too_large columns", {"most": 4}),
        ([("王" * 21, PERSON[1])], "sheet_too_large cell", {"place": "第2行（A列）", "most": 20}),
    ],
)
def test_too_much_of_something(
    make: str, rows: list[Any], code: str, facts: Mapping[str, object]
) -> None:
    if make == "xlsx":
        content = roster(*rows)
    else:
        content = "\n".join(",".join(row) for row in [TITLES, *rows]).encode()
    assert code_of(content, limits=SMALL) == code
    told = refusal(content, limits=SMALL).facts
    assert {key: told[key] for key in facts} == facts


def test_a_shared_text_that_is_too_long() -> None:
    content = write_workbook(TITLES, [("王" * 21, PERSON[1])])
    assert code_of(content, limits=SMALL) == "sheet_too_large cell"


def test_too_many_shared_texts() -> None:
    content = write_workbook(TITLES, [PERSON])
    assert code_of(content, limits=Limits(most_texts=3)) == "sheet_too_large cells"


def test_too_many_cells() -> None:
    limits = Limits(most_cells=8)
    assert code_of(roster(*[PERSON] * 4), limits=limits) == "sheet_too_large cells"
    content = "\n".join(",".join(row) for row in [TITLES, *[PERSON] * 4]).encode()
    assert code_of(content, limits=limits) == "sheet_too_large cells"


@pytest.mark.parametrize("content", [b"," * 3_000_000, b"\n" * 3_000_000])
def test_a_csv_of_nothing_but_separators(content: bytes) -> None:
    assert code_of(content) in ("sheet_no_header", "sheet_empty")


def test_too_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "_MOST_ELEMENTS", 100)
    cells = "".join(f'<row r="{number}"/>' for number in range(3, 103))
    assert code_of(with_cells(HEAD_CELLS + cells)) == "sheet_unsafe bomb"


def test_too_many_bytes() -> None:
    assert code_of(b"x" * 11_000_000) == "sheet_too_large bytes"


def test_rows_that_are_only_formatted_do_not_count() -> None:
    empty = "".join(
        f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(3, 90000)
    )
    person = f'<row r="2">{text_cell("A2", "王素梅")}{text_cell("B2", "1")}</row>'
    sheet = read_sheet(with_cells(HEAD_CELLS + person + empty), COLUMNS)
    assert len(sheet.rows) == 1


# --- tables that cannot be read as they stand ---------------------------------------------------


def test_formulas_are_named_with_and_without_a_result() -> None:
    content = roster(("王素梅", '="3715"&"0219"'), ("李建国", "1"), ("=A2", "2"))
    refused = refusal(content)
    assert refused.code == "sheet_formulas"
    assert refused.facts == {
        "places": "第2行“身份证号”（B列）、第4行“姓名”（A列）",
        "count": 2,
    }
    assert "第2行“身份证号”（B列）" in word(refused)
    cached = '<row r="2"><c r="A2" t="str"><f>B2</f><v>王</v></c><c r="B2"><v>1</v></c></row>'
    assert refusal(with_cells(HEAD_CELLS + cached)).facts["places"] == "第2行“姓名”（A列）"


def test_a_formula_in_a_column_that_nobody_reads() -> None:
    sheet = read_sheet(workbook([("序号", *TITLES), ("=ROW()-1", *PERSON)]), COLUMNS)
    assert sheet.rows[0].values["name"] == "王素梅"


def test_merged_cells_in_the_table_are_named() -> None:
    rows = [TITLES, PERSON, ("李建国", "1"), ("张晓雨", "2")]
    refused = refusal(workbook(rows, lambda sheet: sheet.merge_cells("A2:A3")))
    assert (refused.code, refused.facts["places"]) == ("sheet_merged", "A2:A3")


def test_merged_cells_outside_the_table_do_no_harm() -> None:
    def merge(sheet: Any) -> None:
        for area in ("A1:C1", "D3:D4", "A6:C6"):
            sheet.merge_cells(area)

    rows = [("某某班报名表",), TITLES, PERSON, ("李建国", "1"), (), ("注：按身份证填写",)]
    assert len(read_sheet(workbook(rows, merge), COLUMNS).rows) == 2


def test_no_header() -> None:
    refused = refusal(workbook([("a", "b"), ("c", "d")]))
    assert refused.code == "sheet_no_header"
    assert refused.facts["titles"] == "姓名、身份证号"


def test_a_column_is_missing() -> None:
    refused = refusal(workbook([("花名册",), ("姓名", "手机号"), ("王素梅", "13800000000")]))
    assert (refused.code, refused.facts) == ("sheet_no_column", {"titles": "身份证号", "row": 2})


def test_a_column_twice() -> None:
    refused = refusal(workbook([("姓名", "身份证号", "证件号码"), ("王素梅", "1", "2")]))
    assert refused.code == "sheet_header_twice"
    assert refused.facts == {"title": "证件号码", "columns": "B、C"}


def test_nothing_below_the_header() -> None:
    assert code_of(roster()) == "sheet_empty"
    assert code_of(roster(("合计：0人",))) == "sheet_empty"


def test_a_quote_that_is_never_closed() -> None:
    content = '姓名,身份证号\n"王素梅,1\n李建国,2\n'.encode()
    assert code_of(content) == "sheet_damaged quotes"
    assert refusal(content).facts["row"] == 2


# --- several sheets -----------------------------------------------------------------------------


def several(*states: tuple[str, bool, str]) -> bytes:
    """Sheets by name, whether they have the table, and their state."""
    book = openpyxl.Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    for name, has_table, state in states:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        rows = [TITLES, (name, PERSON[1])] if has_table else [("说明",), ("请如实填写",)]
        for row in rows:
            sheet.append(row)
    return save(book)


def test_the_one_sheet_that_has_the_table_is_read() -> None:
    sheet = read_sheet(several(("说明", False, "visible"), ("名单", True, "visible")), COLUMNS)
    assert (sheet.name, sheet.others) == ("名单", ("说明",))


def test_of_several_tables_one_must_be_named() -> None:
    content = several(("一班", True, "visible"), ("二班", True, "visible"))
    refused = refusal(content)
    assert (refused.code, refused.facts["names"]) == ("sheet_which", "一班、二班")
    chosen = read_sheet(content, COLUMNS, sheet_name="二班")
    assert chosen.rows[0].values["name"] == "二班"
    assert code_of(content, sheet_name="三班") == "sheet_not_there"


def test_a_hidden_sheet_is_not_read() -> None:
    content = several(("去年", True, "hidden"), ("今年", True, "visible"))
    assert read_sheet(content, COLUMNS).name == "今年"
