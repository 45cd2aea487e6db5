"""Correcting what is held of a person: asked for by them, done when an officer approves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, Trainee
from domain.errors import DomainError
from domain.people.phone import phone_columns
from domain.people.rules import normalise_id_number, normalise_name, normalise_phone
from domain.requests.asking import ask
from domain.requests.rules import Kind, clean_note
from domain.sealed import change_columns, hold_value, open_field_or_none
from domain.vault import Vault
from models.people import Person
from models.requests import Request
from models.transactions import transaction


async def ask_to_correct(
    actor: Trainee,
    vault: Vault,
    *,
    name: str = "",
    id_number: str = "",
    county: str = "",
    note: str = "",
    now: datetime,
) -> Request:
    """Another name or citizen ID than we have: a typo on a roster, a new card. "" stays as it is.

    An officer of the person's county decides; of the one they name where none is known.
    Raises DomainError name_wrong, id_number_wrong, nothing_to_correct, request_open,
    too_many_requests_open.
    """
    wanted = {
        "name": normalise_name(name) if name.strip() else None,
        "id_number": normalise_id_number(id_number, now.date()) if id_number.strip() else None,
    }
    return await _ask(actor, vault, "identity", wanted, county, note, now)


async def ask_to_change_phone(
    actor: Trainee, vault: Vault, *, phone: str, county: str = "", note: str = "", now: datetime
) -> Request:
    """Another phone than we have. Raises DomainError phone_wrong, and as ask_to_correct."""
    wanted = {"phone": normalise_phone(phone)}
    return await _ask(actor, vault, "phone", wanted, county, note, now)


async def _ask(
    actor: Trainee,
    vault: Vault,
    kind: Kind,
    wanted: Mapping[str, str | None],
    county: str,
    note: str,
    now: datetime,
) -> Request:
    async with transaction() as connection:
        person = await Person.get(id=actor.id, using_db=connection)
        changed = {
            field: value
            for field, value in wanted.items()
            if value is not None and value != open_field_or_none(vault, person, field)
        }
        if not changed:
            raise DomainError("nothing_to_correct")
        return await ask(
            connection,
            actor,
            vault,
            kind=kind,
            payload={**changed, "note": clean_note(note)},
            county=person.county or county,
            now=now,
        )


async def correct_identity(
    connection: BaseDBAsyncClient,
    actor: Actor,  # noqa: ARG001 (as every effect)
    vault: Vault,
    request: Request,
    payload: Mapping[str, Any],
    now: datetime,  # noqa: ARG001
) -> None:
    """The person's name, citizen ID or both are as the asker says: `name`, `id_number`, each
    normalised, a missing one as it was.

    Raises DomainError request_outdated, id_number_taken where it is another person's.
    """
    values = {field: payload[field] for field in ("name", "id_number") if payload.get(field)}
    if "id_number" in values:
        # Before the row: everybody takes these in one order.
        number = values["id_number"]
        others = await hold_value(connection, vault, Person, "id_number", number)
        if await others.exclude(id=request.person_id).exists():
            raise DomainError("id_number_taken")
    person = await _hold_asker(connection, request)
    await person.update_from_dict(change_columns(vault, person, **values)).save(using_db=connection)


async def change_phone(
    connection: BaseDBAsyncClient,
    actor: Actor,  # noqa: ARG001
    vault: Vault,
    request: Request,
    payload: Mapping[str, Any],
    now: datetime,  # noqa: ARG001
) -> None:
    """The person's phone is `phone`, normalised. Those that WeChat has verified stay as they are.

    Raises DomainError request_outdated.
    """
    person = await _hold_asker(connection, request)
    columns = phone_columns(vault, person, payload["phone"], "officer")
    await person.update_from_dict(columns).save(using_db=connection)


async def _hold_asker(connection: BaseDBAsyncClient, request: Request) -> Person:
    id: UUID | None = request.person_id
    person = (
        await Person.filter(id=id, erased_at__isnull=True)
        .using_db(connection)
        .select_for_update(no_key=True)
        .first()
    )
    if person is None:
        raise DomainError("request_outdated")
    return person
