"""What we write: nothing in it runs, digits stay, and refused rows can be handed in again."""

import csv
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import LOCAL
from domain.sheets.reading import read_sheet
from domain.sheets.refused import send_back
from domain.sheets.table import Column
from domain.sheets.writing import Fen, Written, neutralise, write_separated, write_workbook
from tests.support import package_content
from tests.unit.sheets.building import COLUMNS, ID_NUMBER, PERSON, roster

TEXTS = package_content().texts
FORMULAS = [
    *('=HYPERLINK("http://x","点我")', "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1"),
    *("＝1+1", "＋1", "－1", "＠SUM(1)", " =1+1", "\u3000=1", "\u200b=1", "|calc", "%0A"),
]


def open_book(content: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(content)).active


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_is_a_formula(text: str) -> None:
    assert neutralise(text).startswith("'")
    sheet = open_book(write_workbook(["姓名", text], [[text, "x"]]))
    for cell in (sheet["A2"], sheet["B1"]):
        assert cell.data_type == "s" and str(cell.value).lstrip().startswith("'")
    table = write_separated([text], [[text]]).decode("utf-8-sig")
    for row in csv.reader(StringIO(table, newline="")):
        assert row[0].startswith("'")


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_whatever_is_written_can_be_read_and_runs_nothing(text: str) -> None:
    sheet = read_sheet(write_workbook(["姓名", "身份证号"], [[f"{text}王", "1"]]), COLUMNS)
    assert sheet.rows[0].values["id_number"] == "1"
    plain = write_separated(["姓名", "身份证号"], [[f"{text}王", "1"]])
    assert read_sheet(plain, COLUMNS).rows[0].values["id_number"] == "1"


def test_links_and_numbers_stay_texts() -> None:
    sheet = open_book(write_workbook(["a", "b"], [["http://x.cn", ID_NUMBER.replace("X", "1")]]))
    assert sheet["A2"].hyperlink is None
    assert (sheet["B2"].data_type, sheet["B2"].number_format) == ("s", "@")
    long = open_book(write_workbook(["a"], [[10**17 + 1]]))
    assert long["A2"].value == str(10**17 + 1)


def test_values_are_written_as_what_they_are() -> None:
    at = datetime(2026, 11, 30, 8, 30, tzinfo=LOCAL)
    row: list[Written] = [date(2026, 11, 30), at, Fen(180010), 40, None, "姓名"]
    sheet = open_book(write_workbook(list("abcdef"), [row]))
    assert sheet["A2"].value.isoformat() == "2026-11-30T00:00:00"
    assert sheet["B2"].value.isoformat() == "2026-11-30T08:30:00"
    assert (sheet["C2"].value, sheet["D2"].value, sheet["E2"].value) == (1800.1, 40, None)
    assert sheet.freeze_panes == "A2" and sheet["A1"].font.bold
    assert sheet.auto_filter.ref == "A1:F2"
    text = write_separated(list("abcdef"), [row]).decode("utf-8-sig").splitlines()[1]
    assert text == '"2026-11-30","2026-11-30 08:30","1800.10","40","","姓名"'


def test_names_of_sheets_and_odd_characters() -> None:
    content = write_workbook(["a"], [["\x00\x0b\ud800x\uffff"]], name="[班]:2026/11*'?" + "长" * 40)
    sheet = open_book(content)
    assert sheet["A2"].value == "?x" and len(sheet.title) <= 31
    write_workbook([], [])


def test_refused_rows_come_back_as_they_were_with_the_reason() -> None:
    content = roster(
        ("王素梅", "3.71502E+17", "=x" and "备注甲"), PERSON, ("", "1"),
        titles=("姓名", "身份证号", "说明书"),
    )  # fmt: skip
    sheet = read_sheet(content, COLUMNS)
    refused = [(row, row.faults) for row in sheet.rows if row.faults]
    back = send_back(sheet, refused, TEXTS)
    book = open_book(back)
    rows = [[cell.value for cell in row] for row in book.iter_rows()]
    assert rows[0] == ["姓名", "身份证号", "说明书", "原行号", "原因"]
    assert rows[1][:4] == ["王素梅", "3.71502E+17", "备注甲", 2]
    assert rows[1][4].startswith("第2行“身份证号”（B列）写成了数字")
    assert rows[2][1] == "1" and rows[2][4] == "第4行“姓名”（A列）没有填"
    again = read_sheet(back, COLUMNS)
    assert [row.faults[0].code for row in again.rows] == ["digits_lost", "missing"]
    assert again.titles == sheet.titles
    assert again.rows[0].shown == ("王素梅", "3.71502E+17", "备注甲"), "what we added is left out"


def test_what_was_made_harmless_comes_back_as_it_was() -> None:
    columns = (Column("note", "说明"), Column("name", "姓名"))
    content = write_workbook(["说明", "姓名"], [["-3度以下停课", "王"]])
    assert read_sheet(content, columns).rows[0].values["note"] == "-3度以下停课"
