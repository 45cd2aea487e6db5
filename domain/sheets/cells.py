"""One cell as the file has it, and where it stands."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

_LETTERS = 26


class Holds(Enum):
    """What a cell holds, as far as the file itself says."""

    TEXT = "text"
    #: `text` is the number as it was written into the file, before anybody rounds it.
    NUMBER = "number"
    #: `text` is ISO: 2026-11-30, or with a time 2026-11-30 08:30:00.
    DATE = "date"
    #: `text` is 是 or 否.
    BOOLEAN = "boolean"
    #: #N/A and its like.
    ERROR = "error"


class Cell(NamedTuple):
    """A cell with something in it. Of a formula `text` is the result kept beside it, if any."""

    holds: Holds
    text: str
    formula: bool = False


#: The cells of one row by column, from 0.
Cells = dict[int, Cell]


class RawRow(NamedTuple):
    """One row as the file has it; `number` is what the program that shows it writes beside it."""

    number: int
    cells: Cells
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, as the person sees it: row from 1, column from 0."""

    row: int
    column: int
    title: str = ""

    def __str__(self) -> str:
        """第7行“身份证号”（C列）."""
        named = f"“{self.title}”" if self.title else ""
        return f"第{self.row}行{named}（{name_column(self.column)}列）"


@dataclass(frozen=True, slots=True)
class Area:
    """Cells that are merged into one: rows from 1, columns from 0, both ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    def __str__(self) -> str:
        """As the program shows it, A3:B4."""
        first = f"{name_column(self.first_column)}{self.first_row}"
        return f"{first}:{name_column(self.last_column)}{self.last_row}"


def name_column(column: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, _LETTERS)
        name = chr(ord("A") + letter) + name
    return name


def read_place(reference: str) -> tuple[int, int]:
    """C7 -> (7, 2): row from 1, column from 0. Raises ValueError for what is no reference."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not (0 < len(letters) <= 3 and letters.isascii() and letters.isalpha() and digits):
        raise ValueError(reference)
    column = 0
    for letter in letters.upper():
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return int(digits), column - 1
