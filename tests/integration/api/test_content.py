"""What the API answers when all is well."""

import pytest

from api.views import Shape, to_openapi_3_0
from tests.integration.api.applications import answer_question, make_application
from tests.support import package_content


@pytest.fixture
async def client(aiohttp_client):
    return await aiohttp_client(make_application())


async def test_a_question_is_answered(client):
    response = await client.get("/api/v1/faq", params={"q": "以工代训多少钱"})
    assert (response.status, response.content_type) == (200, "application/json")
    assert await response.json() == answer_question("以工代训多少钱")


@pytest.mark.parametrize("character", ["a", "钱", "😀"])
async def test_the_longest_question_still_passes(client, character):
    response = await client.get("/api/v1/faq", params={"q": character * 20_000})
    assert response.status == 200
    assert (await response.json())["q"] == character * 20_000


@pytest.mark.parametrize("query", ["", "?q=", "?q=" + "a" * 20_001, "?q=a&q=b"])
async def test_a_question_that_does_not_fit_is_422(client, query):
    response = await client.get(f"/api/v1/faq{query}")
    problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["code"]) == (422, "invalid_input")
    assert problem["facts"]["fields"][0]["field"].startswith("q")
    assert problem["facts"]["fields"][0]["in"] == "query"


async def test_policies_come_by_pages(client):
    first = await (await client.get("/api/v1/policies", params={"limit": 1})).json()
    assert [item["id"] for item in first["items"]] == ["city-2021"]
    assert [clause["id"] for clause in first["items"][0]["clauses"]] == ["L01", "L02"]
    second = await (
        await client.get("/api/v1/policies", params={"limit": 1, "cursor": first["next"]})
    ).json()
    assert [item["id"] for item in second["items"]] == ["province-2021"]
    assert second["next"] is None
    everything = await (await client.get("/api/v1/policies")).json()
    assert (len(everything["items"]), everything["next"]) == (2, None)


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=201", "?limit=x", "?cursor=!!", "?cursor=QUJD", "?cursor=%C3%BF"]
)
async def test_a_page_that_cannot_be_is_422(client, query):
    response = await client.get(f"/api/v1/policies{query}")
    assert response.status == 422
    assert (await response.json(content_type=None))["code"] == "invalid_input"


async def test_a_clause_comes_with_its_notice(client):
    clause = await (await client.get("/api/v1/policies/L01")).json()
    assert clause == {
        "id": "L01",
        "label": "第1条",
        "heading": "以工代训",
        "summary": "每人每月五百元。",
        "valid_from": "2021-01-01",
        "valid_until": "2021-12-31",
        "policy": {
            "id": "city-2021",
            "number": None,
            "name": "市里的通知",
            "title": "关于做好培训工作的通知",
            "issuers": ["市人社局", "市财政局"],
            "issued_on": "2021-05-10",
            "valid_from": None,
            "valid_until": None,
        },
    }


def test_the_real_content_fits_the_shapes():
    from api.policies import PolicyCatalogue

    content = package_content()
    catalogue = PolicyCatalogue(content.policies)
    assert set(catalogue.clauses) == {
        clause.id for policy in content.policies for clause in policy.clauses
    }


def test_the_real_routing_result_fits_the_documented_answer():
    from api.faq import Answer
    from domain.faq.routing.result import Option, Ranked, Routing

    routing = Routing(
        q="多少钱",
        kind="clarify",
        entry=None,
        intent=None,
        sources=("L01",),
        options=(
            Option(title="甲", entry="a", intent=None, sources=("L01",)),
            Option(title="乙", entry=None, intent="human", sources=()),
        ),
        score=0.5,
        answer="哪一个？",
        unstated=False,
        ranked=(Ranked("a", 0.5),),
    )
    answer = Answer.model_validate(routing.to_json())
    assert answer.model_dump(exclude_unset=True) == routing.to_json()


def test_optional_parts_keep_their_kind_in_openapi_3_0():
    from datetime import date

    class Inner(Shape):
        day: date

    class Outer(Shape):
        inner: Inner | None
        day: date | None
        either: int | str | None = None

    schema = Outer.model_json_schema()
    properties = schema["properties"]
    assert properties["inner"] == {"allOf": [{"$ref": "#/$defs/Inner"}], "nullable": True}
    assert (properties["day"]["format"], properties["day"]["nullable"]) == ("date", True)
    assert [choice["type"] for choice in properties["either"]["anyOf"]] == ["integer", "string"]
    limits = {"exclusiveMinimum": 0, "const": "in"}
    to_openapi_3_0(limits)
    assert limits == {"minimum": 0, "exclusiveMinimum": True, "enum": ["in"]}
