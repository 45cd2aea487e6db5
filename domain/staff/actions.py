"""What is done to accounts of the console. Each is one transaction and one entry of the log."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError

from domain.actor import Actor, Role, Staff
from domain.audit.log import record
from domain.audit.rules import Facts
from domain.errors import DomainError
from domain.permissions import Permission, require
from domain.sealed import open_field, seal_field
from domain.staff.rules import (
    RESET_OPEN_FOR,
    TEMPORARY_FOR,
    Post,
    require_password,
    require_post,
    require_second_officer,
    require_username,
)
from domain.staff.sessions import end_sessions
from domain.staff.tools import StaffTools
from models.columns import new_id
from models.institutions import Institution
from models.staff import StaffAccount, StaffReset, StaffSession
from models.transactions import transaction

#: Without 0 and o, 1, l and i: a temporary password is read out and typed in.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4
#: Characters of a name that colleagues are called by.
_LONGEST_NAME = 40

#: An advisory lock ("zpt" as a number, and one of its own).
_MANAGING = [0x7A7074, 1001]

Lost = Literal["password", "second_factor", "both"]


@dataclass(frozen=True, slots=True)
class Issued:
    """An account and its temporary password, which is told once and kept nowhere; None where the
    account keeps the password that it has."""

    account_id: UUID
    username: str
    temporary_password: str | None


async def create_account(
    actor: Actor,
    tools: StaffTools,
    *,
    username: str,
    name: str,
    post: Post,
    password: str | None = None,
    demo: bool = False,
    now: datetime,
) -> Issued:
    """A new account with a temporary password, or with `password` where somebody has chosen one
    (`zpt staff create`, the demo).

    Raises DomainError username_unfit, username_taken, staff_name_missing, what
    rules.require_post and rules.require_password raise.
    """
    require(actor, Permission.MANAGE_STAFF)
    username, name = require_username(username), name.strip()[:_LONGEST_NAME]
    if not name:
        raise DomainError("staff_name_missing", field="name")
    post = await _settle_post(tools, post)
    if password is not None and not demo:
        require_password(password, [username, name])
    issued = _make_password() if password is None else None
    hash = await tools.hasher.hash(password or issued or "")
    id = new_id()
    try:
        async with transaction() as connection:
            await StaffAccount.create(
                id=id,
                username=username,
                name_sealed=seal_field(tools.vault, StaffAccount, "name", id, name),
                role=post.role.value,
                county=post.county,
                institution_id=post.institution,
                password_hash=hash,
                password_set_at=now,
                temporary_until=None if issued is None else now + TEMPORARY_FOR,
                demo=demo,
                created_at=now,
                using_db=connection,
            )
            await _record(connection, actor, "staff.create", id, _facts_of(post), now)
    except IntegrityError:
        raise DomainError("username_taken", field="username") from None
    return Issued(id, username, issued)


async def change_post(
    actor: Actor, tools: StaffTools, *, account_id: UUID, post: Post, now: datetime
) -> None:
    """Another role, county or institution; whoever is signed in with the account is out.

    Raises DomainError own_account, last_supervisor, what rules.require_post raises.
    """
    post = await _settle_post(tools, post)
    async with transaction() as connection:
        account = await _lock_managed(connection, actor, account_id)
        before = Post(Role(account.role), account.county, account.institution_id)
        if before == post:
            return
        if before.role is Role.SUPERVISOR and post.role is not Role.SUPERVISOR:
            await _require_another_supervisor(connection, account)
        account.role, account.county = post.role.value, post.county
        account.institution_id = post.institution
        await account.save(using_db=connection, update_fields=["role", "county", "institution_id"])
        ended = await end_sessions(connection, account_id)
        facts: Facts = {
            **{f"{name}_before": value for name, value in _facts_of(before).items()},
            **_facts_of(post),
            "sessions_ended": ended,
        }
        await _record(connection, actor, "staff.change_post", account_id, facts, now)


async def disable_account(actor: Actor, *, account_id: UUID, now: datetime) -> None:
    """Nobody signs in with it, and whoever is signed in is out.

    Raises DomainError own_account, last_supervisor.
    """
    async with transaction() as connection:
        account = await _lock_managed(connection, actor, account_id)
        if account.disabled_at is not None:
            return
        if account.role == Role.SUPERVISOR.value:
            await _require_another_supervisor(connection, account)
        account.disabled_at = now
        await account.save(using_db=connection, update_fields=["disabled_at"])
        ended = await end_sessions(connection, account_id)
        await _record(
            connection, actor, "staff.disable", account_id, {"sessions_ended": ended}, now
        )


async def enable_account(actor: Actor, *, account_id: UUID, now: datetime) -> None:
    """It may be used again, with the password that it had. Raises DomainError own_account."""
    async with transaction() as connection:
        account = await _lock_managed(connection, actor, account_id)
        if account.disabled_at is None:
            return
        account.disabled_at = None
        await account.save(using_db=connection, update_fields=["disabled_at"])
        await _record(connection, actor, "staff.enable", account_id, {}, now)


async def ask_reset(
    actor: Staff, tools: StaffTools, *, account_id: UUID, what: Lost, reason: str, now: datetime
) -> UUID:
    """The first officer says who has lost what, and how they know that it is them; the id.

    Raises DomainError not_found, reset_reason_missing, reset_own, reset_open.
    """
    reason = reason.strip()
    if not reason:
        raise DomainError("reset_reason_missing", field="reason")
    async with transaction() as connection:
        account = await _lock(connection, account_id)
        require(actor, Permission.ASK_STAFF_RESET, county=account.county)
        if account.id == actor.id:
            raise DomainError("reset_own")
        waiting = StaffReset.filter(account_id=account_id, status="open", expires_at__gt=now)
        if await waiting.using_db(connection).exists():
            raise DomainError("reset_open")
        id = new_id()
        await StaffReset.create(
            id=id,
            account_id=account_id,
            what=what,
            reason_sealed=seal_field(tools.vault, StaffReset, "reason", id, reason),
            asked_by=actor.id,
            asked_at=now,
            expires_at=now + RESET_OPEN_FOR,
            using_db=connection,
        )
        await _record(connection, actor, "staff.ask_reset", account_id, {"what": what}, now)
        return id


async def confirm_reset(
    actor: Staff, tools: StaffTools, *, reset_id: UUID, now: datetime
) -> Issued:
    """The second officer agrees: what was lost is void, and whoever is signed in is out.

    Raises DomainError not_found, reset_needs_another, reset_decided, reset_expired.
    """
    issued = _make_password()
    hash = await tools.hasher.hash(issued)
    async with transaction() as connection:
        reset, account = await _lock_reset(connection, actor, reset_id, now)
        if reset.what != "second_factor":
            account.password_hash, account.password_set_at = hash, now
            account.temporary_until = now + TEMPORARY_FOR
        if reset.what != "password":
            account.totp_sealed, account.totp_step = None, 0
        await account.save(using_db=connection)
        await _decide(connection, actor, reset, "confirmed", now)
        ended = await end_sessions(connection, account.id)
        facts: Facts = {"what": reset.what, "sessions_ended": ended}
        await _record(connection, actor, "staff.confirm_reset", account.id, facts, now)
        told = None if reset.what == "second_factor" else issued
        return Issued(account.id, account.username, told)


async def refuse_reset(actor: Staff, *, reset_id: UUID, now: datetime) -> None:
    """The second officer does not agree; nothing changes. Raises as confirm_reset does."""
    async with transaction() as connection:
        reset, account = await _lock_reset(connection, actor, reset_id, now)
        await _decide(connection, actor, reset, "refused", now)
        facts: Facts = {"what": reset.what}
        await _record(connection, actor, "staff.refuse_reset", account.id, facts, now)


async def change_own_password(
    actor: Staff, tools: StaffTools, *, session_id: UUID, current: str, password: str, now: datetime
) -> None:
    """A new password; all of one's other sessions end.

    Raises DomainError password_wrong, password_same, what rules.require_password raises.
    """
    require(actor, Permission.USE_CONSOLE, owner=actor.id)
    account = await StaffAccount.get(id=actor.id)
    if not await tools.hasher.matches(account.password_hash, current):
        raise DomainError("password_wrong", field="current")
    require_password(password, [account.username, open_field(tools.vault, account, "name")])
    if password == current:
        raise DomainError("password_same", field="password")
    hash = await tools.hasher.hash(password)
    async with transaction() as connection:
        locked = await _lock(connection, actor.id)
        if locked.password_hash != account.password_hash:
            # Reset meanwhile: what was typed as the current one no longer is.
            raise DomainError("password_wrong", field="current")
        locked.password_hash, locked.password_set_at = hash, now
        await locked.save(using_db=connection, update_fields=["password_hash", "password_set_at"])
        ended = await end_sessions(connection, actor.id, keep=session_id)
        facts: Facts = {"sessions_ended": ended}
        await _record(connection, actor, "staff.change_password", actor.id, facts, now)


async def end_own_session(actor: Staff, *, session_id: UUID, now: datetime) -> None:
    """One of one's own sessions, this one or another. Raises DomainError not_found."""
    async with transaction() as connection:
        rows = StaffSession.filter(id=session_id, account_id=actor.id).using_db(connection)
        if not await rows.delete():
            raise DomainError("not_found")
        await _record(connection, actor, "session.end", actor.id, {}, now)


