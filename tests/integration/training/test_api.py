"""What the API tells everybody of classes, and what it does not."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from aiohttp import web as aiohttp_web
from aiohttp.test_utils import TestClient

import api.application
import web.application
from api.tools import Tools
from content.schema import Content
from domain.training import actions
from models.employers import Employer
from models.enrolments import Enrolment, Reservation
from models.institutions import Institution
from observing.metrics import Metrics
from tests.integration.api.applications import POLICIES, VAULT, answer_question, read_texts
from tests.integration.training.conftest import (
    COUNTY,
    NOW,
    OTHER_COUNTY,
    Trial,
    enrol,
    write_record,
)
from web.limits import Limiter

Client = TestClient[aiohttp_web.Request, aiohttp_web.Application]
Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def client(aiohttp_client, content: Content, database: str) -> Client:
    app = web.application.create(
        texts=read_texts(), metrics=Metrics(), checks={}, limiter=Limiter(VAULT, redis=None)
    )
    tools = Tools(VAULT, None, lambda: NOW, lambda: content, None)  # type: ignore[arg-type]
    served = api.application.create(
        answer_question=answer_question,
        list_policies=lambda: POLICIES,
        texts=read_texts(),
        public_url="http://127.0.0.1:8080",
        tools=tools,
    )
    app.add_subapp("/api", served)
    client: Client = await aiohttp_client(app)
    return client


@pytest.fixture
def ask(client: Client) -> Ask:
    async def ask(path: str = "", status: int = 200, **query: str) -> Any:
        response = await client.get(f"/api/v1/classes{path}", params=query)
        assert response.status == status, await response.text()
        return await response.json(content_type=None)

    return ask


async def test_a_draft_is_nobodys_business(trial: Trial, ask: Ask) -> None:
    await trial.draft()
    assert (await ask())["items"] == []
    problem = await ask(f"/{trial.id}", 404)
    assert problem["code"] == "not_found" and "没有这个班" in problem["detail"]
    # Nor is one that was called off before anybody heard of it.
    await trial.take(actions.cancel_class, "不办了")
    await ask(f"/{trial.id}", 404)


async def test_the_list_tells_what_one_chooses_by(
    trial: Trial, ask: Ask, institution: Institution
) -> None:
    await trial.lead_to("recruiting")
    await enrol(trial.id, 1, "withdrawn")
    (item,) = (await ask())["items"]
    assert item == {
        "id": str(trial.id),
        "title": "养老护理员（初级）第1期",
        "status": "recruiting",
        "programme": {"key": "elderly-care", "name": "康养培训"},
        "occupation": "养老护理员",
        "level": "初级",
        "county": COUNTY,
        "county_name": "东昌府区",
        "address": "东昌府区演示路1号",
        "starts_on": "2026-12-07",
        "ends_on": "2026-12-09",
        "capacity": 30,
        "places_left": 27,
        "enrolling": True,
        "holder": {
            "kind": "institution",
            "id": str(institution.id),
            "name": institution.name,
            "phone": "",
            "standing": "listed",
        },
    }


async def test_the_whole_of_a_class_tells_nothing_of_people(trial: Trial, ask: Ask) -> None:
    await trial.lead_to("recruiting")
    found = await ask(f"/{trial.id}")
    assert [one["starts_at"] for one in found["sessions"]] == [
        f"2026-12-0{day}T08:30:00+08:00" for day in (7, 8, 9)
    ]
    assert (found["latitude"], found["longitude"]) == (36.45, 115.98)
    (clause,) = found["subsidy"]["clauses"]
    assert (clause["id"], clause["issued_on"], clause["ended"]) == ("L03", "2021-05-10", False)
    assert found["subsidy"]["counts"] is True
    assert "聊城通知第12条" in found["notice"] and trial.row.title in found["notice"]
    told = set(found) | set(found["holder"])
    assert not told & {"teacher", "enrolments", "people", "roster", "made_by", "video_holder"}
    assert "演示教师" not in str(found)


async def test_a_measure_that_has_ended_says_so(trial: Trial, ask: Ask, content: Content) -> None:
    """L01 held until the end of 2021 (law 9)."""
    from domain.training.subsidy import list_clauses

    programme = next(one for one in content.programmes if one.key == "work-training")
    then, now = date(2021, 12, 31), date(2022, 1, 1)
    assert [one.ended for one in list_clauses(content, programme, then)] == [False, False]
    assert [one.ended for one in list_clauses(content, programme, now)] == [True, True]


async def test_the_list_is_narrowed(trial: Trial, ask: Ask) -> None:
    await trial.lead_to("recruiting")
    for query, found in (
        ({"county": COUNTY}, 1),
        ({"county": "东昌府区"}, 1),
        ({"county": OTHER_COUNTY}, 0),
        ({"county": "济南市"}, 0),
        ({"county": "聊城市东昌府区"}, 0),
        ({"occupation": "护理"}, 1),
        ({"occupation": "焊"}, 0),
        ({"occupation": "%"}, 0),
        ({"programme": "elderly-care"}, 1),
        ({"programme": "heritage"}, 0),
    ):
        assert len((await ask(**query))["items"]) == found, query


async def test_a_status_can_be_asked_for(client: Client, trial: Trial) -> None:
    await trial.lead_to("recruiting")
    await trial.take(actions.cancel_class, "报名的人太少")
    for query, found in (("", 0), ("?status=cancelled", 1), ("?status=recruiting", 0)):
        answer = await (await client.get(f"/api/v1/classes{query}")).json()
        assert len(answer["items"]) == found, query
    assert (await client.get("/api/v1/classes?status=draft")).status == 422


async def test_pages_follow_one_another(client: Client, trial: Trial) -> None:
    made = []
    for number in range(3):
        await trial.draft(title=f"第{number}期")
        await trial.take(actions.open_recruiting)
        made.append(f"第{number}期")
    seen, cursor = [], ""
    for _ in range(3):
        query = {"limit": "1", "cursor": cursor}
        page = await (await client.get("/api/v1/classes", params=query)).json()
        seen += [item["title"] for item in page["items"]]
        cursor = page["next"] or ""
    assert seen == made[::-1]
    assert page["next"] is None
    # Another list's cursor opens nothing here.
    query = {"limit": "1"}
    cursor = (await (await client.get("/api/v1/classes", params=query)).json())["next"]
    other = await client.get("/api/v1/classes", params={"county": COUNTY, "cursor": cursor})
    assert other.status == 422


async def test_nobody_enrols_with_a_suspended_institution(
    trial: Trial, ask: Ask, institution: Institution
) -> None:
    await trial.lead_to("recruiting")
    await write_record(institution.id, "suspended", NOW.date())
    found = await ask(f"/{trial.id}")
    assert (found["holder"]["standing"], found["enrolling"]) == ("suspended", False)


async def test_nobody_enrols_where_no_place_is_left(trial: Trial, ask: Ask) -> None:
    await trial.draft(capacity=2)
    await trial.take(actions.open_recruiting)
    await enrol(trial.id, 2)
    found = await ask(f"/{trial.id}")
    assert (found["places_left"], found["enrolling"]) == (0, False)


async def test_places_that_a_firm_holds_are_gone(
    trial: Trial, ask: Ask, employer: Employer
) -> None:
    """Until the class is filed, but for those that it has named somebody for."""
    await trial.draft(capacity=10)
    await trial.take(actions.open_recruiting)
    (named,) = await enrol(trial.id, 1)
    await Enrolment.filter(id=named).update(employer_id=employer.id)
    await enrol(trial.id, 2)
    await Reservation.create(
        training_class_id=trial.id,
        employer_id=employer.id,
        places=4,
        made_by="system tests",
        changed_at=NOW,
    )
    assert (await ask(f"/{trial.id}"))["places_left"] == 10 - 3 - 3
    await trial.take(actions.file_class)
    assert (await ask(f"/{trial.id}"))["places_left"] == 7


@pytest.mark.parametrize("path", ["/1", "/%E7%8F%AD", "/" + "a" * 300])
async def test_what_is_no_id_is_refused(client: Client, path: str) -> None:
    response = await client.get(f"/api/v1/classes{path}")
    assert response.status in (404, 422)


@pytest.mark.parametrize(
    "query", ["county=" + "x" * 21, "limit=0", "cursor=abc", "status=x", "who=1"]
)
async def test_a_query_that_does_not_fit(client: Client, query: str) -> None:
    assert (await client.get(f"/api/v1/classes?{query}")).status == 422


async def test_both_are_in_the_document(client: Client) -> None:
    document = await (await client.get("/api/openapi.json")).json()
    assert {"/api/v1/classes", "/api/v1/classes/{class_id}"} <= set(document["paths"])
