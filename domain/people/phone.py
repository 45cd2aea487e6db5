"""The phone that WeChat has checked."""

from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.people.identities import hold_own, hold_person
from domain.sealed import change_columns, open_field_or_none
from domain.vault import Vault
from models.transactions import transaction


async def keep_phone(
    actor: Actor,
    vault: Vault,
    *,
    identity: UUID,
    phone: str,
    now: datetime,  # noqa: ARG001
) -> bool:
    """Keep the phone that WeChat has checked for the identity, normalised.

    A person who has none gets it. Whether it is the person's now: False where they have another,
    which an officer changes on request (domain/requests); True as long as nobody is bound.
    """
    async with transaction() as connection:
        row, _ = await hold_own(connection, actor, identity)
        row.update_from_dict(change_columns(vault, row, phone=phone))
        await row.save(using_db=connection)
        if row.person_id is None:
            return True
        person = await hold_person(connection, row.person_id)
        known = open_field_or_none(vault, person, "phone")
        if known is None:
            person.update_from_dict(change_columns(vault, person, phone=phone))
            await person.save(using_db=connection)
        return known in (None, phone)
