"""The pages of a roster, as a browser without scripts gets them."""

import dataclasses
import datetime
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer

from domain.actor import Role, Staff, Trainee
from domain.enrolments.actions import enrol_oneself
from domain.enrolments.notice import Teller
from domain.enrolments.roster import COLUMNS
from domain.sheets.reading import read_sheet
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Amendment, Enrolment, Informed
from models.people import Consent, Person
from models.training import TrainingClass
from tests.consoles import TOKEN, let_in, make_console
from tests.integration.enrolments.conftest import (
    COUNTY,
    NOW,
    MakeClass,
    MakePerson,
    id_number_of,
)
from tests.unit.sheets.building import workbook

Client = TestClient[web.Request, web.Application]
Open = Callable[[Staff], Awaitable[Client]]
PERSON = {"name": "赵文博", "id_number": id_number_of(40), "phone": "16900000040"}


@pytest.fixture
async def open_console(database: str) -> AsyncIterator[Open]:
    clients: list[Client] = []

    async def open_one(staff: Staff) -> Client:
        app = make_console(let_in(staff), clock=lambda: NOW)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield open_one
    for client in clients:
        await client.close()


@pytest.fixture
async def row(make_class: MakeClass) -> TrainingClass:
    return await make_class(capacity=5, recruiting_since=NOW)


async def send(client: Client, path: str, **fields: str) -> tuple[int, str]:
    """Status and page of a POST, or where it leads to."""
    async with client.post(
        path,
        data={"csrf": TOKEN, **fields},
        headers={"Accept": "text/html"},
        allow_redirects=False,
    ) as answer:
        if answer.status == 303:
            return 303, answer.headers["Location"]
        return answer.status, (await answer.read()).decode(errors="replace")


async def see(client: Client, path: str) -> tuple[int, str]:
    async with client.get(path, headers={"Accept": "text/html"}) as answer:
        return answer.status, await answer.text()


@pytest.fixture
async def applied(row: TrainingClass, make_trainee: MakePerson, teller: Teller) -> list[Trainee]:
    people = [await make_trainee(number, name) for number, name in ((1, "王秀兰"), (2, "李建国"))]
    for person in people:
        await enrol_oneself(person, teller, class_id=row.id, channel="chat", now=NOW)
    return people


def root(row: TrainingClass) -> str:
    return f"/console/classes/{row.id}/roster"


async def test_the_roster_is_masked_and_confirmed(
    open_console: Open, row: TrainingClass, clerk: Staff, applied: list[Trainee]
) -> None:
    client = await open_console(clerk)
    status, page = await see(client, root(row))
    assert status == 200
    assert "王*" in page and "3715**********" in page
    for known in ("王秀兰", id_number_of(1)):
        assert known not in page
    ticks = re.findall(r'name="(take-[0-9a-f-]+)"', page)
    assert len(ticks) == 2
    assert (await send(client, f"{root(row)}/confirm", **{ticks[0]: "1"}))[0] == 303
    assert sorted(one.status for one in await Enrolment.all()) == ["applied", "confirmed"]
    await send(client, f"{root(row)}/confirm-all")
    assert {one.status for one in await Enrolment.all()} == {"confirmed"}
    status, page = await see(client, f"{root(row)}?status=applied")
    assert "没有这样的学员" in page


async def test_who_has_applied_waits_for_the_holder_alone(
    open_console: Open, row: TrainingClass, clerk: Staff, applied: list[Trainee]
) -> None:
    assert len(applied) == 2
    _, page = await see(await open_console(clerk), "/console/")
    assert "<strong>2</strong>人报了名，等您确认" in page and f'href="{root(row)}"' in page
    other = dataclasses.replace(clerk, id=new_id(), institution=new_id())
    _, page = await see(await open_console(other), "/console/")
    assert "人报了名" not in page
    await send(await open_console(clerk), f"{root(row)}/confirm-all")
    _, page = await see(await open_console(clerk), "/console/")
    assert "人报了名" not in page


