"""Forms that are printed, read back as a spreadsheet program would."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from domain.sheets.forms import FormBook, choose_height

#: Midnight on the city's clocks is the day before in London.
NOW = datetime(2026, 12, 7, 16, 30, tzinfo=UTC)


def drawn(*, note: str = "", name: str = "一", value: str | float | None = "甲") -> Worksheet:
    book = FormBook("表", NOW)
    page = book.add_page(name, [10, 10, 20], head=2, note=note)
    page.put(0, 0, "标题", "title", to=2)
    page.put(1, 0, "列", "head", down=1)
    page.put(3, 1, value, "cell", to=2)
    book.finish(page)
    (sheet,) = load_workbook(BytesIO(book.close())).worksheets
    return sheet


def test_the_page() -> None:
    sheet = drawn()
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.fitToHeight == 0
    assert (sheet.print_title_rows, sheet.print_area) == ("$1:$2", "'一'!$A$1:$C$4")
    assert {str(one) for one in sheet.merged_cells.ranges} == {"A1:C1", "A2:A3", "B4:C4"}
    assert sheet.oddFooter.center.text == "第&P页 共&N页"
    assert sheet.oddFooter.right.text == "导出：2026-12-08 00:30"
    assert sheet.oddFooter.left.text is None


def test_what_stands_at_the_bottom_is_no_command() -> None:
    """&D would be the date, &A the name of the sheet."""
    assert drawn(note="A&D").oddFooter.left.text == "A&&D"
    assert len(str(drawn(note="甲" * 300).oddFooter.left.text)) == 60


def test_a_page_is_signed_at_the_bottom() -> None:
    page = FormBook("表", NOW).add_page(
        "一", [10], head=1, note="A", signs=("甲：", "乙：", "丙：")
    )
    footer = page.sheet.footer
    made = "导出：2026-12-08 00:30"
    assert footer == f"&L甲：\nA&C乙：\n第&P页 共&N页&R丙：\n{made}"
    assert page.sheet.margin_bottom > 0.8


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_nothing_runs_in_merged_cells_either(text: str) -> None:
    cell = drawn(value=text)["B4"]
    assert cell.data_type == "s" and str(cell.value).startswith("'")


def test_numbers_are_numbers_and_nothing_is_nothing() -> None:
    assert drawn(value=3)["B4"].value == 3
    assert drawn(value=None)["B4"].value is None


def test_a_name_that_no_sheet_may_have() -> None:
    assert drawn(name="12:30/一[二]").title == "12 30 一 二"


@pytest.mark.parametrize(
    ("text", "height"),
    [
        ("短", 20),
        # Nineteen places of two columns: nine characters a line.
        ("字" * 9, 20),
        ("字" * 10, 34),
        ("字" * 40, 76),
        ("一\n二\n三", 48),
    ],
)
def test_a_row_is_as_high_as_its_words_need(text: str, height: float) -> None:
    page = FormBook("表", NOW).add_page("一", [10, 10, 20], head=1, note="")
    assert page.measure(text, 0, 1) == height


@pytest.mark.parametrize(
    ("rows", "height"),
    [
        # All of it on one page, be it of 291 points or of 309.
        (8, 30),
        # Ten rows of 30 may fill the page, and the tail would stand alone; a little closer there is
        # no room for it either; of 33 one goes over, whatever the page has.
        (10, 33),
        # Two on the second page, or three.
        (12, 30),
        # Of ten to a page one would be alone on the second.
        (11, 33),
        (1, 30),
        (0, 30),
    ],
)
def test_no_page_without_people(rows: int, height: float) -> None:
    assert choose_height(rows, (291, 300, 309), 30, (30, 29, 33)) == height


def test_where_no_height_helps_the_first_is_taken() -> None:
    assert choose_height(10, [300], 299, (30, 29)) == 30
    assert choose_height(5, [20], 10, (30, 29)) == 30
    # One alone is better than none.
    assert choose_height(11, [310], 30, (310, 31, 30)) == 31
