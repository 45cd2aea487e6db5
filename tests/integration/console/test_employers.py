"""The register of firms in the console."""

from uuid import UUID, uuid4

import pytest

from domain.actor import Role, Staff
from models.employers import Employer
from models.employers import EmployerContact as Contact
from tests.consoles import CITY_OFFICER
from tests.integration.console.conftest import OpenConsole, Visitor
from tests.integration.employers.people import (
    DONGCHANGFU,
    PHONE,
    YANGGU,
    bind,
    make_firm,
    make_person,
    make_uscc,
)

NAME = "聊城示例第1家政服务有限公司"


@pytest.fixture
async def firm(database: str) -> UUID:
    return await make_firm()


@pytest.fixture
async def officer(open_console: OpenConsole) -> Visitor:
    return await open_console(CITY_OFFICER)


async def test_a_firm_is_found_and_shown(officer: Visitor, firm: UUID) -> None:
    await bind(await make_person("王素梅", PHONE))
    page = await officer.get("/employers?q=示例 家政")
    assert NAME in page and f"/console/employers/{firm}" in page
    assert "没有符合条件的企业" in await officer.get("/employers?q=没有这家")
    page = await officer.get(f"/employers/{firm}")
    assert make_uscc(1) in page and "169****0001" in page and PHONE not in page
    assert "王*" in page and "王素梅" not in page and "管理员" in page
    assert "移除王*" not in page


async def test_an_officer_registers_one_and_puts_it_right(officer: Visitor) -> None:
    fields = {"uscc": make_uscc(2), "name": NAME, "county": YANGGU, "phone": PHONE}
    page = await officer.post("/employers/new", **(fields | {"uscc": "123"}))
    assert officer.status == 422 and "统一社会信用代码是18位" in page and f'value="{NAME}"' in page
    page = await officer.post("/employers/new", **fields)
    assert "已登记。" in page and "阳谷县" in page
    path = officer.path.removeprefix("/console")
    assert "现在是 169****0001" in await officer.get(f"{path}/edit")
    page = await officer.post(f"{path}/edit", name=f"{NAME}阳谷分公司", county=YANGGU, phone="")
    assert f"{NAME}阳谷分公司" in page and "169****0001" in page, "not typed is not taken away"
    typed = {"name": NAME, "county": YANGGU}
    page = await officer.post(f"{path}/edit", **typed, phone="16900000002", no_phone="1")
    assert "169****0002" in page, "what is typed counts"
    page = await officer.post(f"{path}/edit", **typed, phone="", no_phone="1")
    assert "已保存。" in page and "169****" not in page
    assert "现在没有" in await officer.get(f"{path}/edit")
    assert await Employer.all().count() == 1


async def test_a_contact_is_removed_and_the_keeper_is_not(officer: Visitor, firm: UUID) -> None:
    await bind(await make_person("王素梅", PHONE))
    await bind(await make_person("李桂芹", PHONE))
    page = await officer.get(f"/employers/{firm}")
    assert "移除李*" in page and "移除王*" not in page
    keeper, other = await Contact.all().order_by("-keeper")
    await officer.post(f"/employers/{firm}/contacts/{keeper.id}/remove")
    assert officer.status >= 400
    page = await officer.post(f"/employers/{firm}/contacts/{other.id}/remove")
    assert "已移除" in page and "李*" not in page
    assert await Contact.filter(status="active").count() == 1


async def test_another_county_sees_and_changes_nothing(
    open_console: OpenConsole, firm: UUID
) -> None:
    await bind(await make_person("王素梅", PHONE))
    await bind(await make_person("李桂芹", PHONE))
    other = await open_console(Staff(uuid4(), Role.COUNTY_OFFICER, county=YANGGU))
    assert NAME not in await other.get(f"/employers?county={DONGCHANGFU}")
    for path in (f"/employers/{firm}", f"/employers/{firm}/edit", "/employers/x"):
        await other.get(path)
        assert other.status == 404
    fields = {"name": "抢来的公司", "county": YANGGU, "phone": ""}
    await other.post(f"/employers/{firm}/edit", **fields)
    assert other.status == 404
    await other.post("/employers/new", uscc=make_uscc(1), **fields)
    assert other.status == 404
    contact = await Contact.filter(keeper=False).first()
    assert contact
    await other.post(f"/employers/{firm}/contacts/{contact.id}/remove")
    assert other.status == 404
    assert (await Employer.get(id=firm)).name == NAME
    assert await Contact.filter(status="active").count() == 2


async def test_who_may_look_and_not_change(open_console: OpenConsole, firm: UUID) -> None:
    hotline = await open_console(Staff(uuid4(), Role.HOTLINE))
    page = await hotline.get(f"/employers/{firm}")
    assert NAME in page and "改资料" not in page
    await hotline.get("/employers/new")
    assert hotline.status == 403
    for role in (Role.EDITOR, Role.AUDITOR, Role.INSTITUTION):
        visitor = await open_console(Staff(uuid4(), role))
        await visitor.get("/employers")
        assert visitor.status == 403
