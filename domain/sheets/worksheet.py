"""The cells of one sheet, in one pass over its XML that ends as soon as there are too many."""

from collections.abc import Callable, Iterable

from domain.errors import DomainError
from domain.sheets.cells import Area, Cell, Cells, Place, RawRow, read_place
from domain.sheets.limits import Limits
from domain.sheets.xml import Attributes, read_xml

#: (type, style, value, whether there is a formula) -> the cell, None where nothing is in it.
MakeCell = Callable[[str, int, str, bool], Cell | None]

_MOST_ROW = 1_048_576
_MOST_MERGED = 20_000


class _Enough(Exception):  # noqa: N818 (no failure)
    """The first rows were asked for, and are there."""


class WorksheetReader:
    """Reads one sheet."""

    def __init__(self, limits: Limits, make_cell: MakeCell, most_rows: int | None = None) -> None:
        self._limits = limits
        self._make_cell = make_cell
        self._most_rows = most_rows
        self.rows: list[RawRow] = []
        self.merged: list[Area] = []
        self._count = 0
        self._row = 0
        self._hidden = False
        self._cells: Cells = {}
        self._column = -1
        self._kind = ""
        self._style = 0
        self._formula = False
        #: Whether the text that comes is a cell's value.
        self._inside = False
        self._spoken = False
        self._pieces: list[str] = []
        self._length = 0

    def read(self, chunks: Iterable[bytes]) -> None:
        """Fill `rows` and `merged`.

        Raises DomainError sheet_damaged, sheet_unsafe, sheet_too_large.
        """
        try:
            read_xml(chunks, self._begin, self._end, self._text)
        except _Enough:
            return
        except (ValueError, IndexError, OverflowError):
            raise DomainError("sheet_damaged") from None

    def _begin(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "v" or (name == "t" and self._kind == "inlineStr"):
            self._inside = not self._spoken
        elif name == "row":
            self._begin_row(attributes)
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._spoken = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _end(self, name: str) -> None:
        if name in ("v", "t"):
            self._inside = False
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._spoken = False
        elif name == "row" and self._cells:
            if len(self.rows) >= self._limits.most_rows + self._limits.header_within:
                raise DomainError("sheet_too_large", about="rows", most=self._limits.most_rows)
            self.rows.append(RawRow(self._row, self._cells, self._hidden))
            self._cells = {}

    def _text(self, piece: str) -> None:
        if not self._inside:
            return
        self._length += len(piece)
        if self._length <= self._limits.most_characters:
            self._pieces.append(piece)

    def _begin_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r") or self._row + 1)
        if not self._row < number <= _MOST_ROW:
            # A row twice, or out of order: programs do not agree on what it means.
            raise DomainError("sheet_damaged")
        if self._most_rows is not None and len(self.rows) >= self._most_rows:
            raise _Enough
        self._row, self._column, self._cells = number, -1, {}
        self._hidden = attributes.get("hidden") in ("1", "true")

    def _begin_cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r")
        before = self._column
        self._column = read_place(reference)[1] if reference else before + 1
        if self._column <= before:
            raise DomainError("sheet_damaged")
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s") or 0)
        self._formula = False
        self._pieces.clear()
        self._length = 0

    def _end_cell(self) -> None:
        limits = self._limits
        value = "".join(self._pieces)
        if self._length > limits.most_characters:
            raise self._too_long()
        if not value and not self._formula:
            return
        cell = self._make_cell(self._kind, self._style, value, self._formula)
        if cell is None:
            return
        if len(cell.text) > limits.most_characters:
            # One of the texts that the sheets share.
            raise self._too_long()
        self._count += 1
        if self._column >= limits.most_columns:
            raise DomainError("sheet_too_large", about="columns", most=limits.most_columns)
        if self._count > limits.most_cells:
            raise DomainError("sheet_too_large", about="cells", most=limits.most_cells)
        self._cells[self._column] = cell

    def _too_long(self) -> DomainError:
        place = Place(self._row, self._column)
        return DomainError(
            "sheet_too_large", about="cell", place=str(place), most=self._limits.most_characters
        )

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        (top, left), (bottom, right) = read_place(first), read_place(last or first)
        if len(self.merged) >= _MOST_MERGED:
            raise DomainError("sheet_too_large", about="cells", most=self._limits.most_cells)
        self.merged.append(Area(top, bottom, left, right))
