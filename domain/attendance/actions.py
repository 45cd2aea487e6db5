"""Checking in: by oneself with the code on the screen, or entered for others and confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from domain.actor import Actor, Trainee
from domain.attendance.classes import find_session
from domain.attendance.codes import is_code, matches, secret_of, tidy_code
from domain.attendance.entering import enter, require_decidable, require_reason, require_time
from domain.attendance.misses import count_miss
from domain.attendance.reading import find_own_sittings, find_running, find_sent, find_sitting
from domain.attendance.rules import (
    WRONG_CODE,
    Attempt,
    Channel,
    Kind,
    Place,
    Sitting,
    State,
    Verdict,
    Wants,
    choose_sitting,
    judge,
    require_not_paused,
    require_some_open,
)
from domain.attendance.writing import (
    CheckedIn,
    replace_check_in,
    show_check_in,
    write_check_in,
)
from domain.audit.log import record
from domain.employers.contacts import require_still_acting
from domain.errors import DomainError
from domain.permissions import Permission, require
from domain.vault import Vault
from models.attendance import CheckIn
from models.columns import new_id
from models.transactions import transaction

#: Somebody else was faster: what stands now is looked at again.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody's phone says. session_id: of the QR code; a code that was typed has none.

    device: the installation's own name of itself. address: whence it came. client_id: by which
    the same may be sent again. taken_at: it was kept on the phone since then. phone_at: the
    phone's clock, of what comes at once.
    """

    code: str
    channel: Channel = Channel.MINI
    kind: Kind = Kind.IN
    session_id: UUID | None = None
    place: Place | None = None
    accuracy_m: float | None = None
    device: str = ""
    address: str = ""
    client_id: str | None = None
    taken_at: datetime | None = None
    phone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered for others. check_ins: the new ones. already: so many had one that
    stands."""

    check_ins: Sequence[UUID]
    already: int


async def check_in(
    actor: Trainee, vault: Vault, usual: Wants, sent: Sent, *, now: datetime
) -> CheckedIn:
    """Take down that `actor` is there. `usual`: what classes want that do not say it themselves.

    A code without a session is looked for among the actor's own sessions of the day first. What
    comes again under the same client_id is answered as the first time.
    Raises DomainError: check_in_paused; not_found for no session; what rules.judge refuses, with
    the tries that are left beside check_in_wrong_code.
    """
    require(actor, Permission.CHECK_IN, owner=actor.id)
    first = await _find_first(actor, sent)
    if first is not None:
        return first
    try:
        for _ in range(_TRIES):
            done = await _try(actor, vault, usual, sent, now)
            if done is not None:
                return done
    except DomainError as refusal:
        if refusal.code == WRONG_CODE:
            left = await count_miss(actor.id, now)
            about = "left" if left else "last"
            raise DomainError("check_in_wrong_code", about=about, tries_left=left) from None
        # The same, sent twice at one moment: the other one was faster.
        first = await _find_first(actor, sent) if refusal.code == "check_in_already" else None
        if first is None:
            raise
        return first
    raise DomainError("check_in_changed")


async def _find_first(actor: Trainee, sent: Sent) -> CheckedIn | None:
    """What the same client_id was answered before."""
    if sent.client_id is None:
        return None
    row = await find_sent(get_connection("default"), actor.id, sent.client_id)
    return None if row is None else show_check_in(row)


async def _try(
    actor: Trainee, vault: Vault, usual: Wants, sent: Sent, now: datetime
) -> CheckedIn | None:
    """Judge it by what stands, and write it down; None where that has changed meanwhile."""
    connection = get_connection("default")
    moment = sent.taken_at or now
    code = tidy_code(sent.code)
    device = vault.index(sent.device, "check-in device") if sent.device else None
    if sent.session_id is not None:
        asked = (usual, actor.id, sent.kind, device, sent.session_id)
        found = await find_sitting(connection, *asked)
        require_not_paused(found.paused_until, now)
        if not found.sittings:
            raise DomainError("not_found", about="sitting")
        (sitting,) = found.sittings
        right = _fits(vault, sitting.id, code, moment)
    else:
        found = await find_own_sittings(connection, usual, actor.id, sent.kind, device, moment)
        require_not_paused(found.paused_until, now)
        sitting = await _find_by_code(connection, vault, found.sittings, code, sent.kind, moment)
        right = True
    attempt = Attempt(
        kind=sent.kind,
        channel=sent.channel,
        moment=moment,
        offline=sent.taken_at is not None,
        place=sent.place,
        accuracy_m=sent.accuracy_m,
        has_device=device is not None,
    )
    verdict = judge(sitting, attempt, code_right=right, now=now)
    row = _fill(actor, vault, sitting, sent, verdict, device, now)
    if verdict.over is None:
        written = await write_check_in(connection, row, sitting)
    else:
        written = await replace_check_in(row, sitting, verdict.over, now)
    return show_check_in(row) if written else None


def _fill(
    actor: Trainee,
    vault: Vault,
    sitting: Sitting,
    sent: Sent,
    verdict: Verdict,
    device: bytes | None,
    now: datetime,
) -> CheckIn:
    """The row of what was sent. Where somebody is is kept as how far from the class, and as a
    digest that says whether two were at the same place."""
    place = None
    if sent.place is not None:
        spot = f"{sent.place.latitude:.5f},{sent.place.longitude:.5f}"
        place = vault.index(spot, "check-in place")
    return CheckIn(
        id=new_id(),
        session_id=sitting.id,
        person_id=actor.id,
        kind=sent.kind.value,
        at=sent.taken_at or now,
        made_at=now,
        phone_at=sent.taken_at or sent.phone_at,
        channel=sent.channel.value,
        late=verdict.late,
        distance_m=verdict.distance_m,
        accuracy_m=None if sent.accuracy_m is None else round(sent.accuracy_m),
        device=device,
        address=vault.index(sent.address, "check-in address") if sent.address else None,
        place=place,
        flags=[flag.value for flag in verdict.flags],
        state=verdict.state.value,
        made_by=actor.key,
        client_id=sent.client_id,
    )


async def _find_by_code(
    connection: BaseDBAsyncClient,
    vault: Vault,
    own: Sequence[Sitting],
    code: str,
    kind: Kind,
    moment: datetime,
) -> Sitting:
    """The session whose code it is, of one's own.

    Raises DomainError: check_in_not_enrolled for another class's; check_in_window_closed where
    none of one's own is open; check_in_wrong_code.
    """
    right = {one.id for one in own if _fits(vault, one.id, code, moment)}
    chosen = choose_sitting(own, right, kind, moment)
    if chosen is not None:
        return chosen
    if is_code(code):
        mine = {one.id for one in own}
        for other in await find_running(connection, moment):
            if other.id not in mine and _fits(vault, other.id, code, moment):
                raise DomainError("check_in_not_enrolled", about="class", title=other.title)
    require_some_open(own, kind, moment)
    raise DomainError("check_in_wrong_code")


def _fits(vault: Vault, session_id: UUID, code: str, moment: datetime) -> bool:
    return is_code(code) and matches(secret_of(vault, session_id), code, moment)


async def check_in_by_hand(
    actor: Actor,
    usual: Wants,
    *,
    session_id: UUID,
    enrolments: Sequence[UUID],
    kind: Kind,
    at: datetime,
    reason: str,
    now: datetime,
) -> Entered:
    """Enter people of a class who could not check in by themselves (老师登记), with a reason. It
    counts once another person confirms it, within a day.

    Raises DomainError: no_permission, not_found; what entering.require_time and enter refuse.
    """
    tidy = require_reason(reason)
    return await _enter(
        *(actor, usual, session_id, enrolments, kind, at),
        channel=Channel.TEACHER,
        reason=tidy,
        document=None,
        now=now,
    )


async def enter_paper(
    actor: Actor,
    usual: Wants,
    *,
    session_id: UUID,
    enrolments: Sequence[UUID],
    kind: Kind,
    at: datetime,
    document: UUID,
    reason: str = "",
    now: datetime,
) -> Entered:
    """Enter what stands on a paper sheet (纸质签到表); `document` is the scan of it, which the
    caller has looked at to be the class's own. Otherwise as check_in_by_hand."""
    tidy = require_reason(reason) if reason.strip() else ""
    return await _enter(
        *(actor, usual, session_id, enrolments, kind, at),
        channel=Channel.PAPER,
        reason=tidy,
        document=document,
        now=now,
    )


