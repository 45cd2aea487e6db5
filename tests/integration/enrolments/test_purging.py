"""What of rosters has had its day goes by itself, and with it whom only others have named."""

from datetime import timedelta

from content.schema import Content
from domain.actor import Staff, System
from domain.enrolments.actions import enrol_oneself, enrol_other
from domain.enrolments.amendments import amend_roster
from domain.enrolments.holdings import EnrolmentRecords
from domain.enrolments.notice import Teller
from domain.enrolments.purging import purge_enrolments
from domain.holdings import Whose, periods_of
from domain.vault import Vault
from models.columns import new_id
from models.enrolments import Amendment, Enrolment, Informed
from models.final_tests import FinalTest, TestResult
from models.people import Person
from models.training import TrainingClass
from tests.integration.enrolments.conftest import NOW, MakeClass, MakePerson, named

NIGHTLY = System("people.purge")


async def test_on_the_day_after_the_last_everything_of_it_goes(
    make_class: MakeClass,
    make_trainee: MakePerson,
    clerk: Staff,
    teller: Teller,
    vault: Vault,
    content: Content,
) -> None:
    row, bound, periods = await make_class(), await make_trainee(1), periods_of(content)
    own = await enrol_oneself(bound, teller, class_id=row.id, channel="chat", now=NOW)
    await enrol_other(*(clerk, vault, teller), class_id=row.id, named=named(2, "李建国"), now=NOW)
    await TrainingClass.filter(id=row.id).update(status="filed")
    await amend_roster(
        *(clerk, vault, teller),
        class_id=row.id,
        joins=named(3, "张晓雨"),
        allowed_by="李科长",
        reason="新来的",
        now=NOW,
    )
    exam = await FinalTest.create(
        id=new_id(),
        training_class_id=row.id,
        kind="level",
        held_on=row.ends_on,
        made_by=clerk.key,
        made_at=NOW,
    )
    await TestResult.create(id=new_id(), test_id=exam.id, enrolment_id=own.id, result="passed")
    (held,) = await EnrolmentRecords().list_held(Whose(bound.id), periods, NOW)
    assert held.until is not None
    last = NOW + (held.until - NOW.date())
    assert await purge_enrolments(NIGHTLY, periods, now=last) == 0
    assert (await Enrolment.all().count(), await Person.all().count()) == (3, 3)
    assert await purge_enrolments(NIGHTLY, periods, now=last + timedelta(days=1)) == 3
    for left in (Enrolment, Amendment, Informed, TestResult):
        assert await left.all().count() == 0, left
    assert [one.id for one in await Person.all()] == [bound.id], "who has bound asks themselves"
    assert await purge_enrolments(NIGHTLY, periods, now=last + timedelta(days=2)) == 0
