"""One person as staff see them: masked. Unmasked they are by lookups.reveal_person alone."""

from uuid import UUID

from domain.actor import Actor
from domain.errors import DomainError
from domain.people.queries import Masked, mask_person_row
from domain.permissions import Permission, require
from domain.vault import Vault
from models.people import Person


async def see_person(actor: Actor, vault: Vault, *, person: UUID) -> Masked:
    """Raises DomainError no_permission, not_found (also for who is out of reach)."""
    row = await Person.get_or_none(id=person)
    if row is None:
        raise DomainError("not_found")
    require(actor, Permission.SEE_PERSON, owner=row.id, county=row.county)
    return mask_person_row(vault, row)
