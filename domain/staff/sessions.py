"""What a cookie of the console stands for: a session, kept by the hash of its token alone."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Role, Staff
from domain.sealed import open_field
from domain.staff.rules import SESSION_FOR, SIGNING_IN_FOR, has_ended
from domain.staff.tools import StaffTools
from models.columns import new_id
from models.staff import DEVICE_LENGTH, StaffAccount, StaffSession

#: The last request is noted to so much, for a write with each would cost more than it tells.
_SEEN_EVERY = timedelta(minutes=1)
_TOKEN_BYTES = 32
#: Longer than any token of ours: not looked up.
_MOST_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has come in, and by which session."""

    actor: Staff
    session_id: UUID
    #: What colleagues call them.
    name: str


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of one's own sessions, as the account's page lists them."""

    id: UUID
    device: str
    started_at: datetime
    seen_at: datetime


def hash_token(token: str) -> bytes:
    """What is kept of a token. It is random, so that no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def csrf_of(token: str) -> str:
    """What every form of the session carries; says nothing of the token."""
    return hashlib.sha256(f"csrf {token}".encode("utf-8", "surrogatepass")).hexdigest()


def actor_of(account: StaffAccount) -> Staff:
    """Who acts with this account."""
    return Staff(account.id, Role(account.role), account.county or None, account.institution_id)


def may_sign_in(account: StaffAccount, tools: StaffTools) -> bool:
    """Whether the account is in use. Everybody knows the passwords of the demo."""
    return account.disabled_at is None and (tools.sandbox or not account.demo)


async def find_signed_in(tools: StaffTools, token: str, now: datetime) -> SignedIn | None:
    """Who the token of a cookie lets in; None for nobody. Notes that they were here."""
    session = await find_session(token, now)
    if session is None or not session.complete or not may_sign_in(session.account, tools):
        return None
    if now - session.seen_at >= _SEEN_EVERY:
        # Not by `save`: it might bring back one that has ended meanwhile.
        await StaffSession.filter(id=session.id).update(seen_at=now)
    name = open_field(tools.vault, session.account, "name")
    return SignedIn(actor_of(session.account), session.id, name)


async def find_session(
    token: str, now: datetime, connection: BaseDBAsyncClient | None = None
) -> StaffSession | None:
    """The session of a token with its account, where it is not over."""
    if not token or len(token) > _MOST_CHARACTERS:
        return None
    rows = StaffSession.filter(token_hash=hash_token(token)).select_related("account")
    session = await (rows if connection is None else rows.using_db(connection)).first()
    if session is None or has_ended(
        seen_at=session.seen_at, ends_at=session.ends_at, complete=session.complete, now=now
    ):
        return None
    return session


async def begin_session(
    connection: BaseDBAsyncClient,
    account: StaffAccount,
    *,
    complete: bool,
    code_passed: bool,
    device: str,
    now: datetime,
) -> str:
    """The token of a new session. Each step that proves something begins a new one, so that a
    token from before is good for nothing more."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    await StaffSession.create(
        id=new_id(),
        account_id=account.id,
        token_hash=hash_token(token),
        started_at=now,
        seen_at=now,
        ends_at=now + (SESSION_FOR if complete else SIGNING_IN_FOR),
        complete=complete,
        code_passed=code_passed,
        device=device[:DEVICE_LENGTH],
        using_db=connection,
    )
    return token


async def end_sessions(
    connection: BaseDBAsyncClient, account_id: UUID, *, keep: UUID | None = None
) -> int:
    """End all sessions of an account, but for `keep`; answers how many."""
    rows = StaffSession.filter(account_id=account_id).using_db(connection)
    return await (rows if keep is None else rows.exclude(id=keep)).delete()


async def list_own_sessions(actor: Staff, now: datetime) -> list[OwnSession]:
    """Where one is signed in, the last used first."""
    rows = await StaffSession.filter(account_id=actor.id, complete=True).order_by("-seen_at")
    return [
        OwnSession(row.id, row.device, row.started_at, row.seen_at)
        for row in rows
        if not has_ended(seen_at=row.seen_at, ends_at=row.ends_at, complete=True, now=now)
    ]


async def purge_sessions(now: datetime) -> int:
    """Delete what is over; answers how many."""
    return await StaffSession.filter(ends_at__lte=now).delete()
