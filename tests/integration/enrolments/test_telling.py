"""People who were put on a roster by others are told face to face, and that is on the record."""

import dataclasses
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.actor import Actor, Role, Staff, Trainee
from domain.enrolments.actions import enrol_oneself, enrol_other
from domain.enrolments.amendments import amend_roster
from domain.enrolments.bulk import Wish
from domain.enrolments.notice import Teller
from domain.enrolments.reservations import name_people
from domain.enrolments.telling import count_owed, inform_people, list_owed
from domain.errors import DomainError
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.employers import Employer
from models.enrolments import Enrolment, Informed
from models.training import TrainingClass
from tests.integration.enrolments.conftest import (
    COUNTY,
    NOW,
    Browse,
    MakeClass,
    MakeContact,
    MakePerson,
    make_employer,
    named,
)

LATER = NOW + timedelta(hours=1)
OFFICER = Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)
Put = Callable[..., Awaitable[list[Enrolment]]]


@pytest.fixture
async def row(make_class: MakeClass) -> TrainingClass:
    return await make_class(capacity=9, recruiting_since=NOW)


@pytest.fixture
def put(row: TrainingClass, clerk: Staff, teller: Teller, vault: Vault) -> Put:
    """The institution puts people on its roster."""

    async def put(*numbers: int) -> list[Enrolment]:
        for number in numbers:
            one = named(number)
            await enrol_other(clerk, vault, teller, class_id=row.id, named=one, now=NOW)
        return await Enrolment.all().order_by("id")

    return put


