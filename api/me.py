"""`/api/v1/me`: what is held of who asks, a copy, its erasure, and where they are logged in."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from aiohttp_pydantic.oas.typing import r200

from api.limits import COPIES
from api.login import Done
from api.refusals import refuses
from api.sessions import SESSION, SESSIONS
from api.tools import TOOLS
from api.views import Shape, View, send
from content.schema import Content
from domain.calendar import LOCAL
from domain.holdings import Holding, periods_of
from domain.login.actions import log_out
from domain.login.queries import list_sessions
from domain.privacy.actions import erase_me
from domain.privacy.queries import Me, copy_me, describe_me
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import limited


class Held(Shape):
    kind: str
    name: str
    count: int
    until: date | None
    why: str
    survives: bool


class Own(Shape):
    name: str
    id_number: str
    phone: str
    county: str


class BoundAccount(Shape):
    account: str
    bound_at: datetime | None


class GivenConsent(Shape):
    version: str
    channel: str
    given_at: datetime


class Notice(Shape):
    kind: str
    text: str
    at: datetime


class MyData(Shape):
    bound: bool
    person: Own | None
    phone: str
    accounts: list[BoundAccount]
    consents: list[GivenConsent]
    notices: list[Notice]
    held: list[Held]


class Copy(Shape):
    copied_at: datetime
    records: dict[str, list[dict[str, Any]]]


class Erasure(Shape):
    erased: bool
    kept: list[Held]


class Device(Shape):
    id: UUID
    created_at: datetime
    last_used_at: datetime
    current: bool


class Devices(Shape):
    items: list[Device]
    next: str | None


@allow(Access.SIGNED_IN)
class MeView(View):
    async def get(self) -> r200[MyData]:
        tools, session = self.request.app[TOOLS], self.request[SESSION]
        content = tools.content()
        me = await describe_me(
            self.request[ACTOR],
            tools.vault,
            periods_of(content),
            identity=session.identity,
            now=tools.clock(),
        )
        return send(_show(me, content))

    @body(most_bytes=1024, seconds=5)
    @refuses("changed_meanwhile")
    async def delete(self) -> r200[Erasure]:
        tools, session = self.request.app[TOOLS], self.request[SESSION]
        content = tools.content()
        erased = await erase_me(
            self.request[ACTOR],
            tools.vault,
            periods_of(content),
            identity=session.identity,
            now=tools.clock(),
        )
        await self.request.app[SESSIONS].forget(erased.stale)
        return send(Erasure(erased=True, kept=_word(erased.kept, content)))


@allow(Access.SIGNED_IN)
class ExportView(View):
    @limited(COPIES)
    async def get(self) -> r200[Copy]:
        tools, session = self.request.app[TOOLS], self.request[SESSION]
        copied = await copy_me(self.request[ACTOR], tools.vault, identity=session.identity)
        response = send({"copied_at": tools.clock(), "records": copied})
        response.headers["Content-Disposition"] = 'attachment; filename="zhipeitong.json"'
        return response


@allow(Access.SIGNED_IN)
class MySessionsView(View):
    async def get(self) -> r200[Devices]:
        session = self.request[SESSION]
        now = self.request.app[TOOLS].clock()
        rows = await list_sessions(self.request[ACTOR], session.identity, now)
        items = [
            Device(
                id=row.id,
                created_at=row.created_at.astimezone(LOCAL),
                last_used_at=row.last_used_at.astimezone(LOCAL),
                current=row.id == session.id,
            )
            for row in rows
        ]
        return send(Devices(items=items, next=None))


@allow(Access.SIGNED_IN)
class MySessionView(View):
    @body(most_bytes=1024, seconds=5)
    async def delete(self, session: UUID, /) -> r200[Done]:
        own, now = self.request[SESSION], self.request.app[TOOLS].clock()
        stale = await log_out(self.request[ACTOR], identity=own.identity, session=session, now=now)
        await self.request.app[SESSIONS].forget([stale])
        return send(Done(done=True))


def _show(me: Me, content: Content) -> MyData:
    masked = me.masked
    return MyData(
        bound=masked is not None,
        person=None
        if masked is None
        else Own(
            name=me.name, id_number=masked.id_number, phone=masked.phone, county=masked.county
        ),
        phone=me.phone,
        accounts=[
            BoundAccount(account=row.account, bound_at=_local(row.bound_at)) for row in me.accounts
        ],
        consents=[
            GivenConsent(
                version=row.version, channel=row.channel, given_at=row.given_at.astimezone(LOCAL)
            )
            for row in me.consents
        ],
        notices=[
            Notice(
                kind=row.kind,
                text=_notice_text(content.texts, row.kind),
                at=row.created_at.astimezone(LOCAL),
            )
            for row in me.notices
        ],
        held=_word(me.held, content),
    )


def _word(held: Sequence[Holding], content: Content) -> list[Held]:
    periods = periods_of(content)
    return [
        Held(
            kind=one.kind,
            name=period.name if period else one.kind,
            count=one.count,
            until=one.until,
            why=period.why if period else "",
            survives=one.survives,
        )
        for one in held
        for period in [periods.get(one.kind)]
    ]


def _notice_text(texts: Mapping[str, str], kind: str) -> str:
    return texts.get(f"people.notices.{kind}", "")


def _local(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(LOCAL)
