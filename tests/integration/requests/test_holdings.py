"""Firms and requests as part of what is held of a person: told, copied, erased, purged."""

from datetime import date, timedelta

import pytest

from domain.actor import System, Trainee
from domain.decisions.actions import open_request
from domain.employers.holdings import FirmContacts
from domain.holdings import Whose, periods_of
from domain.people.corrections import ask_to_change_phone, ask_to_correct
from domain.privacy.holders import HOLDERS
from domain.requests.actions import purge_requests
from domain.requests.holdings import OwnRequests
from models.employers import EmployerContact as Contact
from models.requests import Request
from models.transactions import transaction
from tests.integration.api.applications import VAULT
from tests.integration.employers.people import (
    CITY_OFFICER,
    CODE,
    CONTENT,
    DONGCHANGFU,
    NOW,
    PHONE,
    bind,
    make_firm,
    make_person,
)
from tests.integration.requests.deciding import approve, refuse, refused
from tests.integration.requests.test_moving import ask as ask_to_move
from tests.integration.requests.test_moving import make_visitor

pytestmark = pytest.mark.usefixtures("database")

PERIODS = periods_of(CONTENT)


async def erase(whose: Whose) -> None:
    async with transaction() as connection:
        for holder in HOLDERS:
            await holder.erase(connection, whose, PERIODS, NOW)


async def ask_phone(person: Trainee) -> Request:
    return await ask_to_change_phone(person, VAULT, phone="16900000002", now=NOW)


async def test_both_areas_say_what_they_hold() -> None:
    assert {FirmContacts, OwnRequests} <= {type(holder) for holder in HOLDERS}
    assert {"firm", "request"} <= set(PERIODS)
    await make_firm()
    person, other = await make_person(verified=PHONE), await make_person("李建国")
    await bind(person)
    await refuse(await ask_phone(person), CITY_OFFICER)
    whose = Whose(person.id)
    (firm,) = await FirmContacts().list_held(whose, PERIODS, NOW)
    assert (firm.kind, firm.count, firm.until, firm.survives) == ("firm", 1, None, False)
    (request,) = await OwnRequests().list_held(whose, PERIODS, NOW)
    assert (request.count, request.until) == (1, date(2028, 11, 29))
    for holder in (FirmContacts(), OwnRequests()):
        assert await holder.list_held(Whose(other.id), PERIODS, NOW) == []


async def test_a_copy_has_all_of_it_in_clear_and_nothing_of_another() -> None:
    await make_firm()
    person, other = await make_person(verified=PHONE), await make_person("李建国", PHONE)
    await bind(person)
    await bind(other)
    await refuse(await ask_phone(person), CITY_OFFICER)
    whose = Whose(person.id)
    (firm,) = (await FirmContacts().copy(VAULT, whose))["firms"]
    assert (firm["uscc"], firm["status"], firm["keeper"]) == (CODE, "active", True)
    (request,) = (await OwnRequests().copy(VAULT, whose))["requests"]
    assert request["asked_for"] == {"phone": "16900000002", "note": ""}
    assert request["reason"] == "和证件对不上。"
    assert (await OwnRequests().copy(VAULT, Whose(other.id)))["requests"] == []


async def test_nothing_of_the_person_is_left_after_erasure() -> None:
    firm = await make_firm()
    person, other = await make_person(verified=PHONE), await make_person("李建国", PHONE)
    await bind(person)
    await bind(other)
    waiting = await ask_phone(person)
    done = await ask_to_correct(person, VAULT, name="王素媚", now=NOW)
    await refuse(done, CITY_OFFICER)
    kept = await ask_phone(other)
    await erase(Whose(person.id))
    rows = await Request.filter(id__in=[waiting.id, done.id]).order_by("id")
    assert [(row.state, row.asked_by, row.person_id) for row in rows] == [
        ("withdrawn", "", None),
        ("refused", "", None),
    ]
    assert {(row.payload_sealed, row.reason_sealed) for row in rows} == {(None, None)}
    assert (await refused(approve(waiting, CITY_OFFICER))).code == "request_changed"
    opened = await open_request(CITY_OFFICER, VAULT, request_id=waiting.id, now=NOW)
    assert opened.payload == {}
    contacts = await Contact.filter(employer_id=firm)
    assert [(row.person_id, row.keeper) for row in contacts] == [(other.id, True)]
    assert (await Request.get(id=kept.id)).state == "asked"


async def test_what_a_visitor_asked_goes_with_the_visitor() -> None:
    """Of both accounts: by the identity, and by the sender in the official one."""
    for account in ("mini", "official"):
        visitor, identity = await make_visitor(account)
        request = await ask_to_move(visitor)
        senders = (visitor.sender,) if account == "official" else ()
        await erase(Whose(None, (identity,), senders))
        row = await Request.get(id=request.id)
        assert (row.state, row.payload_sealed, row.asked_by) == ("withdrawn", None, "")


async def test_requests_go_two_years_after_their_end() -> None:
    person = await make_person(county=DONGCHANGFU)
    await approve(await ask_phone(person))
    waiting = await ask_to_correct(person, VAULT, name="王素媚", now=NOW)
    actor = System("trial")
    assert await purge_requests(actor, PERIODS, now=NOW + timedelta(days=730)) == 0
    assert await purge_requests(actor, {}, now=NOW + timedelta(days=9999)) == 0
    assert await purge_requests(actor, PERIODS, now=NOW + timedelta(days=731)) == 1
    assert [row.id for row in await Request.all()] == [waiting.id], "what waits stays"
