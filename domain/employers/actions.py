"""What is done about firms and their contacts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, EmployerContact, Staff, System, Trainee
from domain.audit.log import record
from domain.employers import contacts
from domain.employers.rules import (
    is_known_by_phone,
    normalise_employer_name,
    normalise_uscc,
    require_keeper,
    require_may_remove,
)
from domain.errors import DomainError
from domain.people.rules import normalise_phone
from domain.permissions import Permission, require
from domain.requests.asking import ask, find_open, withdraw_open
from domain.requests.rules import clean_note
from domain.sealed import change_columns, open_field_or_none
from domain.vault import Vault
from models.employers import Employer
from models.employers import EmployerContact as Contact
from models.requests import Request
from models.transactions import transaction


@dataclass(frozen=True, slots=True)
class Binding:
    """What became of binding oneself to a firm: `contact` where one acts for it now, else the
    `request` that an officer decides on. `employer` is None where the register lacks the firm."""

    employer: Employer | None
    contact: Contact | None
    request: Request | None

    @property
    def status(self) -> Literal["active", "waiting"]:
        """In one word."""
        return "waiting" if self.contact is None else "active"


async def bind_employer(
    actor: Trainee,
    vault: Vault,
    *,
    uscc: str,
    name: str,
    county: str,
    counties: Collection[str],
    note: str,
    now: datetime,
) -> Binding:
    """`actor` acts for the firm with this social credit code, or asks to.

    At once where a phone that WeChat has verified of them is the register's; else an officer of
    the firm's county decides. Of a firm that the register lacks its `name` and `county` (one of
    `counties`) must be told; of others both mean nothing. Once more changes nothing and says how
    it stands.

    Raises DomainError uscc_wrong, employer_unknown (tell name and county), employer_name_wrong,
    county_unknown, too_many_contacts, too_many_firms, too_many_requests_open.
    """
    code = normalise_uscc(uscc)
    async with transaction() as connection:
        employer = (
            await Employer.filter(uscc=code)
            .using_db(connection)
            .select_for_update(no_key=True)
            .first()
        )
        if employer is not None:
            contact = await _find_contact(connection, employer.id, actor.id)
            if contact is None and await _is_known(connection, vault, actor, employer):
                contact = await contacts.admit(
                    connection, actor, employer, actor.id, how="phone", now=now
                )
                await withdraw_open(connection, actor, "employer_contact", code, now=now)
            if contact is not None:
                return Binding(employer, contact, None)
            name, county = employer.name, employer.county
        elif not (name.strip() and county):
            raise DomainError("employer_unknown")
        elif county not in counties:
            raise DomainError("county_unknown")
        request = await find_open(connection, actor, "employer_contact", code)
        if request is None:
            payload = {
                "uscc": code,
                "name": normalise_employer_name(name),
                "note": clean_note(note),
            }
            request = await ask(
                connection,
                actor,
                vault,
                kind="employer_contact",
                payload=payload,
                county=county,
                about=code,
                now=now,
            )
        return Binding(employer, None, request)


async def ask_for_keeper(
    actor: EmployerContact, vault: Vault, *, note: str, now: datetime
) -> Request:
    """A contact asks an officer to make them the keeper, for who was has left the firm.

    Raises DomainError not_found, already_keeper, request_open, too_many_requests_open.
    """
    require(actor, Permission.MANAGE_CONTACTS, owner=actor.employer)
    async with transaction() as connection:
        employer = await contacts.hold_employer(connection, actor.employer)
        own = await contacts.require_active(connection, actor)
        if own.keeper:
            raise DomainError("already_keeper")
        return await ask(
            connection,
            Trainee(actor.id),
            vault,
            kind="employer_keeper",
            payload={"employer": str(employer.id), "note": clean_note(note)},
            county=employer.county,
            about=employer.uscc,
            now=now,
        )


async def remove_contact(
    actor: EmployerContact | Staff | System, *, employer_id: UUID, contact_id: UUID, now: datetime
) -> None:
    """A contact acts for the firm no more: removed by its keeper or by an officer, or gone by
    themselves. The last one may go, the keeper too: who comes next is the keeper again.

    Raises DomainError not_found, only_the_keeper, keeper_stays, keeper_hands_over_first.
    """
    async with transaction() as connection:
        employer = await contacts.hold_employer(connection, employer_id)
        require(actor, Permission.MANAGE_CONTACTS, owner=employer.id, county=employer.county)
        own = (
            await contacts.require_active(connection, actor)
            if isinstance(actor, EmployerContact)
            else None
        )
        active = await contacts.list_active(connection, employer.id)
        contact = _pick(active, contact_id)
        require_may_remove(
            actor,
            is_keeper=own is not None and own.keeper,
            person=contact.person_id,
            removed_is_keeper=contact.keeper,
            others=len(active) - 1,
        )
        await contacts.end(connection, actor, contact, now=now)


async def hand_over_keeping(actor: EmployerContact, *, contact_id: UUID, now: datetime) -> None:
    """The keeper makes another contact the keeper.

    Raises DomainError not_found, only_the_keeper.
    """
    async with transaction() as connection:
        employer = await contacts.hold_employer(connection, actor.employer)
        require(actor, Permission.MANAGE_CONTACTS, owner=employer.id)
        own = await contacts.require_active(connection, actor)
        require_keeper(own.keeper)
        active = await contacts.list_active(connection, employer.id)
        await contacts.make_keeper(connection, actor, _pick(active, contact_id), now=now)


async def register_employer(
    actor: Staff | System,
    vault: Vault,
    *,
    uscc: str,
    name: str,
    county: str,
    phone: str | None,
    now: datetime,
) -> UUID:
    """The firm with this code is in the register, and as told; its id.

    `phone` is the contact phone by which its people bind, "" for none; None leaves what is
    held. A firm changes its county only at the hands of who may in both.

    Raises DomainError uscc_wrong, employer_name_wrong, phone_wrong, no_permission, not_found.
    """
    code, told_name = normalise_uscc(uscc), normalise_employer_name(name)
    number = normalise_phone(phone) if phone and phone.strip() else None
    require(actor, Permission.MANAGE_CONTACTS, county=county)
    async with transaction() as connection:
        employer, is_new = await contacts.hold_or_create(
            connection, vault, code, told_name, county, now
        )
        require(actor, Permission.MANAGE_CONTACTS, county=employer.county)
        before = open_field_or_none(vault, employer, "phone")
        if phone is None:
            number = before
        changed = [
            field
            for field, old, new in (
                ("name", employer.name, told_name),
                ("county", employer.county, county),
                ("phone", before, number),
            )
            if old != new
        ]
        if is_new or changed:
            columns = change_columns(vault, employer, phone=number)
            employer.update_from_dict({"name": told_name, "county": county, **columns})
            await employer.save(using_db=connection)
            event = "employer.register" if is_new else "employer.change"
            about = ("employer", employer.id)
            await record(
                connection, actor, event, about=about, facts={"changed": [*changed]}, now=now
            )
        return employer.id


async def leave_firms(actor: Actor, *, person_id: UUID, now: datetime) -> None:
    """`person_id`, who is erased or has died, acts for no firm any more.

    Where they kept one, the keeping goes to who has acted for it longest. Called inside the
    transaction of the erasure.
    """
    async with transaction() as connection:
        own = Contact.filter(person_id=person_id, status="active").using_db(connection)
        # In one order, as everybody who holds several firms does.
        for contact in await own.order_by("employer_id"):
            await contacts.hold_employer(connection, contact.employer_id)
            await _leave(connection, actor, contact, now)


async def _leave(
    connection: BaseDBAsyncClient, actor: Actor, leaving: Contact, now: datetime
) -> None:
    active = await contacts.list_active(connection, leaving.employer_id)
    own = [contact for contact in active if contact.id == leaving.id]
    others = [contact for contact in active if contact.id != leaving.id]
    for contact in own:
        was_keeper = contact.keeper
        await contacts.end(connection, actor, contact, now=now)
        if was_keeper and others:
            await contacts.make_keeper(connection, actor, others[0], now=now)


async def _find_contact(
    connection: BaseDBAsyncClient, employer: UUID, person: UUID
) -> Contact | None:
    return await Contact.get_or_none(
        employer_id=employer, person_id=person, status="active", using_db=connection
    )


async def _is_known(
    connection: BaseDBAsyncClient, vault: Vault, actor: Trainee, employer: Employer
) -> bool:
    registered = open_field_or_none(vault, employer, "phone")
    if registered is None:
        return False
    verified = await contacts.list_verified_phones(connection, vault, actor.id)
    return is_known_by_phone(registered, verified)


def _pick(active: list[Contact], id: UUID) -> Contact:
    for contact in active:
        if contact.id == id:
            return contact
    raise DomainError("not_found")
