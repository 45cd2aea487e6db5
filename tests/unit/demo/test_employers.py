"""The firms of the demo: thirty, with valid codes, and contacts from among the demo's people."""

from pathlib import Path

import pytest

from demo.employers import WITH_CONTACT, Employers, list_firms
from demo.people import People
from demo.world import World
from domain.actor import EmployerContact
from domain.employers.actions import remove_contact
from domain.employers.rules import normalise_employer_name, normalise_uscc
from domain.sealed import seal_columns
from models.columns import new_id
from models.employers import Employer
from models.employers import EmployerContact as Contact
from models.people import Identity, Person
from models.requests import Request
from tests.support import package_content
from tests.unit.demo.test_world import NOW, world_of


def test_thirty_fictional_firms_of_all_counties() -> None:
    firms = list_firms()
    counties = {county.code for county in package_content().counties}
    assert len(firms) == len({name for name, _, _ in firms}) == 30
    assert {county for _, _, county in firms} == counties
    for name, code, county in firms:
        assert normalise_uscc(code) == code
        assert normalise_employer_name(name) == name
        assert code[2:8] == county


@pytest.fixture
def world(database: str, tmp_path: Path) -> World:
    return world_of(tmp_path)


async def bind_people(world: World, count: int) -> None:
    """The first people of the demo, bound by name and with the phones that they hold."""
    for one in list((await People().describe(world))["people"])[:count]:
        told: dict[str, str] = one  # type: ignore[assignment]
        person, identity = new_id(), new_id()
        names = {"name": told["name"], "id_number": told["id_number"]}
        await Person.create(
            id=person,
            source="bound",
            created_at=NOW,
            bound_at=NOW,
            **seal_columns(world.vault, Person, person, **names),
        )
        await Identity.create(
            id=identity,
            account="mini",
            person_id=person,
            created_at=NOW,
            **seal_columns(world.vault, Identity, identity, phone=told["phone"]),
        )


async def test_where_nobody_is_bound_there_are_firms_alone(world: World) -> None:
    await Employers().seed(world)
    told = (await Employers().describe(world))["employers"]
    assert len(told) == 30
    assert {one["contact_openid"] for one in told} == {None}  # type: ignore[index]


async def test_people_who_are_bound_act_for_some(world: World) -> None:
    await bind_people(world, 3)
    await Employers().seed(world)
    told = (await Employers().describe(world))["employers"]
    openids = [one["contact_openid"] for one in told]  # type: ignore[index]
    people = list((await People().describe(world))["people"])
    assert openids[:3] == [one["openid"] for one in people[:3]]  # type: ignore[index]
    assert [openid is not None for openid in openids] == [True] * WITH_CONTACT + [False] * 18
    waiting = await Request.get(state="asked")
    assert waiting.about == list_firms()[WITH_CONTACT][1]
    assert not await Request.filter(about__in=[code for _, code, _ in list_firms()[:3]])


async def test_a_second_start_leaves_what_people_have_done(world: World) -> None:
    await bind_people(world, 1)
    await Employers().seed(world)
    firm = await Employer.get(uscc=list_firms()[0][1])
    contact = await Contact.get(employer_id=firm.id)
    await Employer.filter(id=firm.id).update(name="改过的名字有限公司")
    own = EmployerContact(contact.person_id, firm.id)
    await remove_contact(own, employer_id=firm.id, contact_id=contact.id, now=NOW)
    await Employers().seed(world)
    assert await Employer.all().count() == 30
    assert not await Contact.exists(employer_id=firm.id, status="active")
    assert (await Employer.get(id=firm.id)).name == "改过的名字有限公司"
