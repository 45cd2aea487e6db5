"""Being known by name and citizen ID (实名绑定), in the mini-program and in chat."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from content.schema import PrivacyNotice
from domain.actor import Actor
from domain.errors import DomainError
from domain.followup import defer_job
from domain.notices.news import leave_notice
from domain.people import rules
from domain.people.consents import require_current
from domain.people.identities import (
    give_person,
    hold_identities,
    hold_own,
    hold_person,
    is_own,
    join_by_unionid,
    list_tokens,
    take_person,
    with_unionid,
)
from domain.people.phone import phone_columns
from domain.people.rules import PROOFS, Account, Claimed, judge_claim
from domain.sealed import (
    lock_values,
    match_index,
    open_field,
    open_field_or_none,
    seal_columns,
)
from domain.vault import Vault
from models.columns import new_id
from models.people import Consent, Identity, Person
from models.transactions import transaction

#: The task that asks WeChat for the unionid of a follower; jobs/ registers it under this name.
FIND_UNIONID = "people.find_unionid"


@dataclass(frozen=True, slots=True)
class Bound:
    """A person by name; name and ID are as they were given, normalised.

    already: nothing was to be done. moved: another identity has been let go, and is told.
    joined: the account whose identity was bound with this one. stale: the hashes of tokens whose
    copies have to be forgotten: their actor is another now.
    """

    person: UUID
    name: str
    id_number: str
    already: bool = False
    moved: bool = False
    joined: Account | None = None
    stale: tuple[bytes, ...] = field(default=(), repr=False)


async def begin_binding(
    actor: Actor, vault: Vault, *, sender: bytes, openid: str, now: datetime
) -> UUID | None:
    """Somebody in the official account wants to be known by name: the identity that will be, and
    a job that asks WeChat for its unionid meanwhile. The person, where they are bound already.

    Call while `sender` is held (domain/messaging), as a step of a talk is.
    """
    async with transaction() as connection:
        held = await hold_identities(connection, Q(sender=sender))
        identity = next((row for row in held.values() if is_own(actor, row)), None)
        if identity is None:
            row_id = new_id()
            identity = await Identity.create(
                id=row_id,
                account="official",
                sender=sender,
                created_at=now,
                **seal_columns(vault, Identity, row_id, openid=openid),
                using_db=connection,
            )
        if identity.unionid_sealed is None:
            await defer_job(
                connection,
                FIND_UNIONID,
                queueing_lock=f"unionid {identity.id}",
                identity_id=identity.id,
            )
        return identity.person_id


async def bind_identity(
    actor: Actor,
    vault: Vault,
    notices: Sequence[PrivacyNotice],
    *,
    identity: UUID | bytes,
    name: str,
    id_number: str,
    consent: str,
    counties: Collection[str],
    now: datetime,
) -> Bound:
    """Make the identity (its id, or the sender of the official account) that of a person by name
    and ID, whom we know already (a roster, another phone) or meet now.

    `consent` is the version of the privacy notice that was agreed to. One's county is taken from
    the ID where it is one of `counties` and nobody has said another.

    Raises DomainError: name_wrong, id_number_wrong; consent_outdated; identity_bound where the
    identity is another person's; identity_name_differs; identity_taken (rules.judge_claim).
    """
    name = rules.normalise_name(name)
    id_number = rules.normalise_id_number(id_number, now.date())
    require_current(notices, consent, now.date())
    async with transaction() as connection:
        found = await _find_identity(connection, identity)
        unionid = open_field_or_none(vault, found, "unionid")
        values = [(id_number, "citizen id"), *([(unionid, "unionid")] if unionid else [])]
        await lock_values(connection, vault, values)
        person = (
            await Person.filter(match_index(vault, Person, "id_number", id_number))
            .using_db(connection)
            .first()
        )
        known_by = Q(person_id=person.id) if person else Q(id__in=[])
        beside = known_by | with_unionid(vault, unionid)
        own, held = await hold_own(connection, actor, found.id, beside)
        if own.person_id is not None:
            return await _stay_bound(connection, vault, own, name, id_number, consent, now)
        stale: tuple[bytes, ...] = ()
        taken = None
        if person is None:
            person = await _meet_person(connection, vault, name, id_number, counties, now)
        else:
            person = await hold_person(connection, person.id)
            of_person = [row for row in held.values() if row.person_id == person.id]
            taken = _judge(vault, person, own, of_person, name)
            if taken is not None:
                stale += await take_person(connection, taken)
                await leave_notice(connection, taken, "moved_away", now)
            for row in of_person:
                if row.account != own.account:
                    await leave_notice(connection, row, "bound_elsewhere", now)
        await _know_again(connection, vault, person, own, now)
        await give_person(connection, own, person.id, now)
        await _note_consent(connection, person.id, consent, own.account, now)
        joined = await join_by_unionid(connection, vault, own, now)
        stale += await list_tokens(connection, own.id) + (joined.tokens if joined else ())
    return Bound(
        person.id,
        name,
        id_number,
        moved=taken is not None,
        joined=joined.account if joined else None,
        stale=stale,
    )


async def _find_identity(connection: BaseDBAsyncClient, identity: UUID | bytes) -> Identity:
    condition = Q(id=identity) if isinstance(identity, UUID) else Q(sender=identity)
    found = await Identity.filter(condition).using_db(connection).first()
    if found is None:
        # Erased or forgotten meanwhile, by another device.
        raise DomainError("not_found")
    return found


def _judge(
    vault: Vault, person: Person, own: Identity, others: Sequence[Identity], name: str
) -> Identity | None:
    """The identity that has to be let go, None where there is none. Raises as judge_claim."""
    taken = next((row for row in others if row.account == own.account), None)
    other = next((row for row in others if row.account != own.account), None)
    # A phone that others typed is theirs as well as not: whoever typed it could come with it.
    proving = [*others, person] if person.phone_origin in PROOFS else others
    phones = [open_field_or_none(vault, row, "phone") for row in proving]
    claimed = Claimed(
        name=open_field_or_none(vault, person, "name"),
        phones=frozenset(phone for phone in phones if phone),
        taken=taken is not None,
        unionid=open_field_or_none(vault, other, "unionid") if other else None,
    )
    phone = open_field_or_none(vault, own, "phone")
    judge_claim(claimed, name=name, phone=phone, unionid=open_field_or_none(vault, own, "unionid"))
    return taken


async def _stay_bound(
    connection: BaseDBAsyncClient,
    vault: Vault,
    own: Identity,
    name: str,
    id_number: str,
    consent: str,
    now: datetime,
) -> Bound:
    """The same person again, perhaps with a newer consent; another is refused."""
    assert own.person_id is not None
    person = await hold_person(connection, own.person_id)
    known = open_field(vault, person, "name"), open_field(vault, person, "id_number")
    if known != (name, id_number):
        raise DomainError("identity_bound", name=rules.mask_name(known[0]))
    await _note_consent(connection, person.id, consent, own.account, now)
    return Bound(person.id, name, id_number, already=True)


async def _meet_person(
    connection: BaseDBAsyncClient,
    vault: Vault,
    name: str,
    id_number: str,
    counties: Collection[str],
    now: datetime,
) -> Person:
    row_id = new_id()
    return await Person.create(
        id=row_id,
        county=rules.county_of(id_number, counties),
        source="bound",
        created_at=now,
        **seal_columns(vault, Person, row_id, name=name, id_number=id_number),
        using_db=connection,
    )


async def _know_again(
    connection: BaseDBAsyncClient, vault: Vault, person: Person, own: Identity, now: datetime
) -> None:
    """The person has shown that it is them; a checked phone replaces what others told."""
    phone = open_field_or_none(vault, own, "phone")
    if phone is not None and (person.phone_origin not in PROOFS or person.bound_at is None):
        person.update_from_dict(phone_columns(vault, person, phone, "wechat"))
    person.bound_at = person.bound_at or now
    person.erased_at = None
    await person.save(using_db=connection)


async def _note_consent(
    connection: BaseDBAsyncClient, person: UUID, version: str, account: str, now: datetime
) -> None:
    """Once for each version."""
    given = Consent.filter(person_id=person, version=version).using_db(connection)
    if not await given.exists():
        channel = "mini" if account == "mini" else "chat"
        await Consent.create(
            person_id=person, version=version, channel=channel, given_at=now, using_db=connection
        )
