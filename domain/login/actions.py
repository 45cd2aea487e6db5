"""Logging in and out. One function, one transaction (law 3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.actor import Actor, System
from domain.errors import DomainError
from domain.people.identities import (
    hold_identities,
    hold_own,
    join_by_unionid,
    with_unionid,
)
from domain.people.platform import Login
from domain.sealed import (
    change_columns,
    lock_values,
    match_index,
    open_field_or_none,
    seal_columns,
)
from domain.vault import Vault
from models.columns import new_id
from models.people import Identity, SessionToken
from models.transactions import transaction

#: A session ends when it has not been used for so long.
SESSION_LASTS = timedelta(hours=12)
#: Devices on which one identity is logged in at once; the next takes the place of the oldest.
MOST_DEVICES = 5


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session that has begun. `stale`: hashes of the tokens of which whoever keeps a copy has to
    forget it: they gave way to this one, or their actor is another now."""

    identity: UUID
    session: UUID
    person: UUID | None
    stale: tuple[bytes, ...] = ()


async def log_in(
    actor: System,  # noqa: ARG001
    vault: Vault,
    login: Login,
    *,
    token_hash: bytes,
    now: datetime,
) -> LoggedIn:
    """Begin a session for whom WeChat has named, who is met now or known already. Nobody acts yet:
    it is the door that does.

    `token_hash` is SHA-256 of a token that nobody has; the token itself is the door's. Of another
    identity of the same user of WeChat that is bound, this one becomes a part (unionid).
    """
    async with transaction() as connection:
        values = [(login.openid, "openid")]
        if login.unionid:
            values.append((login.unionid, "unionid"))
        await lock_values(connection, vault, values)
        identity = await _meet(connection, vault, login, now)
        joined = await join_by_unionid(connection, vault, identity, now)
        session = await SessionToken.create(
            identity_id=identity.id,
            token_hash=token_hash,
            created_at=now,
            last_used_at=now,
            expires_at=now + SESSION_LASTS,
            using_db=connection,
        )
        gone = await connection.execute_query_dict(_END_OLD, [identity.id, MOST_DEVICES, now])
    stale = (*(row["token_hash"] for row in gone), *(joined.tokens if joined else ()))
    return LoggedIn(identity.id, session.id, identity.person_id, stale)


_END_OLD = """
    DELETE FROM session_tokens WHERE identity_id = $1 AND (expires_at <= $3 OR id NOT IN (
        SELECT id FROM session_tokens WHERE identity_id = $1 AND expires_at > $3
        ORDER BY created_at DESC, id DESC LIMIT $2
    ))
    RETURNING token_hash
"""


async def _meet(
    connection: BaseDBAsyncClient, vault: Vault, login: Login, now: datetime
) -> Identity:
    """The mini-program's identity of this openid, made where there is none, and held."""
    ours = Q(account="mini") & match_index(vault, Identity, "openid", login.openid)
    held = await hold_identities(connection, ours | with_unionid(vault, login.unionid))
    found = next((row for row in held.values() if _has_openid(vault, row, login.openid)), None)
    if found is None:
        row_id = new_id()
        values = {"openid": login.openid, "unionid": login.unionid or None}
        return await Identity.create(
            id=row_id,
            account="mini",
            created_at=now,
            **seal_columns(vault, Identity, row_id, **values),
            using_db=connection,
        )
    if login.unionid and open_field_or_none(vault, found, "unionid") != login.unionid:
        found.update_from_dict(change_columns(vault, found, unionid=login.unionid))
        await found.save(using_db=connection)
    return found


def _has_openid(vault: Vault, row: Identity, openid: str) -> bool:
    return row.account == "mini" and open_field_or_none(vault, row, "openid") == openid


async def log_out(actor: Actor, *, identity: UUID, session: UUID, now: datetime) -> bytes:
    """End one session of the identity, one's own or that of a lost phone; its token's hash.

    Raises DomainError not_found, also for another's.
    """
    async with transaction() as connection:
        await hold_own(connection, actor, identity)
        gone = await connection.execute_query_dict(
            "DELETE FROM session_tokens WHERE id = $1 AND identity_id = $2 AND expires_at > $3"
            " RETURNING token_hash",
            [session, identity, now],
        )
    if not gone:
        raise DomainError("not_found", about="session")
    return bytes(gone[0]["token_hash"])
