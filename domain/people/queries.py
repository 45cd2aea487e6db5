"""Reads of people and identities, shared by the doors."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.actor import Actor, Trainee
from domain.errors import DomainError
from domain.people import rules
from domain.sealed import match_index, open_field_or_none
from domain.vault import Vault
from models.people import Identity, Person


async def find_person_of_sender(connection: BaseDBAsyncClient, sender: bytes) -> UUID | None:
    """The person whom a sender of the official account is bound to."""
    rows = await connection.execute_query_dict(
        "SELECT person_id FROM identities WHERE sender = $1", [sender]
    )
    return rows[0]["person_id"] if rows else None


async def find_bound_people(people: Collection[UUID]) -> set[UUID]:
    """Those of the persons who have an identity of WeChat now."""
    rows = await Identity.filter(person_id__in=list(people)).values_list("person_id", flat=True)
    return {UUID(str(person)) for person in rows}


async def find_known_people(people: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are persons', also of who was erased."""
    return {row.id for row in await Person.filter(id__in=list(people)).only("id")}


async def list_identities(actor: Actor, identity: UUID) -> list[Identity]:
    """All identities of the actor, who comes with this one. Raises DomainError not_found."""
    condition = Q(id=identity)
    if isinstance(actor, Trainee):
        condition = Q(person_id=actor.id)
    rows = await Identity.filter(condition).order_by("id")
    if identity not in {row.id for row in rows}:
        raise DomainError("not_found")
    return rows


@dataclass(frozen=True, slots=True)
class Masked:
    """A person as one who need not know sees them."""

    id: UUID
    name: str
    id_number: str
    phone: str
    county: str
    bound: bool
    #: Where the phone came from (models.people.Person.phone_origin).
    phone_origin: str


def mask_person_row(vault: Vault, row: Person) -> Masked:
    """The person, masked; "" for what is not held (any more)."""
    name, id_number, phone = (
        open_field_or_none(vault, row, field) for field in ("name", "id_number", "phone")
    )
    return Masked(
        row.id,
        rules.mask_name(name) if name else "",
        rules.mask_id_number(id_number) if id_number else "",
        rules.mask_phone(phone) if phone else "",
        row.county,
        row.bound_at is not None,
        row.phone_origin,
    )


async def find_masked(vault: Vault, people: Collection[UUID]) -> dict[UUID, Masked]:
    """Masked persons by their ids: for rosters and lists; the caller has asked who may."""
    rows = await Person.filter(id__in=list(people))
    return {row.id: mask_person_row(vault, row) for row in rows}


async def find_people_by_id_numbers(vault: Vault, numbers: Sequence[str]) -> dict[str, UUID]:
    """The persons of normalised citizen IDs, of those that are known; in parts of a few hundred."""
    found: dict[str, UUID] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        condition = Q(
            *(match_index(vault, Person, "id_number", one) for one in part), join_type="OR"
        )
        for row in await Person.filter(condition):
            number = open_field_or_none(vault, row, "id_number")
            if number is not None:
                found[number] = row.id
    return found


_AT_ONCE = 200
