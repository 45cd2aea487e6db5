"""Who acts for a firm: bound by the register's phone, one keeper, and never two."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError

from domain.actor import Actor, EmployerContact, System, Trainee
from domain.employers.actions import (
    hand_over_keeping,
    leave_firms,
    register_employer,
    remove_contact,
)
from domain.employers.queries import act_for, find_employer, list_contacts, search_employers
from domain.errors import DomainError
from domain.sealed import change_columns
from models.audit import AuditEntry
from models.columns import new_id
from models.employers import Employer
from models.employers import EmployerContact as Contact
from models.notices import IdentityNotice
from models.people import Person
from models.requests import Request
from tests.integration.api.applications import VAULT
from tests.integration.employers.people import (
    CITY_OFFICER,
    CODE,
    CONTENT,
    DONGCHANGFU,
    NOW,
    OFFICER,
    PHONE,
    YANGGU,
    YANGGU_OFFICER,
    bind,
    make_firm,
    make_person,
    make_uscc,
)

pytestmark = pytest.mark.usefixtures("database")


async def contact_of(actor: Trainee, firm: UUID) -> Contact:
    return await Contact.get(employer_id=firm, person_id=actor.id)


async def keepers_of(firm: UUID) -> list[UUID]:
    return [row.person_id for row in await Contact.filter(employer_id=firm, keeper=True)]


async def refused(action: Awaitable[object]) -> str:
    with pytest.raises(DomainError) as caught:
        await action
    return caught.value.code


async def two_contacts() -> tuple[UUID, Trainee, Trainee]:
    """A firm, its keeper and another."""
    firm = await make_firm()
    keeper, other = await make_person("王素梅", PHONE), await make_person("李建国", PHONE)
    await bind(keeper)
    await bind(other)
    return firm, keeper, other


async def test_the_phone_that_the_register_knows_binds_at_once() -> None:
    firm = await make_firm()
    person = await make_person(verified=PHONE)
    bound = await bind(person, f"　{CODE.lower()[:9]} {CODE.lower()[9:]}")
    assert (bound.status, bound.contact.keeper, bound.employer.id) == ("active", True, firm)
    assert await Request.all().count() == 0
    again = await bind(person)
    assert again.contact.id == bound.contact.id
    assert await Contact.all().count() == 1


@pytest.mark.parametrize("verified", [None, "16900000002"])
@pytest.mark.parametrize("registered", [PHONE, ""])
async def test_any_other_waits_for_an_officer(verified: str | None, registered: str) -> None:
    await make_firm(phone=registered)
    person = await make_person(verified=verified)
    bound = await bind(person)
    assert (bound.status, bound.contact) == ("waiting", None)
    assert await Contact.all().count() == 0
    assert (await bind(person)).request.id == bound.request.id, "once more is the same request"
    request = await Request.get()
    assert (request.kind, request.county, request.about) == ("employer_contact", DONGCHANGFU, CODE)


async def test_the_phone_that_others_gave_of_a_person_binds_nobody() -> None:
    """An institution's roster may say any phone; only WeChat's word counts."""
    await make_firm()
    person = await make_person()
    row = await Person.get(id=person.id)
    await row.update_from_dict(change_columns(VAULT, row, phone=PHONE)).save()
    assert (await bind(person)).status == "waiting"


async def test_a_firm_that_the_register_lacks_must_be_told() -> None:
    person = await make_person(verified=PHONE)
    assert await refused(bind(person)) == "employer_unknown"
    assert await refused(bind(person, name="聊城示例公司", county="110101")) == "county_unknown"
    bound = await bind(person, name="聊城示例公司", county=YANGGU)
    assert (bound.status, bound.employer, bound.request.county) == ("waiting", None, YANGGU)


async def test_binding_at_last_by_phone_takes_the_request_back() -> None:
    await make_firm(phone="")
    person = await make_person(verified=PHONE)
    await bind(person)
    await make_firm(phone=PHONE)
    assert (await bind(person)).status == "active"
    assert (await Request.get()).state == "withdrawn"


async def test_of_two_who_come_first_at_once_one_is_keeper() -> None:
    firm = await make_firm()
    people = [await make_person(f"李建{n}", PHONE) for n in "国军民华"]
    results = await asyncio.gather(*(bind(person) for person in people))
    assert {bound.status for bound in results} == {"active"}
    assert await Contact.filter(employer_id=firm, status="active").count() == 4
    assert len(await keepers_of(firm)) == 1


async def test_postgresql_refuses_a_second_keeper_and_one_who_has_left() -> None:
    firm, _, other = await two_contacts()
    contact = await contact_of(other, firm)
    with pytest.raises(IntegrityError, match="one_keeper"):
        await Contact.filter(id=contact.id).update(keeper=True)
    with pytest.raises(IntegrityError, match="active_keeper"):
        await Contact.filter(keeper=True).update(status="ended", ended_at=NOW)


async def test_the_keeper_removes_others_and_is_removed_by_nobody() -> None:
    firm, keeper, other = await two_contacts()
    first, second = await contact_of(keeper, firm), await contact_of(other, firm)
    as_keeper, as_other = await act_for(keeper, firm), await act_for(other, firm)

    async def remove(actor: Any, contact: Contact) -> None:
        await remove_contact(actor, employer_id=firm, contact_id=contact.id, now=NOW)

    assert await refused(remove(as_other, first)) == "only_the_keeper"
    assert await refused(remove(OFFICER, first)) == "keeper_stays"
    assert await refused(remove(as_keeper, first)) == "keeper_hands_over_first"
    assert await refused(remove(YANGGU_OFFICER, second)) == "not_found"
    await remove(as_keeper, second)
    assert await refused(act_for(other, firm)) == "not_found"
    assert await refused(remove(as_keeper, second)) == "not_found"
    await remove(as_keeper, first)
    assert await keepers_of(firm) == [], "the last one may go"
    assert (await bind(other)).contact.keeper, "and who comes next is keeper"


async def test_an_officer_removes_whoever_is_not_the_keeper() -> None:
    firm, _, other = await two_contacts()
    second = await contact_of(other, firm)
    await remove_contact(OFFICER, employer_id=firm, contact_id=second.id, now=NOW)
    entry = await AuditEntry.filter(event="contact.leave").get()
    assert (entry.actor, entry.about_id) == (OFFICER.key, firm)


async def test_who_was_removed_acts_no_more_though_the_door_still_thinks_so() -> None:
    """The actor was made before the removal, as when two requests cross."""
    firm, keeper, other = await two_contacts()
    stale = await act_for(other, firm)
    second = await contact_of(other, firm)
    first = await contact_of(keeper, firm)
    await remove_contact(
        await act_for(keeper, firm), employer_id=firm, contact_id=second.id, now=NOW
    )
    assert await refused(list_contacts(stale, VAULT, firm, None, 10)) == "not_found"
    assert await refused(hand_over_keeping(stale, contact_id=first.id, now=NOW)) == "not_found"
    removal = remove_contact(stale, employer_id=firm, contact_id=first.id, now=NOW)
    assert await refused(removal) == "not_found"


async def test_the_keeping_is_handed_over() -> None:
    firm, keeper, other = await two_contacts()
    second = await contact_of(other, firm)
    as_keeper = await act_for(keeper, firm)
    assert await refused(hand_over_keeping(as_keeper, contact_id=new_id(), now=NOW)) == "not_found"
    await hand_over_keeping(as_keeper, contact_id=second.id, now=NOW)
    assert await keepers_of(firm) == [other.id]
    again = hand_over_keeping(as_keeper, contact_id=second.id, now=NOW)
    assert await refused(again) == "only_the_keeper"


@pytest.mark.parametrize("change", ["bind", "remove", "hand over", "leave for good"])
async def test_changes_of_one_firms_contacts_wait_for_one_another(
    database: str, change: str
) -> None:
    """Whoever has the firm's row is alone with its contacts, until they have committed."""
    firm, keeper, other = await two_contacts()
    third = await make_person("孙桂兰", PHONE)
    second, as_keeper = await contact_of(other, firm), await act_for(keeper, firm)
    changes: dict[str, Coroutine[Any, Any, object]] = {
        "bind": bind(third),
        "remove": remove_contact(as_keeper, employer_id=firm, contact_id=second.id, now=NOW),
        "hand over": hand_over_keeping(as_keeper, contact_id=second.id, now=NOW),
        "leave for good": leave_firms(System("erasure"), person_id=keeper.id, now=NOW),
    }
    holding = await asyncpg.connect(database)
    async with holding.transaction():
        await holding.execute("SELECT id FROM employers WHERE id = $1 FOR NO KEY UPDATE", firm)
        changing = asyncio.create_task(changes.pop(change))
        done, _ = await asyncio.wait({changing}, timeout=0.5)
        assert not done
    await changing
    await holding.close()
    for coroutine in changes.values():
        coroutine.close()
    assert len(await keepers_of(firm)) == 1


