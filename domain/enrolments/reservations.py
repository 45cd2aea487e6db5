"""A firm holds places in an institution's class, and says later who comes (L02: firms may have
their people trained by others)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.actor import EmployerContact
from domain.audit.log import record
from domain.employers.contacts import require_still_acting
from domain.enrolments.bulk import Verdict, Wish, bring_in
from domain.enrolments.lines import RosterLine, make_lines
from domain.enrolments.locking import hold_class
from domain.enrolments.looking import allow_look, facts_of
from domain.enrolments.notice import Teller
from domain.enrolments.queries import Reserved
from domain.enrolments.rules import (
    check_places,
    check_recruiting,
    check_reservation,
    check_standing,
)
from domain.errors import DomainError
from domain.paging import Page, Position, after
from domain.permissions import Permission, require
from domain.training.views import holder_of
from domain.vault import Vault
from models.columns import new_id
from models.enrolments import Enrolment
from models.training import TrainingClass
from models.transactions import transaction

#: People whom a firm names at once.
MOST_NAMED = 200

_KEEP = """
    INSERT INTO reservations (id, training_class_id, employer_id, places, made_by, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (training_class_id, employer_id) DO UPDATE SET places = excluded.places,
        made_by = excluded.made_by, changed_at = excluded.changed_at
"""


async def reserve_places(
    actor: EmployerContact, teller: Teller, *, class_id: UUID, places: int, now: datetime
) -> Reserved:
    """The firm has `places` in the class from now on, all in all; 0 gives them back.

    Raises DomainError: class_full, places_named, own_people_only, class_not_recruiting,
    roster_frozen, enrolment_stopped, not_found.
    """
    require(actor, Permission.ENROL, owner=actor.employer)
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        held = await hold_class(connection, teller, class_id, now)
        if held.row.status == "draft":
            raise DomainError("not_found")
        check_recruiting(held.row.status, held.row.title, begun=held.begun)
        if held.for_own_people:
            raise DomainError("own_people_only", title=held.row.title)
        before, named = held.reserved.get(actor.employer, (0, 0))
        check_reservation(places, named)
        more = max(places, named) - max(before, named)
        if more > 0:
            # Giving back is always possible.
            check_standing(held.standing)
            check_places(held.row.capacity, held.taken, more)
        values = [new_id(), class_id, actor.employer, places, actor.key, now]
        await connection.execute_query(_KEEP, values)
        return Reserved(class_id, held.row.title, places, named)


async def name_people(
    actor: EmployerContact,
    vault: Vault,
    teller: Teller,
    *,
    class_id: UUID,
    wishes: Sequence[Wish],
    now: datetime,
) -> list[Verdict]:
    """Who comes for the firm, into the places that it holds and, beyond them, into free ones; of
    each what became of it, in their order. Of several with one ID the first counts, the others are
    refused with person_twice.

    Raises DomainError as reserve_places where nobody can come in; too_many_looks.
    """
    require(actor, Permission.ENROL, owner=actor.employer)
    first: dict[str, int] = {}
    for place, wish in enumerate(wishes[:MOST_NAMED]):
        first.setdefault(wish.named.id_number, place)
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        await allow_look(connection, actor, teller.content, len(first), now)
        verdicts = await bring_in(
            connection,
            actor,
            vault,
            teller,
            class_id=class_id,
            wishes=[wishes[place] for place in first.values()],
            channel="employer",
            source="employer",
            employer=actor.employer,
            now=now,
        )
        refused = [one.refusal.code for one in verdicts if one.refusal is not None]
        if refused:
            facts = facts_of(actor, rows=len(verdicts), asked=len(refused), refusals=refused)
            about = ("class", class_id)
            await record(connection, actor, "roster.refuse", about=about, facts=facts, now=now)
    judged = dict(zip(first.values(), verdicts, strict=True))
    return [
        judged.get(place) or Verdict(wish.named, None, DomainError("person_twice"))
        for place, wish in enumerate(wishes[:MOST_NAMED])
    ]


async def list_people(
    actor: EmployerContact, vault: Vault, class_id: UUID, position: Position | None, limit: int
) -> Page[RosterLine]:
    """Who is in a class of the firm's own; in another's whom the firm has named. Masked, in the
    order in which they came, without those who have withdrawn.

    Raises DomainError not_found, also for another's class in which the firm has named nobody.
    """
    require(actor, Permission.SEE_ROSTER, owner=actor.employer)
    row = await TrainingClass.get_or_none(id=class_id)
    query = Enrolment.filter(training_class_id=class_id)
    if row is None or holder_of(row) != actor.employer:
        query = query.filter(employer_id=actor.employer)
        if not await query.exists():
            raise DomainError("not_found")
    page = await after(query.exclude(status="withdrawn"), ("id",), position, limit)
    return Page(await make_lines(vault, page.rows), page.position)
