"""What is held of a person who has enrolled, and what an erasure takes."""

from datetime import date

import pytest

from content.schema import Content
from domain.actor import Staff
from domain.enrolments.actions import enrol_oneself, withdraw
from domain.enrolments.amendments import amend_roster
from domain.enrolments.holdings import EnrolmentRecords
from domain.enrolments.notice import Teller
from domain.holdings import Whose, periods_of
from domain.vault import Vault
from models.enrolments import Enrolment, Informed
from models.training import TrainingClass
from models.transactions import transaction
from tests.integration.enrolments.conftest import NOW, MakeClass, MakePerson

RECORDS = EnrolmentRecords()


@pytest.mark.usefixtures("database")
async def test_what_was_filed_stays_its_time_and_the_rest_goes(
    make_class: MakeClass,
    make_trainee: MakePerson,
    clerk: Staff,
    teller: Teller,
    vault: Vault,
    content: Content,
) -> None:
    person, periods = await make_trainee(), periods_of(content)
    whose = Whose(person.id)
    assert await RECORDS.list_held(whose, periods, NOW) == []
    filed = await make_class("备案的")
    later = await make_class("还在招的", starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 9))
    left = await make_class("退了的", starts_on=date(2027, 5, 1), ends_on=date(2027, 5, 9))
    amended = await make_class("变更的", starts_on=date(2027, 7, 1), ends_on=date(2027, 7, 9))
    ids = {}
    for row in (filed, later, left, amended):
        told = await enrol_oneself(person, teller, class_id=row.id, channel="chat", now=NOW)
        ids[row.title] = told.id
    (held,) = await RECORDS.list_held(whose, periods, NOW)
    assert (held.count, held.survives) == (4, False), "nothing of it is filed: all of it may go"
    await withdraw(person, enrolment_id=ids["退了的"], now=NOW)
    await TrainingClass.filter(id__in=[filed.id, amended.id]).update(status="filed")
    await amend_roster(
        clerk,
        vault,
        teller,
        class_id=amended.id,
        leaves=ids["变更的"],
        allowed_by="李科长",
        reason="转岗",
        now=NOW,
    )
    (held,) = await RECORDS.list_held(whose, periods, NOW)
    assert (held.kind, held.count, held.until, held.survives) == (
        *("training", 4),
        date(2032, 7, 8),
        True,
    )
    copied = await RECORDS.copy(vault, whose)
    assert [one["class"] for one in copied["enrolments"]] == list(ids)
    assert "补贴规定" in str(copied["notices_told"][0]["words"])
    assert [one["allowed_by"] for one in copied["roster_amendments"]] == ["李科长"]
    async with transaction() as connection:
        await RECORDS.erase(connection, whose, periods, NOW)
    assert {one.id for one in await Enrolment.all()} == {ids["备案的"], ids["变更的"]}
    assert await Informed.all().count() == 2
    assert await RECORDS.list_held(Whose(None), periods, NOW) == []
