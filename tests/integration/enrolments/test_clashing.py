"""Who is in another class at the same time is named to whoever moves a class, masked; the other
class is not."""

from datetime import datetime
from typing import Any

import pytest

from domain.actor import Role, Staff
from domain.calendar import LOCAL
from domain.enrolments.actions import enrol_other
from domain.enrolments.notice import Teller
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment
from models.training import ClassEvent, ClassSession, TrainingClass
from tests.integration.enrolments.conftest import (
    COUNTY,
    NOW,
    Browse,
    MakeClass,
    id_number_of,
    make_institution,
    named,
)

OFFICER = Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)
ELSEWHERE = "绿野学校电工班"
MORNING, AFTERNOON = "2026-12-08 08:30-11:30 护理", "2026-12-08 14:00-17:00 护理"


def sitting(hour: int) -> tuple[datetime, datetime]:
    start = datetime(2026, 12, 8, hour, 0, tzinfo=LOCAL)
    return start, start.replace(hour=hour + 3)


@pytest.fixture
async def row(make_class: MakeClass, clerk: Staff, teller: Teller, vault: Vault) -> TrainingClass:
    """In the morning; of its two people one learns elsewhere in the afternoon."""
    other = await make_institution("莘县绿野职业培训学校")
    away = await make_class(ELSEWHERE, institution_id=other.id, sittings=[sitting(14)])
    row = await make_class(sittings=[sitting(8)], recruiting_since=NOW)
    for number, name in ((1, "王秀兰"), (2, "李建国")):
        one = named(number, name)
        await enrol_other(clerk, vault, teller, class_id=row.id, named=one, now=NOW)
    there = Staff(new_id(), Role.INSTITUTION, institution=other.id)
    await enrol_other(there, vault, teller, class_id=away.id, named=named(1), now=NOW)
    return row


async def plan(browse: Browse, clerk: Staff, row: TrainingClass, lines: str) -> tuple[int, str]:
    version = (await TrainingClass.get(id=row.id)).version
    path = f"/console/classes/{row.id}/sessions"
    sent = {"version": str(version), "lines": lines, "reason": "老师换了时间"}
    return await (await browse(clerk)).send(path, **sent)


NAMED = f"王*（尾号{id_number_of(1)[-4:]}）"


async def test_moving_a_class_names_whom_it_would_keep_from_another(
    browse: Browse, row: TrainingClass, clerk: Staff
) -> None:
    status, page = await plan(browse, clerk, row, AFTERNOON)
    assert status == 422 and "名单里有1个人，这段时间还在另一个班" in page
    assert f"他们是：{NAMED}。" in page
    assert ELSEWHERE not in page and "王秀兰" not in page and "李*" not in page
    assert (await ClassSession.get(training_class_id=row.id)).starts_at == sitting(8)[0]


async def test_filing_and_approving_name_them_too(
    browse: Browse, row: TrainingClass, clerk: Staff
) -> None:
    await ClassSession.filter(training_class_id=row.id).delete()
    start, end = sitting(14)
    await ClassSession.create(training_class_id=row.id, starts_at=start, ends_at=end)
    for status, step, who in (("recruiting", "file", clerk), ("filed", "approve", OFFICER)):
        details = {"demand_analysis": "有人要学", "plan": "两天", "address": "演示路1号"}
        await TrainingClass.filter(id=row.id).update(
            status=status, hours=3, teacher="演示教师", target_group="农民", **details
        )
        await TrainingClass.filter(id=row.id).update(latitude=36.1, longitude=115.7)
        browser = await browse(who)
        code, page = await browser.send(f"/console/classes/{row.id}/{step}", version="1")
        assert code == 409 and f"他们是：{NAMED}。" in page and ELSEWHERE not in page


@pytest.mark.parametrize("status", ["approved", "open"])
async def test_a_class_that_is_held_moves_and_they_are_listed(
    browse: Browse, row: TrainingClass, clerk: Staff, status: str
) -> None:
    await TrainingClass.filter(id=row.id).update(status=status)
    assert (await plan(browse, clerk, row, AFTERNOON))[0] == 303
    for who in (clerk, OFFICER):
        page = await (await browse(who)).see(f"/console/classes/{row.id}")
        assert "名单里有1人，这段时间还在另一个班" in page and NAMED in page
        assert "1人这段时间还在另一个班；老师换了时间" in page and ELSEWHERE not in page
    event = await ClassEvent.get(training_class_id=row.id)
    assert (event.facts["sessions"], event.facts["clashing"]) == (1, 1)
    assert (await AuditEntry.get(event="class.sessions")).facts["clashing"] == 1
    assert (await plan(browse, clerk, row, MORNING))[0] == 303
    page = await (await browse(clerk)).see(f"/console/classes/{row.id}")
    assert "名单里有1人" not in page
    last = await ClassEvent.filter(training_class_id=row.id).order_by("-version").first()
    assert last and last.facts["sessions"] == 1 and "clashing" not in last.facts


async def test_a_school_does_not_learn_where_else_somebody_learns(
    browse: Browse, row: TrainingClass, clerk: Staff, make_class: MakeClass
) -> None:
    late = await make_class("下午班", sittings=[sitting(15)])
    person: Any = {"name": "王秀兰", "id_number": id_number_of(1)}
    path = f"/console/classes/{late.id}/roster/add"
    status, page = await (await browse(clerk)).send(path, **person)
    assert status == 422 and "这个人已报了另一个班" in page and ELSEWHERE not in page
    assert await Enrolment.filter(training_class_id=late.id).count() == 0