async def test_somebody_is_added_by_hand_and_taken_out(
    open_console: Open, row: TrainingClass, clerk: Staff, make_class: MakeClass
) -> None:
    client = await open_console(clerk)
    assert (await see(client, f"{root(row)}/add"))[0] == 200
    status, page = await send(client, f"{root(row)}/add", **(PERSON | {"id_number": "3715"}))
    assert status == 422 and "身份证号是18位，现在填的是4位" in page and "赵文博" in page
    assert await send(client, f"{root(row)}/add", **PERSON) == (303, root(row))
    (one,) = await Enrolment.all()
    assert (one.status, one.channel) == ("confirmed", "console")
    status, page = await see(client, root(row))
    assert "加进名单了" in page and "还没告知" in page
    status, page = await see(client, f"{root(row)}/{one.id}")
    assert status == 200 and "让赵*退出" in page
    assert (await see(client, f"{root(row)}/{new_id()}"))[0] == 404
    elsewhere = f"/console/classes/{(await make_class('别的班')).id}/roster/{one.id}/withdraw"
    assert (await send(client, elsewhere))[0] == 404
    assert (await Enrolment.get()).status == "confirmed"
    await send(client, f"{root(row)}/{one.id}/withdraw")
    assert (await Enrolment.get()).status == "withdrawn"


async def test_a_filed_roster_is_amended(
    open_console: Open, row: TrainingClass, clerk: Staff, applied: list[Trainee]
) -> None:
    client = await open_console(clerk)
    await send(client, f"{root(row)}/confirm-all")
    await TrainingClass.filter(id=row.id).update(status="filed")
    status, page = await see(client, root(row))
    assert "登记加人" in page and "导入名单" not in page and "take-" not in page
    line = re.search(rf'href="({root(row)}/[0-9a-f-]{{36}})"', page)
    assert line is not None
    status, page = await see(client, line[1])
    assert status == 200 and "登记退出" in page and "王秀兰" not in page
    leave = f"{line[1]}/leave"
    status, page = await send(client, leave, allowed_by="", reason="转岗")
    assert status == 422 and "转岗" in page
    done = await send(client, leave, allowed_by="县人社局 李科长", reason="转岗")
    assert done == (303, root(row))
    allowed = {"allowed_by": "县人社局 李科长", "reason": "厂里新来的"}
    assert (await send(client, f"{root(row)}/join", **PERSON, **allowed))[0] == 303
    assert [one.kind for one in await Amendment.all().order_by("id")] == ["leave", "join"]
    _, page = await see(client, root(row))
    assert "县人社局 李科长同意" in page and "厂里新来的" in page
    officer = Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)
    _, page = await see(await open_console(officer), "/console/")
    assert "<strong>2</strong>处备案后的变更" in page and f'href="{root(row)}"' in page
    _, page = await see(await open_console(officer), root(row).removesuffix("/roster"))
    assert "名单有变更" in page and "加人；县人社局 李科长同意；厂里新来的" in page
    elsewhere = dataclasses.replace(officer, id=new_id(), county="371502")
    for other in (elsewhere, clerk):
        _, page = await see(await open_console(other), "/console/")
        assert "处备案后的变更" not in page


async def test_a_sheet_is_looked_at_then_taken_over(
    open_console: Open, row: TrainingClass, clerk: Staff
) -> None:
    client = await open_console(clerk)
    sheet = workbook(
        [("姓名", "身份证号"), ("王秀兰", id_number_of(1)), ("李建国", "371521197001010011")]
    )
    form = FormData()
    form.add_field("csrf", TOKEN)
    form.add_field("file", sheet, filename="名单.xlsx")
    async with client.post(f"{root(row)}/import", data=form) as answer:
        page = await answer.text()
        assert answer.status == 200, page
    assert "人加进名单" in page and "第3行" in page and await Enrolment.all().count() == 0
    kept = re.search(r'name="sheet" value="([^"]+)"', page)
    assert kept is not None and f'action="{root(row)}/import/confirmed"' in page
    status, page = await send(client, f"{root(row)}/import/confirmed", sheet=kept[1])
    assert status == 200 and "导入好了" in page
    assert await Enrolment.all().count() == 1


