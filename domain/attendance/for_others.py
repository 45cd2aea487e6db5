"""Entering check-ins for others, and deciding on those that wait: by a second person, in a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.attendance.classes import find_session
from domain.attendance.entering import enter, require_decidable, require_reason, require_time
from domain.attendance.rules import Channel, Kind, State, Wants
from domain.attendance.scans import require_scan
from domain.audit.log import record
from domain.employers.contacts import require_still_acting
from domain.errors import DomainError
from domain.permissions import Permission
from models.attendance import CheckIn
from models.transactions import transaction


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered for others. check_ins: the new ones. already: so many had one that
    stands."""

    check_ins: Sequence[UUID]
    already: int


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
    """Enter what stands on a paper sheet (纸质签到表); `document` is the scan of it, one of
    the class's own (scans.add_scan). Otherwise as check_in_by_hand; check_in_entered_wrong for
    another document."""
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
        late = require_time(sitting, kind, channel, at, now)
        if document is not None:
            await require_scan(connection, sitting.class_id, document)
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
