"""Requests: one life, one decision, made by another within reach, with its effect or not at all."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError

from domain.actor import Actor, Role, Staff, System, Trainee
from domain.decisions.actions import approve_request, open_request, refuse_request
from domain.employers.queries import act_for
from domain.errors import DomainError
from domain.people.corrections import ask_to_change_phone, ask_to_correct
from domain.people.rules import complete_id_number
from domain.requests.actions import withdraw_request
from domain.requests.queries import count_queue, find_queued, list_own_requests, list_queue
from domain.sealed import match_index, open_field, open_field_or_none
from models.audit import AuditEntry
from models.columns import new_id
from models.people import Person
from models.requests import Request
from tests.integration.api.applications import VAULT
from tests.integration.employers.people import (
    CITY_OFFICER,
    DONGCHANGFU,
    NOW,
    OFFICER,
    OTHER_OFFICER,
    PHONE,
    YANGGU,
    YANGGU_OFFICER,
    bind,
    make_firm,
    make_person,
    make_uscc,
)
from tests.integration.requests.deciding import approve, refuse, refused

pytestmark = pytest.mark.usefixtures("database")

NEW_PHONE = "16900000002"
ID_NUMBER = complete_id_number("37150219780316902")
OTHER_ID_NUMBER = complete_id_number("37152119690822911")


async def ask_phone(person: Trainee, phone: str = NEW_PHONE, county: str = "") -> Request:
    return await ask_to_change_phone(person, VAULT, phone=phone, county=county, now=NOW)


async def read(person: Trainee, field: str) -> str | None:
    return open_field_or_none(VAULT, await Person.get(id=person.id), field)


async def test_an_approved_phone_is_the_persons() -> None:
    person = await make_person(county=DONGCHANGFU)
    request = await ask_phone(person, "+86 169-0000-0002")
    assert await read(person, "phone") is None
    decided = await approve(request)
    assert (decided.state, decided.version, decided.ended_by) == ("approved", 2, OFFICER.key)
    assert await read(person, "phone") == NEW_PHONE
    assert (await Person.get(id=person.id)).phone_origin == "officer"
    entry = await AuditEntry.get(event="request.approve")
    assert (entry.actor, entry.about_id) == (OFFICER.key, request.id)
    assert entry.facts == {"kind": "phone", "county": DONGCHANGFU, "about": ""}


async def test_an_approved_correction_is_found_by_its_new_values() -> None:
    person = await make_person("王素媚", number=ID_NUMBER)
    request = await ask_to_correct(
        *(person, VAULT), name="王素梅", id_number=OTHER_ID_NUMBER, note="身份证换过", now=NOW
    )
    await approve(request, CITY_OFFICER)
    assert [await read(person, field) for field in ("name", "id_number")] == [
        "王素梅",
        OTHER_ID_NUMBER,
    ]
    found = await Person.get(match_index(VAULT, Person, "id_number", OTHER_ID_NUMBER))
    assert found.id == person.id


async def test_a_citizen_id_of_somebody_else_is_not_given_away() -> None:
    await make_person("李建国", number=OTHER_ID_NUMBER)
    person = await make_person(number=ID_NUMBER)
    request = await ask_to_correct(person, VAULT, id_number=OTHER_ID_NUMBER, now=NOW)
    assert (await refused(approve(request, CITY_OFFICER))).code == "id_number_taken"
    row = await Request.get()
    assert (row.state, row.version) == ("asked", 1), "the decision is undone with its effect"
    assert await AuditEntry.filter(event="request.approve").count() == 0
    assert await read(person, "id_number") == ID_NUMBER


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "王素梅"}, "nothing_to_correct"),
        ({"id_number": ID_NUMBER.lower()}, "nothing_to_correct"),
        ({}, "nothing_to_correct"),
        ({"name": "王"}, "name_wrong"),
        ({"id_number": ID_NUMBER[:-1] + "0"}, "id_number_wrong"),
    ],
)
async def test_what_cannot_be_asked_is_said_at_once(values: dict[str, str], code: str) -> None:
    person = await make_person(number=ID_NUMBER)
    assert (await refused(ask_to_correct(person, VAULT, **values, now=NOW))).code == code


async def test_a_refusal_has_a_reason_that_the_asker_reads() -> None:
    person = await make_person(county=DONGCHANGFU)
    request = await ask_phone(person)
    for reason in ("", "   ", "不", "长" * 301):
        error = await refused(
            refuse_request(
                *(OFFICER, VAULT), request_id=request.id, version=1, reason=reason, now=NOW
            )
        )
        assert error.code == "reason_required"
    await refuse(request)
    (shown,) = (await list_own_requests(person, VAULT, None, 10)).rows
    assert (shown.state, shown.reason) == ("refused", "和证件对不上。")
    assert await read(person, "phone") is None
    assert "对不上".encode() not in (await Request.get()).reason_sealed  # type: ignore[operator]


async def test_of_two_officers_at_once_one_decides_and_the_other_sees_how() -> None:
    person = await make_person(county=DONGCHANGFU)
    request = await ask_phone(person)
    results = await asyncio.gather(
        approve(request), refuse(request, OTHER_OFFICER), return_exceptions=True
    )
    (error,) = [result for result in results if isinstance(result, DomainError)]
    (decided,) = [result for result in results if isinstance(result, Request)]
    assert error.code == "request_changed"
    assert error.facts == {"about": decided.state, "state": decided.state, "version": 2}
    assert await AuditEntry.filter(about_id=request.id).exclude(event="request.open").count() == 1
    assert (await read(person, "phone") is None) is (decided.state == "refused")


async def test_nobody_decides_on_what_they_have_not_opened() -> None:
    """Neither is it enough that a colleague has."""
    request = await ask_phone(person := await make_person(county=DONGCHANGFU))
    await open_request(OTHER_OFFICER, VAULT, request_id=request.id, now=NOW)
    deciding = {"request_id": request.id, "version": 1, "now": NOW}
    for action in (
        approve_request(OFFICER, VAULT, **deciding),  # type: ignore[arg-type]
        refuse_request(OFFICER, VAULT, **deciding, reason="请带证件来。"),  # type: ignore[arg-type]
    ):
        assert (await refused(action)).code == "request_unseen"
    assert await read(person, "phone") is None
    await approve_request(OTHER_OFFICER, VAULT, **deciding)  # type: ignore[arg-type]
    assert await read(person, "phone") == NEW_PHONE


async def test_nobody_decides_on_what_has_changed_since() -> None:
    request = await ask_phone(await make_person(county=DONGCHANGFU))
    assert (await refused(approve(request, version=7))).code == "request_changed"
    await approve(request)
    again = await refused(approve(request, version=2))
    assert again.facts["state"] == "approved"


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (OFFICER, None),
        (CITY_OFFICER, None),
        (System("trial"), None),
        (YANGGU_OFFICER, "not_found"),
        (Staff(UUID(int=9), Role.COUNTY_OFFICER), "not_found"),
        (Staff(UUID(int=9), Role.SUPERVISOR), "no_permission"),
        (Staff(UUID(int=9), Role.HOTLINE), "no_permission"),
        (Staff(UUID(int=9), Role.AUDITOR), "no_permission"),
        (Staff(UUID(int=9), Role.INSTITUTION, institution=UUID(int=8)), "no_permission"),
    ],
)
@pytest.mark.parametrize("kind", ["phone", "employer_contact"])
async def test_who_may_decide(actor: Staff, code: str | None, kind: str) -> None:
    if kind == "phone":
        request = await ask_phone(await make_person(county=DONGCHANGFU))
    else:
        await make_firm()
        request = (await bind(await make_person())).request
    seen = [row.id for row in (await list_queue(actor)).rows]
    assert seen == ([request.id] if code is None else [])
    assert await count_queue(actor) == len(seen)
    if code is None:
        assert (await find_queued(actor, request.id)).version == 1
        await open_request(actor, VAULT, request_id=request.id, now=NOW)
        await approve(request, actor)
        return
    assert (await refused(find_queued(actor, request.id))).code == "not_found"
    for action in (
        open_request(actor, VAULT, request_id=request.id, now=NOW),
        approve(request, actor),
        refuse(request, actor),
    ):
        assert (await refused(action)).code == code


async def test_people_and_contacts_decide_on_nothing() -> None:
    """A contact may manage the firm's contacts, but a request is nobody's own."""
    firm = await make_firm()
    keeper, other = await make_person(verified=PHONE), await make_person("李建国")
    await bind(keeper)
    request = (await bind(other)).request
    contact: Actor
    for contact in (await act_for(keeper, firm), keeper, other):
        action = approve_request(
            contact,  # type: ignore[arg-type]
            VAULT,
            request_id=request.id,
            version=1,
            now=NOW,
        )
        assert (await refused(action)).code in ("not_found", "no_permission")
        assert (await list_queue(contact)).rows == []


async def test_a_request_without_a_county_is_the_citys() -> None:
    request = await ask_phone(await make_person())
    assert (await refused(approve(request))).code == "not_found"
    await approve(request, CITY_OFFICER)


async def test_the_known_county_decides_whatever_is_named() -> None:
    request = await ask_phone(await make_person(county=DONGCHANGFU), county=YANGGU)
    assert request.county == DONGCHANGFU
    assert (await ask_phone(await make_person(), county=YANGGU)).county == YANGGU


async def test_who_asked_for_somebody_does_not_decide() -> None:
    request = await ask_phone(await make_person(county=DONGCHANGFU))
    await Request.filter(id=request.id).update(asked_by=OFFICER.key)
    assert (await refused(approve(request))).code == "request_of_ones_own"
    await approve(request, OTHER_OFFICER)


async def test_one_may_wait_of_each_kind_and_thing_and_five_in_all() -> None:
    person = await make_person(number=ID_NUMBER)
    await ask_phone(person)
    assert (await refused(ask_phone(person, "16900000003"))).code == "request_open"
    await ask_to_correct(person, VAULT, name="王素媚", now=NOW)
    for number in range(3):
        await bind(person, make_uscc(number), "聊城示例公司", YANGGU)
    last = bind(person, make_uscc(9), "聊城示例公司", YANGGU)
    assert (await refused(last)).code == "too_many_requests_open"
    await withdraw_request(person, request_id=(await Request.all().first()).id, now=NOW)  # type: ignore[union-attr]
    await bind(person, make_uscc(9), "聊城示例公司", YANGGU)


async def test_of_the_same_asked_ten_times_at_once_one_waits() -> None:
    person = await make_person()
    results = await asyncio.gather(*(ask_phone(person) for _ in range(10)), return_exceptions=True)
    assert [result.code for result in results if isinstance(result, DomainError)] == [
        "request_open"
    ] * 9
    row = await Request.get()
    with pytest.raises(IntegrityError, match="requests_one_open"):
        await Request.create(
            id=new_id(), kind=row.kind, asked_by=row.asked_by, asked_at=NOW, payload_sealed=b"x"
        )


async def test_the_asker_withdraws_and_nobody_else() -> None:
    person = await make_person(county=DONGCHANGFU)
    request = await ask_phone(person)
    for other in (await make_person("李建国"), OFFICER, YANGGU_OFFICER):
        action = withdraw_request(other, request_id=request.id, now=NOW)
        assert (await refused(action)).code == "not_found"
    await withdraw_request(person, request_id=request.id, now=NOW)
    again = await withdraw_request(person, request_id=request.id, now=NOW)
    assert (again.state, again.version) == ("withdrawn", 2)
    assert (await refused(approve(request))).facts["state"] == "withdrawn"
    decided = await ask_phone(person)
    await approve(decided)
    action = withdraw_request(person, request_id=decided.id, now=NOW)
    assert (await refused(action)).code == "request_changed"


async def test_withdrawn_while_it_is_decided_on_one_of_them_wins() -> None:
    person = await make_person(county=DONGCHANGFU)
    request = await ask_phone(person)
    results = await asyncio.gather(
        withdraw_request(person, request_id=request.id, now=NOW),
        approve(request),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["DomainError", "Request"]


async def test_whoever_opens_a_request_is_written_down_with_what_they_saw() -> None:
    person = await make_person(county=DONGCHANGFU)
    request = await ask_phone(person)
    opened = await open_request(OFFICER, VAULT, request_id=request.id, now=NOW)
    assert opened.payload == {"phone": NEW_PHONE, "note": ""}
    assert b"16900000002" not in request.payload_sealed  # type: ignore[operator]
    entry = await AuditEntry.get(event="request.open")
    assert (entry.actor, entry.about_id) == (OFFICER.key, request.id)
    assert NEW_PHONE not in str(entry.facts)


async def test_the_queue_is_by_age_and_filtered_and_paged() -> None:
    asked = []
    for hours in range(5):
        person = await make_person(county=YANGGU if hours == 3 else DONGCHANGFU)
        asked.append(
            await ask_to_change_phone(
                person, VAULT, phone=NEW_PHONE, now=NOW - timedelta(hours=hours)
            )
        )
    oldest = [request.id for request in reversed(asked)]
    page = await list_queue(CITY_OFFICER, limit=2)
    rest = await list_queue(CITY_OFFICER, position=page.position, limit=10)
    assert [row.id for row in (*page.rows, *rest.rows)] == oldest
    assert [row.id for row in (await list_queue(CITY_OFFICER, county=YANGGU)).rows] == [asked[3].id]
    assert (await list_queue(OFFICER, county=YANGGU)).rows == []
    assert (await list_queue(CITY_OFFICER, kind="identity")).rows == []
    await approve(asked[0])
    done = await list_queue(CITY_OFFICER, state="approved")
    assert [row.id for row in done.rows] == [asked[0].id]
    assert await count_queue(OFFICER) == 3


async def test_an_erased_person_is_not_changed() -> None:
    person = await make_person(county=DONGCHANGFU)
    request = await ask_phone(person)
    await Person.filter(id=person.id).update(erased_at=NOW)
    assert (await refused(approve(request))).code == "request_outdated"
    assert open_field(VAULT, await Person.get(id=person.id), "name") == "王素梅"