WHOLE = {"whole": "1", "reason": "filing", "note": "交县人社局的纸质名单"}


async def export(client: Client, row: TrainingClass, **fields: str) -> list[str]:
    """The citizen IDs of the sheet."""
    async with client.post(f"{root(row)}/export", data={"csrf": TOKEN, **fields}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
        sheet = read_sheet(await answer.read(), COLUMNS)
    return [str(one.values["id_number"]) for one in sheet.rows]


@pytest.mark.usefixtures("applied")
async def test_a_roster_leaves_the_house_masked_and_on_the_record(
    open_console: Open, row: TrainingClass, clerk: Staff
) -> None:
    client = await open_console(clerk)
    assert all("*" in one for one in await export(client, row))
    status, page = await send(client, f"{root(row)}/print")
    assert status == 200 and "王*" in page and "3715**********" in page and "遮住" in page
    assert "王秀兰" not in page and id_number_of(2) not in page
    # A sheet of paper says by itself whose it is, and of which year.
    assert "阳谷县巧手职业培训学校" in page and "2026年12月7日开课" in page
    assert re.search(r"打印于2026年11月30日 09:00", page)
    entries = await AuditEntry.filter(event="roster.export")
    assert [(one.actor, one.facts["unmasked"]) for one in entries] == [(clerk.key, False)] * 2


@pytest.mark.usefixtures("applied")
async def test_a_holder_has_the_whole_roster_for_a_reason_once_it_is_filed(
    open_console: Open, row: TrainingClass, clerk: Staff
) -> None:
    client = await open_console(clerk)
    assert "打印、导出完整的" not in (await see(client, root(row)))[1]
    for way in ("print", "export"):
        status, page = await send(client, f"{root(row)}/{way}", **WHOLE)
        assert status == 409 and "名单还没有备案" in page and "王秀兰" not in page
    await TrainingClass.filter(id=row.id).update(status="filed")
    assert "打印、导出完整的" in (await see(client, root(row)))[1]
    for reason in ({}, {"reason": ""}, {"reason": "other", "note": "看"}):
        status, page = await send(client, f"{root(row)}/print", whole="1", **reason)
        assert status == 422 and "请写明理由" in page and "王秀兰" not in page
    assert not await AuditEntry.filter(event="roster.export").exists()
    assert await export(client, row, **WHOLE) == [id_number_of(1), id_number_of(2)]
    status, page = await send(client, f"{root(row)}/print", **WHOLE)
    assert status == 200 and "王秀兰" in page and id_number_of(2) in page
    entries = await AuditEntry.filter(event="roster.export")
    assert {one.facts["reason"] for one in entries} == {"交备案、补贴的材料：交县人社局的纸质名单"}
    assert [one.facts["unmasked"] for one in entries] == [True] * 2


async def test_who_was_erased_stays_masked_for_the_holder_alone(
    open_console: Open, row: TrainingClass, clerk: Staff, applied: list[Trainee]
) -> None:
    """Their name is kept for those who audit the money, not for the school."""
    await TrainingClass.filter(id=row.id).update(status="ended")
    await Person.filter(id=applied[0].id).update(erased_at=NOW)
    client = await open_console(clerk)
    _, page = await send(client, f"{root(row)}/print", **WHOLE)
    assert "李建国" in page and "王秀兰" not in page and id_number_of(1) not in page
    first, second = await export(client, row, **WHOLE)
    assert "*" in first and second == id_number_of(2)
    client = await open_console(Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY))
    assert "王秀兰" in (await send(client, f"{root(row)}/print", **WHOLE))[1]


