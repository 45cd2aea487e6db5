"""The table in a sheet: where its header and its columns are, what of it is data. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.errors import DomainError
from domain.sheets.cells import Area, Cells, Place, RawRow, name_column
from domain.sheets.limits import Limits
from domain.sheets.values import Kind, Unreadable, Value, read_value, show_cell


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the caller looks for.

    key: what its values are called, and programs the column. title: how we write it ourselves.
    also: how people do.
    required: without the column the sheet is refused. filled: without a value the row is at fault.
    most: characters of a text.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    also: tuple[str, ...] = ()
    required: bool = True
    filled: bool = True
    most: int = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row. `code` is a key of sheets.faults in content/texts."""

    code: str
    place: Place
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    number: as the sheet shows it. values: by the column's key; None where nothing is, or what is
    there is at fault. shown: the whole row in words, for the sheet of refused rows.
    """

    number: int
    values: Mapping[str, Value]
    faults: tuple[Fault, ...]
    shown: tuple[str, ...]
    places: Mapping[str, Place]

    def blame(self, key: str, code: str, **facts: object) -> Fault:
        """A fault that a rule of the caller has found in the column `key`."""
        return Fault(code, self.places.get(key, Place(self.number, 0)), facts)


@dataclass(frozen=True, slots=True)
class Header:
    """The header: its row, the columns by key, all titles as they came.

    ends: the first column that we have added ourselves, in a sheet of refused rows.
    """

    row: int
    columns: Mapping[str, int]
    titles: tuple[str, ...]
    ends: int | None = None


#: Titles of what is added to a sheet of refused rows (refused.send_back); from the first of them
#: on such a sheet, handed in again, is not looked at.
ROW_TITLE, REASON_TITLE = "原行号", "原因"


_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_MARKS = re.compile(r"[\s*:：,.、。_\-/\"'“”]+")
#: What a row below the table begins with.
_NOTE = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|备\s*注|注\s*[:：\d]|说\s*明|填\s*表|制\s*表|审\s*核|经\s*办|单位[(（]?盖章"
    r"|负责人|填报|联系人\s*[:：]|以下空白|\*|※)"
)


def spell_title(text: str) -> str:
    """A title as it is compared: 身份证 号码（必填）* is 身份证号码."""
    plain = unicodedata.normalize("NFKC", text)
    bare = _MARKS.sub("", _ASIDE.sub("", plain)).casefold()
    return bare or _MARKS.sub("", plain).casefold()


class Titles:
    """What the columns are called, and by which of them a title is meant."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._known = {
            spell_title(title): column.key
            for column in columns
            for title in (column.title, *column.also, column.key)
        }

    def is_title(self, text: str) -> bool:
        """Whether a column is called so."""
        return spell_title(text) in self._known

    def find_header(self, rows: Sequence[RawRow], limits: Limits) -> Header:
        """The row among the first that has the most titles.

        Raises DomainError sheet_no_header where a required column is missing, sheet_header_twice.
        """
        header = self.seek_header(rows, limits)
        if header is None:
            wanted = "、".join(column.title for column in self.columns if column.required)
            raise DomainError("sheet_no_header", titles=wanted, rows=limits.header_within)
        missing = [
            column.title
            for column in self.columns
            if column.required and column.key not in header.columns
        ]
        if missing:
            raise DomainError("sheet_no_column", titles="、".join(missing), row=header.row)
        return header

    def seek_header(self, rows: Sequence[RawRow], limits: Limits) -> Header | None:
        """The same, whatever is missing; None where no row has two titles (or all there are)."""
        best: RawRow | None = None
        most = min(2, len(self.columns)) - 1
        for row in rows:
            if row.number > limits.header_within:
                break
            count = sum(self.is_title(cell.text) for cell in row.cells.values())
            if count > most:
                best, most = row, count
        return None if best is None else self._read_header(best)

    def _read_header(self, row: RawRow) -> Header:
        columns: dict[str, int] = {}
        added = [at for at, cell in row.cells.items() if cell.text.strip() == ROW_TITLE]
        ends = min(added, default=None)
        cells = {at: cell for at, cell in row.cells.items() if ends is None or at < ends}
        for place, cell in sorted(cells.items()):
            key = self._known.get(spell_title(cell.text))
            if key is None:
                continue
            if key in columns:
                first = name_column(columns[key])
                raise DomainError(
                    "sheet_header_twice",
                    title=cell.text.strip(),
                    columns=f"{first}、{name_column(place)}",
                )
            columns[key] = place
        width = max(cells, default=-1) + 1
        titles = tuple(" ".join(show_cell(cells.get(at)).split()) for at in range(width))
        return Header(row.number, columns, titles, ends)


