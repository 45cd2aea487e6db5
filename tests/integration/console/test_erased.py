"""Auditing in the console: the one page on which somebody who was erased is found."""

from datetime import date
from uuid import uuid4

import pytest

from domain.actor import Role, Staff, Trainee
from domain.people.rules import complete_id_number
from models.columns import new_id
from models.enrolments import Enrolment
from models.people import Person
from models.training import TrainingClass
from tests.consoles import CITY_OFFICER, NOW
from tests.integration.console.conftest import OpenConsole
from tests.integration.employers.people import make_person
from tests.integration.enrolments.conftest import make_institution

ID_NUMBER = complete_id_number("37152119690822911")
WHY = {"reason": "查2026年第1期的账"}


@pytest.fixture
async def gone(database: str) -> Trainee:
    """Erased, on a roster that was filed."""
    person = await make_person("王素梅", number=ID_NUMBER, county="371521")
    await Person.filter(id=person.id).update(bound_at=None, erased_at=NOW)
    row = await TrainingClass.create(
        title="养老护理员第1期",
        institution_id=(await make_institution()).id,
        programme="elderly-care",
        occupation="养老护理员",
        county="371521",
        capacity=10,
        starts_on=date(2026, 11, 2),
        ends_on=date(2026, 11, 20),
        status="archived",
        created_at=NOW,
    )
    await Enrolment.create(
        id=new_id(),
        person_id=person.id,
        training_class_id=row.id,
        status="completed",
        channel="mini",
        made_by="t",
        changed_by="t",
        created_at=NOW,
        changed_at=NOW,
    )
    return person


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CITY_OFFICER])
async def test_who_audits_sees_that_they_are_gone_and_until_when(
    open_console: OpenConsole, gone: Trainee, role: Role
) -> None:
    visitor = await open_console(Staff(uuid4(), role))
    page = await visitor.post("/people/erased", id_number=ID_NUMBER)
    assert visitor.status == 422 and "王*" not in page, "not without a reason"
    page = await visitor.post("/people/erased", id_number=ID_NUMBER, **WHY)
    assert "王*" in page and f"/console/people/erased/{gone.id}" in page
    page = await visitor.get(f"/people/erased/{gone.id}")
    assert "已注销" in page and "2031年11月20日" in page and "还没绑定" not in page
    assert "王素梅" not in page
    page = await visitor.post(f"/people/erased/{gone.id}/reveal", reason="audit", note="第1期")
    assert "王素梅" in page and ID_NUMBER in page and "已记录：查账：第1期" in page


async def test_nobody_else_finds_them(open_console: OpenConsole, gone: Trainee) -> None:
    for role in (Role.HOTLINE, Role.SUPERVISOR):
        visitor = await open_console(Staff(uuid4(), role))
        assert "没有找到这个人" in await visitor.post("/people", id_number=ID_NUMBER)
        assert "查账" not in await visitor.get("/people")
        await visitor.get(f"/people/{gone.id}")
        assert visitor.status == 404
        await visitor.get(f"/people/erased/{gone.id}")
        assert visitor.status == 403
    officer = await open_console(CITY_OFFICER)
    assert "没有找到这个人" in await officer.post("/people", id_number=ID_NUMBER)
    assert "/console/people/erased" in await officer.get("/people")
