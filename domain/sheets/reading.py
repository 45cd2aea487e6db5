"""Reads one sheet of a file, or refuses it: nothing is ever half read.

    sheet = await asyncio.to_thread(read_sheet, content, COLUMNS)
    for row in sheet.rows:
        if not row.faults: ... row.values["id_number"] ...

All of it is computation, a second for some thousand rows: give it a thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import DomainError
from domain.sheets.digests import fingerprint
from domain.sheets.limits import LIMITS, Limits
from domain.sheets.separated import read_separated
from domain.sheets.table import Column, Row, Titles, read_table
from domain.sheets.workbook import RawSheet, SheetRef, Workbook

_ZIP = b"PK\x03\x04"
#: Old workbooks (.xls) and encrypted new ones lie in a container of this kind.
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: What begins so is text of some kind, and yet no sheet: what programs call .xls, and is a page.
_PAGE = (b"<html", b"<!doctype", b"<?xml", b"<table")
_PDF = b"%PDF"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as read.

    name: of the sheet that was read, "" of a csv. others: visible ones that were not. titles: the
    header as it came. digest: SHA-256 of the file. hidden: numbers of rows that the person does
    not see and that were read all the same. notes: of rows below or between that are no data.
    """

    name: str
    others: tuple[str, ...]
    titles: tuple[str, ...]
    header_row: int
    rows: tuple[Row, ...]
    hidden: tuple[int, ...]
    notes: tuple[int, ...]
    digest: bytes


def read_file(path: Path, columns: Sequence[Column], **more: object) -> Sheet:
    """As read_sheet; of a file that is too large only so much is read as shows it."""
    limits = more.get("limits", LIMITS)
    assert isinstance(limits, Limits)
    with path.open("rb") as stream:
        content = stream.read(limits.most_bytes + 1)
    return read_sheet(content, columns, **more)  # type: ignore[arg-type]


def read_sheet(
    content: bytes,
    columns: Sequence[Column],
    *,
    sheet_name: str | None = None,
    limits: Limits = LIMITS,
) -> Sheet:
    """The rows of the sheet that has the columns, of an xlsx or csv file.

    `sheet_name` chooses where several sheets have them. Raises DomainError, all with words in
    content/texts/errors.yaml: sheet_too_large, sheet_unknown_kind, sheet_old_kind, sheet_locked,
    sheet_unsafe, sheet_damaged, sheet_wrong_encoding; sheet_which, sheet_not_there (of several
    sheets); sheet_no_header, sheet_no_column, sheet_header_twice, sheet_empty; sheet_formulas,
    sheet_merged. Faults of single cells are in the rows.
    """
    if len(content) > limits.most_bytes:
        raise DomainError("sheet_too_large", about="bytes", most=limits.most_bytes // (1024 * 1024))
    titles = Titles(columns)
    if content.startswith(_ZIP):
        name, others, raw = _read_workbook(content, titles, sheet_name, limits)
    else:
        _refuse_other_kinds(content)
        name, others = "", ()
        raw = RawSheet(read_separated(content, limits, titles.is_title))
    table = read_table(raw.rows, raw.merged, titles, limits)
    return Sheet(
        name=name,
        others=others,
        titles=table.header.titles,
        header_row=table.header.row,
        rows=table.rows,
        hidden=table.hidden,
        notes=table.notes,
        digest=fingerprint(content),
    )


def _refuse_other_kinds(content: bytes) -> None:
    if not content.strip():
        raise DomainError("sheet_empty")
    if content.startswith(_COMPOUND):
        if _ENCRYPTED in content:
            raise DomainError("sheet_locked")
        raise DomainError("sheet_old_kind")
    beginning = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith(_PAGE) or content.startswith(_PDF):
        raise DomainError("sheet_unknown_kind")


def _read_workbook(
    content: bytes, titles: Titles, wanted: str | None, limits: Limits
) -> tuple[str, tuple[str, ...], RawSheet]:
    workbook = Workbook(content, limits)
    visible = [sheet for sheet in workbook.sheets if sheet.visible] or workbook.sheets
    chosen = _choose(workbook, visible, titles, wanted, limits)
    others = tuple(sheet.name for sheet in visible if sheet is not chosen)
    return chosen.name, others, workbook.read(chosen)


def _choose(
    workbook: Workbook,
    sheets: Sequence[SheetRef],
    titles: Titles,
    wanted: str | None,
    limits: Limits,
) -> SheetRef:
    """The sheet that is read; of several, the one that has the most of the columns."""
    if wanted is not None:
        named = [sheet for sheet in sheets if sheet.name == wanted]
        if not named:
            names = "、".join(sheet.name for sheet in sheets)
            raise DomainError("sheet_not_there", name=wanted, names=names)
        return named[0]
    if len(sheets) == 1:
        return sheets[0]
    found = [sheet for sheet in sheets if _has_header(workbook, sheet, titles, limits)]
    if len(found) > 1:
        raise DomainError("sheet_which", names="、".join(sheet.name for sheet in found))
    return found[0] if found else sheets[0]


def _has_header(workbook: Workbook, sheet: SheetRef, titles: Titles, limits: Limits) -> bool:
    top = workbook.read(sheet, limits.header_within).rows
    header = titles.seek_header(top, limits)
    return header is not None and all(
        column.key in header.columns for column in titles.columns if column.required
    )
