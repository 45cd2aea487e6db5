"""Forms that are printed, read back as a spreadsheet program would."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from domain.sheets.forms import FormBook

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
    assert len(str(drawn(note="甲" * 300).oddFooter.left.text)) == 100


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
