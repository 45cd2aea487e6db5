"""Requests about firms: to act for one, to be its keeper."""

import asyncio

import pytest

from domain.employers.actions import ask_for_keeper
from domain.employers.queries import act_for
from models.audit import AuditEntry
from models.employers import Employer
from models.employers import EmployerContact as Contact
from tests.integration.api.applications import VAULT
from tests.integration.employers.people import (
    CODE,
    DONGCHANGFU,
    NOW,
    OFFICER,
    OTHER_OFFICER,
    PHONE,
    YANGGU,
    bind,
    make_firm,
    make_person,
)
from tests.integration.requests.deciding import approve, refused

pytestmark = pytest.mark.usefixtures("database")


async def test_an_approved_contact_of_an_unknown_firm_makes_the_firm() -> None:
    person, second = await make_person(), await make_person("李建国")
    request = (await bind(person, CODE, "聊城示例公司", DONGCHANGFU)).request
    other = (await bind(second, CODE, "聊城示例（二）公司", DONGCHANGFU)).request
    await approve(request)
    firm = await Employer.get()
    assert (firm.uscc, firm.name, firm.county) == (CODE, "聊城示例公司", DONGCHANGFU)
    await approve(other, OTHER_OFFICER)
    contacts = await Contact.filter(employer_id=firm.id).order_by("id")
    assert [(row.person_id, row.keeper) for row in contacts] == [
        (person.id, True),
        (second.id, False),
    ]
    assert await Employer.all().count() == 1
    assert (await AuditEntry.filter(event="employer.register").count()) == 1


async def test_two_officers_make_one_firm_with_one_keeper() -> None:
    people = [await make_person(), await make_person("李建国")]
    asked = [(await bind(one, CODE, "聊城示例公司", DONGCHANGFU)).request for one in people]
    await asyncio.gather(approve(asked[0]), approve(asked[1], OTHER_OFFICER))
    assert await Employer.all().count() == 1
    assert await Contact.filter(keeper=True).count() == 1
    assert await Contact.filter(status="active").count() == 2


async def test_a_firm_that_turns_out_to_be_another_countys_is_not_decided_here() -> None:
    request = (await bind(await make_person(), CODE, "聊城示例公司", DONGCHANGFU)).request
    await make_firm(county=YANGGU)
    assert (await refused(approve(request))).code == "request_outdated"
    assert await Contact.all().count() == 0


async def test_a_keeper_who_left_is_replaced_on_request() -> None:
    firm = await make_firm()
    keeper, other = await make_person(verified=PHONE), await make_person("李建国", PHONE)
    await bind(keeper)
    await bind(other)
    as_keeper, as_other = await act_for(keeper, firm), await act_for(other, firm)
    denied = await refused(ask_for_keeper(as_keeper, VAULT, note="", now=NOW))
    assert denied.code == "already_keeper"
    request = await ask_for_keeper(as_other, VAULT, note="王素梅已离职", now=NOW)
    await approve(request)
    rows = await Contact.filter(employer_id=firm, keeper=True)
    assert [row.person_id for row in rows] == [other.id]
    assert (await AuditEntry.get(event="keeper.change")).actor == OFFICER.key


async def test_a_request_of_who_has_left_meanwhile_is_outdated() -> None:
    firm = await make_firm()
    keeper, other = await make_person(verified=PHONE), await make_person("李建国", PHONE)
    await bind(keeper)
    await bind(other)
    request = await ask_for_keeper(await act_for(other, firm), VAULT, note="", now=NOW)
    await Contact.filter(person_id=other.id).update(status="ended", ended_at=NOW)
    assert (await refused(approve(request))).code == "request_outdated"
