"""A person's own trainings: what their tests made, and what stays when they leave the account."""

from datetime import date
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from domain.calendar import local_now
from models.columns import new_id
from models.enrolments import Enrolment
from models.final_tests import FinalTest, TestResult
from models.institutions import Institution
from models.people import Identity, Person
from models.training import TrainingClass
from tests.integration.enrolments.conftest import make_institution
from tests.integration.enrolments.test_api import MakeRow, make_row
from tests.integration.people.conftest import (
    WANG,
    MakePhone,
    MiniPhone,
    make_phone,
    metrics,
    router,
    server,
    session,
    settings,
    stand_in,
    start,
    time,
)
from tests.integration.people.test_bind_talk import BEGIN, Chat, client, make_chat, work

__all__ = [
    "client",
    "make_chat",
    "make_phone",
    "make_row",
    "metrics",
    "router",
    "server",
    "session",
    "settings",
    "stand_in",
    "start",
    "time",
    "work",
]


@pytest.fixture
async def institution(server: TestServer) -> Institution:
    return await make_institution()


async def put_into(row: TrainingClass) -> Enrolment:
    """The one person there is, on the roster of a class that is over."""
    person = await Person.all().get()
    await TrainingClass.filter(id=row.id).update(status="archived", ends_on=date(2026, 11, 20))
    return await Enrolment.create(
        id=new_id(),
        person_id=person.id,
        training_class_id=row.id,
        status="completed",
        channel="mini",
        made_by="t",
        changed_by="t",
        created_at=local_now(),
        changed_at=local_now(),
    )


async def sit(row: TrainingClass, enrolment: Enrolment, day: int, **made: str) -> None:
    test = await FinalTest.create(
        training_class_id=row.id,
        kind="level",
        held_on=date(2026, 11, day),
        made_by="t",
        made_at=local_now(),
    )
    await TestResult.create(
        test_id=test.id,
        enrolment_id=enrolment.id,
        result=made["result"],
        certificate=made.get("certificate", ""),
    )


async def test_ones_results_and_certificates_are_in_the_copy_and_with_the_class(
    make_phone: MakePhone, make_row: MakeRow
) -> None:
    row, phone = await make_row(), make_phone(1)
    await phone.log_in()
    await phone.bind(*WANG)
    enrolment = await put_into(row)
    assert (await phone.ask("GET", f"/me/classes/{row.id}")).data["tests"] == []
    await sit(row, enrolment, 20, result="passed", certificate="S00002026110001")
    await sit(row, enrolment, 18, result="failed")
    results = [
        {"kind": "level", "held_on": "2026-11-18", "result": "failed", "certificate": ""},
        {
            "kind": "level",
            "held_on": "2026-11-20",
            "result": "passed",
            "certificate": "S00002026110001",
        },
    ]
    assert (await phone.ask("GET", f"/me/classes/{row.id}")).data["tests"] == results
    copied = (await phone.ask("GET", "/me/export")).data["records"]["test_results"]
    assert copied == [{"class": row.title, **one} for one in results]


async def test_whoever_leaves_the_account_is_erased_and_finds_their_trainings_again(
    make_chat: Any, make_row: MakeRow, work: Any
) -> None:
    chat: Chat = make_chat(1)
    await chat.event("subscribe")
    await chat.say(BEGIN, f"王素梅 {WANG[1]}", "同意")
    kept = await put_into(await make_row())
    recruiting = await make_row("还在招的", occupation="母婴护理员")
    other = await put_into(recruiting)
    await TrainingClass.filter(id=recruiting.id).update(status="recruiting")
    await Enrolment.filter(id=other.id).update(status="applied")
    await chat.event("unsubscribe")
    await work()
    person = await Person.all().get()
    assert (person.bound_at, person.erased_at is not None) == (None, True)
    assert person.name_sealed is not None, "a filed roster keeps its names until its day"
    assert [one.id for one in await Enrolment.all()] == [kept.id]
    assert await Identity.all().count() == 0
    await chat.event("subscribe")
    assert (await chat.say(BEGIN, f"王素梅 {WANG[1]}", "同意")).startswith("绑定好了")
    assert "养老护理员第1期" in await chat.say("我的班")
    again = await Person.all().get()
    assert (again.id, again.erased_at, again.bound_at is not None) == (person.id, None, True)
    # What waits from before takes nothing of whoever is back.
    await work()
    assert (await Person.all().get()).bound_at is not None


async def test_whoever_leaves_with_nothing_to_keep_leaves_no_name(
    make_chat: Any, work: Any
) -> None:
    chat: Chat = make_chat(1)
    await chat.event("subscribe")
    await chat.say(BEGIN, f"王素梅 {WANG[1]}", "同意")
    await chat.event("unsubscribe")
    await work()
    person = await Person.all().get()
    assert (person.name_sealed, person.id_number_index, person.county) == (None, None, "")


async def test_with_the_mini_program_left_only_the_official_identity_goes(
    make_chat: Any, make_phone: MakePhone, work: Any
) -> None:
    chat: Chat = make_chat(1)
    phone: MiniPhone = make_phone(1)
    await phone.log_in()
    await phone.bind(*WANG)
    await chat.event("subscribe")
    await chat.say(BEGIN, f"王素梅 {WANG[1]}", "同意")
    await work()
    assert await Identity.filter(person_id__not_isnull=True).count() == 2
    await chat.event("unsubscribe")
    await work()
    assert [row.account for row in await Identity.all()] == ["mini"]
    assert (await phone.me())["person"]["name"] == WANG[0]