async def decide_check_in(
    actor: Actor, *, check_in_id: UUID, accept: bool, reason: str = "", now: datetime
) -> State:
    """Confirm what waits, or refuse what waits or counts, with a reason; how it stands then.

    Raises DomainError: no_permission, not_found; what entering.require_decidable refuses;
    check_in_entered_wrong without a reason for a refusal.
    """
    tidy = "" if accept else require_reason(reason)
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        row = await (
            CheckIn.filter(id=check_in_id)
            .using_db(connection)
            .select_for_update(no_key=True)
            .get_or_none()
        )
        if row is None:
            raise DomainError("not_found")
        asked = (Permission.DECIDE_CHECK_IN, Wants(), row.session_id)
        session = await find_session(connection, actor, *asked)
        require_decidable(row, actor.key, accept=accept, now=now)
        state = State.COUNTED if accept else State.REFUSED
        row.state, row.decision_reason = state.value, tidy
        row.decided_by, row.decided_at = actor.key, now
        await row.save(using_db=connection)
        await record(
            connection,
            actor,
            "check_in.confirm" if accept else "check_in.refuse",
            about=("class", session.sitting.class_id),
            facts={"check_in": str(row.id), "session": str(row.session_id), "reason": tidy},
            now=now,
        )
    return state


async def _enter(
    actor: Actor,
    usual: Wants,
    session_id: UUID,
    enrolments: Sequence[UUID],
    kind: Kind,
    at: datetime,
    *,
    channel: Channel,
    reason: str,
    document: UUID | None,
    now: datetime,
) -> Entered:
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        asked = (Permission.ENTER_CHECK_INS, usual, session_id)
        sitting = (await find_session(connection, actor, *asked)).sitting
        late = require_time(sitting, kind, at, now)
        written = await enter(
            connection,
            sitting,
            enrolments,
            kind=kind,
            at=at,
            late=late,
            channel=channel,
            reason=reason,
            document=document,
            made_by=actor.key,
            now=now,
        )
        if written:
            await record(
                connection,
                actor,
                "check_in.by_hand" if channel is Channel.TEACHER else "check_in.paper",
                about=("class", sitting.class_id),
                facts={"session": str(session_id), "people": len(written), "reason": reason},
                now=now,
            )
    return Entered(list(written.values()), len(set(enrolments)) - len(written))
