"""An xlsx workbook: its sheets, and their cells as the file has them."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import DomainError
from domain.sheets.archive import Archive
from domain.sheets.cells import Area, Cell, Holds, RawRow
from domain.sheets.limits import Limits
from domain.sheets.worksheet import WorksheetReader
from domain.sheets.xml import Attributes, Begin, End, Text, ignore, own, read_xml

_WORKBOOK = "xl/workbook.xml"
_ROOT_RELATIONS = "_rels/.rels"
#: Documents that are packed alike.
_OTHERS = ("word/", "ppt/")
#: The numbers of number formats that show a date, without being written out in the file; 27 to
#: 36 and 50 to 58 are those of Chinese programs.
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
#: Of a format's code: what is quoted, escaped, padded or in brackets shows no part of a date.
_NO_PART = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
#: Days of serial 0, by the day that the workbook counts from.
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001
#: Serials of 1927 to 9999; below 60 the format counts a day that there was not.
_FIRST_SERIAL, _LAST_SERIAL = 61, 2_958_465
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class SheetRef:
    """One sheet of a workbook."""

    name: str
    visible: bool
    part: str


@dataclass(slots=True)
class RawSheet:
    """A sheet as the file has it."""

    rows: list[RawRow]
    merged: list[Area] = field(default_factory=list)


class Workbook:
    """A workbook whose sheets can be read one by one."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        """Raises DomainError sheet_unknown_kind, sheet_damaged, sheet_locked, sheet_unsafe."""
        self._limits = limits
        self._archive = Archive(content, limits)
        main = self._find_main()
        if main not in self._archive or not main.endswith(".xml") or main.startswith(_OTHERS):
            raise DomainError("sheet_unknown_kind")
        self._counts_from_1904 = False
        folder = main.rpartition("/")[0]
        name = main.rpartition("/")[2]
        self._targets = self._read_relations(f"{folder}/_rels/{name}.rels".lstrip("/"), folder)
        self.sheets = self._read_sheets(main)
        self._texts: list[str] | None = None
        self._date_styles: frozenset[int] | None = None

    def read(self, sheet: SheetRef, most_rows: int | None = None) -> RawSheet:
        """The cells of `sheet`; with `most_rows` only those of the first rows, none merged."""
        if self._texts is None:
            self._texts = self._read_texts()
        if self._date_styles is None:
            self._date_styles = self._read_date_styles()
        reader = WorksheetReader(self._limits, self._make_cell, most_rows)
        reader.read(self._archive.unpack(sheet.part))
        return RawSheet(reader.rows, reader.merged)

    def _make_cell(self, kind: str, style: int, value: str, formula: bool) -> Cell | None:
        """The cell whose `<v>` or `<is>` holds `value`; None where nothing is in it."""
        assert self._texts is not None
        assert self._date_styles is not None
        if kind == "s":
            value = self._texts[int(value)] if value.strip() else ""
        elif kind in ("str", "inlineStr"):
            value = _unescape(value)
        elif kind == "b":
            return Cell(Holds.BOOLEAN, "是" if value.strip() == "1" else "否", formula)
        elif kind == "e":
            return Cell(Holds.ERROR, value.strip(), formula)
        elif kind == "d":
            return Cell(Holds.DATE, value.strip().replace("T", " ").removesuffix("Z"), formula)
        elif value.strip():
            return self._make_number(style, value.strip(), formula)
        else:
            value = ""
        return Cell(Holds.TEXT, value, formula) if value.strip() or formula else None

    def _make_number(self, style: int, value: str, formula: bool) -> Cell:
        number = float(value)
        assert self._date_styles is not None
        if style in self._date_styles and _FIRST_SERIAL <= number < _LAST_SERIAL:
            return Cell(Holds.DATE, read_serial(number, self._counts_from_1904), formula)
        return Cell(Holds.NUMBER, value, formula)

    def _find_main(self) -> str:
        """The part of the workbook itself, as the archive says; else where it always is."""
        found = ""

        def begin(name: str, attributes: Attributes) -> None:
            nonlocal found
            if name == "Relationship" and own(attributes, "Type").endswith("/officeDocument"):
                found = own(attributes, "Target").lstrip("/")

        self._read_part(_ROOT_RELATIONS, begin)
        return found or _WORKBOOK

    def _read_relations(self, part: str, folder: str) -> dict[str, str]:
        targets: dict[str, str] = {}

        def begin(name: str, attributes: Attributes) -> None:
            if name == "Relationship" and own(attributes, "TargetMode") != "External":
                target = own(attributes, "Target")
                whole = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
                targets[own(attributes, "Id")] = whole.lstrip("/")
                kind = own(attributes, "Type").rpartition("/")[2]
                targets.setdefault(kind, whole.lstrip("/"))

        self._read_part(part, begin)
        return targets

    def _read_sheets(self, main: str) -> list[SheetRef]:
        sheets: list[SheetRef] = []

        def begin(name: str, attributes: Attributes) -> None:
            if name == "workbookPr":
                self._counts_from_1904 = own(attributes, "date1904") in ("1", "true")
            elif name == "sheet":
                part = self._targets.get(own(attributes, "id"), "")
                visible = own(attributes, "state") in ("", "visible")
                # A sheet of a chart, or one whose part is not there, holds no cells.
                if part in self._archive and "/chartsheets/" not in part:
                    sheets.append(SheetRef(own(attributes, "name"), visible, part))

        self._read_part(main, begin)
        if not sheets:
            raise DomainError("sheet_damaged")
        return sheets

    def _read_texts(self) -> list[str]:
        """The texts that sheets share; where one is too long, as much as shows that it is."""
        texts: list[str] = []
        pieces: list[str] = []
        inside = skipping = False
        most = self._limits.most_characters + 1

        def begin(name: str, _: Attributes) -> None:
            nonlocal inside, skipping
            if name == "si":
                pieces.clear()
                if len(texts) >= self._limits.most_texts:
                    raise DomainError("sheet_too_large", about="cells", most=most)
            elif name == "rPh":
                # How the characters are read aloud; no part of the text.
                skipping = True
            elif name == "t":
                inside = not skipping

        def end(name: str) -> None:
            nonlocal inside, skipping
            if name == "si":
                texts.append(_unescape("".join(pieces)))
            elif name == "rPh":
                skipping = False
            elif name == "t":
                inside = False

        def text(piece: str) -> None:
            if inside and sum(map(len, pieces)) < most:
                pieces.append(piece[:most])

        self._read_part(self._targets.get("sharedStrings", ""), begin, end, text)
        return texts

    def _read_date_styles(self) -> frozenset[int]:
        """The numbers of the cell styles that show a date."""
        formats = set(_DATE_FORMATS)
        styles: list[int] = []
        inside = False

        def begin(name: str, attributes: Attributes) -> None:
            nonlocal inside
            if name == "numFmt":
                number = int(own(attributes, "numFmtId") or 0)
                (formats.add if _is_date(own(attributes, "formatCode")) else formats.discard)(
                    number
                )
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                styles.append(int(own(attributes, "numFmtId") or 0))

        def end(name: str) -> None:
            nonlocal inside
            if name == "cellXfs":
                inside = False

        self._read_part(self._targets.get("styles", ""), begin, end)
        return frozenset(number for number, style in enumerate(styles) if style in formats)

    def _read_part(
        self,
        part: str,
        begin: Begin,
        end: End = ignore,
        text: Text = ignore,
    ) -> None:
        """Read a part that may be missing."""
        if part in self._archive:
            read_xml(self._archive.unpack(part), begin, end, text)


def read_serial(serial: float, counts_from_1904: bool = False) -> str:
    """The day, and the time where there is one, that a date's number stands for, as in ISO."""
    seconds = round(serial * 86_400)
    moment = _EPOCHS[counts_from_1904] + timedelta(seconds=seconds)
    return moment.date().isoformat() if seconds % 86_400 == 0 else moment.isoformat(" ")


def _is_date(code: str) -> bool:
    if code.casefold() == "general":
        return False
    return any(letter in "ymdhs" for letter in _NO_PART.sub("", code).casefold())


def _unescape(text: str) -> str:
    """Characters that XML cannot hold are written as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
