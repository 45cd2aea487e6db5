"""Staff look for people: as far as they reach, masked, and each look is written down."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.actor import STAFF_ROLES, Actor, Role, Staff, Trainee, Visitor
from domain.calendar import local_now
from domain.errors import DomainError
from domain.people.lookups import find_people, reveal_person, see_person
from domain.people.rules import complete_id_number
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from settings import DataKey
from tests.integration.bot.database import fetch
from tests.integration.people.conftest import LI, OTHER_PHONE, PHONE, WANG, put_on_roster

VAULT = Vault([DataKey("k1", bytes(range(32)))])
REASON = "来电核对报名信息"


def staff(role: Role, county: str | None = None) -> Staff:
    return Staff(new_id(), role, county)


@pytest.fixture
async def people(database: str) -> list[UUID]:
    """Two of one county and a namesake of another."""
    namesake = (WANG[0], complete_id_number("37158119900101001"))
    return [
        await put_on_roster(VAULT, *WANG, PHONE),
        await put_on_roster(VAULT, *LI),
        await put_on_roster(VAULT, *namesake, OTHER_PHONE),
    ]


async def find(actor: Actor, **by: str) -> list[UUID]:
    return [one.id for one in await find_people(actor, VAULT, **by, now=local_now())]


async def test_one_finds_by_whole_values_within_ones_reach(people: list[UUID]) -> None:
    wang, li, namesake = people
    city, hotline = staff(Role.CITY_OFFICER), staff(Role.HOTLINE)
    county = staff(Role.COUNTY_OFFICER, "371502")
    assert set(await find(city, name="王 素梅")) == {wang, namesake}
    assert await find(county, name="王素梅") == [wang]
    assert await find(staff(Role.COUNTY_OFFICER), name="王素梅") == []
    assert await find(hotline, phone="+86 169 0000 0002") == [namesake]
    assert await find(city, id_number=LI[1].lower()) == [li]
    assert await find(city, name="王素梅", phone=PHONE) == [wang]
    assert await find(city, name="李建国", phone=PHONE) == []
    assert await find(city, name="王素") == [], "no part of a name finds"
    (shown,) = await find_people(county, VAULT, phone=PHONE, now=local_now())
    assert (shown.name, shown.phone, shown.bound) == ("王*", "169****0001", False)
    assert shown.id_number == f"3715**********{WANG[1][-4:]}"
    assert await find(Trainee(wang), name="王素梅") == [wang]


@pytest.mark.parametrize("role", sorted(STAFF_ROLES, key=str))
async def test_who_may_reveal(people: list[UUID], role: Role) -> None:
    may = {Role.HOTLINE, Role.COUNTY_OFFICER, Role.CITY_OFFICER}
    actor = staff(role, "371502" if role is Role.COUNTY_OFFICER else None)
    try:
        revealed = await reveal_person(
            actor, VAULT, person=people[0], reason=REASON, now=local_now()
        )
    except DomainError as refusal:
        assert (role in may, refusal.code) == (False, "no_permission")
    else:
        assert role in may
        assert (revealed.name, revealed.id_number, revealed.phone) == (*WANG, PHONE)


@pytest.mark.parametrize(
    ("actor", "person", "reason", "code"),
    [
        (staff(Role.COUNTY_OFFICER, "371502"), 1, REASON, "not_found"),
        (staff(Role.COUNTY_OFFICER), 0, REASON, "not_found"),
        (staff(Role.CITY_OFFICER), None, REASON, "not_found"),
        (staff(Role.CITY_OFFICER), 0, "  ", "reason_missing"),
        (staff(Role.CITY_OFFICER), 0, "看" * 201, "reason_missing"),
        (Visitor(b"p" * 16), 0, REASON, "no_permission"),
    ],
)
async def test_what_is_refused_is_not_shown(
    people: list[UUID], database: str, actor: Actor, person: int | None, reason: str, code: str
) -> None:
    id = new_id() if person is None else people[person]
    with pytest.raises(DomainError) as refused:
        await reveal_person(actor, VAULT, person=id, reason=reason, now=local_now())
    assert refused.value.code == code
    assert await fetch(database, "SELECT FROM audit_entries") == []


async def test_every_look_is_written_down(people: list[UUID], database: str) -> None:
    """With the reason, and without what was looked for."""
    officer = staff(Role.CITY_OFFICER)
    await find(officer, name=WANG[0], phone=PHONE)
    await reveal_person(
        officer, VAULT, person=people[0], reason=f"核对{WANG[1]}，回拨{PHONE}", now=local_now()
    )
    rows: list[Any] = await fetch(database, "SELECT * FROM audit_entries ORDER BY id")
    assert [(row["event"], row["about_id"], row["actor"]) for row in rows] == [
        ("person.found", people[0], officer.key),
        ("person.revealed", people[0], officer.key),
    ]
    assert json.loads(rows[0]["facts"]) == {"by": "name,phone", "count": 1}
    told = str([dict(row) for row in rows])
    assert "核对" in told
    for secret in (WANG[0], WANG[1], PHONE):
        assert secret not in told


async def test_a_look_up_names_each_who_was_found(people: list[UUID]) -> None:
    wang, _, namesake = people
    officer = staff(Role.CITY_OFFICER)
    await find(officer, name=WANG[0])
    await find(officer, name="周不在")
    rows = await AuditEntry.filter(event="person.found").values_list("about_id", "facts")
    assert sorted(rows, key=str) == sorted(
        [
            (wang, {"by": "name", "count": 2}),
            (namesake, {"by": "name", "count": 2}),
            (None, {"by": "name", "count": 0}),
        ],
        key=str,
    )


async def test_who_opens_a_person_stands_in_the_log_once_in_half_an_hour(
    people: list[UUID],
) -> None:
    wang, li, _ = people
    city, hotline = staff(Role.CITY_OFFICER), staff(Role.HOTLINE)
    county = staff(Role.COUNTY_OFFICER, "371521")
    now = local_now()
    for actor, person, minutes in (
        *((city, wang, 0), (city, wang, 29), (hotline, wang, 29), (city, li, 29)),
        *((city, wang, 31), (Trainee(wang), wang, 0)),
    ):
        await see_person(actor, VAULT, person=person, now=now + timedelta(minutes=minutes))
    with pytest.raises(DomainError):
        await see_person(county, VAULT, person=wang, now=now)
    seen = await AuditEntry.filter(event="person.see").order_by("at", "actor", "about_id")
    assert [(row.actor, row.about_id) for row in seen] == [
        (city.key, wang),
        *sorted([(city.key, li), (hotline.key, wang)]),
        (city.key, wang),
    ]


async def test_an_empty_search_finds_nobody(people: list[UUID]) -> None:
    for by, code in (
        ({}, "search_empty"),
        ({"name": "  "}, "search_empty"),
        ({"id_number": "371502"}, "id_number_wrong"),
        ({"phone": "1"}, "phone_wrong"),
    ):
        with pytest.raises(DomainError) as refused:
            await find(staff(Role.CITY_OFFICER), **by)
        assert refused.value.code == code