async def test_handed_over_and_left_at_once_leaves_one_keeper() -> None:
    """Whichever comes first, the firm is not left with contacts and no keeper."""
    firm, keeper, other = await two_contacts()
    first, second = await contact_of(keeper, firm), await contact_of(other, firm)
    as_keeper, as_other = await act_for(keeper, firm), await act_for(other, firm)
    await asyncio.gather(
        hand_over_keeping(as_keeper, contact_id=second.id, now=NOW),
        remove_contact(as_other, employer_id=firm, contact_id=second.id, now=NOW),
        remove_contact(as_keeper, employer_id=firm, contact_id=first.id, now=NOW),
        return_exceptions=True,
    )
    active = await Contact.filter(employer_id=firm, status="active").count()
    assert len(await keepers_of(firm)) == min(active, 1)


async def test_a_firm_of_another_is_not_there() -> None:
    firm, keeper, _ = await two_contacts()
    mine = await make_firm(2, phone="16900000009")
    stranger = await make_person("赵文博", "16900000009")
    await bind(stranger, make_uscc(2))
    foreign = EmployerContact(stranger.id, firm)
    first = await contact_of(keeper, firm)
    assert await refused(act_for(stranger, firm)) == "not_found"
    assert await refused(list_contacts(foreign, VAULT, firm, None, 10)) == "not_found"
    own = await act_for(stranger, mine)
    for actor in (foreign, own):
        removal = remove_contact(actor, employer_id=firm, contact_id=first.id, now=NOW)
        assert await refused(removal) == "not_found"
    assert await refused(hand_over_keeping(own, contact_id=first.id, now=NOW)) == "not_found"


