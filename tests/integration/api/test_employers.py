"""Firms and requests over HTTP: what answers, and that another's looks as if it were not there."""

from typing import Any
from uuid import UUID

import pytest

from domain.actor import Trainee, Visitor
from domain.decisions.actions import approve_request, open_request, refuse_request
from domain.people.rules import complete_id_number
from models.columns import new_id
from models.employers import EmployerContact as Contact
from models.requests import Request
from tests.integration.api.applications import VAULT
from tests.integration.employers.people import (
    CODE,
    CONTENT,
    DONGCHANGFU,
    NOW,
    OFFICER,
    PHONE,
    YANGGU,
    Entrance,
    bind,
    make_api,
    make_firm,
    make_person,
    make_uscc,
)

BIND, FIRMS, REQUESTS = "/api/v1/employers/bind", "/api/v1/employers", "/api/v1/me/requests"


class Client:
    """Asks as somebody."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.entrance = Entrance()

    async def ask(
        self, method: str, path: str, actor: Trainee | Visitor, json: object = None, **headers: str
    ) -> tuple[int, Any]:
        sent = {**self.entrance.header(actor), **headers}
        response = await self._client.request(method, path, json=json, headers=sent)
        return response.status, (await response.json() if response.status != 204 else None)


@pytest.fixture
async def client(aiohttp_client, database: str) -> Client:
    entrance = Entrance()
    client = Client(await aiohttp_client(make_api(entrance)))
    client.entrance = entrance
    return client


async def two_contacts() -> tuple[UUID, Trainee, Trainee]:
    firm = await make_firm()
    keeper, other = await make_person("王素梅", PHONE), await make_person("李建国", PHONE)
    await bind(keeper)
    await bind(other)
    return firm, keeper, other


async def test_binding_answers_how_it_stands(client: Client) -> None:
    firm = await make_firm()
    keeper, other = await make_person(verified=PHONE), await make_person("李建国")
    status, bound = await client.ask("POST", BIND, keeper, {"uscc": CODE.lower()})
    assert (status, bound["status"], bound["keeper"], bound["request"]) == (
        *(201, "active", True),
        None,
    )
    assert bound["employer"] == {
        "id": str(firm),
        "name": "聊城示例第1家政服务有限公司",
        "uscc": CODE,
        "county": DONGCHANGFU,
    }
    status, bound = await client.ask("POST", BIND, other, {"uscc": CODE, "note": "新来的会计"})
    assert (status, bound["status"], bound["keeper"]) == (201, "waiting", False)
    _, mine = await client.ask("GET", REQUESTS, other)
    assert [item["id"] for item in mine["items"]] == [bound["request"]]
    _, firms = await client.ask("GET", FIRMS, other)
    assert firms == {"items": [], "next": None}


async def test_a_firm_nobody_knows_waits_with_its_name(client: Client) -> None:
    person = await make_person()
    status, problem = await client.ask("POST", BIND, person, {"uscc": CODE})
    assert (status, problem["code"]) == (422, "employer_unknown")
    told = {"uscc": CODE, "name": "聊城示例公司", "county": YANGGU}
    status, bound = await client.ask("POST", BIND, person, told)
    assert (status, bound["employer"], bound["status"]) == (201, None, "waiting")
    status, problem = await client.ask("POST", BIND, person, {**told, "county": "1"})
    assert (status, problem["code"]) == (422, "county_unknown")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_input"),
        ({"uscc": ""}, "invalid_input"),
        ({"uscc": CODE, "phone": PHONE}, "invalid_input"),
        ({"uscc": "1" * 101}, "invalid_input"),
        ({"uscc": "12345"}, "uscc_wrong"),
        ({"uscc": CODE[:-1] + "A"}, "uscc_wrong"),
    ],
)
async def test_what_does_not_fit_is_told(client: Client, body: object, code: str) -> None:
    status, problem = await client.ask("POST", BIND, await make_person(), body)
    assert (status, problem["code"]) == (422, code)


async def test_who_is_not_known_by_name_binds_nothing(client: Client) -> None:
    visitor = Visitor(bytes(16))
    for path, body in (
        (BIND, {"uscc": CODE}),
        (REQUESTS, {"kind": "phone", "phone": PHONE}),
    ):
        status, problem = await client.ask("POST", path, visitor, body)
        assert (status, problem["code"]) == (403, "binding_required")
    assert (await client.ask("GET", FIRMS, visitor))[1]["items"] == []
    assert (await client.ask("GET", REQUESTS, visitor))[1]["items"] == []


async def test_a_visitor_asks_for_a_binding_and_is_told_nothing(client: Client) -> None:
    """Whoever has the ID already, or nobody: the answers differ in nothing but the id."""
    number = complete_id_number("37150219780316902")
    await make_person(number=number)
    answers = []
    for id_number in (number, complete_id_number("37152119690822911")):
        visitor = Visitor(new_id().bytes)
        body = {
            "kind": "binding",
            "name": "王素梅",
            "id_number": id_number,
            "consent": CONTENT.privacy[-1].version,
            "county": DONGCHANGFU,
        }
        status, asked = await client.ask("POST", REQUESTS, visitor, body)
        assert (status, (await client.ask("GET", REQUESTS, visitor))[1]["items"]) == (201, [asked])
        answers.append({**asked, "id": ""})
    assert answers[0] == answers[1]
    status, problem = await client.ask("POST", REQUESTS, await make_person("李建国"), body)
    assert (status, problem["code"]) == (409, "bound_already")


async def test_the_keeper_sees_contacts_masked_and_removes_one(client: Client) -> None:
    firm, keeper, other = await two_contacts()
    path = f"{FIRMS}/{firm}/contacts"
    _, page = await client.ask("GET", path, keeper)
    assert [(row["name"], row["phone"], row["keeper"], row["me"]) for row in page["items"]] == [
        ("王*", "169****0001", True, True),
        ("李*", "169****0001", False, False),
    ]
    assert page["items"][0]["since"] == "2026-11-30T10:00:00+08:00"
    assert str(keeper.id) not in str(page)
    gone = page["items"][1]["id"]
    assert (await client.ask("DELETE", f"{path}/{gone}", keeper))[0] == 204
    for method, way in (("GET", ""), ("GET", "/contacts"), ("POST", "/keeper")):
        body = {"contact": gone} if method == "POST" else None
        status, problem = await client.ask(method, f"{FIRMS}/{firm}{way}", other, body)
        assert (status, problem["code"]) == (404, "not_found"), "a removed contact still acts"
    assert (await client.ask("GET", FIRMS, other))[1]["items"] == []


async def test_the_keeping_is_handed_over(client: Client) -> None:
    firm, keeper, other = await two_contacts()
    second = await Contact.get(person_id=other.id)
    path, body = f"{FIRMS}/{firm}/keeper", {"contact": str(second.id)}
    status, problem = await client.ask("POST", path, other, body)
    assert (status, problem["code"]) == (403, "only_the_keeper")
    status, own = await client.ask("POST", path, keeper, body)
    assert (status, own["keeper"]) == (200, False)
    assert (await client.ask("GET", f"{FIRMS}/{firm}", other))[1]["keeper"] is True


async def test_every_way_into_anothers_firm_is_as_if_it_were_not_there(client: Client) -> None:
    """Object by object: another's firm, and one that does not exist, answer the same."""
    firm, keeper, _ = await two_contacts()
    own = await make_firm(2, phone="16900000009")
    stranger = await make_person("赵文博", "16900000009")
    await bind(stranger, make_uscc(2))
    theirs = (await Contact.get(person_id=keeper.id)).id
    mine = (await Contact.get(person_id=stranger.id)).id
    ways = [
        ("GET", "", None),
        ("GET", "/contacts", None),
        ("DELETE", f"/contacts/{theirs}", None),
        ("DELETE", f"/contacts/{mine}", None),
        ("POST", "/keeper", {"contact": str(theirs)}),
        ("POST", "/keeper", {"contact": str(mine)}),
    ]
    for method, way, body in ways:
        told = [
            await client.ask(method, f"{FIRMS}/{id}{way}", stranger, body)
            for id in (firm, new_id())
        ]
        assert told[0] == told[1]
        assert (told[0][0], told[0][1]["code"]) == (404, "not_found")
    # Through one's own firm to another's contact.
    for method, way, body in (
        ("DELETE", f"/contacts/{theirs}", None),
        ("POST", "/keeper", {"contact": str(theirs)}),
    ):
        status, _ = await client.ask(method, f"{FIRMS}/{own}{way}", stranger, body)
        assert status == 404
    assert await Contact.filter(status="active").count() == 3
    asked = {"kind": "employer_keeper", "employer": str(firm)}
    assert (await client.ask("POST", REQUESTS, stranger, asked))[0] == 404


