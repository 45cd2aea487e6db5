"""Erasure (注销): on request at once, and of what was kept beyond it when its day has come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.actor import Actor, System
from domain.errors import DomainError
from domain.holdings import Holder, Holding, Periods, Whose
from domain.messaging.forgetting import forget_senders, lock_senders
from domain.notices.purging import purge_notices
from domain.people.identities import end_sessions, hold_identities, hold_person, is_own
from domain.people.queries import list_identities
from domain.permissions import Permission, require
from domain.privacy.holders import HOLDERS
from domain.privacy.queries import list_surviving
from domain.sealed import change_columns, lock_value, open_field_or_none
from domain.vault import Vault
from models.people import Consent, Identity, Person, SessionToken
from models.transactions import transaction

_NOTHING = {"name": None, "id_number": None, "phone": None}


@dataclass(frozen=True, slots=True)
class Erased:
    """kept: what stays until its day, and why not sooner. stale: hashes of the sessions' tokens."""

    kept: tuple[Holding, ...]
    stale: tuple[bytes, ...] = field(repr=False)


async def erase_me(
    actor: Actor,
    vault: Vault,
    periods: Periods,
    *,
    identity: UUID,
    holders: Sequence[Holder] = HOLDERS,
    now: datetime,
) -> Erased:
    """Forget the actor: the person with all their identities, or an identity that nobody is bound
    to. The official account forgets what was said there.

    Name and citizen ID go unless records stay that are nothing without them (Holding.survives);
    the phone, WeChat's data, consents without such records and sessions go in any case. Whoever
    comes again is met anew. Raises DomainError not_found.
    """
    rows = await list_identities(actor, identity)
    senders = [row.sender for row in rows if row.sender]
    async with transaction() as connection:
        # First of all locks, as everybody who takes it (domain/messaging/forgetting.py).
        await lock_senders(connection, (), forgetting=senders)
        person = next((row.person_id for row in rows if row.person_id), None)
        if person is not None:
            require(actor, Permission.SEE_PERSON, owner=person)
            await _lock_id_number(connection, vault, person)
        held = await hold_identities(connection, Q(id__in=[row.id for row in rows]))
        if len(held) != len(rows) or not all(_is_mine(actor, row, person) for row in held.values()):
            # Bound, moved or erased since we looked.
            raise DomainError("changed_meanwhile")
        whose = Whose(person, tuple(held), tuple(senders))
        stale = await end_sessions(connection, held)
        kept = await _erase(connection, vault, whose, periods, holders, now)
        await forget_senders(connection, dict.fromkeys(senders, now))
    return Erased(kept, stale)


async def erase_left(
    actor: System,  # noqa: ARG001
    vault: Vault,
    periods: Periods,
    *,
    person: UUID,
    holders: Sequence[Holder] = HOLDERS,
    now: datetime,
) -> bool:
    """Erase a person whose last identity went (取消关注), as `erase_me` does: nobody has a login
    left to ask with. False where they are back by now, or were erased already."""
    async with transaction() as connection:
        await _lock_id_number(connection, vault, person)
        if await hold_identities(connection, Q(person_id=person)):
            return False
        row = await hold_person(connection, person)
        if row.bound_at is None or row.erased_at is not None:
            return False
        await _erase(connection, vault, Whose(person), periods, holders, now)
    return True


def _is_mine(actor: Actor, row: Identity, person: UUID | None) -> bool:
    """Still the person's, of whom it has been asked; or still nobody's, and the actor's own."""
    return row.person_id == person and (person is not None or is_own(actor, row))


async def _lock_id_number(connection: BaseDBAsyncClient, vault: Vault, person: UUID) -> None:
    """Nobody binds this ID meanwhile."""
    row = await Person.filter(id=person).using_db(connection).get()
    id_number = open_field_or_none(vault, row, "id_number")
    if id_number is not None:
        await lock_value(connection, vault, id_number, "citizen id")


async def _erase(
    connection: BaseDBAsyncClient,
    vault: Vault,
    whose: Whose,
    periods: Periods,
    holders: Sequence[Holder],
    now: datetime,
) -> tuple[Holding, ...]:
    for holder in holders:
        await holder.erase(connection, whose, periods, now)
    if whose.person is None:
        return ()
    kept = await list_surviving(whose, periods, holders, now)
    person = await hold_person(connection, whose.person)
    gone = {"phone": None} if kept else _NOTHING
    person.update_from_dict(change_columns(vault, person, **gone))
    person.phone_origin = ""
    person.bound_at, person.erased_at = None, now
    if not kept:
        # The officers there have to find what is kept.
        person.county = ""
    await person.save(using_db=connection)
    if not kept:
        await Consent.filter(person_id=person.id).using_db(connection).delete()
    return kept


async def purge_people(
    actor: System,
    vault: Vault,
    periods: Periods,
    *,
    holders: Sequence[Holder] = HOLDERS,
    now: datetime,
) -> int:
    """Every night: sessions that have ended, notices and visitors of long ago, and the names of
    those who were erased once nothing stays that needs them. Answers how many names went."""
    await SessionToken.filter(expires_at__lte=now).delete()
    await purge_notices(periods, now)
    if (visit := periods.get("visit")) and visit.keep_days:
        before = now - timedelta(days=visit.keep_days)
        async with transaction() as connection:
            await connection.execute_query(_DELETE_VISITORS, [before])
    for row in await Person.filter(bound_at__not_isnull=True, identities__id__isnull=True):
        # Who left before the job was there, or whose job was given up.
        await erase_left(actor, vault, periods, person=row.id, holders=holders, now=now)
    gone = 0
    for row in await Person.filter(erased_at__not_isnull=True, id_number_sealed__not_isnull=True):
        async with transaction() as connection:
            await _lock_id_number(connection, vault, row.id)
            person = await hold_person(connection, row.id)
            whose = Whose(person.id)
            if person.erased_at is None or await list_surviving(whose, periods, holders, now):
                continue
            person.update_from_dict(change_columns(vault, person, **_NOTHING))
            person.county = ""
            await person.save(using_db=connection)
            await Consent.filter(person_id=person.id).using_db(connection).delete()
            gone += 1
    return gone


#: Nobody bound, nobody logged in, and made before; who logs in again is met anew.
_DELETE_VISITORS = """
    DELETE FROM identities WHERE person_id IS NULL AND created_at < $1
    AND NOT EXISTS (SELECT FROM session_tokens WHERE identity_id = identities.id)
"""