async def test_whom_it_concerns_is_told() -> None:
    """The keeper of who has joined, the removed of it, both of a change; not the actor."""
    firm, keeper, other = await two_contacts()

    async def told(actor: Trainee) -> list[str]:
        rows = await IdentityNotice.filter(identity__person_id=actor.id).order_by("id")
        return [row.kind for row in rows]

    assert (await told(keeper), await told(other)) == (["contact.joined"], [])
    second = await contact_of(other, firm)
    await hand_over_keeping(await act_for(keeper, firm), contact_id=second.id, now=NOW)
    assert (await told(keeper), await told(other)) == (["contact.joined"], ["keeper.changed"])
    first = await contact_of(keeper, firm)
    own = await act_for(other, firm)
    await remove_contact(own, employer_id=firm, contact_id=first.id, now=NOW)
    assert await told(keeper) == ["contact.joined", "contact.removed"]
    for kind in ("contact.joined", "contact.removed", "keeper.changed"):
        assert CONTENT.texts[f"people.notices.{kind}"]


async def test_who_is_erased_leaves_and_the_longest_there_keeps_on() -> None:
    firm, keeper, other = await two_contacts()
    third = await make_person("孙桂兰", PHONE)
    await bind(third)
    await leave_firms(System("erasure"), person_id=keeper.id, now=NOW)
    assert await keepers_of(firm) == [other.id]
    for actor in (other, third):
        await leave_firms(System("erasure"), person_id=actor.id, now=NOW)
    assert not await Contact.filter(status="active").exists()


