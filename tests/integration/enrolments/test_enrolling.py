"""One person into one class, and out again."""

from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.actor import Actor, Role, Staff, System, Trainee
from domain.enrolments.actions import (
    Enrolled,
    confirm,
    enrol_oneself,
    enrol_other,
    mark_informed,
    withdraw,
)
from domain.enrolments.completing import complete
from domain.enrolments.notice import Teller, digest_words
from domain.enrolments.queries import find_offer
from domain.enrolments.rules import Status
from domain.errors import DomainError
from domain.training.queries import find_public
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment, Informed, NoticeWords
from models.institutions import Institution
from models.people import Consent, Person
from models.training import TrainingClass
from tests.integration.enrolments.conftest import (
    NOW,
    MakeClass,
    MakePerson,
    id_number_of,
    named,
    write_record,
)


async def enrol(person: Trainee, teller: Teller, row: TrainingClass, **more: Any) -> Enrolled:
    values: Any = {"class_id": row.id, "channel": "chat", "now": NOW} | more
    return await enrol_oneself(person, teller, **values)


async def refused(coroutine: Awaitable[object]) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        await coroutine
    return refusal.value


async def test_who_enrols_is_told_their_rights_and_it_is_on_the_record(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    row, person = await make_class(), await make_trainee()
    told = await enrol(person, teller, row)
    assert (told.status, told.fresh, told.class_id) == (Status.APPLIED, True, row.id)
    for wanted in ("12333", "12345", "聊城通知第3条", "聊城通知第12条", "许诺补贴", "2021年"):
        assert wanted in told.notice
    assert len(told.notice.splitlines()) <= 6
    (informed,) = await Informed.all()
    assert (informed.state, informed.channel, informed.told_at) == ("shown", "chat", NOW)
    kept = await NoticeWords.get(digest=informed.notice_digest)
    assert (kept.words, kept.digest) == (told.notice, digest_words(told.notice))


async def test_twice_is_the_same_enrolment(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    row, person = await make_class(), await make_trainee()
    first = await enrol(person, teller, row)
    again = await enrol(person, teller, row, channel="mini", now=NOW + timedelta(hours=1))
    assert (again.id, again.fresh, again.notice) == (first.id, False, first.notice)
    assert await Enrolment.all().count() == await Informed.all().count() == 1


async def test_withdrawn_may_come_back_while_the_class_recruits(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    row, person = await make_class(capacity=1), await make_trainee()
    first = await enrol(person, teller, row)
    assert await withdraw(person, enrolment_id=first.id, now=NOW) == row.title
    assert await withdraw(person, enrolment_id=first.id, now=NOW) == row.title, "once more"
    again = await enrol(person, teller, row)
    assert (again.id, again.fresh, again.status) == (first.id, True, Status.APPLIED)
    assert await Informed.all().count() == 2, "and is told again"
    await TrainingClass.filter(id=row.id).update(status="filed")
    assert (await refused(withdraw(person, enrolment_id=first.id, now=NOW))).code == "roster_frozen"


async def test_a_place_is_free_again(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    row = await make_class(capacity=1)
    one, two = await make_trainee(1), await make_trainee(2)
    first = await enrol(one, teller, row)
    refusal = await refused(enrol(two, teller, row))
    assert (refusal.code, refusal.facts) == ("class_full", {"capacity": 1, "left": 0})
    await withdraw(one, enrolment_id=first.id, now=NOW)
    assert (await enrol(two, teller, row)).fresh


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("draft", "not_found"),
        ("returned", "class_not_recruiting"),
        ("filed", "roster_frozen"),
        ("cancelled", "class_not_recruiting"),
    ],
)
async def test_only_while_it_recruits(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller, status: str, code: str
) -> None:
    row, person = await make_class(status=status), await make_trainee()
    assert (await refused(enrol(person, teller, row))).code == code


async def test_the_holder_puts_the_roster_of_a_returned_class_right(
    make_class: MakeClass, clerk: Staff, operator: Staff, teller: Teller, vault: Vault
) -> None:
    row = await make_class(status="returned")
    values: Any = {"class_id": row.id, "named": named(1), "now": NOW}
    told = await enrol_other(clerk, vault, teller, **values)
    assert told.fresh and told.status is Status.CONFIRMED
    await withdraw(clerk, enrolment_id=told.id, now=NOW)
    assert (await enrol_other(clerk, vault, teller, **values)).fresh, "and back"
    caller: Any = values | {"named": named(2), "consent": "2026-11"}
    refusal = await refused(enrol_other(operator, vault, teller, **caller))
    assert refusal.code == "class_not_recruiting"


async def test_nobody_enrols_once_the_first_day_is_over(
    make_class: MakeClass, make_trainee: MakePerson, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    row = await make_class(recruiting_since=NOW)
    person = await make_trainee(1)
    first_day, later = NOW + timedelta(days=7), NOW + timedelta(days=8)
    assert await find_offer(row.id, first_day.date())
    assert (await find_public(teller.content, row.id, now=first_day)).enrolling
    assert (await enrol(person, teller, row, now=first_day)).fresh
    assert await find_offer(row.id, later.date()) is None
    assert not (await find_public(teller.content, row.id, now=later)).enrolling
    refusal = await refused(enrol(await make_trainee(2), teller, row, now=later))
    assert (refusal.code, refusal.facts["about"]) == ("class_not_recruiting", "begun")
    by_holder = enrol_other(clerk, vault, teller, class_id=row.id, named=named(3), now=later)
    assert (await refused(by_holder)).code == "class_not_recruiting"


async def test_suspension_stops_enrolments_at_once_and_its_end_lets_them_go_on(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller, institution: Institution
) -> None:
    row, person = await make_class(), await make_trainee()
    await write_record(institution.id, "suspended", NOW.date(), date(2026, 12, 1))
    assert (await refused(enrol(person, teller, row))).code == "enrolment_stopped"
    assert (await enrol(person, teller, row, now=NOW + timedelta(days=2))).fresh
    await write_record(institution.id, "removed", NOW.date() + timedelta(days=3))
    other = await make_trainee(2)
    late = NOW + timedelta(days=3)
    assert (await refused(enrol(other, teller, row, now=late))).code == "enrolment_stopped"


async def test_the_class_that_overlaps_is_named(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    person = await make_trainee()
    first = await make_class("电工班")
    await enrol(person, teller, first)
    second = await make_class(starts_on=date(2026, 12, 18), ends_on=None)
    refusal = await refused(enrol(person, teller, second))
    assert (refusal.code, refusal.facts["title"]) == ("enrolment_overlaps", "电工班")
    evening = [(NOW + timedelta(days=9, hours=9), NOW + timedelta(days=9, hours=11))]
    morning = [(NOW + timedelta(days=9), NOW + timedelta(days=9, hours=2))]
    third = await make_class("早班", starts_on=None, ends_on=None, sittings=morning)
    fourth = await make_class("晚班", starts_on=None, ends_on=None, sittings=evening)
    other = await make_trainee(2)
    await enrol(other, teller, third)
    assert (await enrol(other, teller, fourth)).fresh, "another hour of the same day"


async def test_a_fourth_training_of_the_year_is_told_first(
    make_class: MakeClass, make_trainee: MakePerson, teller: Teller
) -> None:
    person = await make_trainee()
    for month in (3, 4, 5):
        row = await make_class(
            f"{month}月班", starts_on=date(2026, month, 1), ends_on=date(2026, month, 5)
        )
        await enrol(person, teller, row, now=NOW.replace(month=month, day=1))
    fourth = await make_class()
    refusal = await refused(enrol(person, teller, fourth))
    assert (refusal.code, refusal.facts["had"]) == ("trainings_used_up", 3)
    work = await make_class(
        "岗位", programme="work-training", starts_on=date(2026, 6, 1), ends_on=None
    )
    then = NOW.replace(month=6, day=1)
    assert (await enrol(person, teller, work, now=then)).fresh, "以工代训 does not count"
    told = await enrol(person, teller, fourth, told_beyond_three=True)
    assert (await Enrolment.get(id=told.id)).beyond_three


async def test_an_operator_enrols_a_caller(
    make_class: MakeClass, operator: Staff, teller: Teller, vault: Vault
) -> None:
    row = await make_class()
    values: Any = {"class_id": row.id, "named": named(5, phone="16900000005"), "now": NOW}
    refusal = await refused(enrol_other(operator, vault, teller, **values))
    assert refusal.code == "consent_unheard"
    told = await enrol_other(operator, vault, teller, consent="2026-11", **values)
    assert told.status is Status.APPLIED
    (consent,) = await Consent.all()
    assert (consent.version, consent.channel, consent.given_at) == ("2026-11", "hotline", NOW)
    person = await Person.get()
    assert (person.source, person.bound_at) == ("hotline", None)
    (informed,) = await Informed.all()
    assert (informed.state, informed.told_at) == ("owed", None), "not read out yet"
    (entry,) = await AuditEntry.all()
    assert (entry.event, entry.actor, entry.about_id) == ("enrolment.make", operator.key, told.id)
    again = await enrol_other(operator, vault, teller, consent="2026-11", **values)
    assert (again.id, again.fresh) == (told.id, False)
    assert await Person.all().count() == 1


async def test_another_name_is_refused_and_the_known_one_is_not_told(
    make_class: MakeClass, clerk: Staff, make_trainee: MakePerson, teller: Teller, vault: Vault
) -> None:
    row = await make_class()
    await make_trainee(7, "李桂芳")
    values: Any = {"class_id": row.id, "named": named(7, "李桂方"), "now": NOW}
    refusal = await refused(enrol_other(clerk, vault, teller, **values))
    assert (refusal.code, refusal.facts) == ("name_differs", {})
    values["named"] = named(7, "李桂芳")
    told = await enrol_other(clerk, vault, teller, **values)
    assert told.status is Status.CONFIRMED
    (informed,) = await Informed.all()
    assert (informed.state, informed.told_at) == ("owed", None), "nobody has told her yet"


async def test_what_is_owed_is_told_once(
    make_class: MakeClass, clerk: Staff, make_trainee: MakePerson, teller: Teller, vault: Vault
) -> None:
    row, person = await make_class(), await make_trainee(7)
    told = await enrol_other(clerk, vault, teller, class_id=row.id, named=named(7), now=NOW)
    stranger = await make_trainee(8)
    values: Any = {"enrolment_id": told.id, "channel": "mini", "now": NOW}
    assert (await refused(mark_informed(stranger, **values))).code == "not_found"
    assert await mark_informed(person, **values) == told.notice
    assert await mark_informed(person, **values) == "", "nothing is owed any more"
    (informed,) = await Informed.all()
    assert (informed.state, informed.channel, informed.told_at) == ("shown", "mini", NOW)


async def test_others_enrolments_are_not_there(
    make_class: MakeClass, clerk: Staff, make_trainee: MakePerson, teller: Teller, vault: Vault
) -> None:
    row, person, stranger = await make_class(), await make_trainee(1), await make_trainee(2)
    told = await enrol(person, teller, row)
    elsewhere = Staff(new_id(), Role.INSTITUTION, institution=new_id())
    officer = Staff(new_id(), Role.CITY_OFFICER)
    refusals: list[tuple[Actor, str]] = [
        (stranger, "not_found"),
        (elsewhere, "not_found"),
        (officer, "not_found"),
    ]
    for actor, code in refusals:
        assert (await refused(withdraw(actor, enrolment_id=told.id, now=NOW))).code == code
    both: Any = {"class_id": row.id, "enrolments": [told.id], "now": NOW}
    for actor in (stranger, elsewhere):
        assert (await refused(confirm(actor, **both))).code == "not_found"
    by_hand: Any = {"class_id": row.id, "named": named(9), "now": NOW}
    refusal = await refused(enrol_other(elsewhere, vault, teller, **by_hand))
    assert refusal.code == "not_found"
    assert await Person.all().count() == 2, "and nobody was made on the way"


async def test_the_institution_confirms_and_completes(
    make_class: MakeClass, clerk: Staff, make_trainee: MakePerson, teller: Teller
) -> None:
    row, person = await make_class(), await make_trainee()
    told = await enrol(person, teller, row)
    both: Any = {"class_id": row.id, "enrolments": [told.id], "now": NOW}
    assert (await refused(complete(clerk, **both))).code == "enrolment_stands"
    assert await confirm(clerk, **both) == 1
    assert await confirm(clerk, **both) == 0
    other = await make_class("别的班")
    assert (await refused(confirm(clerk, **(both | {"class_id": other.id})))).code == "not_found"
    await TrainingClass.filter(id=row.id).update(status="ended")
    assert await complete(System("tests"), **both) == (1, 0)
    assert (await Enrolment.get()).status == "completed"
    assert [entry.event for entry in await AuditEntry.all()] == ["roster.confirm"]


async def test_a_roster_is_sealed(
    make_class: MakeClass, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    row = await make_class()
    one = named(3, "孙桂兰", "16900000003")
    await enrol_other(clerk, vault, teller, class_id=row.id, named=one, now=NOW)
    person = await Person.get()
    kept = b"".join(
        bytes(value or b"")
        for value in (person.name_sealed, person.id_number_sealed, person.phone_sealed)
    )
    for value in ("孙桂兰", id_number_of(3), "16900000003"):
        assert value.encode() not in kept
