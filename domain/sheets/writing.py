"""Writes sheets in which nothing can run: what a program could take for a formula stays text."""

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.sheets.cells import name_column
from domain.sheets.values import Value

#: Programs take what begins so for a formula, or for what a formula may stand behind (OWASP's list
#: for CSV injection), also in full width.
_STARTS_FORMULA = "=+-@\t\r\n|%"
_MOST_TITLE = 31
_TITLE_FORBIDS = str.maketrans("[]:*?/\\'", "        ")
_WIDEST, _NARROWEST = 60, 8
#: A program shows no more rows.
_MOST_ROWS = 1_048_575
_MOST_CHARACTERS = 32_000
_BAD = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


@dataclass(frozen=True, slots=True)
class Fen:
    """A sum of money in fen, shown in yuan."""

    fen: int


Written = Value | datetime | Fen


def write_workbook(
    titles: Sequence[str], rows: Iterable[Sequence[Written]], *, name: str = "Sheet1"
) -> bytes:
    """An xlsx file with one sheet: the header bold and fixed, a filter, texts as texts.

    Numbers of people and firms are texts, so that all their digits stay. Nothing is a formula or
    a link.
    """
    target = BytesIO()
    book = Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    sheet = book.add_worksheet(spell_name(name))
    bold = book.add_format(
        {"bold": True, "bg_color": "#F6F8FA", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    )
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "number": book.add_format({"num_format": "0"}),
    }
    widths = [_measure(title) for title in titles]
    for column, title in enumerate(titles):
        sheet.write_string(0, column, neutralise(title), bold)
    last = 0
    for last, row in enumerate(rows, 1):
        if last > _MOST_ROWS:
            raise ValueError("more rows than a sheet can hold")
        for column, value in enumerate(row):
            _write_cell(sheet, last, column, value, formats)
            shown = _measure(_show(value))
            if column < len(widths):
                widths[column] = max(widths[column], shown)
            else:
                widths.append(shown)
    for column, width in enumerate(widths):
        # The format of the column holds for what people add below.
        sheet.set_column(column, column, min(max(width, _NARROWEST), _WIDEST), formats["text"])
    sheet.freeze_panes(1, 0)
    if titles:
        sheet.autofilter(f"A1:{name_column(len(titles) - 1)}{last + 1}")
    book.close()
    return target.getvalue()


def write_separated(titles: Sequence[str], rows: Iterable[Sequence[Written]]) -> bytes:
    """The same as csv: UTF-8 with the mark by which programs know it, commas, CRLF."""
    target = StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow([neutralise(title) for title in titles])
    for row in rows:
        writer.writerow(
            [_show(value) if _is_plain(value) else neutralise(str(value)) for value in row]
        )
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8", "replace")


def neutralise(text: str) -> str:
    """`text` so that no program takes it for a formula: an apostrophe goes before what could be."""
    clean = text.translate(_BAD)[:_MOST_CHARACTERS]
    clean = clean.encode("utf-8", "replace").decode()
    first = unicodedata.normalize("NFKC", clean.lstrip(" \u3000\xa0\ufeff\u200b"))[:1]
    return f"'{clean}" if first and first in _STARTS_FORMULA else clean


def _is_plain(value: Written) -> bool:
    """Whether it can hold nothing but digits and marks of our own making."""
    return not isinstance(value, str)


def _show(value: Written) -> str:
    if value is None:
        return ""
    if isinstance(value, Fen):
        return f"{value.fen // 100}.{value.fen % 100:02}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_cell(
    sheet: Worksheet, row: int, column: int, value: Written, formats: Mapping[str, Format]
) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, neutralise(value), formats["text"])
    elif isinstance(value, Fen):
        sheet.write_number(row, column, value.fen / 100, formats["money"])
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), formats["time"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats["date"])
    elif abs(value) >= 10**15:
        # A program would lose the last digits.
        sheet.write_string(row, column, str(value), formats["text"])
    else:
        sheet.write_number(row, column, value, formats["number"])


def _measure(text: str) -> int:
    """Its width in a sheet: a Chinese character takes two places."""
    return min(sum(2 if ord(char) > 0x2E7F else 1 for char in text[:_WIDEST]) + 2, _WIDEST)


def spell_name(name: str) -> str:
    """`name` so that a sheet may be called by it."""
    return name.translate(_TITLE_FORBIDS).strip()[:_MOST_TITLE] or "Sheet1"