@dataclass(frozen=True, slots=True)
class Table:
    """What was found below the header: rows of data, and the numbers of rows that are notes."""

    header: Header
    rows: tuple[Row, ...]
    notes: tuple[int, ...]
    hidden: tuple[int, ...]


def read_table(
    rows: Sequence[RawRow], merged: Sequence[Area], titles: Titles, limits: Limits
) -> Table:
    """The table in `rows`.

    Raises DomainError as find_header; sheet_formulas and sheet_merged where the table has such
    cells, with their places; sheet_empty.
    """
    header = titles.find_header(rows, limits)
    below = [row for row in rows if row.number > header.row]
    notes = {row.number for row in below if _is_note(row.cells, header, titles)}
    data = [row for row in below if row.number not in notes and _has_value(row.cells, header)]
    if not data:
        raise DomainError("sheet_empty")
    if len(data) > limits.most_rows:
        raise DomainError("sheet_too_large", about="rows", most=limits.most_rows)
    _refuse_merged(merged, header, data[-1].number, notes, limits)
    _refuse_formulas(data, header, limits)
    return Table(
        header,
        tuple(_read_row(row, header, titles.columns) for row in data),
        tuple(sorted(notes)),
        tuple(row.number for row in data if row.hidden),
    )


def _has_value(cells: Cells, header: Header) -> bool:
    """Whether anything stands below a title that we know; a number in front of it is no data."""
    return any(place in cells for place in header.columns.values())


def _is_note(cells: Cells, header: Header, titles: Titles) -> bool:
    """合计, 注：…, 填表人：…, where half or more of the required columns are empty."""
    first = min(cells)
    if _NOTE.match(unicodedata.normalize("NFKC", cells[first].text.strip())) is None:
        return False
    filled = [header.columns[column.key] for column in titles.columns if column.required]
    others = [place for place in filled if place != first]
    return sum(place in cells for place in others) * 2 <= len(others)


def _refuse_merged(
    merged: Sequence[Area], header: Header, last: int, notes: set[int], limits: Limits
) -> None:
    columns = header.columns.values()
    found = [
        area
        for area in merged
        if area.last_row >= header.row
        and area.first_row <= last
        and not (area.first_row == area.last_row and area.first_row in notes)
        and any(area.first_column <= column <= area.last_column for column in columns)
    ]
    if found:
        named = "、".join(map(str, found[: limits.most_places]))
        raise DomainError("sheet_merged", places=named, count=len(found))


def _refuse_formulas(data: Sequence[RawRow], header: Header, limits: Limits) -> None:
    named = {column: header.titles[column] for column in header.columns.values()}
    found = [
        Place(row.number, column, named[column])
        for row in data
        for column, cell in sorted(row.cells.items())
        if cell.formula and column in named
    ]
    if found:
        places = "、".join(map(str, found[: limits.most_places]))
        raise DomainError("sheet_formulas", places=places, count=len(found))


def _read_row(row: RawRow, header: Header, columns: Sequence[Column]) -> Row:
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    places: dict[str, Place] = {}
    for column in columns:
        values[column.key] = None
        at = header.columns.get(column.key)
        if at is None:
            continue
        place = places[column.key] = Place(row.number, at, header.titles[at])
        try:
            value = read_value(row.cells.get(at), column.kind)
        except Unreadable as unreadable:
            faults.append(Fault(unreadable.code, place, unreadable.facts))
            continue
        if value is None and column.filled:
            faults.append(Fault("missing", place))
        elif isinstance(value, str) and len(value) > column.most:
            faults.append(Fault("too_long", place, {"most": column.most}))
        else:
            values[column.key] = value
    width = max(len(header.titles), max(row.cells) + 1)
    width = width if header.ends is None else header.ends
    shown = tuple(show_cell(row.cells.get(at)) for at in range(width))
    return Row(row.number, values, tuple(faults), shown, places)