async def test_a_request_is_asked_seen_and_withdrawn(client: Client) -> None:
    person, other = await make_person(county=DONGCHANGFU), await make_person("李建国")
    status, asked = await client.ask("POST", REQUESTS, person, {"kind": "phone", "phone": PHONE})
    assert (status, asked["state"], asked["title"]) == (201, "asked", "更换手机号")
    assert asked["asked_at"] == "2026-11-30T10:00:00+08:00"
    assert "169" not in str({**asked, "id": ""}), "what was asked for is not repeated in clear"
    path = f"{REQUESTS}/{asked['id']}"
    assert (await client.ask("DELETE", path, other))[0] == 404
    assert (await client.ask("GET", REQUESTS, other))[1]["items"] == []
    status, again = await client.ask("POST", REQUESTS, person, {"kind": "phone", "phone": PHONE})
    assert (status, again["code"]) == (409, "request_open")
    status, withdrawn = await client.ask("DELETE", path, person)
    assert (status, withdrawn["state"]) == (200, "withdrawn")


async def test_the_asker_reads_what_became_of_it(client: Client) -> None:
    person = await make_person(county=DONGCHANGFU)
    body = {"kind": "identity", "name": "王素媚"}
    _, asked = await client.ask("POST", REQUESTS, person, body)
    asked_id = UUID(asked["id"])
    await open_request(OFFICER, VAULT, request_id=asked_id, now=NOW)
    await refuse_request(
        *(OFFICER, VAULT),
        request_id=asked_id,
        version=1,
        reason="请带身份证来窗口。",
        now=NOW,
    )
    _, page = await client.ask("GET", REQUESTS, person)
    (item,) = page["items"]
    assert (item["state"], item["reason"]) == ("refused", "请带身份证来窗口。")
    assert item["text"] == "没有批准。原因：请带身份证来窗口。"
    status, problem = await client.ask("DELETE", f"{REQUESTS}/{asked['id']}", person)
    assert (status, problem["code"]) == (409, "request_changed")
    _, asked = await client.ask("POST", REQUESTS, person, body)
    asked_id = UUID(asked["id"])
    await open_request(OFFICER, VAULT, request_id=asked_id, now=NOW)
    await approve_request(OFFICER, VAULT, request_id=asked_id, version=1, now=NOW)
    _, page = await client.ask("GET", REQUESTS, person)
    assert {item["text"] for item in page["items"]} >= {"已经批准，办好了。"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "identity"}, "name"),
        ({"kind": "phone"}, "phone"),
        ({"kind": "phone", "phone": PHONE, "name": "王素梅"}, "name"),
        ({"kind": "employer_keeper"}, "employer"),
        ({"kind": "binding", "name": "王素梅", "consent": "2026-11"}, "id_number"),
        ({"kind": "identity", "name": "王素梅", "consent": "2026-11"}, "consent"),
        ({"kind": "employer_contact"}, "kind"),
        ({"kind": "identity", "name": "王素梅", "state": "approved"}, "state"),
        ({"kind": "identity", "name": "王素梅", "note": "长" * 301}, "note"),
    ],
)
async def test_a_request_takes_the_fields_of_its_kind(
    client: Client, body: object, field: str
) -> None:
    status, problem = await client.ask("POST", REQUESTS, await make_person(), body)
    assert (status, problem["code"]) == (422, "invalid_input")
    assert field in {told["field"] for told in problem["facts"]["fields"]}