async def refused(coroutine: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as refusal:
        await coroutine
    return refusal.value.code


async def test_the_holder_tells_them_and_who_and_when_is_kept(
    row: TrainingClass, put: Put, clerk: Staff, vault: Vault
) -> None:
    first, *others = [one.id for one in await put(1, 2, 3)]
    telling: Any = {"class_id": row.id, "now": LATER}
    assert await count_owed(OFFICER, row.id) == 3
    owed = await list_owed(clerk, vault, row.id)
    assert [line.id for line in owed.lines] == [first, *others] and len(owed.words) == 1
    colleague = dataclasses.replace(clerk, id=new_id())
    assert await inform_people(colleague, enrolments=[first], **telling) == 1
    assert await inform_people(colleague, enrolments=[first], **telling) == 0, "once is enough"
    assert await inform_people(clerk, enrolments=[first, *others], **telling) == 2
    assert await count_owed(OFFICER, row.id) == 0
    one = await Informed.get(enrolment_id=first)
    told = (one.state, one.channel, one.made_by, one.told_at)
    assert told == ("shown", "face", colleague.key, LATER)
    kept = [
        (entry.event, entry.about_kind, entry.facts)
        for entry in await AuditEntry.filter(event__endswith=".told").order_by("id")
    ]
    assert kept == [
        ("enrolment.told", "enrolment", {"how": "face"}),
        ("roster.told", "class", {"how": "face", "people": 2}),
    ]


async def test_nobody_elses_people_are_told(
    row: TrainingClass, put: Put, clerk: Staff, operator: Staff, make_class: MakeClass, vault: Vault
) -> None:
    (one,) = await put(1)
    other = dataclasses.replace(clerk, id=new_id(), institution=new_id())
    refusals: list[tuple[Actor, str]] = [
        (other, "not_found"),
        (OFFICER, "not_found"),
        (operator, "no_permission"),
        (Trainee(one.person_id), "not_found"),
    ]
    for actor, code in refusals:
        telling: Any = {"class_id": row.id, "enrolments": [one.id], "now": LATER}
        assert await refused(inform_people(actor, **telling)) == code
        assert await refused(list_owed(actor, vault, row.id)) == code
    elsewhere = (await make_class("别的班")).id
    mixed = inform_people(clerk, class_id=elsewhere, enrolments=[one.id], now=LATER)
    assert await refused(mixed) == "not_found"
    await Enrolment.filter(id=one.id).update(status="withdrawn")
    assert await count_owed(clerk, row.id) == 0, "who has left need not be told"
    telling = {"class_id": row.id, "enrolments": [one.id], "now": LATER}
    assert await refused(inform_people(clerk, **telling)) == "not_found"
    assert (await Informed.get()).state == "owed"


async def test_whoever_holds_the_class_does_not_tell_by_the_hotline(
    row: TrainingClass, clerk: Staff, operator: Staff, put: Put, browse: Browse
) -> None:
    (one,) = await put(1)
    path = f"/console/enrolments/{one.id}/told"
    for browser, status in ((await browse(clerk), 403), (await browse(OFFICER), 403)):
        assert (await browser.send(path))[0] == status
        assert (await Informed.get()).state == "owed"
    assert (await (await browse(operator)).send(path))[0] == 303
    assert (await Informed.get()).channel == "hotline"


async def test_a_firm_tells_whom_it_has_named(
    row: TrainingClass,
    put: Put,
    employer: Employer,
    make_contact: MakeContact,
    teller: Teller,
    vault: Vault,
) -> None:
    (school,) = await put(1)
    contact, stranger = await make_contact(employer), await make_contact(await make_employer(), 901)
    wishes = [Wish(named(2, "李建国"))]
    naming: Any = {"class_id": row.id, "wishes": wishes, "now": NOW}
    (verdict,) = await name_people(contact, vault, teller, **naming)
    assert [one.id for one in (await list_owed(contact, vault, row.id)).lines] == [
        verdict.enrolment
    ]
    telling: Any = {"class_id": row.id, "now": LATER}
    assert await refused(inform_people(contact, enrolments=[school.id], **telling)) == "not_found"
    assert await refused(list_owed(stranger, vault, row.id)) == "not_found"
    own: Any = {"enrolments": [verdict.enrolment], **telling}
    assert await refused(inform_people(stranger, **own)) == "not_found"
    assert await inform_people(contact, **own) == 1
    informed = await Informed.get(enrolment_id=verdict.enrolment)
    assert (informed.channel, informed.made_by) == ("face", contact.key)
    assert await AuditEntry.filter(event="enrolment.told", actor=contact.key).count() == 1


# --- its pages ------------------------------------------------------------------------------------


async def test_the_roster_says_who_is_owed_and_takes_ticks(
    browse: Browse, row: TrainingClass, put: Put, clerk: Staff
) -> None:
    first, second, third, last = [one.id for one in await put(1, 2, 3, 4)]
    root = f"/console/classes/{row.id}/roster"
    browser = await browse(clerk)
    page = await browser.see(root)
    assert "还有4人没告知" in page and f'href="{root}/told"' in page
    assert "登记当面告知" in await browser.see(f"{root}/{first}")
    assert await browser.send(f"{root}/{first}/told") == (303, root)
    page = await browser.see(root)
    assert "记下了：1人已当面告知" in page and "还有3人没告知" in page
    page = await browser.see(f"{root}/{first}")
    assert "已告知，2026年11月30日09:00，当面告知" in page and "登记当面告知" not in page
    page = await browser.see(f"{root}/told")
    assert "补贴规定" in page, "the words stand there to be read out"
    assert re.findall(r'name="told-([0-9a-f-]{36})"', page) == [
        str(one) for one in (second, third, last)
    ]
    assert await browser.send(f"{root}/told") == (303, f"{root}/told")
    assert "没有选人" in await browser.see(f"{root}/told")
    assert await browser.send(f"{root}/told", **{f"told-{second}": "1"}) == (303, root)
    (everybody,) = re.findall(r'name="all" value="([^"]+)"', await browser.see(f"{root}/told"))
    assert await browser.send(f"{root}/told", all=everybody) == (303, root)
    assert "没告知" not in await browser.see(root)
    assert "都告知过了" in await browser.see(f"{root}/told")
    assert (await browser.send(f"{root}/told", **{f"told-{new_id()}": "1"}))[0] == 404


async def test_the_officer_sees_how_many_are_owed_and_tells_nobody(
    browse: Browse, row: TrainingClass, put: Put, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    await put(1)
    await TrainingClass.filter(id=row.id).update(status="filed")
    joining: Any = {"allowed_by": "李科长", "reason": "补报", "now": NOW}
    await amend_roster(clerk, vault, teller, class_id=row.id, joins=named(2), **joining)
    root = f"/console/classes/{row.id}"
    browser = await browse(OFFICER)
    page = await browser.see(root)
    assert "名单里还有2人没告知" in page and "不影响同意开班" in page
    page = await browser.see(f"{root}/roster")
    assert "还有2人没告知" in page and "登记当面告知" not in page
    (one, _) = await Enrolment.all()
    assert "登记当面告知" not in await browser.see(f"{root}/roster/{one.id}")
    for path in ("told", f"{one.id}/told"):
        assert (await browser.send(f"{root}/roster/{path}"))[0] == 403
    assert await Informed.filter(state="owed").count() == 2


async def test_who_enrols_by_themselves_is_owed_nothing(
    row: TrainingClass, make_trainee: MakePerson, teller: Teller
) -> None:
    await enrol_oneself(await make_trainee(1), teller, class_id=row.id, channel="chat", now=NOW)
    assert await count_owed(OFFICER, row.id) == 0
