"""Reading firms and their contacts; what leads to a person comes masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from domain.actor import Actor, EmployerContact, Trainee
from domain.errors import DomainError
from domain.paging import Page, Position, after
from domain.people.rules import mask_name, mask_phone
from domain.permissions import Permission, Reach, reach_of, require
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.employers import Employer
from models.employers import EmployerContact as Contact
from models.people import Identity


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm, and as what one acts for it."""

    id: UUID
    name: str
    uscc: str
    county: str
    keeper: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class ShownContact:
    """A contact, masked. `phone` is the one that WeChat has verified, None where it has none."""

    id: UUID
    person: UUID
    name: str
    phone: str | None
    keeper: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class RegisteredFirm:
    """A firm as staff see it in a list; `phone` is the register's, masked."""

    id: UUID
    name: str
    uscc: str
    county: str
    phone: str | None
    contacts: int


async def act_for(actor: Actor, employer_id: UUID) -> EmployerContact:
    """`actor`, a person, as one who acts for the firm: what a door hands to an action.

    The action asks again (contacts.require_active). Raises DomainError not_found where they do
    not act for it, or there is no such firm.
    """
    if isinstance(actor, Trainee) and await Contact.exists(
        employer_id=employer_id, person_id=actor.id, status="active"
    ):
        return EmployerContact(actor.id, employer_id)
    raise DomainError("not_found")


async def list_own_firms(actor: Actor, position: Position | None, limit: int) -> Page[Firm]:
    """The firms that `actor` acts for, in the order in which they came to."""
    own = Contact.filter(person_id=_person_of(actor), status="active").select_related("employer")
    page = await after(own, ("id",), position, limit)
    return Page([_show_firm(row) for row in page.rows], page.position)


async def find_own_firm(actor: EmployerContact) -> Firm:
    """The firm that `actor` acts for. Raises DomainError not_found."""
    row = await Contact.get_or_none(
        employer_id=actor.employer, person_id=actor.id, status="active"
    ).select_related("employer")
    if row is None:
        raise DomainError("not_found")
    return _show_firm(row)


async def list_contacts(
    actor: Actor, vault: Vault, employer_id: UUID, position: Position | None, limit: int
) -> Page[ShownContact]:
    """Who acts for the firm, for those who do and for staff, masked.

    Raises DomainError not_found, no_permission.
    """
    employer = await Employer.get_or_none(id=employer_id)
    if employer is None:
        raise DomainError("not_found")
    require(actor, Permission.SEE_EMPLOYER, owner=employer.id, county=employer.county)
    if isinstance(actor, EmployerContact):
        await find_own_firm(actor)
    active = Contact.filter(employer_id=employer_id, status="active").select_related("person")
    page = await after(active, ("id",), position, limit)
    phones = await _list_phones(vault, [row.person.id for row in page.rows])
    return Page([_show_contact(vault, row, phones) for row in page.rows], page.position)


async def search_employers(
    actor: Actor,
    vault: Vault,
    *,
    text: str = "",
    county: str | None = None,
    position: Position | None = None,
    limit: int = 50,
) -> Page[RegisteredFirm]:
    """The register, for staff within their reach: by a part of the name or of the code (all of
    what `text` says, spaces between), by county; the newest last.

    Raises DomainError no_permission.
    """
    reach = reach_of(actor, Permission.SEE_EMPLOYER)
    if reach not in (Reach.ALL, Reach.COUNTY):
        raise DomainError("no_permission")
    query = Employer.all()
    if reach is Reach.COUNTY:
        query = query.filter(county=getattr(actor, "county", None) or "none")
    if county is not None:
        query = query.filter(county=county)
    # PostgreSQL takes no NUL, and no half a surrogate pair.
    text = text.encode("utf-8", "ignore").decode().replace("\0", " ")
    for part in text.split()[:5]:
        query = query.filter(Q(name__icontains=part) | Q(uscc__icontains=part))
    page = await after(query, ("id",), position, limit)
    counted = await _count_contacts([row.id for row in page.rows])
    return Page([_show_registered(vault, row, counted) for row in page.rows], page.position)


async def find_employer(actor: Actor, vault: Vault, employer_id: UUID) -> RegisteredFirm:
    """One firm of the register, for staff. Raises DomainError not_found, no_permission."""
    row = await Employer.get_or_none(id=employer_id)
    if row is None:
        raise DomainError("not_found")
    require(actor, Permission.SEE_EMPLOYER, county=row.county)
    return _show_registered(vault, row, await _count_contacts([row.id]))


@dataclass(frozen=True, slots=True)
class KnownFirm:
    """A firm of the register."""

    id: UUID
    name: str
    county: str


async def find_by_codes(codes: Sequence[str]) -> Mapping[str, KnownFirm]:
    """The firms of the register that have these codes, normalised, by their codes."""
    rows = await Employer.filter(uscc__in=list(codes))
    return {row.uscc: KnownFirm(row.id, row.name, row.county) for row in rows}


async def list_first_contacts(employers: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """Of each firm that has contacts, the person who has acted for it longest."""
    rows = Contact.filter(employer_id__in=list(employers), status="active")
    return {row.employer_id: row.person_id for row in await rows.order_by("-since", "-id")}


async def _count_contacts(employers: Sequence[UUID]) -> Mapping[UUID, int]:
    counted: dict[UUID, int] = {}
    found = Contact.filter(employer_id__in=list(employers), status="active")
    for contact in await found.only("id", "employer_id"):
        counted[contact.employer_id] = counted.get(contact.employer_id, 0) + 1
    return counted


async def _list_phones(vault: Vault, people: Sequence[UUID]) -> Mapping[UUID, str]:
    phones: dict[UUID, str] = {}
    for identity in await Identity.filter(person_id__in=list(people)).order_by("id"):
        phone = open_field_or_none(vault, identity, "phone")
        if phone is not None and identity.person_id is not None:
            phones[identity.person_id] = phone
    return phones


def _show_firm(row: Contact) -> Firm:
    firm = row.employer
    return Firm(firm.id, firm.name, firm.uscc, firm.county, row.keeper, row.since)


def _show_contact(vault: Vault, row: Contact, phones: Mapping[UUID, str]) -> ShownContact:
    name = open_field_or_none(vault, row.person, "name")
    phone = phones.get(row.person.id)
    return ShownContact(
        *(row.id, row.person.id, "" if name is None else mask_name(name)),
        None if phone is None else mask_phone(phone),
        *(row.keeper, row.since),
    )


def _show_registered(vault: Vault, row: Employer, counted: Mapping[UUID, int]) -> RegisteredFirm:
    phone = open_field_or_none(vault, row, "phone")
    shown = None if phone is None else mask_phone(phone)
    return RegisteredFirm(row.id, row.name, row.uscc, row.county, shown, counted.get(row.id, 0))


def _person_of(actor: Actor) -> UUID | None:
    return actor.id if isinstance(actor, Trainee | EmployerContact) else None
