"""Moving a binding whose phone or name does not match: asked for from the new phone, done by an
officer.

Whoever asks is nobody yet: what they say proves nothing, and what they are told says nothing of
the person. The officer compares it with the card itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from content.schema import PrivacyNotice
from domain.actor import Actor, Visitor
from domain.errors import DomainError
from domain.notices.news import leave_notice
from domain.people.consents import require_current
from domain.people.identities import (
    give_person,
    hold_identities,
    hold_person,
    take_person,
)
from domain.people.phone import phone_columns
from domain.people.queries import Masked, mask_person_row
from domain.people.rules import county_of, normalise_id_number, normalise_name
from domain.requests.asking import ask
from domain.requests.rules import clean_note
from domain.sealed import change_columns, hold_value, match_index, open_field_or_none
from domain.vault import Vault
from models.people import Consent, Identity, Person
from models.requests import Request
from models.transactions import transaction


async def ask_to_move(
    actor: Visitor,
    vault: Vault,
    notices: Sequence[PrivacyNotice],
    *,
    name: str,
    id_number: str,
    consent: str,
    county: str,
    counties: Collection[str],
    note: str,
    now: datetime,
) -> Request:
    """Somebody whose citizen ID is bound to another WeChat asks to have it here.

    An officer decides: of the county that is named, else of the one in the ID, else of the city.
    Raises DomainError name_wrong, id_number_wrong, consent_outdated, request_open,
    too_many_requests_open.
    """
    number = normalise_id_number(id_number, now.date())
    require_current(notices, consent, now.date())
    payload = {
        "name": normalise_name(name),
        "id_number": number,
        "consent": consent,
        "note": clean_note(note),
    }
    async with transaction() as connection:
        return await ask(
            connection,
            actor,
            vault,
            kind="binding",
            payload=payload,
            county=county or county_of(number, counties),
            now=now,
        )


@dataclass(frozen=True, slots=True)
class Held:
    """Who has the citizen ID that a binding is asked for, masked: for who decides on it.

    name_fits: they are called as the asker says. bound_at: None for who was only put on a list by
    others. accounts: where somebody is bound to them now (models.people.Identity.account).
    """

    masked: Masked
    name_fits: bool
    bound_at: datetime | None
    accounts: tuple[str, ...]


async def find_held(vault: Vault, payload: Mapping[str, Any]) -> Held | None:
    """Whom the approval of a binding would be about; None where nobody has this ID. The caller
    has asked who may open the request."""
    person = await Person.get_or_none(
        match_index(vault, Person, "id_number", payload["id_number"]), erased_at__isnull=True
    )
    if person is None:
        return None
    identities = await Identity.filter(person_id=person.id).order_by("account")
    return Held(
        mask_person_row(vault, person),
        open_field_or_none(vault, person, "name") == payload["name"],
        person.bound_at,
        tuple(row.account for row in identities),
    )


async def move_binding(
    connection: BaseDBAsyncClient,
    actor: Actor,  # noqa: ARG001 (as every effect)
    vault: Vault,
    request: Request,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """The asker's identity is the person's, and the one they had in the same account is not any
    more; both are told, and the phone of before proves nothing any longer. The request is the
    person's from now on. Who was only ever put on a list
    by others is called from now on as the card says.

    Raises DomainError request_outdated (the asker is somebody by now, or nobody has the ID any
    more), identity_name_differs where the person has bound themselves under another name.
    """
    number = payload["id_number"]
    found = await (await hold_value(connection, vault, Person, "id_number", number)).first()
    if found is None:
        raise DomainError("request_outdated")
    held = await hold_identities(connection, _asked_from(request) | Q(person_id=found.id))
    person = await hold_person(connection, found.id)
    own = next((row for row in held.values() if row.person_id is None), None)
    if own is None or person.erased_at is not None:
        raise DomainError("request_outdated")
    if open_field_or_none(vault, person, "name") != payload["name"]:
        if person.bound_at is not None:
            raise DomainError("identity_name_differs")
        # Others wrote it on a list, and may be wrong; the officer has seen the card.
        columns = change_columns(vault, person, name=payload["name"])
        person.update_from_dict(columns)
    for row in held.values():
        if row.person_id is None:
            continue
        if row.account == own.account:
            await take_person(connection, row)
            await leave_notice(connection, row, "moved_away", now)
        else:
            await leave_notice(connection, row, "bound_elsewhere", now)
    await give_person(connection, own, person.id, now)
    _trust_phone(vault, person, own)
    person.bound_at = person.bound_at or now
    await person.save(using_db=connection)
    await _note_consent(connection, person.id, payload["consent"], own, now)
    request.person_id, request.asked_by = person.id, f"person {person.id}"
    await request.save(using_db=connection)


def _trust_phone(vault: Vault, person: Person, own: Identity) -> None:
    """Whoever held the person until now comes back with no phone: the new one's is the proof, or
    none is."""
    phone = open_field_or_none(vault, own, "phone")
    if phone is not None:
        person.update_from_dict(phone_columns(vault, person, phone, "wechat"))
    elif person.phone_sealed is not None:
        person.phone_origin = "told"


def _asked_from(request: Request) -> Q:
    """The identity that asked: a visitor's key is its id, or in the official account its sender."""
    kind, _, key = request.asked_by.partition(" ")
    if kind != "visitor":
        raise DomainError("request_outdated")
    sender = bytes.fromhex(key)
    return Q(id=UUID(bytes=sender)) | Q(sender=sender)


async def _note_consent(
    connection: BaseDBAsyncClient, person: UUID, version: str, identity: Identity, now: datetime
) -> None:
    given = Consent.filter(person_id=person, version=version).using_db(connection)
    if not await given.exists():
        channel = "mini" if identity.account == "mini" else "chat"
        await Consent.create(
            person_id=person, version=version, channel=channel, given_at=now, using_db=connection
        )
