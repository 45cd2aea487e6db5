"""What a class, its people and who holds it are called in the audit log."""

import pytest

from domain.actor import Role, Staff
from domain.enrolments.actions import enrol_oneself
from domain.enrolments.notice import Teller
from domain.errors import DomainError
from domain.oversight.naming import name_things
from domain.vault import Vault
from models.columns import new_id
from models.enrolments import Enrolment
from models.institutions import Institution
from models.people import Person
from models.training import TrainingClass
from tests.integration.enrolments.conftest import (
    NOW,
    MakeClass,
    MakePerson,
    id_number_of,
    make_employer,
)

AUDITOR, SUPERVISOR = (Staff(new_id(), role) for role in (Role.AUDITOR, Role.SUPERVISOR))


async def test_things_are_named_as_far_as_the_reader_may_see_them(
    make_class: MakeClass,
    make_trainee: MakePerson,
    institution: Institution,
    teller: Teller,
    vault: Vault,
    operator: Staff,
) -> None:
    row, draft = await make_class(recruiting_since=NOW), await make_class(status="draft")
    person, firm = await make_trainee(1, "王秀兰"), await make_employer()
    await enrol_oneself(person, teller, class_id=row.id, channel="chat", now=NOW)
    enrolment = await Enrolment.get()
    ids = {row.id, draft.id, person.id, firm.id, institution.id, enrolment.id, new_id()}
    masked = f"王*（尾号{id_number_of(1)[-4:]}）"
    public = {row.id: row.title, institution.id: institution.name}
    assert await name_things(AUDITOR, vault, ids) == public | {enrolment.id: row.title}
    wanted = {person.id: masked, firm.id: firm.name, enrolment.id: f"{masked}，{row.title}"}
    assert await name_things(SUPERVISOR, vault, ids) == public | wanted
    # Asked for an enrolment alone, the class and the person are named within it.
    named = await name_things(SUPERVISOR, vault, {enrolment.id})
    assert named[enrolment.id] == f"{masked}，{row.title}"
    await Person.filter(id=person.id).update(erased_at=NOW)
    await TrainingClass.filter(id=row.id).update(recruiting_since=None)
    assert await name_things(SUPERVISOR, vault, {enrolment.id, person.id}) == {}
    with pytest.raises(DomainError, match="no_permission"):
        await name_things(operator, vault, ids)