async def end_other_sessions(actor: Staff, *, session_id: UUID, now: datetime) -> int:
    """All of one's own sessions but this one; answers how many."""
    async with transaction() as connection:
        ended = await end_sessions(connection, actor.id, keep=session_id)
        if ended:
            facts: Facts = {"sessions_ended": ended}
            await _record(connection, actor, "session.end", actor.id, facts, now)
        return ended


async def _lock(connection: BaseDBAsyncClient, account_id: UUID) -> StaffAccount:
    rows = StaffAccount.filter(id=account_id).using_db(connection).select_for_update()
    account = await rows.first()
    if account is None:
        raise DomainError("not_found")
    return account


async def _lock_managed(
    connection: BaseDBAsyncClient, actor: Actor, account_id: UUID
) -> StaffAccount:
    """An account that `actor` may change: nobody changes their own."""
    require(actor, Permission.MANAGE_STAFF)
    # One at a time: two who lock several accounts in their own order would wait for each other.
    await connection.execute_query("SELECT pg_advisory_xact_lock($1, $2)", _MANAGING)
    account = await _lock(connection, account_id)
    if isinstance(actor, Staff) and actor.id == account_id:
        raise DomainError("own_account")
    return account


async def _require_another_supervisor(connection: BaseDBAsyncClient, account: StaffAccount) -> None:
    """Within _MANAGING, so that two cannot remove each other."""
    rows = StaffAccount.filter(role=Role.SUPERVISOR.value, disabled_at=None)
    if not await rows.using_db(connection).exclude(id=account.id).exists():
        raise DomainError("last_supervisor")


