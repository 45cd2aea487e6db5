"""A firm's contacts as actions change them: always under the lock of the firm's row.

So two who come first at once do not both become the keeper, and a keeper who goes does not leave
others without one.
"""

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, EmployerContact
from domain.audit.log import record
from domain.employers.rules import require_room
from domain.errors import DomainError
from domain.notices.news import News, tell
from domain.sealed import open_field_or_none, seal_columns
from domain.vault import Vault
from models.columns import new_id
from models.employers import Employer
from models.employers import EmployerContact as Contact
from models.people import Identity, Person


async def hold_employer(connection: BaseDBAsyncClient, id: UUID) -> Employer:
    """The firm, whose contacts nobody else changes until the transaction ends.

    Raises DomainError not_found.
    """
    employer = (
        await Employer.filter(id=id).using_db(connection).select_for_update(no_key=True).first()
    )
    if employer is None:
        raise DomainError("not_found")
    return employer


async def hold_or_create(
    connection: BaseDBAsyncClient, vault: Vault, uscc: str, name: str, county: str, now: datetime
) -> tuple[Employer, bool]:
    """The firm, held, and whether it was made just now."""
    id = new_id()
    columns = seal_columns(vault, Employer, id)
    await connection.execute_query(
        "INSERT INTO employers (id, name, uscc, county, index_key_id, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (uscc) DO NOTHING",
        [id, name, uscc, county, columns["index_key_id"], now],
    )
    employer = (
        await Employer.filter(uscc=uscc).using_db(connection).select_for_update(no_key=True).get()
    )
    return employer, employer.id == id


async def require_active(connection: BaseDBAsyncClient, actor: EmployerContact) -> Contact:
    """The row by which `actor` still acts for the firm, held until the transaction ends.

    Every action that an EmployerContact takes asks this first: the door asked before, and the
    contact may have been removed since. Raises DomainError not_found.
    """
    own = (
        await Contact.filter(employer_id=actor.employer, person_id=actor.id, status="active")
        .using_db(connection)
        .select_for_update(no_key=True)
        .first()
    )
    if own is None:
        raise DomainError("not_found")
    return own


async def require_still_acting(connection: BaseDBAsyncClient, actor: Actor) -> None:
    """The same of anybody: whoever acts for a firm has not been removed since the door asked.

    Asked before anything else is held. Raises DomainError not_found.
    """
    if isinstance(actor, EmployerContact):
        await require_active(connection, actor)


async def list_active(connection: BaseDBAsyncClient, employer: UUID) -> list[Contact]:
    """Who acts for the firm, the longest first."""
    active = Contact.filter(employer_id=employer, status="active").using_db(connection)
    return await active.order_by("since", "id")


async def list_verified_phones(
    connection: BaseDBAsyncClient, vault: Vault, person: UUID
) -> frozenset[str]:
    """The phones that WeChat has verified of this person's identities."""
    identities = await Identity.filter(person_id=person).using_db(connection)
    phones = (open_field_or_none(vault, identity, "phone") for identity in identities)
    return frozenset(phone for phone in phones if phone is not None)


async def admit(
    connection: BaseDBAsyncClient,
    actor: Actor,
    employer: Employer,
    person: UUID,
    *,
    how: str,
    now: datetime,
) -> Contact:
    """`person` acts for the firm from now on, as its keeper where it has no contact yet.

    Call while holding the firm. `how` is "phone" or "approval". Who acts for it already stays as
    they are. Raises DomainError binding_required (erased meanwhile), too_many_contacts,
    too_many_firms.
    """
    await _hold_person(connection, person)
    active = await list_active(connection, employer.id)
    for contact in active:
        if contact.person_id == person:
            return contact
    firms = await Contact.filter(person_id=person, status="active").using_db(connection).count()
    require_room(len(active), firms)
    before = await Contact.get_or_none(
        employer_id=employer.id, person_id=person, using_db=connection
    )
    contact = before or Contact(employer_id=employer.id, person_id=person)
    contact.status, contact.ended_at = "active", None
    contact.keeper, contact.since = not active, now
    await contact.save(using_db=connection)
    await _record(connection, actor, "contact.join", contact, now, how=how, keeper=contact.keeper)
    for other in active:
        if other.keeper:
            await _tell(connection, other, "contact.joined", now)
    return contact


async def end(
    connection: BaseDBAsyncClient, actor: Actor, contact: Contact, *, now: datetime
) -> None:
    """The contact acts for the firm no more. Call while holding the firm."""
    contact.status, contact.keeper, contact.ended_at = "ended", False, now
    await contact.save(using_db=connection)
    await _record(connection, actor, "contact.leave", contact, now)
    if _key_of(contact) != actor.key:
        await _tell(connection, contact, "contact.removed", now)


async def make_keeper(
    connection: BaseDBAsyncClient,
    actor: Actor,
    contact: Contact,
    *,
    now: datetime,
) -> None:
    """`contact`, an active one, is the keeper, and who was is no more. Call while holding the
    firm."""
    employer: UUID = contact.employer_id
    before = await Contact.get_or_none(employer_id=employer, keeper=True, using_db=connection)
    if before is not None and before.id == contact.id:
        return
    if before is not None:
        # First: there is never a moment with two, which the index would refuse.
        before.keeper = False
        await before.save(using_db=connection, update_fields=["keeper"])
    contact.keeper = True
    await contact.save(using_db=connection, update_fields=["keeper"])
    was = None if before is None else str(before.id)
    await _record(connection, actor, "keeper.change", contact, now, before=was)
    for one in (before, contact):
        if one is not None and _key_of(one) != actor.key:
            await _tell(connection, one, "keeper.changed", now)


async def _hold_person(connection: BaseDBAsyncClient, id: UUID) -> None:
    """Nobody erases them before we are done, and we admit nobody who is."""
    known = Person.filter(id=id, bound_at__isnull=False, erased_at__isnull=True)
    if not await known.using_db(connection).select_for_update(no_key=True).first():
        raise DomainError("binding_required")


def _key_of(contact: Contact) -> str:
    return f"person {contact.person_id}"


async def _tell(connection: BaseDBAsyncClient, contact: Contact, event: str, now: datetime) -> None:
    about = ("employer", contact.employer_id)
    await tell(connection, _key_of(contact), News(event, about), now=now)


async def _record(
    connection: BaseDBAsyncClient,
    actor: Actor,
    event: str,
    contact: Contact,
    now: datetime,
    **facts: str | bool | None,
) -> None:
    about = ("employer", contact.employer_id)
    facts = {"contact": str(contact.id), **facts}
    await record(connection, actor, event, about=about, facts=facts, now=now)
