"""What is held of whoever asks: described, and copied."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from domain.actor import Actor, Trainee
from domain.holdings import Holder, Holding, Periods, Whose, keep_names
from domain.notices.queries import OwnNotice, list_notices
from domain.people.queries import Masked, list_identities, mask_person_row
from domain.people.rules import mask_phone
from domain.permissions import Permission, require
from domain.privacy.holders import HOLDERS
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.people import Consent, Identity, Person


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account of WeChat that one comes with; None: it is not bound."""

    account: str
    bound_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnConsent:
    """What one has agreed to, where and when."""

    version: str
    channel: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Me:
    """What is held of the actor. `name` is their own, in clear; the rest masked."""

    masked: Masked | None
    name: str
    phone: str
    accounts: Sequence[OwnAccount]
    consents: Sequence[OwnConsent]
    notices: Sequence[OwnNotice]
    held: tuple[Holding, ...] = field(default=())


async def describe_me(
    actor: Actor,
    vault: Vault,
    periods: Periods,
    *,
    identity: UUID,
    holders: Sequence[Holder] = HOLDERS,
    now: datetime,
) -> Me:
    """What is held of the actor. Raises DomainError not_found."""
    rows = await list_identities(actor, identity)
    own = next(row for row in rows if row.id == identity)
    person = await _find_own(actor)
    whose = _whose_of(actor, rows)
    consents = await Consent.filter(person_id=person.id).order_by("id") if person else []
    held = [one for holder in holders for one in await holder.list_held(whose, periods, now)]
    phone = open_field_or_none(vault, own, "phone")
    return Me(
        masked=mask_person_row(vault, person) if person else None,
        name=(open_field_or_none(vault, person, "name") or "") if person else "",
        phone=mask_phone(phone) if phone else "",
        accounts=[OwnAccount(row.account, row.bound_at) for row in rows],
        consents=[OwnConsent(row.version, row.channel, row.given_at) for row in consents],
        notices=await list_notices(identity),
        held=tuple(keep_names(held, now.date())),
    )


async def list_surviving(
    whose: Whose, periods: Periods, holders: Sequence[Holder], now: datetime
) -> tuple[Holding, ...]:
    """What of the person stays beyond an erasure on this day."""
    found = [held for holder in holders for held in await holder.list_held(whose, periods, now)]
    return tuple(
        held
        for held in keep_names(found, now.date())
        if held.survives and (held.until is None or held.until >= now.date())
    )


async def find_kept_until(person: UUID, periods: Periods, now: datetime) -> date | None:
    """The last day of what is kept of somebody who was erased; None where nothing has a day. The
    caller has asked who may see them."""
    kept = await list_surviving(Whose(person), periods, HOLDERS, now)
    return max((one.until for one in kept if one.until is not None), default=None)


async def copy_me(
    actor: Actor, vault: Vault, *, identity: UUID, holders: Sequence[Holder] = HOLDERS
) -> dict[str, object]:
    """All that is held of the actor, in clear. Raises DomainError not_found."""
    rows = await list_identities(actor, identity)
    await _find_own(actor)
    whose = _whose_of(actor, rows)
    copied: dict[str, object] = {}
    for holder in holders:
        copied |= await holder.copy(vault, whose)
    return copied


def _whose_of(actor: Actor, identities: Sequence[Identity]) -> Whose:
    """Of whom something is held, as the areas are asked."""
    person = actor.id if isinstance(actor, Trainee) else None
    senders = tuple(row.sender for row in identities if row.sender)
    return Whose(person, tuple(row.id for row in identities), senders)


async def _find_own(actor: Actor) -> Person | None:
    if not isinstance(actor, Trainee):
        return None
    require(actor, Permission.SEE_PERSON, owner=actor.id)
    return await Person.get(id=actor.id)
