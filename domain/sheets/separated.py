"""Texts with separators (csv): in which encoding, by which separator, and their rows."""

import csv
import re
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import islice

from domain.errors import DomainError
from domain.sheets.cells import Cell, Cells, Holds, Place, RawRow
from domain.sheets.limits import Limits

_SEPARATORS = (",", "\t", ";", "，")
#: Programs write so what must stay text: ="3715…".
_AS_TEXT = re.compile(r'="([^"]*)"')
#: What no text has: files of another kind that happen to be valid UTF-8 or GB 18030.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")


def read_separated(content: bytes, limits: Limits, is_title: Callable[[str], bool]) -> list[RawRow]:
    """The rows of `content`, numbered as a program shows them. All cells hold text.

    The separator is the one by which most cells of one row at the top are titles.
    Raises DomainError sheet_wrong_encoding, sheet_unknown_kind, sheet_damaged, sheet_too_large.
    """
    text = _decode(content)
    if _CONTROLS.search(text):
        raise DomainError("sheet_unknown_kind")
    separator = max(
        _SEPARATORS,
        key=lambda separator: _count_titles(text, separator, limits, is_title),
    )
    return list(_read_rows(text, separator, limits))


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\x00" in content:
        # A program, a picture: to say that the encoding is wrong would send people the wrong way.
        raise DomainError("sheet_unknown_kind")
    else:
        encodings = ("utf-8-sig", "gb18030")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DomainError("sheet_wrong_encoding")


def _count_titles(
    text: str, separator: str, limits: Limits, is_title: Callable[[str], bool]
) -> int:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    most = 0
    try:
        for fields in islice(reader, limits.header_within):
            most = max(most, sum(map(is_title, fields[: limits.most_columns])))
    except csv.Error:
        # With this separator quotes stand where they cannot.
        pass
    return most


def _read_rows(text: str, separator: str, limits: Limits) -> Iterator[RawRow]:
    # Strict: a quote that is never closed would swallow all rows that follow.
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    number = rows = count = 0
    while True:
        number += 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            if "field larger" in str(error):
                raise _too_long(number, 0, limits) from None
            raise DomainError("sheet_damaged", about="quotes", row=number) from None
        if fields is None:
            return
        cells: Cells = {}
        for column, value in enumerate(fields):
            if not value.strip():
                continue
            if len(value) > limits.most_characters:
                raise _too_long(number, column, limits)
            as_text = _AS_TEXT.fullmatch(value.strip())
            cells[column] = Cell(Holds.TEXT, as_text[1] if as_text else value)
        if not cells:
            continue
        rows, count = rows + 1, count + len(cells)
        if rows > limits.most_rows + limits.header_within:
            raise DomainError("sheet_too_large", about="rows", most=limits.most_rows)
        if max(cells) >= limits.most_columns:
            raise DomainError("sheet_too_large", about="columns", most=limits.most_columns)
        if count > limits.most_cells:
            raise DomainError("sheet_too_large", about="cells", most=limits.most_cells)
        yield RawRow(number, cells)


def _too_long(row: int, column: int, limits: Limits) -> DomainError:
    place = Place(row, column)
    return DomainError(
        "sheet_too_large", about="cell", place=str(place), most=limits.most_characters
    )
