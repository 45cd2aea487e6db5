"""Checking in by oneself, with the code on the screen (签到)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from domain.actor import Trainee
from domain.attendance.codes import is_code, matches, secret_of, tidy_code
from domain.attendance.misses import count_miss
from domain.attendance.pauses import require_not_paused
from domain.attendance.reading import find_own_sittings, find_running, find_sent, find_sitting
from domain.attendance.rules import (
    WRONG_CODE,
    Attempt,
    Channel,
    Kind,
    Place,
    Sitting,
    Verdict,
    Wants,
    choose_sitting,
    judge,
    moment_of,
    require_some_open,
    tidy_clock,
)
from domain.attendance.writing import (
    CheckedIn,
    replace_check_in,
    show_check_in,
    write_check_in,
)
from domain.errors import DomainError
from domain.permissions import Permission, require
from domain.vault import Vault
from models.attendance import CheckIn
from models.columns import new_id
from models.transactions import transaction

#: Somebody else was faster: what stands now is looked at again.
_TRIES = 3
#: The first number of these advisory locks: a person's, and a phone's.
_PERSON, _DEVICE = 0x7A7071, 0x7A7072


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody's phone says. session_id: of the QR code; a code that was typed has none.

    device: the installation's own name of itself. address: whence it came. client_id: by which
    the same may be sent again. taken_at: it was kept on the phone since then. phone_at: what the
    phone's clock showed when it was sent. typed_at: when the code was typed by the server's clock,
    where the door has asked for something since (find_session_of): what was right then is.
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
    typed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """The session that something was sent for, as it stands. right: the code was its."""

    sitting: Sitting
    right: bool
    moment: datetime
    device: bytes | None


async def check_in(
    actor: Trainee, vault: Vault, usual: Wants, sent: Sent, *, now: datetime
) -> CheckedIn:
    """Take down that `actor` is there. `usual`: what classes want that do not say it themselves.

    A code without a session is looked for among the actor's own sessions of the day first. What
    comes again under the same client_id is answered as the first time.
    Raises DomainError: idempotency_key_reused; check_in_paused; not_found for no session; what
    rules.judge refuses, with the tries that are left beside check_in_wrong_code.
    """
    require(actor, Permission.CHECK_IN, owner=actor.id)
    async with transaction() as connection:
        await _take_turn(connection, actor, sent)
        first = await _find_first(connection, actor, sent)
        done = first or await _judge(actor, vault, usual, sent, now)
    # Only now, for what was counted of a wrong code has to stay.
    if isinstance(done, DomainError):
        raise done
    return done


async def find_session_of(
    actor: Trainee, vault: Vault, usual: Wants, sent: Sent, *, now: datetime
) -> Sitting:
    """The session that `sent` would check in to, for a door that asks where they are only where
    the class wants to know; nothing is written but a wrong code's count.

    Raises DomainError as check_in, but for where they are.
    """
    require(actor, Permission.CHECK_IN, owner=actor.id)
    async with transaction() as connection:
        await _take_turn(connection, actor, sent)
        found = await _find_session(connection, actor, vault, usual, sent, now)
    if isinstance(found, DomainError):
        raise found
    return found


async def _take_turn(connection: BaseDBAsyncClient, actor: Trainee, sent: Sent) -> None:
    """What one person sends is judged one after the other, and so is what one phone does: of many
    guesses at one moment no more are looked at than of many in a row, and a phone that lets one
    in cannot let another out meanwhile. Persons before phones, so that nobody waits in a circle.
    """
    locks = "SELECT pg_advisory_xact_lock($1, hashtext($2))"
    device = [_DEVICE, sent.device] if sent.device else []
    more = ", pg_advisory_xact_lock($3, hashtext($4))" if device else ""
    await connection.execute_query(locks + more, [_PERSON, str(actor.id), *device])


async def _judge(
    actor: Trainee, vault: Vault, usual: Wants, sent: Sent, now: datetime
) -> CheckedIn | DomainError:
    try:
        for _ in range(_TRIES):
            done = await _try(actor, vault, usual, sent, now)
            if done is not None:
                return done
    except DomainError as refusal:
        return await _count(actor, refusal, now)
    return DomainError("check_in_changed")


async def _find_session(
    connection: BaseDBAsyncClient,
    actor: Trainee,
    vault: Vault,
    usual: Wants,
    sent: Sent,
    now: datetime,
) -> Sitting | DomainError:
    try:
        look = await _look(actor, vault, usual, sent, now)
        there = replace(sent, place=look.sitting.place, accuracy_m=None)
        try:
            judge(look.sitting, _attempt(there, look), code_right=look.right, now=now)
        except DomainError as refusal:
            # By this very message, delivered twice: check_in answers it the same.
            again = refusal.code == "check_in_already"
            if not again or await _find_first(connection, actor, sent) is None:
                raise
    except DomainError as refusal:
        return await _count(actor, refusal, now)
    return look.sitting


async def _count(actor: Trainee, refusal: DomainError, now: datetime) -> DomainError:
    """Count a wrong code; the refusal as it is told, which says how many more there may be."""
    if refusal.code != WRONG_CODE:
        return refusal
    left = await count_miss(actor.id, now)
    about = "left" if left else "last"
    return DomainError("check_in_wrong_code", about=about, tries_left=left)


async def _find_first(
    connection: BaseDBAsyncClient, actor: Trainee, sent: Sent
) -> CheckedIn | None:
    """What the same client_id was answered before. Raises DomainError idempotency_key_reused where
    that was something else."""
    if sent.client_id is None:
        return None
    row = await find_sent(connection, actor.id, sent.client_id)
    if row is None:
        return None
    if row.kind != sent.kind.value or sent.session_id not in (None, row.session_id):
        raise DomainError("idempotency_key_reused")
    return show_check_in(row)


async def _try(
    actor: Trainee, vault: Vault, usual: Wants, sent: Sent, now: datetime
) -> CheckedIn | None:
    """Judge it by what stands, and write it down; None where that has changed meanwhile."""
    look = await _look(actor, vault, usual, sent, now)
    sitting = look.sitting
    verdict = judge(sitting, _attempt(sent, look), code_right=look.right, now=now)
    row = _fill(actor, vault, sent, look, verdict, now)
    if verdict.over is None:
        written = await write_check_in(get_connection("default"), row, sitting)
    else:
        written = await replace_check_in(row, sitting, verdict.over, now)
    return show_check_in(row) if written else None


async def _look(actor: Trainee, vault: Vault, usual: Wants, sent: Sent, now: datetime) -> _Look:
    connection = get_connection("default")
    moment = moment_of(sent.taken_at, sent.typed_at, now, sent_at=sent.phone_at)
    code = tidy_code(sent.code)
    device = vault.index(sent.device, "check-in device") if sent.device else None
    if sent.session_id is not None:
        asked = (usual, actor.id, sent.kind, device, sent.session_id)
        found = await find_sitting(connection, *asked)
        require_not_paused(found.paused_until, now)
        if not found.sittings:
            raise DomainError("not_found", about="sitting")
        (sitting,) = found.sittings
        return _Look(sitting, _fits(vault, sitting.id, code, moment), moment, device)
    found = await find_own_sittings(connection, usual, actor.id, sent.kind, device, moment)
    require_not_paused(found.paused_until, now)
    sitting = await _find_by_code(connection, vault, found.sittings, code, sent.kind, moment)
    return _Look(sitting, right=True, moment=moment, device=device)


def _attempt(sent: Sent, look: _Look) -> Attempt:
    return Attempt(
        kind=sent.kind,
        channel=sent.channel,
        moment=look.moment,
        offline=sent.taken_at is not None,
        place=sent.place,
        accuracy_m=sent.accuracy_m,
        has_device=look.device is not None,
    )


def _fill(
    actor: Trainee, vault: Vault, sent: Sent, look: _Look, verdict: Verdict, now: datetime
) -> CheckIn:
    """The row of what was sent. Where somebody is is kept as how far from the class, and as a
    digest that says whether two were at the same place."""
    place = None
    if sent.place is not None:
        spot = f"{sent.place.latitude:.5f},{sent.place.longitude:.5f}"
        place = vault.index(spot, "check-in place")
    return CheckIn(
        id=new_id(),
        session_id=look.sitting.id,
        person_id=actor.id,
        kind=sent.kind.value,
        at=look.moment,
        made_at=now,
        phone_at=tidy_clock(sent.taken_at or sent.phone_at),
        channel=sent.channel.value,
        late=verdict.late,
        distance_m=verdict.distance_m,
        accuracy_m=None if sent.accuracy_m is None else round(sent.accuracy_m),
        device=look.device,
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

    Others' are looked at only by who may be standing in the wrong room, or a code that is searched
    for would be found there without a wrong one being counted.
    Raises DomainError: check_in_window_closed where none of one's own is open;
    check_in_not_enrolled for another class's; check_in_wrong_code.
    """
    right = {one.id for one in own if _fits(vault, one.id, code, moment)}
    chosen = choose_sitting(own, right, kind, moment)
    if chosen is not None:
        return chosen
    require_some_open(own, kind, moment)
    if is_code(code):
        mine = {one.id for one in own}
        for other in await find_running(connection, moment):
            if other.id not in mine and _fits(vault, other.id, code, moment):
                raise DomainError("check_in_not_enrolled", about="class", title=other.title)
    raise DomainError("check_in_wrong_code")


def _fits(vault: Vault, session_id: UUID, code: str, moment: datetime) -> bool:
    return is_code(code) and matches(secret_of(vault, session_id), code, moment)
