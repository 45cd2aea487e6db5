"""Who was where when in the classes that a firm holds for its own people, for its contacts."""

from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200

from api.employers import ContactView, Cursor, Limited
from api.firm_attendance_shapes import (
    FirmAttendance,
    FirmAttendeePage,
    FirmCheckInSettings,
    FirmClassesWaiting,
    FirmClassWaiting,
    FirmSheetWanted,
    FirmWaitingPage,
    show_attendance,
    show_attendee,
    show_settings,
    show_waiting,
)
from api.limits import FIRM_CLASSES, FIRM_SHEETS, OWN_READING
from api.paging import DEFAULT_LIMIT, decode_position, page_after, show_page
from api.refusals import refuses
from api.sheets import send_sheet
from api.views import send
from domain.actor import EmployerContact
from domain.attendance.queries import Attendance, read_attendance
from domain.attendance.sheets import Shown, export_signin
from domain.attendance.waiting import list_waiting
from domain.attendance.wanting import change_attendance_settings, usual_wants
from domain.calendar import LOCAL
from web.access import Access, allow
from web.body_limits import body
from web.limits import limited


class AttendanceView(ContactView):
    """A view of the attendance in one of a firm's own classes."""

    async def read(self, actor: EmployerContact, class_id: UUID) -> Attendance:
        """Raises DomainError not_found."""
        tools = self.tools
        return await read_attendance(
            actor, tools.vault, tools.content(), class_id, now=tools.clock()
        )


def add_firm_attendance(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    one = "/v1/employers/{employer}/classes/{class_id}/attendance"
    app.router.add_view(one, FirmAttendanceView)
    app.router.add_view(f"{one}/people", FirmAttendeesView)
    app.router.add_view(f"{one}/waiting", FirmWaitingView)
    app.router.add_view(f"{one}/settings", FirmSettingsView)
    app.router.add_view(f"{one}/sheet", FirmSheetView)
    app.router.add_view("/v1/employers/{employer}/check-ins/waiting", FirmClassesWaitingView)


@allow(Access.SIGNED_IN)
class FirmAttendanceView(AttendanceView):
    @limited(OWN_READING)
    async def get(self, employer: UUID, class_id: UUID, /) -> r200[FirmAttendance]:
        return send(show_attendance(await self.read(await self.act_for(employer), class_id)))


@allow(Access.SIGNED_IN)
class FirmAttendeesView(AttendanceView):
    @limited(OWN_READING)
    async def get(
        self, employer: UUID, class_id: UUID, /, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> r200[FirmAttendeePage]:
        actor, vault = await self.act_for(employer), self.tools.vault
        of = f"attendance of {class_id} for {employer} by id"
        position = decode_position(vault, cursor, of)
        found = await self.read(actor, class_id)
        page = page_after(found.people, lambda one: (one.enrolment,), position, limit)
        return send(show_page(vault, page, of, show_attendee))


@allow(Access.SIGNED_IN)
class FirmWaitingView(AttendanceView):
    @limited(OWN_READING)
    async def get(
        self, employer: UUID, class_id: UUID, /, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> r200[FirmWaitingPage]:
        actor, vault = await self.act_for(employer), self.tools.vault
        of = f"check-ins of {class_id} that wait for {employer} by id"
        position = decode_position(vault, cursor, of)
        found = await self.read(actor, class_id)
        people = {one.person: one for one in found.people}
        waiting = sorted(found.waiting, key=lambda one: one.id)
        page = page_after(waiting, lambda one: (one.id,), position, limit)
        return send(show_page(vault, page, of, lambda one: show_waiting(actor, people, one)))


@allow(Access.SIGNED_IN)
class FirmSettingsView(AttendanceView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=4096, seconds=5)
    @refuses("attendance_settings_wrong", "attendance_settings_changed", "class_unchangeable")
    async def put(
        self, employer: UUID, class_id: UUID, /, settings: FirmCheckInSettings
    ) -> r200[FirmCheckInSettings]:
        actor, tools = await self.act_for(employer), self.tools
        usual, wants, seen = usual_wants(tools.content()), settings.read(), settings.version
        version = await change_attendance_settings(
            actor, usual, class_id, wants, seen, now=tools.clock()
        )
        return send(show_settings(wants, version))


@allow(Access.SIGNED_IN)
class FirmSheetView(AttendanceView):
    @limited(FIRM_SHEETS)
    @body(most_bytes=4096, seconds=5)
    @refuses("reason_missing", "roster_not_filed")
    async def post(self, employer: UUID, class_id: UUID, /, wanted: FirmSheetWanted) -> r200:
        actor, tools = await self.act_for(employer), self.tools
        sheet = await export_signin(
            actor,
            tools.vault,
            tools.content(),
            class_id=class_id,
            shown=Shown(wanted.shown),
            reason=wanted.reason,
            now=tools.clock(),
        )
        return send_sheet(f"学员签到表-{sheet.title}", sheet.content)


@allow(Access.SIGNED_IN)
class FirmClassesWaitingView(ContactView):
    @limited(OWN_READING)
    async def get(self, employer: UUID, /) -> r200[FirmClassesWaiting]:
        classes = await list_waiting(await self.act_for(employer), now=self.tools.clock())
        return send(
            FirmClassesWaiting(
                items=[
                    FirmClassWaiting(
                        class_id=one.id,
                        title=one.title,
                        count=one.count,
                        due=one.due.astimezone(LOCAL) if one.due else None,
                    )
                    for one in classes
                ]
            )
        )