@pytest.mark.usefixtures("applied")
async def test_an_officer_has_the_whole_roster_for_a_reason_alone(
    open_console: Open, row: TrainingClass
) -> None:
    client = await open_console(Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY))
    assert "王秀兰" not in (await send(client, f"{root(row)}/print"))[1]
    assert (await send(client, f"{root(row)}/print", whole="1"))[0] == 422
    assert "王秀兰" in (await send(client, f"{root(row)}/print", **WHOLE))[1]


@pytest.mark.parametrize(
    ("role", "sees", "adds", "exports"),
    [
        (Role.COUNTY_OFFICER, 200, 403, 200),
        (Role.CITY_OFFICER, 200, 403, 200),
        (Role.SUPERVISOR, 200, 403, 403),
        (Role.HOTLINE, 403, 403, 403),
        (Role.EDITOR, 403, 403, 403),
        (Role.AUDITOR, 403, 403, 403),
        (Role.INSTITUTION, 404, 404, 404),
    ],
)
async def test_who_may_what_with_anothers_roster(
    open_console: Open, row: TrainingClass, role: Role, sees: int, adds: int, exports: int
) -> None:
    staff = Staff(new_id(), role, county=COUNTY, institution=new_id())
    client = await open_console(staff)
    assert (await see(client, root(row)))[0] == sees
    assert (await see(client, f"{root(row)}/add"))[0] == adds
    assert (await send(client, f"{root(row)}/add", **PERSON))[0] == adds
    assert (await send(client, f"{root(row)}/export"))[0] == exports
    assert (await send(client, f"{root(row)}/print"))[0] == exports
    assert (await send(client, f"{root(row)}/confirm-all"))[0] == adds
    leaving = f"/console/classes/{row.id}/leave"
    if role is not Role.HOTLINE:
        assert (await send(client, leaving, name="赵文博", id_number=id_number_of(40)))[0] == 403
    assert await Person.all().count() == 0


async def test_another_countys_officer_sees_nothing(open_console: Open, row: TrainingClass) -> None:
    client = await open_console(Staff(new_id(), Role.COUNTY_OFFICER, county="371502"))
    assert (await see(client, root(row)))[0] == 404
    assert (await send(client, f"{root(row)}/export"))[0] == 404


async def test_an_operator_enrols_a_caller_and_reads_the_notice_out(
    open_console: Open, row: TrainingClass, operator: Staff
) -> None:
    client = await open_console(operator)
    path = f"/console/classes/{row.id}/enrol"
    status, page = await see(client, path)
    assert status == 200 and "先念给来电人听" in page
    status, page = await see(client, f"/console/classes/{row.id}")
    assert f'href="{path}"' in page and "看名单" not in page
    status, page = await send(client, path, **PERSON)
    assert status == 422 and "赵文博" in page, "without consent"
    assert await Person.all().count() == 0
    status, page = await send(client, path, **PERSON, consent="1")
    assert status == 200 and "念给来电人听，一句都不能少" in page and "补贴规定" in page
    assert (await Consent.get()).channel == "hotline"
    assert (await Informed.get()).state == "owed", "only read out when somebody says so"
    told = re.search(r'action="(/console/enrolments/[0-9a-f-]{36}/told)"', page)
    assert told is not None
    for _ in range(2):
        assert await send(client, told[1]) == (303, "/console/classes")
    informed = await Informed.get()
    assert (informed.state, informed.channel, informed.told_at) == ("shown", "hotline", NOW)
    assert await AuditEntry.filter(event="enrolment.told", actor=operator.key).count() == 1
    status, page = await send(client, path, **PERSON, consent="1")
    assert "已经报过了" in page
    assert await Enrolment.all().count() == 1
    path_off = f"/console/classes/{row.id}/leave"
    off = {"name": PERSON["name"], "id_number": PERSON["id_number"]}
    assert (await see(client, path_off))[0] == 200
    for wrong in ({"name": "赵文"}, {"id_number": id_number_of(45)}):
        status, page = await send(client, path_off, **(off | wrong))
        assert status == 422 and "名单里没有这个人" in page
    assert (await send(client, path_off, **off)) == (303, f"/console/classes/{row.id}")
    left = await Enrolment.get()
    assert (left.status, left.withdrawn_by) == ("withdrawn", "operator")
    assert await Person.all().count() == 1
    await TrainingClass.filter(id=row.id).update(status="filed")
    other = PERSON | {"id_number": id_number_of(41)}
    status, page = await send(client, path, **other, consent="1")
    assert status == 422 and "名单已经备案" in page


