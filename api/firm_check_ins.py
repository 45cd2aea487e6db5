"""What a firm's contacts do in the sessions of its own classes: show the code, enter people by
hand or from paper, and decide on what waits."""

from collections.abc import Awaitable, Mapping
from datetime import datetime
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201, r204

from api.employers import ContactView
from api.firm_attendance_shapes import (
    FirmDecided,
    FirmDecision,
    FirmDecisions,
    FirmEntered,
    FirmEntry,
    FirmNewScreenLink,
    FirmScreenLinks,
    show_link,
)
from api.idempotency import idempotent
from api.limits import FIRM_CLASSES, OWN_READING
from api.refusals import refuses
from api.screen.guard import link_to
from api.tools import Tools
from api.views import send
from domain.actor import EmployerContact
from domain.attendance.for_others import (
    Entered,
    check_in_by_hand,
    decide_check_in,
    enter_paper,
)
from domain.attendance.rules import CONFIRM_WITHIN, Kind
from domain.attendance.screens import (
    LINK_FOR,
    list_screen_links,
    make_screen_link,
    revoke_screen_link,
)
from domain.attendance.wanting import usual_wants
from domain.calendar import LOCAL
from domain.errors import DomainError
from web.access import Access, allow
from web.body_limits import body
from web.limits import limited
from web.words import FOR_OTHERS, fill, word_refusal

#: Why one of several is left as it is, and which of the words say it; anything else refuses all.
_LEFT: Mapping[str, str] = {
    "check_in_decided": "detail",
    "check_in_lapsed": "detail",
    "check_in_needs_another": "detail",
    "not_found": "about.check_in",
}


def add_firm_check_ins(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    firm = "/v1/employers/{employer}"
    app.router.add_view(f"{firm}/classes/{{class_id}}/screen-links", FirmScreenLinksView)
    app.router.add_view(f"{firm}/sessions/{{session_id}}/screen-links", FirmNewScreenLinkView)
    app.router.add_view(f"{firm}/screen-links/{{link}}", FirmScreenLinkView)
    app.router.add_view(f"{firm}/sessions/{{session_id}}/check-ins", FirmEntriesView)
    app.router.add_view(f"{firm}/check-ins/decisions", FirmDecisionsView)


@allow(Access.SIGNED_IN)
class FirmScreenLinksView(ContactView):
    @limited(OWN_READING)
    async def get(self, employer: UUID, class_id: UUID, /) -> r200[FirmScreenLinks]:
        actor = await self.act_for(employer)
        links = await list_screen_links(actor, class_id, now=self.tools.clock())
        return send(FirmScreenLinks(items=[show_link(actor, link) for link in links]))


@allow(Access.SIGNED_IN)
class FirmNewScreenLinkView(ContactView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=1024, seconds=5)
    @idempotent
    @refuses("check_in_window_closed", "too_many_links")
    async def post(self, employer: UUID, session_id: UUID, /) -> r201[FirmNewScreenLink]:
        actor, tools = await self.act_for(employer), self.tools
        now = tools.clock()
        token = await make_screen_link(actor, session_id, now=now)
        made = FirmNewScreenLink(
            session_id=session_id,
            url=link_to(tools.public_url, session_id, token),
            until=(now + LINK_FOR).astimezone(LOCAL),
        )
        return send(made, status=201)


@allow(Access.SIGNED_IN)
class FirmScreenLinkView(ContactView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=1024, seconds=5)
    async def delete(self, employer: UUID, link: UUID, /) -> r204:
        actor = await self.act_for(employer)
        await revoke_screen_link(actor, link, now=self.tools.clock())
        return web.Response(status=204)


@allow(Access.SIGNED_IN)
class FirmEntriesView(ContactView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=64 * 1024, seconds=5)
    @idempotent
    @refuses("check_in_entered_wrong", "check_in_not_enrolled", "check_in_window_closed")
    async def post(
        self, employer: UUID, session_id: UUID, /, entry: FirmEntry
    ) -> r201[FirmEntered]:
        actor, tools = await self.act_for(employer), self.tools
        now = tools.clock()
        entered = await _enter(actor, tools, session_id, entry, now)
        done = FirmEntered(
            check_ins=list(entered.check_ins),
            already=entered.already,
            confirm_until=(now + CONFIRM_WITHIN).astimezone(LOCAL),
        )
        return send(done, status=201)


@allow(Access.SIGNED_IN)
class FirmDecisionsView(ContactView):
    @limited(FIRM_CLASSES)
    @body(most_bytes=16 * 1024, seconds=10)
    @idempotent
    @refuses("check_in_entered_wrong")
    async def post(self, employer: UUID, /, decision: FirmDecision) -> r201[FirmDecisions]:
        actor, tools = await self.act_for(employer), self.tools
        # In one order, so that two who decide on the same do not each wait for the other.
        ids = sorted(set(decision.check_ins))
        decided = [await _decide(actor, tools, one, decision) for one in ids]
        return send(FirmDecisions(items=decided), status=201)


def _enter(
    actor: EmployerContact, tools: Tools, session_id: UUID, entry: FirmEntry, now: datetime
) -> Awaitable[Entered]:
    usual, kind = usual_wants(tools.content()), Kind(entry.kind)
    if entry.document is None:
        return check_in_by_hand(
            *(actor, usual),
            session_id=session_id,
            enrolments=entry.enrolments,
            kind=kind,
            at=entry.at,
            reason=entry.reason,
            now=now,
        )
    return enter_paper(
        *(actor, usual),
        session_id=session_id,
        enrolments=entry.enrolments,
        kind=kind,
        at=entry.at,
        document=entry.document,
        reason=entry.reason,
        now=now,
    )


async def _decide(
    actor: EmployerContact, tools: Tools, check_in: UUID, decision: FirmDecision
) -> FirmDecided:
    try:
        state = await decide_check_in(
            actor,
            check_in_id=check_in,
            accept=decision.accept,
            reason=decision.reason,
            now=tools.clock(),
        )
    except DomainError as refusal:
        if refusal.code not in _LEFT:
            raise
        texts, part = tools.content().texts, _LEFT[refusal.code]
        told = fill(word_refusal(texts, FOR_OTHERS, refusal.code, part), refusal.facts)
        return FirmDecided(check_in=check_in, state=None, code=refusal.code, detail=told)
    return FirmDecided(check_in=check_in, state=state.value, code="", detail="")
