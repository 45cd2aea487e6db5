"""The demo's people: the same everywhere, valid, fictional, and what they have done since stays."""

from collections import Counter
from pathlib import Path

import pytest

from demo.people import BOUND, COUNTIES, FIRST, HOW_MANY, People, list_people, openid_of
from domain.actor import Trainee
from domain.holdings import periods_of
from domain.people.queries import find_people_by_id_numbers
from domain.people.rules import is_mobile, normalise_id_number, normalise_name
from domain.privacy.actions import erase_me
from models.people import Identity, Person
from tests.support import package_content
from tests.unit.demo.test_world import NOW, world_of

CONTENT = package_content()


def test_they_are_the_same_on_every_machine_and_valid() -> None:
    people = list_people()
    assert len(people) == HOW_MANY == 400
    assert [(one.name, one.id_number[:17]) for one in people[: len(FIRST)]] == [*FIRST]
    assert len({one.id_number for one in people}) == len({one.phone for one in people}) == 400
    for one in people:
        assert normalise_id_number(one.id_number, NOW.date()) == one.id_number
        assert normalise_name(one.name) == one.name
        assert is_mobile(one.phone) and one.phone.startswith("1690000")
    # Whoever changes how they are made changes them on every machine: that is to be seen.
    assert (people[6].name, people[6].id_number[:6]) == ("朱欣悦", "371526")
    assert set(COUNTIES) == {county.code for county in CONTENT.counties}
    counted = Counter(one.id_number[:6] for one in people)
    assert set(counted) == set(COUNTIES) and min(counted.values()) >= 45


@pytest.mark.usefixtures("database")
async def test_they_are_seeded_once_and_some_are_bound(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    for _ in range(2):
        await People().seed(world)
    assert await Person.all().count() == 400
    assert await Person.filter(county="").count() == 0
    assert await Identity.all().count() == 2 * len(BOUND)
    described = (await People().describe(world))["people"]
    assert [one["bound"] for one in described] == [n in BOUND for n in range(400)]  # type: ignore[index]
    numbers = [one.id_number for one in list_people()]
    assert set(await find_people_by_id_numbers(world.vault, numbers)) == set(numbers)
    sender = world.vault.index(f"{world.accounts.app_id}\0{openid_of(world, BOUND[0])}", "person")
    assert await Identity.filter(sender=sender, account="official").exists()


@pytest.mark.usefixtures("database")
async def test_who_was_erased_stays_erased(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    await People().seed(world)
    identity = await Identity.filter(account="mini").first()
    assert identity is not None and identity.person_id is not None
    await erase_me(
        Trainee(identity.person_id),
        world.vault,
        periods_of(CONTENT),
        identity=identity.id,
        now=NOW,
    )
    await People().seed(world)
    assert await Person.filter(id_number_sealed__isnull=True).count() == 1
    assert await Person.all().count() == 400
    described = (await People().describe(world))["people"]
    assert sum(one["bound"] for one in described) == len(BOUND) - 1  # type: ignore[index]
