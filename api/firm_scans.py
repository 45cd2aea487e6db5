"""Scans of the paper sign-in sheets (纸质签到表) of a firm's own classes: handed in before what
stands on them is entered, and looked at before somebody confirms it."""

import asyncio
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201

from api.employers import ContactView
from api.firm_attendance_shapes import FirmScan, FirmScans, show_scan
from api.limits import FIRM_SHEETS, OWN_READING
from api.refusals import refuses
from api.scans import SCAN_KINDS, send_scan
from api.views import send
from domain.attendance.scans import MOST_BYTES, add_scan, list_scans, see_scan
from domain.errors import DomainError
from domain.files.store import FileStore
from web.access import Access, allow
from web.body_limits import body
from web.limits import limited
from web.uploads import receive_file


class ScanView(ContactView):
    """A view of the scans of one class."""

    @property
    def files(self) -> FileStore:
        """Raises DomainError unavailable where none is configured."""
        if self.tools.files is None:
            raise DomainError("unavailable", about="files")
        return self.tools.files


def add_firm_scans(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    one = "/v1/employers/{employer}/classes/{class_id}/scans"
    app.router.add_view(one, FirmScansView)
    app.router.add_view(f"{one}/{{file_id}}", FirmScanView)


@allow(Access.SIGNED_IN)
class FirmScansView(ScanView):
    @limited(OWN_READING)
    async def get(self, employer: UUID, class_id: UUID, /) -> r200[FirmScans]:
        actor = await self.act_for(employer)
        scans = await list_scans(actor, class_id)
        return send(FirmScans(items=[show_scan(actor, scan) for scan in scans]))

    @limited(FIRM_SHEETS)
    @body(most_bytes=MOST_BYTES + 64 * 1024, seconds=120, streamed=True)
    @refuses("too_many_scans")
    async def post(self, employer: UUID, class_id: UUID, /) -> r201[FirmScan]:
        actor, tools = await self.act_for(employer), self.tools
        # Whose class it is, before ten megabytes come.
        await list_scans(actor, class_id)
        received = await receive_file(self.request, most_bytes=MOST_BYTES, kinds=SCAN_KINDS)
        scan = await add_scan(
            actor,
            tools.vault,
            self.files,
            class_id=class_id,
            content=await asyncio.to_thread(received.path.read_bytes),
            media_type=received.kind.value,
            now=tools.clock(),
        )
        return send(show_scan(actor, scan), status=201)


@allow(Access.SIGNED_IN)
class FirmScanView(ScanView):
    @limited(OWN_READING)
    @refuses("file_missing")
    async def get(self, employer: UUID, class_id: UUID, file_id: UUID, /) -> r200:
        actor, tools = await self.act_for(employer), self.tools
        asked = {"class_id": class_id, "file_id": file_id}
        return send_scan(
            *await see_scan(actor, tools.vault, self.files, **asked, now=tools.clock())
        )
