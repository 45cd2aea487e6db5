"""What a school or a firm learns of strangers by naming them: on the record, measured, and never
where else they learn."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from content.schema import Content, Limit
from domain.actor import Role, Staff, System
from domain.enrolments.actions import enrol_oneself, enrol_other
from domain.enrolments.amendments import amend_roster
from domain.enrolments.bulk import Wish
from domain.enrolments.notice import Teller
from domain.enrolments.reservations import name_people
from domain.enrolments.roster import import_roster
from domain.errors import DomainError
from domain.sheets.refused import word_faults
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.employers import Employer
from models.enrolments import Enrolment
from models.people import Person
from models.training import TrainingClass
from tests.integration.enrolments.conftest import (
    NOW,
    MakeClass,
    MakeContact,
    MakePerson,
    id_number_of,
    make_institution,
    named,
)
from tests.unit.sheets.building import workbook

SHEET = workbook(
    [
        ("姓名", "身份证号", "手机号"),
        ("孙桂兰", id_number_of(6), ""),
        ("周立兴", id_number_of(5), ""),
        ("王秀兰", id_number_of(1), ""),
        ("王秀兰", id_number_of(1), ""),
        ("张三", "371521", ""),
    ]
)
#: Allowed by somebody, after filing.
ALLOWED: Any = {"allowed_by": "县人社局", "reason": "补录", "now": NOW}

StrangersClass = Callable[[], Awaitable[tuple[TrainingClass, TrainingClass]]]


def measured(content: Content, most: int) -> Teller:
    """What is said, with another measure of a day."""
    limits = (Limit(key="roster-looks", most=most),)
    return Teller(content.model_copy(update={"limits": limits}), None)


@pytest.fixture
def strangers(make_class: MakeClass, make_trainee: MakePerson, teller: Teller) -> StrangersClass:
    """A class of the clerk's, and another school's at the same time: 孙桂兰 is in it; 周立新 is in
    none."""

    async def make() -> tuple[TrainingClass, TrainingClass]:
        elsewhere = await make_institution("东阿县别家职业培训学校")
        other = await make_class("东阿电工班", institution_id=elsewhere.id)
        busy = await make_trainee(6, "孙桂兰")
        await make_trainee(5, "周立新")
        await enrol_oneself(busy, teller, class_id=other.id, channel="chat", now=NOW)
        return await make_class(), other

    return make


async def refused(action: Awaitable[object]) -> DomainError:
    with pytest.raises(DomainError) as error:
        await action
    return error.value


async def read_log() -> list[tuple[str, str, dict[str, Any]]]:
    rows = await AuditEntry.filter(event__startswith="roster.").order_by("at", "id")
    return [(row.event, row.actor, dict(row.facts)) for row in rows]


async def test_a_roster_that_is_tried_is_on_the_record_without_a_name(
    strangers: StrangersClass, clerk: Staff, vault: Vault, teller: Teller
) -> None:
    row, _ = await strangers()
    people = await Person.all().count()
    tried = await import_roster(
        clerk, vault, teller, class_id=row.id, content=SHEET, dry_run=True, now=NOW
    )
    assert [line.what for line in tried.lines] == [None, None, "added", None, None]
    (entry,) = await AuditEntry.filter(event="roster.look")
    assert (entry.actor, entry.about_kind, entry.about_id) == (clerk.key, "class", row.id)
    assert entry.facts == {
        "on_behalf": str(clerk.institution),
        "rows": 5,
        "asked": 3,
        "refused": 4,
        "enrolment_overlaps": 1,
        "name_differs": 1,
        "person_twice": 1,
        "unreadable": 1,
    }
    assert await Person.all().count() == people, "nothing else is left of it"
    assert not await Enrolment.filter(training_class_id=row.id).exists()


async def test_a_school_is_not_told_where_else_somebody_learns(
    strangers: StrangersClass, clerk: Staff, operator: Staff, vault: Vault, teller: Teller
) -> None:
    row, other = await strangers()
    naming: Any = {"class_id": row.id, "named": named(6, "孙桂兰"), "now": NOW}
    refusal = await refused(enrol_other(clerk, vault, teller, **naming))
    assert (refusal.code, refusal.facts) == ("enrolment_overlaps", {"about": "elsewhere"})
    tried = await import_roster(
        clerk, vault, teller, class_id=row.id, content=SHEET, dry_run=True, now=NOW
    )
    words = word_faults(teller.content.texts, tried.refused[0][1])
    assert "已报了另一个班，时间冲突" in words and other.title not in words
    # Whoever answers the person's own call, and the person, are told.
    refusal = await refused(enrol_other(operator, vault, teller, consent="2026-11", **naming))
    assert refusal.facts["title"] == other.title


async def test_a_school_is_told_of_its_own_other_class(
    make_class: MakeClass, clerk: Staff, vault: Vault, teller: Teller
) -> None:
    naming: Any = {"named": named(1), "now": NOW}
    await enrol_other(clerk, vault, teller, class_id=(await make_class("电工班")).id, **naming)
    row = await make_class()
    refusal = await refused(enrol_other(clerk, vault, teller, class_id=row.id, **naming))
    assert refusal.facts["title"] == "电工班"


async def test_who_is_added_and_refused_is_on_the_record(
    strangers: StrangersClass, clerk: Staff, operator: Staff, vault: Vault, teller: Teller
) -> None:
    row, _ = await strangers()
    naming: Any = {"class_id": row.id, "now": NOW}
    wrong = enrol_other(clerk, vault, teller, named=named(5, "周立兴"), **naming)
    assert (await refused(wrong)).code == "name_differs"
    busy = enrol_other(operator, vault, teller, named=named(6, "孙桂兰"), consent="1", **naming)
    assert (await refused(busy)).code == "enrolment_overlaps"
    await TrainingClass.filter(id=row.id).update(status="filed")
    joining = {"class_id": row.id, "joins": named(6, "孙桂兰"), **ALLOWED}
    late = amend_roster(clerk, vault, teller, **joining)
    assert (await refused(late)).code == "enrolment_overlaps"
    one: Any = {"rows": 1, "asked": 1, "refused": 1}
    ours = {"on_behalf": str(clerk.institution)}
    assert await read_log() == [
        ("roster.refuse", clerk.key, ours | one | {"name_differs": 1}),
        ("roster.refuse", operator.key, {"on_behalf": None} | one | {"enrolment_overlaps": 1}),
        ("roster.refuse", clerk.key, ours | one | {"enrolment_overlaps": 1}),
    ]


async def test_what_says_nothing_of_a_person_is_not_on_the_record(
    make_class: MakeClass, vault: Vault, teller: Teller
) -> None:
    row = await make_class()
    stranger = Staff(new_id(), Role.INSTITUTION, institution=new_id())
    await refused(enrol_other(stranger, vault, teller, class_id=row.id, named=named(1), now=NOW))
    assert await read_log() == []


async def test_a_firm_leaves_a_record_and_is_not_told_either(
    strangers: StrangersClass,
    make_contact: MakeContact,
    employer: Employer,
    vault: Vault,
    teller: Teller,
) -> None:
    row, _ = await strangers()
    contact = await make_contact(employer)
    wishes = [Wish(named(6, "孙桂兰")), Wish(named(1))]
    verdicts = await name_people(contact, vault, teller, class_id=row.id, wishes=wishes, now=NOW)
    (refusal, none) = (one.refusal for one in verdicts)
    assert refusal is not None and refusal.facts == {"about": "elsewhere"} and none is None
    facts = {"rows": 2, "asked": 1, "refused": 1, "enrolment_overlaps": 1}
    assert await read_log() == [
        ("roster.refuse", contact.key, {"on_behalf": str(employer.id), **facts})
    ]


async def test_a_days_measure_of_looking(
    strangers: StrangersClass, clerk: Staff, vault: Vault, content: Content
) -> None:
    row, _ = await strangers()
    teller = measured(content, 7)
    looking: Any = {"class_id": row.id, "content": SHEET, "dry_run": True}
    await import_roster(clerk, vault, teller, now=NOW, **looking)
    await import_roster(clerk, vault, teller, now=NOW, **looking)
    refusal = await refused(import_roster(clerk, vault, teller, now=NOW, **looking))
    assert (refusal.code, refusal.facts) == ("too_many_looks", {"most": 7, "left": 1, "people": 3})
    # One by one: what is refused counts, and then even who would come in is not looked for.
    naming: Any = {"class_id": row.id, "now": NOW}
    await refused(enrol_other(clerk, vault, teller, named=named(5, "周立兴"), **naming))
    last = enrol_other(clerk, vault, teller, named=named(9), **naming)
    assert (await refused(last)).code == "too_many_looks"
    # Another of the same school has no measure of their own; the service and tomorrow have.
    colleague = Staff(new_id(), Role.INSTITUTION, institution=clerk.institution)
    again = import_roster(colleague, vault, teller, now=NOW, **looking)
    assert (await refused(again)).code == "too_many_looks"
    await import_roster(System("zpt import"), vault, teller, now=NOW, **looking)
    await import_roster(clerk, vault, teller, now=NOW + timedelta(days=1), **looking)


async def test_who_comes_in_is_no_part_of_the_measure(
    make_class: MakeClass, clerk: Staff, vault: Vault, content: Content
) -> None:
    row, teller = await make_class(), measured(content, 2)
    for first in (10, 12, 14):
        rows = [("王秀兰", id_number_of(number), "") for number in (first, first + 1)]
        sheet = workbook([("姓名", "身份证号", "手机号"), *rows])
        await import_roster(clerk, vault, teller, class_id=row.id, content=sheet, now=NOW)
    assert await Enrolment.filter(training_class_id=row.id).count() == 6
