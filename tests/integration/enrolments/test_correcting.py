"""A name that was typed wrong on a roster is put right by whoever typed it, until it is filed; by
the office after that."""

import dataclasses
from typing import Any

import pytest

from domain.actor import Actor, Role, Staff
from domain.enrolments.actions import enrol_other
from domain.enrolments.bulk import Wish
from domain.enrolments.correcting import correct_name
from domain.enrolments.notice import Teller
from domain.enrolments.reservations import name_people
from domain.errors import DomainError
from domain.sealed import open_field
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.employers import Employer
from models.enrolments import Enrolment
from models.people import Person
from models.training import TrainingClass
from tests.integration.enrolments.conftest import (
    COUNTY,
    NOW,
    Browse,
    MakeClass,
    MakeContact,
    make_institution,
    named,
)
from tests.integration.enrolments.test_telling import refused

OFFICER = Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)
WRONG, RIGHT = "刘新来", "刘新莱"


@pytest.fixture
async def row(make_class: MakeClass) -> TrainingClass:
    return await make_class(recruiting_since=NOW)


@pytest.fixture
async def one(row: TrainingClass, clerk: Staff, teller: Teller, vault: Vault) -> Enrolment:
    made = await enrol_other(clerk, vault, teller, class_id=row.id, named=named(1, WRONG), now=NOW)
    return await Enrolment.get(id=made.id)


async def name_of(vault: Vault, enrolment: Enrolment) -> str:
    return open_field(vault, await Person.get(id=enrolment.person_id), "name")


async def why_fixed(actor: Actor, vault: Vault, enrolment: Enrolment, **more: Any) -> object:
    correcting: Any = {"enrolment_id": enrolment.id, "name": RIGHT, "now": NOW} | more
    with pytest.raises(DomainError) as refusal:
        await correct_name(actor, vault, **correcting)
    assert await name_of(vault, enrolment) == WRONG
    return refusal.value.facts.get("about", refusal.value.code)


