"""Sheets as people make them, good and bad: workbooks by openpyxl, and parts of them by hand."""

import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import openpyxl

from domain.sheets.table import Column
from domain.sheets.values import Kind

#: What the tests look for.
COLUMNS = (
    Column("name", "姓名", also=("学员姓名",)),
    Column("id_number", "身份证号", Kind.CODE, ("身份证号码", "证件号码", "公民身份号码")),
    Column("phone", "手机号", Kind.CODE, ("联系电话",), required=False, filled=False),
    Column("starts_on", "开始日期", Kind.DATE, required=False, filled=False),
    Column("hours", "学时", Kind.INTEGER, ("课时",), required=False, filled=False),
    Column("amount", "补贴金额", Kind.MONEY, required=False, filled=False),
)
#: Fictional.
ID_NUMBER = "37150219780316902X"
TITLES = ("姓名", "身份证号")
PERSON = ("王素梅", ID_NUMBER)

Change = Callable[[Any], object]


def workbook(
    rows: Iterable[Sequence[object]], change: Change = lambda _: None, title: str = "名单"
) -> bytes:
    """An xlsx file of these rows; `change` is given the sheet before it is saved."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    change(sheet)
    return save(book)


def save(book: Any) -> bytes:
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def roster(*more: Sequence[object], titles: Sequence[str] = TITLES) -> bytes:
    """A header and these rows."""
    return workbook([titles, *more])


def repack(
    content: bytes,
    parts: Mapping[str, bytes | None] = {},
    *,
    change: Callable[[str, bytes], bytes] = lambda _, part: part,
) -> bytes:
    """The archive with other or more parts; None leaves one out."""
    target = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for entry in source.namelist():
            if entry not in parts:
                archive.writestr(entry, change(entry, source.read(entry)))
        for name, part in parts.items():
            if part is not None:
                archive.writestr(name, part)
    return target.getvalue()


SHEET_PART = "xl/worksheets/sheet1.xml"


def with_cells(cells: str, head: str = "") -> bytes:
    """A workbook whose rows are this XML, between <sheetData> and its end."""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<worksheet xmlns='
        '"http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )
    return repack(roster(PERSON), {SHEET_PART: xml.encode()})


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD_CELLS = f'<row r="1">{text_cell("A1", "姓名")}{text_cell("B1", "身份证号")}</row>'
