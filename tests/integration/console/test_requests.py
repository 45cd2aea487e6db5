"""What people ask for, in the console: the queue, opening one, deciding on it."""

from uuid import uuid4

import pytest

from api.console.requests import KINDS
from domain.actor import Role, Staff, Trainee
from domain.actor import Visitor as Stranger
from domain.people.corrections import ask_to_change_phone, ask_to_correct
from domain.people.moving import ask_to_move
from domain.people.rules import complete_id_number
from domain.requests import rules
from domain.sealed import seal_columns
from models.audit import AuditEntry
from models.columns import new_id
from models.people import Identity, Person
from models.requests import Request
from tests.consoles import CITY_OFFICER, NOW, VAULT
from tests.integration.console.conftest import OpenConsole, Visitor
from tests.integration.employers.people import (
    CONTENT,
    COUNTIES,
    YANGGU,
    bind,
    make_person,
    make_uscc,
)

ID_NUMBER = complete_id_number("37152119690822911")
YANGGU_OFFICER = Staff(uuid4(), Role.COUNTY_OFFICER, county=YANGGU)


@pytest.fixture
async def person(database: str) -> Trainee:
    return await make_person("王素梅", number=ID_NUMBER, county=YANGGU)


@pytest.fixture
async def officer(open_console: OpenConsole) -> Visitor:
    return await open_console(CITY_OFFICER)


async def ask(person: Trainee) -> Request:
    return await ask_to_correct(person, VAULT, name="王素芹", note="换了新证", now=NOW)


async def test_what_waits_stands_in_the_queue_and_on_the_first_page(
    officer: Visitor, person: Trainee
) -> None:
    assert "没有等着定的申请" in await officer.get("/requests")
    asked = await ask(person)
    page = await officer.get("/requests")
    assert f"/console/requests/{asked.id}" in page and "更正姓名或身份证号" in page
    assert "王素" not in page
    assert "件申请等您定" in await officer.get("/")
    assert "没有符合条件的申请" in await officer.get("/requests?kind=phone")
    assert "没有符合条件的申请" in await officer.get("/requests?state=approved")


async def test_what_is_asked_for_is_seen_by_opening_it(officer: Visitor, person: Trainee) -> None:
    asked = await ask(person)
    page = await officer.get(f"/requests/{asked.id}")
    assert "王*" in page and "王素芹" not in page and "打开看内容" in page
    assert not await AuditEntry.filter(event="request.open").exists()
    page = await officer.post(f"/requests/{asked.id}/open")
    assert "王素芹" in page and "换了新证" in page and "批准" in page
    assert (await AuditEntry.get(event="request.open")).about_id == asked.id


async def test_an_approval(officer: Visitor, person: Trainee) -> None:
    asked = await ask(person)
    await officer.post(f"/requests/{asked.id}/open")
    page = await officer.post(f"/requests/{asked.id}/approve", version="1")
    assert officer.path == "/console/requests" and "已批准，对方会收到消息。" in page
    assert (await Request.get(id=asked.id)).state == "approved"
    page = await officer.post(f"/requests/{asked.id}/approve", version="1")
    assert officer.status == 422 and "已经由别人批准了" in page
    assert "已批准" in await officer.get("/requests?state=approved")


async def test_who_has_not_opened_it_sees_it_instead_of_deciding(
    officer: Visitor, person: Trainee
) -> None:
    asked = await ask(person)
    page = await officer.post(f"/requests/{asked.id}/approve", version="1")
    assert officer.status == 422 and "还没有看过内容" in page and "王素芹" in page
    assert (await Request.get(id=asked.id)).state == "asked"
    assert await AuditEntry.filter(event="request.open", about_id=asked.id).exists()
    page = await officer.post(f"/requests/{asked.id}/approve", version="1")
    assert "已批准，对方会收到消息。" in page


async def test_a_refusal_says_why(officer: Visitor, person: Trainee) -> None:
    asked = await ask(person)
    page = await officer.post(f"/requests/{asked.id}/refuse", version="1", reason="")
    assert officer.status == 422
    assert "这一项要填" in page and "王素芹" in page and '<details class="unfold" open>' in page
    page = await officer.post(f"/requests/{asked.id}/refuse", version="1", reason="照片看不清")
    assert "已退回，对方会收到原因。" in page
    assert (await Request.get(id=asked.id)).state == "refused"


