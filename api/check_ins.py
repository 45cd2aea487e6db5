"""Checking in to a session (签到), and one's own check-ins."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from aiohttp_pydantic.oas.typing import r200, r201
from pydantic import AwareDatetime, Field

from api.employers import Cursor, Limited
from api.idempotency import idempotent
from api.limits import CHECK_INS, OWN_READING
from api.paging import DEFAULT_LIMIT, decode_position, show_page
from api.refusals import refuses
from api.tools import TOOLS
from api.views import Shape, View, send
from domain.attendance.actions import Sent, check_in
from domain.attendance.own import OwnCheckIn, list_own_check_ins
from domain.attendance.rules import Kind, Place
from domain.attendance.wanting import usual_wants
from domain.attendance.writing import CheckedIn
from domain.calendar import LOCAL
from domain.people.rules import require_bound
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.limits import limited, limiter_of

KindOfCheckIn = Literal["in", "out"]
FlagOfCheckIn = Literal["far", "no_place", "no_device", "offline", "by_hand", "paper", "no_in"]


class Arrival(Shape):
    code: Annotated[str, Field(min_length=1, max_length=32)]
    kind: KindOfCheckIn = "in"
    session_id: UUID | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    device: Annotated[str, Field(max_length=200)] = ""
    client_id: Annotated[str, Field(pattern="^[!-~]{1,64}$")] | None = None
    taken_at: AwareDatetime | None = None
    phone_at: AwareDatetime | None = None


class CheckInDone(Shape):
    session_id: UUID
    at: datetime
    kind: KindOfCheckIn
    late: bool
    distance_m: int | None
    flags: list[FlagOfCheckIn]


class MyCheckIn(CheckInDone):
    class_id: UUID
    title: str
    topic: str
    starts_at: datetime
    ends_at: datetime
    channel: Literal["mini", "chat", "teacher", "paper"]
    state: Literal["counted", "pending", "refused", "lapsed", "replaced"]
    reason: str


class MyCheckInPage(Shape):
    items: list[MyCheckIn]
    next: str | None


def add_check_ins(app: web.Application) -> None:
    """Add the routes; `app` has TOOLS."""
    app.router.add_view("/v1/check-ins", CheckInsView)
    app.router.add_view("/v1/me/check-ins", MyCheckInsView)


@allow(Access.SIGNED_IN)
class CheckInsView(View):
    @limited(CHECK_INS)
    @body(most_bytes=4096, seconds=5)
    @idempotent
    @refuses(
        *("binding_required", "check_in_wrong_code", "check_in_not_enrolled", "check_in_already"),
        *("check_in_window_closed", "check_in_device_used", "check_in_paused"),
        *("check_in_too_far", "check_in_changed", "idempotency_key_reused"),
    )
    async def post(self, arrival: Arrival) -> r201[CheckInDone]:
        tools = self.request.app[TOOLS]
        done = await check_in(
            require_bound(self.request[ACTOR]),
            tools.vault,
            usual_wants(tools.content()),
            _read(arrival, limiter_of(self.request).address_of(self.request)),
            now=tools.clock(),
        )
        return send(_show_done(done), status=201)


@allow(Access.SIGNED_IN)
@limited(OWN_READING)
class MyCheckInsView(View):
    @refuses("binding_required")
    async def get(self, limit: Limited = DEFAULT_LIMIT, cursor: Cursor = "") -> r200[MyCheckInPage]:
        actor, tools = require_bound(self.request[ACTOR]), self.request.app[TOOLS]
        of = f"check-ins of {actor.key} by -at"
        position = decode_position(tools.vault, cursor, of)
        page = await list_own_check_ins(actor, position, limit, now=tools.clock())
        return send(show_page(tools.vault, page, of, _show_own))


def _read(arrival: Arrival, address: str) -> Sent:
    """Half a place is none."""
    place = None
    if arrival.latitude is not None and arrival.longitude is not None:
        place = Place(arrival.latitude, arrival.longitude)
    return Sent(
        code=arrival.code,
        kind=Kind(arrival.kind),
        session_id=arrival.session_id,
        place=place,
        accuracy_m=arrival.accuracy_m,
        device=arrival.device,
        address=address,
        client_id=arrival.client_id,
        taken_at=arrival.taken_at,
        phone_at=arrival.phone_at,
    )


def _show_done(done: CheckedIn) -> CheckInDone:
    return CheckInDone(
        session_id=done.session_id,
        at=done.at.astimezone(LOCAL),
        kind=done.kind.value,
        late=done.late,
        distance_m=done.distance_m,
        flags=[flag.value for flag in done.flags],
    )


def _show_own(own: OwnCheckIn) -> MyCheckIn:
    return MyCheckIn(
        session_id=own.session_id,
        at=own.at.astimezone(LOCAL),
        kind=own.kind.value,
        late=own.late,
        distance_m=own.distance_m,
        flags=[flag.value for flag in own.flags],
        class_id=own.class_id,
        title=own.title,
        topic=own.topic,
        starts_at=own.starts_at.astimezone(LOCAL),
        ends_at=own.ends_at.astimezone(LOCAL),
        channel=own.channel.value,
        state=own.state.value,
        reason=own.reason,
    )