async def test_the_same_form_sent_again_is_the_same_request(client: Client) -> None:
    """Also after the first was withdrawn: the key stands for that form, not for its state."""
    person = await make_person()
    body, key = {"kind": "phone", "phone": PHONE}, {"Idempotency-Key": "k-1"}
    first = await client.ask("POST", REQUESTS, person, body, **key)
    await client.ask("DELETE", f"{REQUESTS}/{first[1]['id']}", person)
    assert await client.ask("POST", REQUESTS, person, body, **key) == first
    assert await Request.all().count() == 1


async def test_lists_are_paged_and_a_cursor_is_ones_own(client: Client) -> None:
    person, other = await make_person(), await make_person("李建国")
    for number in range(3):
        told = {"uscc": make_uscc(number), "name": "聊城示例公司", "county": YANGGU}
        await client.ask("POST", BIND, person, told)
    _, page = await client.ask("GET", f"{REQUESTS}?limit=2", person)
    _, rest = await client.ask("GET", f"{REQUESTS}?limit=2&cursor={page['next']}", person)
    ids = [item["id"] for item in (*page["items"], *rest["items"])]
    assert (len(ids), len(set(ids)), rest["next"]) == (3, 3, None)
    status, _ = await client.ask("GET", f"{REQUESTS}?cursor={page['next']}", other)
    assert status == 422


@pytest.mark.parametrize("path", ["x", "%00", "1" * 40])
async def test_an_address_that_names_nothing_is_no_fault_of_ours(client: Client, path: str) -> None:
    person = await make_person()
    for way in (f"{FIRMS}/{path}", f"{FIRMS}/{path}/contacts", f"{REQUESTS}/{path}"):
        method = "DELETE" if way.startswith(REQUESTS) else "GET"
        status, _ = await client.ask(method, way, person)
        assert status in (400, 404, 422)
