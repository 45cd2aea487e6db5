"""A filed roster changes by amendments alone."""

from collections.abc import Awaitable
from typing import Any

import pytest

from domain.actor import Actor, Role, Staff
from domain.enrolments.actions import enrol_oneself, enrol_other, withdraw
from domain.enrolments.amendments import amend_roster
from domain.enrolments.notice import Teller
from domain.errors import DomainError
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Amendment, Enrolment, Informed
from models.institutions import Institution
from models.training import ClassEvent, TrainingClass
from tests.integration.enrolments.conftest import (
    NOW,
    MakeClass,
    MakePerson,
    named,
    write_record,
)

ALLOWED: Any = {"allowed_by": "阳谷县人社局 李科长", "reason": "厂里临时安排", "now": NOW}


async def refused(coroutine: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as refusal:
        await coroutine
    return refusal.value.code


async def file(row: TrainingClass) -> None:
    await TrainingClass.filter(id=row.id).update(status="filed")


async def test_who_joins_and_leaves_names_who_allowed_it(
    make_class: MakeClass, make_trainee: MakePerson, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    row, person = await make_class(capacity=1), await make_trainee(1)
    told = await enrol_oneself(person, teller, class_id=row.id, channel="chat", now=NOW)
    amending: Any = {"class_id": row.id} | ALLOWED
    early = amend_roster(clerk, vault, teller, leaves=told.id, **amending)
    assert await refused(early) == "roster_not_amendable", "a roster that is not filed"
    await file(row)
    full = amend_roster(clerk, vault, teller, joins=named(2), **amending)
    assert await refused(full) == "class_full"
    unfounded = amend_roster(clerk, vault, teller, leaves=told.id, **(amending | {"reason": " "}))
    assert await refused(unfounded) == "amendment_unfounded"
    await amend_roster(clerk, vault, teller, leaves=told.id, **amending)
    joined = await amend_roster(clerk, vault, teller, joins=named(2), **amending)
    assert [(one.kind, one.allowed_by) for one in await Amendment.all().order_by("id")] == [
        ("leave", ALLOWED["allowed_by"]),
        ("join", ALLOWED["allowed_by"]),
    ]
    assert (await Enrolment.get(id=joined)).status == "confirmed"
    assert (await Informed.get(enrolment_id=joined)).state == "owed"
    entries = await AuditEntry.filter(event="roster.amend").order_by("id")
    words = {"allowed_by": ALLOWED["allowed_by"], "reason": ALLOWED["reason"]}
    assert [(one.event, one.facts) for one in entries] == [
        ("roster.amend", {"kind": "leave"} | words),
        ("roster.amend", {"kind": "join"} | words),
    ]
    events = await ClassEvent.filter(training_class_id=row.id).order_by("version")
    assert [(one.kind, one.reason, one.facts) for one in events] == [
        ("amend", words["reason"], {"kind": "leave", "allowed_by": words["allowed_by"]}),
        ("amend", words["reason"], {"kind": "join", "allowed_by": words["allowed_by"]}),
    ]
    assert [one.version for one in events] == [row.version + 1, row.version + 2]
    seen = await TrainingClass.get(id=row.id)
    assert seen.version == row.version + 2, "an officer looks again"
    twice = amend_roster(clerk, vault, teller, joins=named(2), **amending)
    assert await refused(twice) == "already_in_class"
    again = amend_roster(clerk, vault, teller, leaves=told.id, **amending)
    assert await refused(again) == "enrolment_stands"


async def test_nobody_joins_a_suspended_institution_but_people_may_leave(
    make_class: MakeClass,
    clerk: Staff,
    teller: Teller,
    vault: Vault,
    institution: Institution,
) -> None:
    row = await make_class()
    told = await enrol_other(clerk, vault, teller, class_id=row.id, named=named(1), now=NOW)
    await file(row)
    await write_record(institution.id, "suspended", NOW.date())
    amending: Any = {"class_id": row.id} | ALLOWED
    join = amend_roster(clerk, vault, teller, joins=named(2), **amending)
    assert await refused(join) == "enrolment_stopped"
    assert await amend_roster(clerk, vault, teller, leaves=told.id, **amending) == told.id


async def test_only_the_holder_amends(
    make_class: MakeClass, make_trainee: MakePerson, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    row, other = await make_class(), await make_class("别的班")
    told = await enrol_other(clerk, vault, teller, class_id=row.id, named=named(1), now=NOW)
    await file(row)
    await file(other)
    refusals: list[tuple[Actor, str]] = [
        (await make_trainee(7), "not_found"),
        (Staff(new_id(), Role.INSTITUTION, institution=new_id()), "not_found"),
        (Staff(new_id(), Role.CITY_OFFICER), "no_permission"),
        (Staff(new_id(), Role.HOTLINE), "no_permission"),
    ]
    for actor, code in refusals:
        leave = amend_roster(actor, vault, teller, class_id=row.id, leaves=told.id, **ALLOWED)
        assert await refused(leave) == code
    elsewhere = amend_roster(clerk, vault, teller, class_id=other.id, leaves=told.id, **ALLOWED)
    assert await refused(elsewhere) == "not_found"


async def test_nobody_puts_back_who_has_left_by_themselves(
    make_class: MakeClass, make_trainee: MakePerson, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    row, person = await make_class(), await make_trainee(1)
    told = await enrol_oneself(person, teller, class_id=row.id, channel="chat", now=NOW)
    await withdraw(person, enrolment_id=told.id, now=NOW)
    await file(row)
    back = amend_roster(clerk, vault, teller, class_id=row.id, joins=named(1), **ALLOWED)
    assert await refused(back) == "left_by_themselves"
    assert (await Enrolment.get(id=told.id)).status == "withdrawn"