async def test_what_has_changed_meanwhile_is_not_decided(officer: Visitor, person: Trainee) -> None:
    asked = await ask(person)
    page = await officer.post(f"/requests/{asked.id}/approve", version="7")
    assert officer.status == 422 and "这份申请已经有变化" in page
    assert (await Request.get(id=asked.id)).state == "asked"


async def test_the_other_kinds_are_told_in_words(officer: Visitor, person: Trainee) -> None:
    phone = await ask_to_change_phone(person, VAULT, phone="16900000009", now=NOW)
    page = await officer.post(f"/requests/{phone.id}/open")
    assert "换手机号" in page and "16900000009" in page
    await bind(person, make_uscc(7), "聊城示例第七家政服务有限公司", YANGGU)
    firm = await Request.get(kind="employer_contact")
    page = await officer.post(f"/requests/{firm.id}/open")
    assert "单位名称" in page and "聊城示例第七家政服务有限公司" in page and make_uscc(7) in page


async def ask_for_binding(name: str) -> Request:
    """From a WeChat that nobody is bound to."""
    id = new_id()
    await Identity.create(
        id=id, account="mini", created_at=NOW, **seal_columns(VAULT, Identity, id)
    )
    return await ask_to_move(
        *(Stranger(id.bytes), VAULT, CONTENT.privacy),
        name=name,
        id_number=ID_NUMBER,
        consent=CONTENT.privacy[-1].version,
        county=YANGGU,
        counties=COUNTIES,
        note="旧手机丢了",
        now=NOW,
    )


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("name", "told"), [("王素梅", "和申请里的一样"), ("王素莱", "和申请里的不一样")]
)
async def test_who_decides_on_a_binding_sees_who_holds_the_number(
    officer: Visitor, name: str, told: str
) -> None:
    asked = await ask_for_binding(name)
    page = await officer.get(f"/requests/{asked.id}")
    assert "王*" not in page and "打开看内容" in page, "opened first, and recorded"
    page = await officer.post(f"/requests/{asked.id}/open")
    assert told in page and "王*" in page and "3715**********" in page
    since, _, where = page.partition("什么时候绑定的")[2].partition("现在绑在")
    assert "10:00" in since and "小程序" in where
    assert ("王素梅" in page) == (name == "王素梅"), "what is held is masked"


async def test_who_decides_on_a_binding_sees_that_nobody_has_bound_the_number(
    officer: Visitor, person: Trainee
) -> None:
    await Identity.filter(person_id=person.id).delete()
    await Person.filter(id=person.id).update(bound_at=None, source="roster")
    asked = await ask_for_binding("王素莱")
    page = await officer.post(f"/requests/{asked.id}/open")
    assert "本人还没有绑定过" in page and "批准以后改成申请里的" in page
    await Person.filter(id=person.id).delete()
    page = await officer.post(f"/requests/{asked.id}/open")
    assert "这个身份证号没有人登记过" in page


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) >= set(rules.KINDS)


async def test_another_county_decides_on_nothing(
    open_console: OpenConsole, person: Trainee
) -> None:
    asked = await ask(person)
    own = await open_console(YANGGU_OFFICER)
    other = await open_console(Staff(uuid4(), Role.COUNTY_OFFICER, county="371522"))
    assert str(asked.id) in await own.get("/requests")
    assert str(asked.id) not in await other.get("/requests?county=371521")
    await other.get(f"/requests/{asked.id}")
    assert other.status == 404
    for act in ("open", "approve", "refuse"):
        page = await other.post(f"/requests/{asked.id}/{act}", version="1", reason="照片看不清")
        assert other.status == 404 and "王素芹" not in page
    assert (await Request.get(id=asked.id)).state == "asked"
    hotline = await open_console(Staff(uuid4(), Role.HOTLINE))
    await hotline.get("/requests")
    assert hotline.status == 403