async def _lock_reset(
    connection: BaseDBAsyncClient, actor: Staff, reset_id: UUID, now: datetime
) -> tuple[StaffReset, StaffAccount]:
    require(actor, Permission.MANAGE_STAFF)
    rows = StaffReset.filter(id=reset_id).using_db(connection).select_for_update()
    reset = await rows.first()
    if reset is None:
        raise DomainError("not_found")
    require_second_officer(actor.id, reset.asked_by, reset.account_id)  # type: ignore[attr-defined]
    if reset.status != "open":
        raise DomainError("reset_decided")
    if now >= reset.expires_at:
        raise DomainError("reset_expired")
    return reset, await _lock(connection, reset.account_id)  # type: ignore[attr-defined]


async def _decide(
    connection: BaseDBAsyncClient, actor: Staff, reset: StaffReset, status: str, now: datetime
) -> None:
    reset.status, reset.decided_by, reset.decided_at = status, actor.id, now
    await reset.save(using_db=connection)


async def _record(
    connection: BaseDBAsyncClient,
    actor: Actor,
    event: str,
    account_id: UUID,
    facts: Facts,
    now: datetime,
) -> None:
    await record(connection, actor, event, about=("staff", account_id), facts=facts, now=now)


async def _settle_post(tools: StaffTools, post: Post) -> Post:
    """`post` as it is kept: who acts for an institution belongs to its county, for the officers
    there help them. Raises DomainError what rules.require_post raises."""
    require_post(post, tools.counties())
    if post.institution is None:
        return post
    institution = await Institution.get_or_none(id=post.institution)
    if institution is None:
        raise DomainError("staff_institution_unfit", field="institution")
    return replace(post, county=institution.county)


def _facts_of(post: Post) -> dict[str, str | None]:
    institution = None if post.institution is None else str(post.institution)
    return {"role": post.role.value, "county": post.county, "institution": institution}


def _make_password() -> str:
    """79 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
