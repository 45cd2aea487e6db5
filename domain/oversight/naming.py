"""What the things are called that entries of the audit log are about, for whoever reads it."""

from collections.abc import Collection, Iterable
from uuid import UUID

from domain.actor import Actor
from domain.people.rules import mask_id_number, mask_name
from domain.permissions import Permission, Reach, reach_of, require
from domain.sealed import open_field_or_none
from domain.vault import Vault
from models.employers import Employer
from models.enrolments import Enrolment
from models.institutions import Institution
from models.people import Person
from models.training import TrainingClass


async def name_things(actor: Actor, vault: Vault, ids: Collection[UUID]) -> dict[UUID, str]:
    """Names by id: an institution and a class by theirs, a firm and a masked person where `actor`
    may see all of them, an enrolment by both. What has none, or none for `actor`, is left out.

    Raises DomainError no_permission.
    """
    require(actor, Permission.READ_AUDIT)
    # An id is one thing's alone, so that nobody need say of which kind it is.
    enrolments = await Enrolment.filter(id__in=list(ids))
    classes = await _name_classes({*ids, *(one.training_class_id for one in enrolments)})
    people = await _name_people(actor, vault, {*ids, *(one.person_id for one in enrolments)})
    names = {one.id: one.name for one in await Institution.filter(id__in=list(ids))}
    if reach_of(actor, Permission.SEE_EMPLOYER) is Reach.ALL:
        names |= {one.id: one.name for one in await Employer.filter(id__in=list(ids))}
    for one in enrolments:
        parts = (people.get(one.person_id), classes.get(one.training_class_id))
        names[one.id] = "，".join(part for part in parts if part)
    return {id: name for id, name in (names | classes | people).items() if name}


async def _name_classes(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Those that were shown outside; a draft is its holder's."""
    rows = TrainingClass.filter(id__in=list(ids), recruiting_since__not_isnull=True)
    return {one.id: one.title for one in await rows}


async def _name_people(actor: Actor, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, str]:
    """王*（尾号1234）; nobody who was erased."""
    if reach_of(actor, Permission.SEE_PERSON) is not Reach.ALL:
        return {}
    named = {}
    for person in await Person.filter(id__in=list(ids), erased_at=None):
        name = open_field_or_none(vault, person, "name")
        number = open_field_or_none(vault, person, "id_number")
        if name and number:
            named[person.id] = f"{mask_name(name)}（尾号{mask_id_number(number)[-4:]}）"
    return named
