"""Finding a person in the console, masked; unmasked with a reason that is kept."""

import re
from uuid import uuid4

import pytest

from api.console.people import REVEALS
from domain.actor import Role, Staff, Trainee
from domain.people.phone import phone_columns
from domain.people.rules import complete_id_number
from models.audit import AuditEntry
from models.people import Person
from tests.consoles import CITY_OFFICER
from tests.integration.api.applications import VAULT
from tests.integration.console.conftest import OpenConsole, Visitor
from tests.integration.employers.people import make_person

ID_NUMBER = complete_id_number("37152119690822911")
YANGGU = Staff(uuid4(), Role.COUNTY_OFFICER, county="371521")
SHEN = Staff(uuid4(), Role.COUNTY_OFFICER, county="371522")


@pytest.fixture
async def person(database: str) -> Trainee:
    return await make_person("王素梅", number=ID_NUMBER, county="371521")


@pytest.fixture
async def officer(open_console: OpenConsole) -> Visitor:
    return await open_console(CITY_OFFICER)


async def test_a_person_is_found_by_what_is_given_and_stays_masked(
    officer: Visitor, person: Trainee
) -> None:
    assert "找人" in await officer.get("/people")
    for fields in ({"name": "王素梅"}, {"id_number": ID_NUMBER.lower()}):
        page = await officer.post("/people", **fields)
        assert officer.path == "/console/people"
        body = page[page.index("<table") :]
        assert "王*" in body and f"3715**********{ID_NUMBER[-4:]}" in body
        assert f"/console/people/{person.id}" in body and "阳谷县" in body
        assert "王素梅" not in body and ID_NUMBER not in body
    assert "手机号" not in (await officer.get(f"/people/{person.id}")).partition("登记")[2]
    row = await Person.get(id=person.id)
    await row.update_from_dict(phone_columns(VAULT, row, "16900000002", "told")).save()
    assert "只作联系，不能证明是本人" in await officer.get(f"/people/{person.id}")
    page = await officer.post(
        "/people", name="王素梅", id_number=complete_id_number("37152119690822912")
    )
    assert "没有找到这个人" in page
    looked = await AuditEntry.filter(event="person.found").order_by("at").values_list("about_id")
    assert looked == [(person.id,), (person.id,), (None,)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "至少写一样"),
        ({"id_number": "37152119690822911X9"}, "身份证号"),
        ({"phone": "12"}, "电话没有读懂"),
    ],
)
async def test_what_cannot_be_looked_for(
    officer: Visitor, fields: dict[str, str], words: str
) -> None:
    page = await officer.post("/people", **fields)
    assert officer.status == 422
    assert words in page
    for value in fields.values():
        assert f'value="{value}"' in page


async def test_who_opens_the_page_stands_in_the_log(officer: Visitor, person: Trainee) -> None:
    for _ in range(3):
        await officer.get(f"/people/{person.id}")
    entry = await AuditEntry.get(event="person.see")
    assert (entry.actor, entry.about_id) == (CITY_OFFICER.key, person.id)


async def test_unmasked_on_one_page_with_the_reason_kept(officer: Visitor, person: Trainee) -> None:
    page = await officer.get(f"/people/{person.id}")
    assert "王*" in page and "王素梅" not in page and "记下并查看" in page
    page = await officer.post(f"/people/{person.id}/reveal", reason="contact", note="约上课")
    assert "王素梅" in page and ID_NUMBER in page
    assert "已记录：打电话联系本人：约上课" in page
    entry = await AuditEntry.get(event="person.revealed")
    assert entry.about_id == person.id and entry.facts["reason"] == "打电话联系本人：约上课"
    assert "王素梅" not in await officer.get(f"/people/{person.id}")


@pytest.mark.parametrize(
    "fields", [{}, {"reason": "nonsense"}, {"reason": "other"}, {"reason": "other", "note": "看"}]
)
async def test_without_a_reason_nothing_is_shown(
    officer: Visitor, person: Trainee, fields: dict[str, str]
) -> None:
    page = await officer.post(f"/people/{person.id}/reveal", **fields)
    assert officer.status == 422
    assert "要先选一个理由" in page and "王素梅" not in page
    assert not await AuditEntry.filter(event="person.revealed").exists()


async def test_another_county_finds_and_sees_nobody(
    open_console: OpenConsole, person: Trainee
) -> None:
    other, own = await open_console(SHEN), await open_console(YANGGU)
    assert "没有找到这个人" in await other.post("/people", name="王素梅")
    for path in (f"/people/{person.id}", f"/people/{uuid4()}", "/people/x"):
        await other.get(path)
        assert other.status == 404
    page = await other.post(f"/people/{person.id}/reveal", reason="contact")
    assert other.status == 404 and "王素梅" not in page
    assert "王*" in await own.get(f"/people/{person.id}")


async def test_who_may_look_and_not_see(open_console: OpenConsole, person: Trainee) -> None:
    supervisor = await open_console(Staff(uuid4(), Role.SUPERVISOR))
    page = await supervisor.get(f"/people/{person.id}")
    assert "王*" in page and "记下并查看" not in page
    await supervisor.post(f"/people/{person.id}/reveal", reason="contact")
    assert supervisor.status == 403
    for role in (Role.EDITOR, Role.AUDITOR, Role.INSTITUTION, Role.INSPECTOR):
        visitor = await open_console(Staff(uuid4(), role))
        await visitor.get(f"/people/{person.id}")
        assert visitor.status == 403


async def test_nothing_personal_is_in_an_address(officer: Visitor, person: Trainee) -> None:
    page = await officer.post("/people", name="王素梅", id_number=ID_NUMBER)
    for address in re.findall(r'(?:href|action)="([^"]*)"', page):
        assert ID_NUMBER not in address and "%E7%8E%8B" not in address and "王" not in address


async def test_nobody_goes_through_a_list_of_people(officer: Visitor, person: Trainee) -> None:
    for _ in range(REVEALS.calls):
        await officer.post(f"/people/{person.id}/reveal", reason="contact")
        assert officer.status == 200
    page = await officer.post(f"/people/{person.id}/reveal", reason="contact")
    assert officer.status == 429 and "操作太快了" in page and "王素梅" not in page
