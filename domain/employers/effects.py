"""What the approval of a request about a firm does (domain.decisions.effects)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.audit.log import record
from domain.employers import contacts
from domain.errors import DomainError
from domain.vault import Vault
from models.people import Person
from models.requests import Request


async def admit_contact(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,
    request: Request,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """The asker acts for the firm; one that the register lacked is made, as the asker told it.

    Raises DomainError request_outdated, too_many_contacts, too_many_firms.
    """
    person = await _require_asker(connection, request)
    employer, is_new = await contacts.hold_or_create(
        connection, vault, payload["uscc"], payload["name"], request.county, now
    )
    if is_new:
        about = ("employer", employer.id)
        await record(connection, actor, "employer.register", about=about, now=now)
    elif employer.county != request.county:
        # It has moved meanwhile: another county's officers know it now.
        raise DomainError("request_outdated")
    await contacts.admit(connection, actor, employer, person, how="approval", now=now)


async def change_keeper(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,  # noqa: ARG001 (as every effect)
    request: Request,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """The asker, who must still act for the firm, is its keeper.

    Raises DomainError request_outdated.
    """
    person = await _require_asker(connection, request)
    employer = await contacts.hold_employer(connection, UUID(payload["employer"]))
    active = await contacts.list_active(connection, employer.id)
    own = [one for one in active if one.person_id == person]
    if not own or employer.county != request.county:
        raise DomainError("request_outdated")
    await contacts.make_keeper(connection, actor, own[0], now=now)


async def _require_asker(connection: BaseDBAsyncClient, request: Request) -> UUID:
    person: UUID | None = request.person_id
    if person is None:
        raise DomainError("request_outdated")
    known = Person.filter(id=person, bound_at__isnull=False, erased_at__isnull=True)
    if not await known.using_db(connection).exists():
        raise DomainError("request_outdated")
    return person
