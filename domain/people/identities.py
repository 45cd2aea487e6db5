"""Identities and whom they are bound to: what the area's actions share, inside a transaction.

Rows are locked in one order, so that nobody waits in a circle: first the values (lock_values,
once: openid, citizen ID, unionid), then the identities concerned by their ids, then the person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.actor import Actor, System, Visitor
from domain.errors import DomainError
from domain.notices.news import leave_notice
from domain.people.rules import Account
from domain.sealed import match_index, open_field_or_none
from domain.vault import Vault
from models.people import Identity, Person


@dataclass(frozen=True, slots=True)
class Joined:
    """An identity that came to a person because of its unionid. `tokens`: the hashes of sessions
    whose actor is another now."""

    account: Account
    tokens: tuple[bytes, ...] = ()


async def hold_identities(connection: BaseDBAsyncClient, condition: Q) -> dict[UUID, Identity]:
    """The identities of `condition`, held until the transaction ends."""
    rows = await Identity.filter(condition).using_db(connection).order_by("id").select_for_update()
    return {row.id: row for row in rows}


def with_unionid(vault: Vault, unionid: str | None) -> Q:
    """The condition that finds identities of this user of WeChat; nobody's where there is none."""
    return Q(id__in=[]) if unionid is None else match_index(vault, Identity, "unionid", unionid)


async def hold_own(
    connection: BaseDBAsyncClient, actor: Actor, identity: UUID, beside: Q | None = None
) -> tuple[Identity, dict[UUID, Identity]]:
    """The actor's own identity, and with those of `beside` all that are held now.

    Raises DomainError not_found where it is not there, or another's by now.
    """
    condition = Q(id=identity)
    held = await hold_identities(connection, condition if beside is None else condition | beside)
    own = held.get(identity)
    if own is None or not is_own(actor, own):
        raise DomainError("not_found")
    return own, held


def is_own(actor: Actor, identity: Identity) -> bool:
    """Whether `actor` comes with this identity: a visitor's key is its id or its sender."""
    if isinstance(actor, Visitor):
        return actor.sender in (identity.id.bytes, identity.sender)
    return isinstance(actor, System) or identity.person_id in actor.owns


async def hold_person(connection: BaseDBAsyncClient, person: UUID) -> Person:
    """The person, held until the transaction ends."""
    return await Person.filter(id=person).using_db(connection).select_for_update().get()


async def give_person(
    connection: BaseDBAsyncClient, identity: Identity, person: UUID, now: datetime
) -> None:
    """Bind the identity, which is held."""
    await (
        Identity.filter(id=identity.id).using_db(connection).update(person_id=person, bound_at=now)
    )
    identity.person_id, identity.bound_at = person, now


async def take_person(connection: BaseDBAsyncClient, identity: Identity) -> tuple[bytes, ...]:
    """Unbind the identity, which is held, and end its sessions; the hashes of their tokens."""
    await Identity.filter(id=identity.id).using_db(connection).update(person_id=None, bound_at=None)
    identity.person_id, identity.bound_at = None, None
    return await end_sessions(connection, [identity.id])


async def end_sessions(
    connection: BaseDBAsyncClient, identities: Iterable[UUID]
) -> tuple[bytes, ...]:
    """End all sessions of the identities; the hashes of their tokens."""
    rows = await connection.execute_query_dict(
        "DELETE FROM session_tokens WHERE identity_id = ANY($1::uuid[]) RETURNING token_hash",
        [list(identities)],
    )
    return tuple(row["token_hash"] for row in rows)


async def list_tokens(connection: BaseDBAsyncClient, identity: UUID) -> tuple[bytes, ...]:
    """The hashes of the tokens of an identity's sessions."""
    rows = await connection.execute_query_dict(
        "SELECT token_hash FROM session_tokens WHERE identity_id = $1", [identity]
    )
    return tuple(row["token_hash"] for row in rows)


async def join_by_unionid(
    connection: BaseDBAsyncClient, vault: Vault, identity: Identity, now: datetime
) -> Joined | None:
    """Bind what belongs together: of the two identities of one user of WeChat, where one is bound
    and the other is not, the other too. Call while their unionid is locked and both are held.

    None where there is nothing to join, or where the person has another identity there.
    """
    unionid = open_field_or_none(vault, identity, "unionid")
    if unionid is None:
        return None
    condition = with_unionid(vault, unionid) & ~Q(account=identity.account)
    other = (await hold_identities(connection, condition)).values()
    for sibling in other:
        bound, unbound = (identity, sibling) if identity.person_id else (sibling, identity)
        person: UUID | None = bound.person_id
        if person is None or unbound.person_id is not None:
            continue
        held = Identity.filter(person_id=person, account=unbound.account).using_db(connection)
        if await held.exists():
            continue
        await give_person(connection, unbound, person, now)
        await leave_notice(connection, sibling, "joined", now)
        tokens = await list_tokens(connection, unbound.id)
        return Joined("mini" if unbound.account == "mini" else "official", tokens)
    return None