async def test_who_typed_it_puts_it_right_and_the_person_is_found_by_it(
    one: Enrolment, row: TrainingClass, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    again: Any = {"class_id": row.id, "named": named(1, RIGHT), "now": NOW}
    assert await refused(enrol_other(clerk, vault, teller, **again)) == "name_differs"
    correcting: Any = {"enrolment_id": one.id, "class_id": row.id, "now": NOW}
    for _ in range(2):
        line = await correct_name(clerk, vault, name=f" {RIGHT} ", **correcting)
    assert (line.id, line.name) == (one.id, "刘*")
    assert await name_of(vault, one) == RIGHT
    assert not (await enrol_other(clerk, vault, teller, **again)).fresh, "the index is new, too"
    entry = await AuditEntry.get(event="person.renamed")
    assert (entry.actor, entry.about_id) == (clerk.key, one.person_id)
    assert entry.facts == {"name_before": "刘*", "name": "刘*", "reason": ""}
    assert await refused(correct_name(clerk, vault, name="刘", **correcting)) == "name_wrong"
    correcting["class_id"] = new_id()
    assert await refused(correct_name(clerk, vault, name=WRONG, **correcting)) == "not_found"


async def test_only_who_has_put_them_there_alone(
    one: Enrolment,
    row: TrainingClass,
    clerk: Staff,
    make_class: MakeClass,
    teller: Teller,
    vault: Vault,
) -> None:
    for actor, why in (
        (dataclasses.replace(clerk, institution=new_id()), "not_found"),
        (dataclasses.replace(OFFICER, county="371502"), "not_found"),
        (Staff(new_id(), Role.SUPERVISOR), "no_permission"),
        (Staff(new_id(), Role.HOTLINE), "theirs"),
    ):
        assert await why_fixed(actor, vault, one) == why
    other = await make_institution("莘县绿野职业培训学校")
    away = await make_class("电工班", institution_id=other.id, starts_on=None, ends_on=None)
    there = Staff(new_id(), Role.INSTITUTION, institution=other.id)
    values: Any = {"class_id": away.id, "named": named(1, WRONG), "now": NOW}
    second = await enrol_other(there, vault, teller, **values)
    assert await why_fixed(clerk, vault, one) == "theirs"
    await Enrolment.filter(id=second.id).delete()
    for columns in ({"channel": "hotline"}, {"channel": "chat"}):
        await Enrolment.filter(id=one.id).update(**columns)
        assert await why_fixed(clerk, vault, one) == "theirs", "they came by themselves"
    await Enrolment.filter(id=one.id).update(channel="console")
    for change in ({"source": "hotline"}, {"bound_at": NOW, "source": "roster"}):
        await Person.filter(id=one.person_id).update(**change)
        assert await why_fixed(clerk, vault, one) == "theirs"
    await Person.filter(id=one.person_id).update(erased_at=NOW)
    assert await why_fixed(clerk, vault, one) == "not_found"
    assert row.id == one.training_class_id


async def test_after_filing_it_is_the_offices(
    one: Enrolment, row: TrainingClass, clerk: Staff, vault: Vault
) -> None:
    correcting: Any = {"enrolment_id": one.id, "name": RIGHT, "now": NOW}
    for status in ("filed", "approved", "open", "ended"):
        await TrainingClass.filter(id=row.id).update(status=status)
        assert await why_fixed(clerk, vault, one) == "filed"
    assert await why_fixed(OFFICER, vault, one) == "rename"
    await Person.filter(id=one.person_id).update(bound_at=NOW)
    assert await why_fixed(OFFICER, vault, one, reason="身份证") == "bound"
    await Person.filter(id=one.person_id).update(bound_at=None)
    await correct_name(OFFICER, vault, reason="身份证原件", **correcting)
    assert await name_of(vault, one) == RIGHT
    entry = await AuditEntry.get(event="person.renamed")
    assert (entry.actor, entry.facts["reason"]) == (OFFICER.key, "身份证原件")
    await TrainingClass.filter(id=row.id).update(status="returned")
    await correct_name(clerk, vault, **(correcting | {"name": WRONG}))
    assert await name_of(vault, one) == WRONG


async def test_a_firm_corrects_whom_it_has_named(
    one: Enrolment,
    row: TrainingClass,
    clerk: Staff,
    employer: Employer,
    make_contact: MakeContact,
    teller: Teller,
    vault: Vault,
) -> None:
    contact = await make_contact(employer)
    naming: Any = {"class_id": row.id, "wishes": [Wish(named(2, WRONG))], "now": NOW}
    await name_people(contact, vault, teller, **naming)
    its = await Enrolment.get(employer_id=employer.id)
    assert await why_fixed(clerk, vault, its) == "theirs", "the firm has named them"
    assert await why_fixed(contact, vault, one) == "not_found"
    await correct_name(contact, vault, enrolment_id=its.id, name=RIGHT, now=NOW)
    assert await name_of(vault, its) == RIGHT


async def test_on_the_page_of_the_line(
    one: Enrolment, row: TrainingClass, clerk: Staff, vault: Vault, browse: Browse
) -> None:
    path = f"/console/classes/{row.id}/roster/{one.id}"
    holder, officer = await browse(clerk), await browse(OFFICER)
    assert "改姓名" in await holder.see(path) and "看过什么证件" not in await holder.see(path)
    status, page = await holder.send(f"{path}/name", name="1")
    assert status == 422 and "姓名" in page
    assert await holder.send(f"{path}/name", name=RIGHT) == (303, path)
    assert "姓名改好了" in await holder.see(path) and await name_of(vault, one) == RIGHT
    await TrainingClass.filter(id=row.id).update(status="filed")
    assert "改姓名" not in await holder.see(path)
    status, page = await holder.send(f"{path}/name", name=WRONG)
    assert status == 422 and "名单交了备案，姓名由人社局改" in page
    assert "看过什么证件" in await officer.see(path)
    assert (await officer.send(f"{path}/name", name=WRONG))[0] == 422
    assert (await officer.send(f"{path}/name", name=WRONG, why="身份证"))[0] == 303
    supervisor = await browse(Staff(new_id(), Role.SUPERVISOR))
    assert "改姓名" not in await supervisor.see(path)
    assert (await supervisor.send(f"{path}/name", name=WRONG))[0] == 403
