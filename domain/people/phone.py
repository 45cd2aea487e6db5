"""The phone of a person, and where it came from; the one that WeChat has checked."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domain.actor import Actor
from domain.people.identities import hold_own, hold_person
from domain.people.rules import PROOFS
from domain.sealed import change_columns, open_field_or_none
from domain.vault import Vault
from models.people import Person
from models.transactions import transaction

Origin = Literal["told", "wechat", "officer"]


def phone_columns(vault: Vault, person: Person, phone: str, origin: Origin) -> dict[str, Any]:
    """The columns by which the person's phone is `phone`, normalised, from `origin`
    (models.people). Call while the row is held."""
    return change_columns(vault, person, phone=phone) | {"phone_origin": origin}


async def keep_phone(
    actor: Actor,
    vault: Vault,
    *,
    identity: UUID,
    phone: str,
    now: datetime,  # noqa: ARG001
) -> bool:
    """Keep the phone that WeChat has checked for the identity, normalised.

    A person who has none gets it, and one of whom others told a phone. Whether it is the person's
    now: False where another has been checked or decided, which an officer changes on request
    (domain/requests); True as long as nobody is bound.
    """
    async with transaction() as connection:
        row, _ = await hold_own(connection, actor, identity)
        row.update_from_dict(change_columns(vault, row, phone=phone))
        await row.save(using_db=connection)
        if row.person_id is None:
            return True
        person = await hold_person(connection, row.person_id)
        if person.phone_origin not in PROOFS:
            person.update_from_dict(phone_columns(vault, person, phone, "wechat"))
            await person.save(using_db=connection)
            return True
        return open_field_or_none(vault, person, "phone") == phone
