"""Forms that are printed and signed: A4 landscape, the head on every page, page numbers.

What stands in them is text, numbers and nothing that can run, as in writing.py. A sheet of a form
is as wide as one page, and as long as it takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.calendar import LOCAL
from domain.sheets.writing import neutralise, spell_name

#: What a page is as wide as, in the characters that columns are measured by.
PAGE_WIDTH = 146
_A4 = 9
#: What a page has between its margins, in points: 297 by 210 mm, less what add_page leaves.
_PAPER_WIDTH, _PAPER_HEIGHT = 842 - 58, 595 - 80
#: How much wider a program may take columns to be than Excel does (LibreOffice: a twentieth).
_ABOUT = (0.99, 1.01, 1.03, 1.05, 1.07)
#: What of a page the line takes on which it is signed.
_SIGN_HEIGHT = 18
#: A Chinese character takes two places, and a line of 10 points so much height.
_LINE_POINTS = 14.0

Style = Literal[
    "title", "info", "head", "cell", "text", "mark", "count", "number", "rate", "low", "foot"
]
_SONG: Mapping[str, Any] = {"font_name": "SimSun", "font_size": 10, "valign": "vcenter"}
_BOXED: Mapping[str, Any] = {**_SONG, "border": 1, "text_wrap": True, "align": "center"}
_STYLES: Mapping[Style, Mapping[str, Any]] = {
    "title": {**_SONG, "font_name": "SimHei", "font_size": 18, "align": "center"},
    "info": {**_SONG, "text_wrap": True},
    "head": {**_BOXED, "bold": True, "bg_color": "#F6F8FA"},
    "cell": {**_BOXED, "num_format": "@"},
    "text": {**_BOXED, "align": "left", "num_format": "@"},
    "mark": {**_BOXED, "font_size": 8, "num_format": "@"},
    "count": {**_BOXED, "num_format": "0"},
    "number": {**_BOXED, "num_format": "0.0"},
    "rate": {**_BOXED, "num_format": '0.0"%"'},
    #: The word stands behind the number, for who prints without colours.
    "low": {**_BOXED, "num_format": '0.0"%"\\ "低"', "bold": True},
    "foot": {**_SONG, "text_wrap": True},
}


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of a form, row by row; rows and columns count from 0."""

    sheet: Worksheet
    formats: Mapping[Style, Format]
    widths: Sequence[float]
    #: The last row that holds something.
    last: list[int] = field(default_factory=lambda: [0])
    #: Row -> its height in points, where it was set.
    heights: dict[int, float] = field(default_factory=dict)
    #: Whether there is a line to sign on at the bottom of every printed page.
    signed: bool = False

    def put(
        self,
        row: int,
        column: int,
        value: str | float | None,
        style: Style,
        *,
        to: int | None = None,
        down: int = 0,
    ) -> None:
        """A value into the cells from `column` to `to`, and so many rows `down`."""
        shape, last = self.formats[style], column if to is None else to
        if last > column or down:
            self.sheet.merge_range(row, column, row + down, last, "", shape)
        if value is None:
            self.sheet.write_blank(row, column, None, shape)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, neutralise(value), shape)
        else:
            self.sheet.write_number(row, column, value, shape)
        self.last[0] = max(self.last[0], row + down)

    def set_height(self, row: int, points: float) -> None:
        """How high a row is."""
        self.sheet.set_row(row, points)
        self.heights[row] = points

    def find_rooms(self) -> list[float]:
        """How high the rows below the head may be on one printed page, in points, as far as that
        is known: what is wider than the paper is printed smaller, and programs differ in how wide
        they take columns to be. Call with the heights of the head set."""
        width = sum(7 * one + 5 for one in self.widths) * 0.75
        high = _PAPER_HEIGHT - _SIGN_HEIGHT if self.signed else _PAPER_HEIGHT
        head = sum(self.heights.values())
        return [high * max(1.0, about * width / _PAPER_WIDTH) - head for about in _ABOUT]

    def measure(self, text: str, column: int, to: int, least: float = 20) -> float:
        """The height that `text` needs in the cells from `column` to `to`, in points."""
        room = max(1.0, sum(self.widths[column : to + 1]) - 1)
        lines = sum(max(1, -(-_places(line) // int(room))) for line in text.split("\n"))
        return max(least, lines * _LINE_POINTS + 6)


class FormBook:
    """A workbook of such sheets. made_at stands on every page: when it was taken out."""

    def __init__(self, title: str, made_at: datetime) -> None:
        self._target = BytesIO()
        self._made_at = made_at.astimezone(LOCAL)
        self._book = Workbook(
            self._target,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                # Columns are as wide as its digits. Where a font is missing another takes its
                # place, and all is printed smaller; of this one everybody has it or its like.
                "default_format_properties": {"font_name": "Arial", "font_size": 10},
            },
        )
        self._book.set_properties({"title": title, "created": self._made_at.replace(tzinfo=None)})
        self._formats = {name: self._book.add_format(dict(one)) for name, one in _STYLES.items()}

    def add_page(
        self,
        name: str,
        widths: Sequence[float],
        *,
        head: int,
        note: str,
        signs: Sequence[str] = ("", "", ""),
    ) -> Page:
        """A sheet whose first `head` rows stand on every page; `note` at the bottom left of it,
        and above that the three `signs` that are filled in by hand."""
        sheet = self._book.add_worksheet(spell_name(name))
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.9 if any(signs) else 0.65)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.repeat_rows(0, head - 1)
        sheet.freeze_panes(head, 0)
        sheet.hide_gridlines(2)
        made = f"导出：{self._made_at:%Y-%m-%d %H:%M}"
        parts = zip("LCR", signs, (_escape(note), "第&P页 共&N页", made), strict=True)
        lines = ((part, f"{_escape(sign)}\n{line}" if sign else line) for part, sign, line in parts)
        sheet.set_footer("".join(f"&{part}{line}" for part, line in lines if line))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return Page(sheet, self._formats, widths, signed=any(signs))

    def finish(self, page: Page) -> None:
        """Say what of the sheet is printed: all that was put into it."""
        page.sheet.print_area(0, 0, page.last[0], len(page.widths) - 1)

    def close(self) -> bytes:
        """The file."""
        self._book.close()
        return self._target.getvalue()


def choose_height(
    rows: int, rooms: Sequence[float], tail: float, heights: Sequence[float]
) -> float:
    """Which of `heights`, the best first, so many rows have so that the tail of a form, `tail`
    points that stand behind them, comes onto the last page with some of them, whichever of `rooms`
    a page has for both. With two at least, where any does that: somebody alone on a page looks
    forgotten; else with one; the first where none does."""
    return next(
        (
            height
            for least in (2, 1)
            for height in heights
            if all(_fits(rows, room, tail, height, least) for room in rooms)
        ),
        heights[0],
    )


def _fits(rows: int, room: float, tail: float, height: float, least: int) -> bool:
    a_page = int(room // height)
    last = rows % a_page or a_page if a_page else rows
    return rows == 0 or (a_page > 0 and last >= min(least, rows) and last * height + tail <= room)


def _escape(text: str) -> str:
    """`text` as it stands in a footer, where & begins a command."""
    return text[:60].replace("&", "&&")


def _places(text: str) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)
