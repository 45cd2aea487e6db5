"""The classes that a firm holds for its own people (企业自主培训, L02), for its contacts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201

from api.employers import ContactView, Cursor, Limited
from api.firm_class_shapes import (
    FirmClass,
    FirmClassChange,
    FirmClassDraft,
    FirmClassPage,
    FirmClassPlan,
    FirmClassStep,
    FirmTestNote,
    FirmVideoChange,
    name_line,
    saying,
    show_class,
    show_summary,
)
from api.idempotency import idempotent
from api.limits import FIRM_CLASSES, OWN_READING
from api.paging import DEFAULT_LIMIT, decode_position, show_page
from api.refusals import refuses
from api.views import send
from content.schema import Content
from domain.actor import EmployerContact
from domain.enrolments.clashing import list_clashing, name_clashing
from domain.errors import DomainError
from domain.training.actions import Holder, change_class, draft_class, plan_sessions, take
from domain.training.life import Step
from domain.training.proof import record_test, record_video
from domain.training.queries import ClassFilter, find_class, list_classes
from web.access import Access, allow
from web.body_limits import body
from web.limits import limited

_WRITING = ("class_details_wrong", "class_not_for_holder")
_STEPPING = (
    *("class_changed", "class_step_refused", "class_reason_needed", "class_incomplete"),
    *("class_dates_past", "class_too_early", "class_still_running"),
    "class_people_overlap",
)
_CHANGING = (
    *("class_changed", "class_unchangeable", "class_reason_needed", "class_people_overlap"),
)
_PLANNING = (*_CHANGING, "class_sessions_wrong", "class_hours_short")
_PROVING = ("class_changed", "class_step_refused", "class_details_wrong")


class FirmClassView(ContactView):
    """A view of one firm's own classes."""

    @property
    def content(self) -> Content:
        return self.tools.content()

    async def show(self, actor: EmployerContact, class_id: UUID, status: int = 200) -> web.Response:
        """The class as it is now. Raises DomainError not_found."""
        found = await find_class(actor, self.content, class_id, now=self.tools.clock())
        clashing = await list_clashing(actor, self.tools.vault, class_id)
        return send(show_class(self.tools, found, clashing), status=status)

    @asynccontextmanager
    async def saying(self, actor: EmployerContact, class_id: UUID) -> AsyncIterator[None]:
        """As saying; people whom a change would keep from another class are named, masked."""
        try:
            with saying(self.content.texts):
                yield
        except DomainError as error:
            enrolments = error.facts.get("enrolments")
            if error.code == "class_people_overlap" and isinstance(enrolments, list):
                lines = await name_clashing(actor, self.tools.vault, class_id, enrolments)
                error.facts["named"] = [name_line(line) for line in lines]
            raise


def add_firm_classes(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    one = "/v1/employers/{employer}/classes"
    app.router.add_view(one, FirmClassesView)
    app.router.add_view(f"{one}/{{class_id}}", OneFirmClassView)
    app.router.add_view(f"{one}/{{class_id}}/sessions", FirmSessionsView)
    app.router.add_view(f"{one}/{{class_id}}/steps", FirmStepsView)
    app.router.add_view(f"{one}/{{class_id}}/video", FirmVideoView)
    app.router.add_view(f"{one}/{{class_id}}/tests", FirmTestsView)


@allow(Access.SIGNED_IN)
class FirmClassesView(FirmClassView):
    @limited(OWN_READING)
    async def get(
        self, employer: UUID, /, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = ""
    ) -> r200[FirmClassPage]:
        actor, tools = await self.act_for(employer), self.tools
        of = f"classes of {employer} by -id"
        position = decode_position(tools.vault, cursor, of)
        page = await list_classes(actor, ClassFilter(), position, limit, now=tools.clock())
        return send(show_page(tools.vault, page, of, lambda card: show_summary(tools, card)))

    @limited(FIRM_CLASSES)
    @body(most_bytes=128 * 1024, seconds=10)
    @idempotent
    @refuses(*_WRITING)
    async def post(self, employer: UUID, /, draft: FirmClassDraft) -> r201[FirmClass]:
        actor, holder = await self.act_for(employer), Holder("employer", employer)
        with saying(self.content.texts):
            row = await draft_class(
                actor, self.content, holder, draft.read(), now=self.tools.clock()
            )
        return await self.show(actor, row.id, status=201)


@allow(Access.SIGNED_IN)
class OneFirmClassView(FirmClassView):
    @limited(OWN_READING)
    async def get(self, employer: UUID, class_id: UUID, /) -> r200[FirmClass]:
        return await self.show(await self.act_for(employer), class_id)

    @limited(FIRM_CLASSES)
    @body(most_bytes=128 * 1024, seconds=10)
    @refuses(*_WRITING, *_CHANGING)
    async def put(
        self, employer: UUID, class_id: UUID, /, change: FirmClassChange
    ) -> r200[FirmClass]:
        actor, content, now = await self.act_for(employer), self.content, self.tools.clock()
        seen, why = change.version, change.reason
        async with self.saying(actor, class_id):
            await change_class(actor, content, class_id, seen, change.read(), reason=why, now=now)
        return await self.show(actor, class_id)


@allow(Access.SIGNED_IN)
class FirmSessionsView(FirmClassView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=256 * 1024, seconds=10)
    @refuses(*_PLANNING)
    async def put(self, employer: UUID, class_id: UUID, /, plan: FirmClassPlan) -> r200[FirmClass]:
        actor, now = await self.act_for(employer), self.tools.clock()
        async with self.saying(actor, class_id):
            await plan_sessions(
                actor, class_id, plan.version, plan.read(), reason=plan.reason, now=now
            )
        return await self.show(actor, class_id)


@allow(Access.SIGNED_IN)
class FirmStepsView(FirmClassView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=8 * 1024, seconds=5)
    @idempotent
    @refuses(*_STEPPING)
    async def post(self, employer: UUID, class_id: UUID, /, next: FirmClassStep) -> r201[FirmClass]:
        actor, content, now = await self.act_for(employer), self.content, self.tools.clock()
        step = Step(next.step)
        async with self.saying(actor, class_id):
            await take(actor, content, class_id, next.version, step, next.reason, now=now)
        return await self.show(actor, class_id, status=201)


@allow(Access.SIGNED_IN)
class FirmVideoView(FirmClassView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=8 * 1024, seconds=5)
    @refuses(*_PROVING)
    async def put(
        self, employer: UUID, class_id: UUID, /, video: FirmVideoChange
    ) -> r200[FirmClass]:
        actor, now = await self.act_for(employer), self.tools.clock()
        with saying(self.content.texts):
            await record_video(actor, class_id, video.version, video.read(), now=now)
        return await self.show(actor, class_id)


@allow(Access.SIGNED_IN)
class FirmTestsView(FirmClassView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=512 * 1024, seconds=10)
    @idempotent
    @refuses(*_PROVING)
    async def post(self, employer: UUID, class_id: UUID, /, test: FirmTestNote) -> r201[FirmClass]:
        actor, content, now = await self.act_for(employer), self.content, self.tools.clock()
        with saying(content.texts):
            await record_test(actor, content, class_id, test.version, test.read(), now=now)
        return await self.show(actor, class_id, status=201)