async def test_an_operator_says_that_there_have_been_three_where_there_have(
    open_console: Open, make_class: MakeClass, operator: Staff
) -> None:
    client = await open_console(operator)
    for day in (datetime.date(2026, 12, one) for one in (2, 3, 4)):
        one = await make_class(f"{day}班", starts_on=day, ends_on=day, recruiting_since=NOW)
        path = f"/console/classes/{one.id}/enrol"
        assert "beyond_three" not in (await see(client, path))[1]
        assert (await send(client, path, **PERSON, consent="1"))[0] == 200
    path = f"/console/classes/{(await make_class(recruiting_since=NOW)).id}/enrol"
    status, page = await send(client, path, **PERSON, consent="1")
    assert status == 422 and "今年的补贴培训满3次了" in page and 'name="beyond_three"' in page
    assert (await send(client, path, **PERSON, consent="1", beyond_three="1"))[0] == 200
    assert await Enrolment.filter(beyond_three=True).count() == 1


async def test_a_persons_page_shows_the_classes_they_are_in(
    open_console: Open, row: TrainingClass, operator: Staff, applied: list[Trainee]
) -> None:
    path = f"/console/people/{applied[0].id}"
    away = await Person.get(id=applied[1].id)
    await Person.filter(id=away.id).update(county="371581")
    status, page = await see(await open_console(operator), path)
    assert status == 200 and f'href="/console/classes/{row.id}"' in page and "等确认" in page
    near, far = (Staff(new_id(), Role.COUNTY_OFFICER, one) for one in (COUNTY, "371581"))
    await Person.filter(id=applied[0].id).update(county=COUNTY)
    assert row.title in (await see(await open_console(near), path))[1]
    _, page = await see(await open_console(far), f"/console/people/{away.id}")
    assert "没有报过班" in page, "the class is another county's"


async def test_an_institution_says_that_there_have_been_three_where_there_have(
    open_console: Open, make_class: MakeClass, clerk: Staff
) -> None:
    client = await open_console(clerk)
    for day in (datetime.date(2026, 12, one) for one in (2, 3, 4)):
        one = await make_class(f"{day}班", starts_on=day, ends_on=day)
        assert "beyond_three" not in (await see(client, f"{root(one)}/add"))[1]
        assert (await send(client, f"{root(one)}/add", **PERSON))[0] == 303
    late = {"allowed_by": "李科长", "reason": "补报"}
    for status, path, more in (("recruiting", "add", {}), ("filed", "join", late)):
        one = await make_class(status=status)
        path = f"{root(one)}/{path}"
        assert "beyond_three" not in (await see(client, path))[1]
        code, page = await send(client, path, **(PERSON | {"name": ""}), **more)
        assert code == 422 and "beyond_three" not in page
        code, page = await send(client, path, **PERSON, **more)
        assert code == 422 and "今年的补贴培训满3次了" in page and 'name="beyond_three"' in page
        assert (await send(client, path, **PERSON, **more, beyond_three="1"))[0] == 303
        assert await Enrolment.filter(training_class_id=one.id, beyond_three=True).count() == 1
        await Enrolment.filter(training_class_id=one.id).update(status="withdrawn")
