"""How the console calls people to classes: the first page, and where else one is led to them."""

import re
from datetime import datetime, time, timedelta

from domain.actor import Role, Staff
from domain.calendar import LOCAL
from domain.training import actions
from models.columns import new_id
from models.institutions import Institution
from models.training import TrainingClass
from tests.integration.training.conftest import NOW, OTHER_COUNTY, Trial, write_record
from tests.integration.training.test_pages import HTML, opened, read, words_of


async def test_the_first_page_says_what_waits(trial: Trial, clerk: Staff, officer: Staff) -> None:
    async def first_page(staff: Staff) -> str:
        async with opened(staff, now=NOW + timedelta(days=3)) as client:
            answer = await client.get("/console/", headers=HTML)
            return words_of(await answer.text())

    await trial.lead_to("filed")
    page = await first_page(officer)
    assert "1 个班等您审核" in page and "最早的一个已交来3天" in page
    assert "等您改好再交" not in await first_page(clerk)
    await trial.take(actions.return_class, "名单不全")
    assert "1 个班被退回，等您改好再交" in await first_page(clerk)
    assert "等您审核" not in await first_page(officer)


async def test_the_holder_is_told_when_the_day_has_come(trial: Trial, clerk: Staff) -> None:
    await trial.lead_to("approved")
    row = await TrainingClass.get()
    assert row.starts_on and row.ends_on
    told = []
    for day in (row.starts_on - timedelta(days=1), row.starts_on, row.ends_on + timedelta(days=1)):
        async with opened(clerk, now=datetime.combine(day, time(7), LOCAL)) as client:
            answer = await client.get("/console/", headers=HTML)
            told.append("1 个班到日子了，等您点开班" in words_of(await answer.text()))
    assert told == [False, True, False]


async def test_nobody_is_offered_to_open_before_the_first_day(trial: Trial, clerk: Staff) -> None:
    await trial.lead_to("approved")
    row = await TrainingClass.get()
    assert row.starts_on
    for day, offered in ((row.starts_on - timedelta(days=1), False), (row.starts_on, True)):
        async with opened(clerk, now=datetime.combine(day, time(7), LOCAL)) as client:
            page = await read(client, f"/{trial.id}")
            assert ("开班</button>" in page) is offered
            assert ("12月7日（周一）起可以点开班" in page) is not offered


async def test_an_institutions_own_first_page_says_that_it_is_suspended(
    institution: Institution, clerk: Staff, officer: Staff
) -> None:
    async def first_page(staff: Staff) -> str:
        async with opened(staff) as client:
            answer = await client.get("/console/", headers=HTML)
            return words_of(await answer.text())

    assert "你们单位" not in await first_page(clerk)
    await write_record(institution.id, "suspended", NOW.date(), NOW.date() + timedelta(days=9))
    page = await first_page(clerk)
    assert "你们单位11月30日（周一）起暂停，到12月9日（周三）为止 不能报名，也不能开新班。" in page
    assert "你们单位" not in await first_page(officer)


async def test_the_office_is_called_to_classes_of_a_stopped_institution(
    trial: Trial, institution: Institution, officer: Staff, clerk: Staff
) -> None:
    async def first_page(staff: Staff) -> str:
        async with opened(staff) as client:
            answer = await client.get("/console/", headers=HTML)
            return await answer.text()

    await trial.lead_to("approved")
    assert "的机构被停" not in await first_page(officer)
    async with opened(officer) as client:
        assert trial.row.title not in await read(client, "?holder=stopped")
    await write_record(institution.id, "suspended", NOW.date())
    page = await first_page(officer)
    assert "1 个班的机构被停，等您看怎么办" in words_of(page)
    assert 'href="/console/classes?holder=stopped"' in page
    assert "的机构被停" not in await first_page(clerk)
    assert "的机构被停" not in await first_page(
        Staff(new_id(), Role.COUNTY_OFFICER, county=OTHER_COUNTY)
    )
    async with opened(officer) as client:
        assert trial.row.title in await read(client, "?holder=stopped")
    await TrainingClass.filter(id=trial.id).update(status="cancelled")
    assert "的机构被停" not in await first_page(officer)


async def test_an_institutions_page_leads_to_its_classes(
    trial: Trial, institution: Institution, officer: Staff
) -> None:
    await trial.lead_to("recruiting")
    async with opened(officer) as client:
        answer = await client.get(f"/console/institutions/{institution.id}", headers=HTML)
        found = re.search(r'href="/console/classes(\?q=[^"]+)">它的班期', await answer.text())
        assert found
        assert trial.row.title in await read(client, found[1])


async def test_who_has_nothing_yet_is_told_what_will_be_there(database: str) -> None:
    async with opened(Staff(new_id(), Role.INSPECTOR)) as client:
        assert "还没有分给您的班" in await read(client)
    async with opened(Staff(new_id(), Role.EDITOR)) as client:
        answer = await client.get("/console/", headers=HTML)
        assert "您这个角色现在能用的只有“我的账号”" in await answer.text()