async def test_who_is_erased_is_not_admitted() -> None:
    await make_firm()
    person = await make_person(verified=PHONE)
    await Person.filter(id=person.id).update(erased_at=NOW)
    assert await refused(bind(person)) == "binding_required"


async def test_contacts_are_shown_masked() -> None:
    firm, keeper, _ = await two_contacts()
    for actor in (await act_for(keeper, firm), OFFICER, CITY_OFFICER):
        page = await list_contacts(actor, VAULT, firm, None, 10)
        assert [(row.name, row.phone) for row in page.rows] == [
            ("王*", "169****0001"),
            ("李*", "169****0001"),
        ]
    assert await refused(list_contacts(YANGGU_OFFICER, VAULT, firm, None, 10)) == "not_found"
    assert await refused(list_contacts(keeper, VAULT, firm, None, 10)) == "no_permission"


async def test_the_register_is_searched_within_ones_reach() -> None:
    home = await make_firm(1)
    away = await make_firm(2, county=YANGGU, phone="")

    async def find(actor: Actor, **how: Any) -> list[UUID]:
        page = await search_employers(actor, VAULT, **how)
        return [row.id for row in page.rows]

    assert await find(CITY_OFFICER) == [home, away]
    assert await find(OFFICER) == [home]
    assert await find(OFFICER, county=YANGGU) == []
    assert await find(CITY_OFFICER, county=YANGGU) == [away]
    assert await find(CITY_OFFICER, text="示例 第2家") == [away]
    assert await find(CITY_OFFICER, text=make_uscc(2)[9:].lower()) == [away]
    assert await find(CITY_OFFICER, text="没有_%") == []
    assert await find(CITY_OFFICER, text="\0第2家\ud83d") == [away]
    with pytest.raises(DomainError, match="no_permission"):
        await find(EmployerContact(new_id(), home))
    shown = await find_employer(OFFICER, VAULT, home)
    assert (shown.phone, shown.contacts) == ("169****0001", 0)
    assert await refused(find_employer(OFFICER, VAULT, away)) == "not_found"


async def test_the_register_is_kept_by_officers_of_the_county() -> None:
    firm = await make_firm()

    async def register(actor: Any, county: str) -> UUID:
        return await register_employer(
            *(actor, VAULT), uscc=CODE, name="聊城示例(改名)公司", county=county, phone="", now=NOW
        )

    assert await refused(register(YANGGU_OFFICER, YANGGU)) == "not_found"
    assert await refused(register(OFFICER, YANGGU)) == "not_found"
    contact = EmployerContact(new_id(), firm)
    assert await refused(register(contact, DONGCHANGFU)) == "not_found"
    assert await register(OFFICER, DONGCHANGFU) == firm
    row = await Employer.get()
    assert (row.name, row.phone_sealed, row.phone_index) == ("聊城示例（改名）公司", None, None)
    entry = await AuditEntry.filter(event="employer.change").get()
    assert entry.facts == {"changed": ["name", "phone"]}


async def test_one_firm_has_room_for_twenty() -> None:
    firm = await make_firm()
    for number in range(20):
        person = await make_person("李建国")
        await Contact.create(
            employer_id=firm, person_id=person.id, status="active", since=NOW, keeper=number == 0
        )
    assert await refused(bind(await make_person("王素梅", PHONE))) == "too_many_contacts"
