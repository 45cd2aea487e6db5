"""From a cell to a value: text, a code of digits, a date, a whole number, money. Pure."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum

from domain.sheets.cells import Cell, Holds
from domain.sheets.workbook import read_serial

Value = str | int | date | None


class Kind(Enum):
    """What a column holds."""

    #: Words as they stand, on one line.
    TEXT = "text"
    #: What is written in digits and never reckoned with: numbers of people, firms, telephones.
    CODE = "code"
    DATE = "date"
    INTEGER = "integer"
    #: Written in yuan, read in fen.
    MONEY = "money"


class Unreadable(Exception):  # noqa: N818 (what happened, not what kind of class)
    """The cell does not hold what its column wants. `code` is a key of sheets.faults."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


#: Programs keep this many digits of a number and lose the others.
_DIGITS_KEPT = 15
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,3}")
_DATE = re.compile(
    r"([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})[日号]?"
    r"|([0-9]{2})([0-9]{2}))(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
#: Numbers that are taken for a date's serial: 1927 to 2199.
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 109_574
_EARLIEST = date(1900, 1, 1)
_LATEST = date(2199, 12, 31)
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]+)?")
_YUAN = re.compile(
    r"^(?:人民币|RMB|CNY)?\s*[¥￥]?\s*|\s*(?:元整?|块钱?)(?:/人|每人)?$", re.IGNORECASE
)
#: What reckoning with halves of bits leaves behind a sum of money.
_NOISE = Decimal("0.000001")
_FEN = 100
_MOST_SHOWN = 24


def read_value(cell: Cell | None, kind: Kind) -> Value:
    """The value of `cell` for a column of `kind`; None where nothing is in it.

    Raises Unreadable.
    """
    if cell is None:
        return None
    if cell.holds is Holds.ERROR:
        raise Unreadable("error_value", shown=cell.text[:_MOST_SHOWN])
    text = _tidy(cell.text)
    if not text:
        return None
    return _READERS[kind](cell, text)


def show_cell(cell: Cell | None) -> str:
    """The cell in words, as near to what the person sees as the file tells."""
    return "" if cell is None else cell.text


def _read_text(cell: Cell, text: str) -> str:
    if cell.holds is not Holds.NUMBER:
        # What we have written ourselves comes back as it was (writing.neutralise).
        return text[1:].lstrip() if text.startswith("'") and len(text) > 1 else text
    number = _to_decimal(text)
    # Phone numbers and years in a column of words.
    is_whole = number == number.to_integral_value() and abs(number) < 10**_DIGITS_KEPT
    return str(int(number)) if is_whole else text


def _read_code(cell: Cell, text: str) -> str:
    if cell.holds is Holds.NUMBER:
        number = _to_decimal(text)
        if abs(number) >= 10**_DIGITS_KEPT:
            raise Unreadable("digits_lost", shown=text[:_MOST_SHOWN])
        if number < 0 or number != number.to_integral_value():
            raise Unreadable("not_a_code", shown=text[:_MOST_SHOWN])
        return str(int(number))
    if cell.holds is not Holds.TEXT:
        raise Unreadable("not_a_code", shown=text[:_MOST_SHOWN])
    plain = unicodedata.normalize("NFKC", text)
    # An apostrophe in front keeps digits as text, in programs that do not take it away.
    plain = "".join(plain.split()).lstrip("'‘’`")
    if _SCIENTIFIC.fullmatch(plain):
        raise Unreadable("digits_lost", shown=plain[:_MOST_SHOWN])
    return plain.upper()


def _read_date(cell: Cell, text: str) -> date:
    plain = unicodedata.normalize("NFKC", text)
    if cell.holds is Holds.NUMBER:
        number = _to_decimal(text)
        if _FIRST_SERIAL <= number < _LAST_SERIAL:
            return date.fromisoformat(read_serial(int(number)))
        plain = str(int(number)) if number == number.to_integral_value() else plain
    plain = re.sub(r"\s*([-/.年月])\s*|\s+([日号])", r"\1\2", plain)
    found = _DATE.fullmatch(plain)
    if found is None:
        raise Unreadable("not_a_date", shown=plain[:_MOST_SHOWN])
    year, *parts = (int(part) for part in found.groups() if part)
    try:
        day = date(year, *parts)
    except ValueError:
        raise Unreadable("no_such_day", shown=plain[:_MOST_SHOWN]) from None
    if not _EARLIEST <= day <= _LATEST:
        raise Unreadable("no_such_day", shown=plain[:_MOST_SHOWN])
    return day


def _read_integer(cell: Cell, text: str) -> int:
    number = _read_number(cell, text)
    if number is None or number != number.to_integral_value():
        raise Unreadable("not_an_integer", shown=text[:_MOST_SHOWN])
    return int(number)


def _read_money(cell: Cell, text: str) -> int:
    number = _read_number(cell, _YUAN.sub("", unicodedata.normalize("NFKC", text)))
    if number is None:
        raise Unreadable("not_money", shown=text[:_MOST_SHOWN])
    if number < 0:
        raise Unreadable("money_negative", shown=text[:_MOST_SHOWN])
    fen = number * _FEN
    whole = fen.to_integral_value()
    noise = _NOISE if cell.holds is Holds.NUMBER else Decimal(0)
    if abs(fen - whole) > noise:
        raise Unreadable("less_than_a_fen", shown=text[:_MOST_SHOWN])
    return int(whole)


def _read_number(cell: Cell, text: str) -> Decimal | None:
    """The number; None for what is none."""
    if cell.holds is Holds.NUMBER:
        number = _to_decimal(cell.text.strip())
        return number if abs(number) < 10**_DIGITS_KEPT else None
    if cell.holds is not Holds.TEXT:
        return None
    plain = unicodedata.normalize("NFKC", text).strip()
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    return Decimal(plain) if _NUMBER.fullmatch(plain) and plain.isascii() else None


def _to_decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unreadable("error_value", shown=text[:_MOST_SHOWN]) from None
    if not number.is_finite() or number.adjusted() > 400:
        raise Unreadable("error_value", shown=text[:_MOST_SHOWN])
    return number


def _tidy(text: str) -> str:
    """On one line, without what cannot be seen."""
    seen = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf")
    )
    return " ".join(seen.split())


_READERS: dict[Kind, Callable[[Cell, str], Value]] = {
    Kind.TEXT: _read_text,
    Kind.CODE: _read_code,
    Kind.DATE: _read_date,
    Kind.INTEGER: _read_integer,
    Kind.MONEY: _read_money,
}
