"""Handing in a sheet: looked at first, taken over when one has seen what would become of it.

    add_sheet_pages(app, SheetPages(path="/institutions", …))

adds /institutions/import (the form; the look) and /institutions/import/confirmed. Between the two
the sheet lies in the page, in a hidden field: nothing of it is kept here that nobody confirmed.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from api.console.fields import File
from api.console.form import Form, receive_upload
from api.console.ground import texts_of
from api.console.page import render
from domain.errors import DomainError
from domain.permissions import Permission
from domain.sheets.reading import Sheet
from domain.sheets.refused import send_back, word_faults
from domain.sheets.table import Column, Fault, Row
from domain.sheets.writing import write_workbook
from web.access import Access, allow
from web.body_limits import body
from web.forms import read_form
from web.uploads import Kind

#: Of a sheet that is handed in here; a larger one goes by `zpt import`.
MOST_BYTES = 3 * 1024 * 1024
#: Of the form that confirms it, in which three bytes are four letters.
_MOST_FORM_BYTES = MOST_BYTES // 3 * 4 + 64 * 1024
#: Refused rows that the page itself shows; all are in the sheet that one takes back.
MOST_SHOWN = 50
_SHEET = "sheet"
_WORKBOOK = "data:application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;base64,"


class Report(Protocol):
    """What the imports of the areas say."""

    @property
    def sheet(self) -> Sheet: ...
    @property
    def refused(self) -> Sequence[tuple[Row, Sequence[Fault]]]: ...
    @property
    def repeated(self) -> datetime | None: ...


#: (request, the file, dry run) -> what became of it, or would.
Run = Callable[[web.Request, bytes, bool], Awaitable[Report]]

Check = Callable[[web.Request], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class SheetPages:
    """One kind of sheet. `counts` maps what a Report counts to words: added -> 家新列入."""

    path: str
    title: str
    #: The words of the link above the heading, which leads to `path`.
    back: str
    permission: Permission
    columns: Sequence[Column]
    counts: Mapping[str, str]
    run: Run
    #: What else to mind, above the form.
    notes: Sequence[str] = ()
    #: Raises DomainError where `path` names a thing that who asks may not touch: asked before
    #: anything is read, by all three routes.
    check: Check | None = None


def add_sheet_pages(app: web.Application, pages: SheetPages) -> None:
    """Add the three routes."""
    fields = (
        File(label="表格文件", accept=".xlsx,.csv", help="Excel 工作簿（.xlsx）或 CSV，最大3MB"),
    )

    @allow(Access.STAFF, pages.permission)
    async def show_form(request: web.Request) -> web.Response:
        await _check(request, pages)
        return _render_form(request, pages, Form.blank(request, fields))

    @allow(Access.STAFF, pages.permission)
    @body(most_bytes=MOST_BYTES + 64 * 1024, seconds=60, streamed=True)
    async def look(request: web.Request) -> web.Response:
        await _check(request, pages)
        form = Form.blank(request, fields)
        with form.telling_refusals():
            received = await receive_upload(request, most_bytes=MOST_BYTES, kinds=frozenset(Kind))
            content = await asyncio.to_thread(received.path.read_bytes)
            report = await pages.run(request, content, True)
            return await _render_report(request, pages, report, content=content)
        return _render_form(request, pages, form, status=422)

    @allow(Access.STAFF, pages.permission)
    @body(most_bytes=_MOST_FORM_BYTES, seconds=60)
    async def take_over(request: web.Request) -> web.Response:
        await _check(request, pages)
        form = Form.blank(request, fields)
        with form.telling_refusals():
            content = _decode((await read_form(request)).get(_SHEET, ""))
            report = await pages.run(request, content, False)
            return await _render_report(request, pages, report)
        return _render_form(request, pages, form, status=422)

    app.router.add_get(f"{pages.path}/import", show_form)
    app.router.add_post(f"{pages.path}/import", look)
    app.router.add_post(f"{pages.path}/import/confirmed", take_over)


async def _check(request: web.Request, pages: SheetPages) -> None:
    if pages.check is not None:
        await pages.check(request)


def _render_form(
    request: web.Request, pages: SheetPages, form: Form, *, status: int = 200
) -> web.Response:
    titles = [column.title for column in pages.columns]
    return render(
        request,
        "sheet_form",
        status=status,
        pages=pages,
        root=_root_of(request),
        form=form,
        blank=_WORKBOOK + base64.b64encode(write_workbook(titles, [])).decode(),
    )


async def _render_report(
    request: web.Request, pages: SheetPages, report: Report, *, content: bytes | None = None
) -> web.Response:
    """`content` is the sheet that is still to be confirmed; None where it has been taken over."""
    texts = texts_of(request)
    counts = [(getattr(report, name), words) for name, words in pages.counts.items()]
    shown = [word_faults(texts, faults) for _, faults in report.refused[:MOST_SHOWN]]
    refused = b""
    if report.refused:
        refused = await asyncio.to_thread(send_back, report.sheet, report.refused, texts)
    return render(
        request,
        "sheet_report",
        pages=pages,
        root=_root_of(request),
        report=report,
        counts=[(count, words) for count, words in counts if count],
        shown=shown,
        refused=_WORKBOOK + base64.b64encode(refused).decode() if refused else "",
        sheet="" if content is None else base64.urlsafe_b64encode(content).decode(),
    )


def _root_of(request: web.Request) -> str:
    """The page that the sheet belongs to; `path` may have the id of a thing in it."""
    return request.path[: request.path.rindex("/import")]


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise DomainError("sheet_damaged") from None
