"""Enrolling over the API: from the request to the row, each for themselves."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from content.schema import Content
from domain.actor import System
from domain.calendar import local_now
from domain.enrolments.actions import enrol_other
from domain.enrolments.notice import Teller
from domain.faq.wording import Contact
from domain.people.naming import Named
from domain.vault import Vault
from models.columns import new_id
from models.employers import Employer, EmployerContact
from models.enrolments import Enrolment, Informed
from models.institutions import Institution
from models.people import Identity
from models.standards import SubsidyStandard
from models.training import ClassSession, TrainingClass
from settings import Settings
from tests.integration.enrolments.conftest import id_number_of, make_institution
from tests.integration.people.conftest import (
    LI,
    WANG,
    MakePhone,
    MiniPhone,
    make_phone,
    metrics,
    router,
    server,
    session,
    settings,
    stand_in,
    start,
    time,
)

__all__ = [
    "make_phone",
    "metrics",
    "router",
    "server",
    "session",
    "settings",
    "stand_in",
    "start",
    "time",
]


@pytest.fixture
async def institution(database: str) -> Institution:
    return await make_institution()


@pytest.fixture
async def phones(make_phone: MakePhone, database: str) -> list[MiniPhone]:
    """王素梅, 李建国, and somebody nobody knows."""
    made = [make_phone(user) for user in (1, 2, 3)]
    for phone, who in zip(made, (WANG, LI, None), strict=True):
        await phone.log_in()
        if who:
            assert (await phone.bind(*who)).status == 200
    return made


MakeRow = Callable[..., Awaitable[TrainingClass]]


@pytest.fixture
def make_row(institution: Institution) -> MakeRow:
    async def make(title: str = "养老护理员第1期", **fields: Any) -> TrainingClass:
        now = local_now()
        values: dict[str, Any] = {
            "title": title,
            "institution_id": institution.id,
            "programme": "elderly-care",
            "occupation": "养老护理员",
            "county": "371521",
            "capacity": 2,
            "status": "recruiting",
            "recruiting_since": now,
            "created_at": now,
        }
        return await TrainingClass.create(**(values | fields))

    return make


async def test_one_enrols_sees_it_and_leaves(phones: list[MiniPhone], make_row: MakeRow) -> None:
    row, phone = await make_row(), phones[0]
    await SubsidyStandard.create(
        occupation="养老护理员",
        kind="职业技能等级",
        hours=80,
        amount_fen=120_000,
        valid_from=local_now().date(),
        document="演示文件第31号（示例金额）",
        is_example=True,
        made_by="t",
        made_at=local_now(),
    )
    first = await phone.ask("POST", f"/classes/{row.id}/enrolments", beyond_three=False)
    assert (first.status, first.data["status"], first.data["class_id"]) == (
        *(201, "applied"),
        str(row.id),
    )
    assert set(first.data) == {"id", "class_id", "status", "notice"}
    for wanted in ("1,200元", "示例金额", "12333", "12345"):
        assert wanted in first.data["notice"]
    assert first.data["notice"].count("示例金额") == 1, "the document says it already"
    again = await phone.ask("POST", f"/classes/{row.id}/enrolments", beyond_three=False)
    assert (again.status, again.data) == (201, first.data)
    (item,) = (await phone.ask("GET", "/me/classes")).data["items"]
    assert (item["title"], item["leaves"], item["owed"]) == (row.title, True, False)
    detail = await phone.ask("GET", f"/me/classes/{row.id}")
    assert detail.data["notice"] == first.data["notice"]
    left = await phone.ask("DELETE", f"/me/classes/{row.id}")
    assert (left.status, left.data["status"], left.data["leaves"]) == (200, "withdrawn", False)
    back = await phone.ask("POST", f"/classes/{row.id}/enrolments", beyond_three=False)
    assert (back.status, back.data["id"]) == (201, first.data["id"])
    assert await Enrolment.all().count() == 1


async def test_one_sees_when_a_class_sits_next(phones: list[MiniPhone], make_row: MakeRow) -> None:
    row, other, phone = await make_row(), await make_row("已经上完的班"), phones[0]
    now = local_now().replace(microsecond=0)
    running = None
    for hours, topic in ((30, "后天"), (-1, "正在上"), (-20, "昨天")):
        starts = now + timedelta(hours=hours)
        session = await ClassSession.create(
            training_class_id=row.id,
            topic=topic,
            starts_at=starts,
            ends_at=starts + timedelta(hours=3),
        )
        running = session if topic == "正在上" else running
    await ClassSession.create(
        training_class_id=other.id,
        starts_at=now - timedelta(hours=3),
        ends_at=now - timedelta(hours=1),
    )
    assert running is not None
    for one in (row, other):
        await phone.ask("POST", f"/classes/{one.id}/enrolments", beyond_three=False)
    listed = {one["class_id"]: one for one in (await phone.ask("GET", "/me/classes")).data["items"]}
    assert listed[str(row.id)]["next_session"] == {
        "id": str(running.id),
        "topic": "正在上",
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
    }
    assert listed[str(other.id)]["next_session"] is None
    left = await phone.ask("DELETE", f"/me/classes/{row.id}")
    assert left.data["next_session"] is None, "nobody who has left sits in it"


async def test_an_empty_body_is_enough(
    phones: list[MiniPhone], make_row: MakeRow, session: Any
) -> None:
    row, phone = await make_row(), phones[0]
    headers = {"Authorization": f"Bearer {phone.token}", "Idempotency-Key": "k-1"}
    url = f"{phone._url}/classes/{row.id}/enrolments"
    for _ in range(2):
        async with session.post(url, json={}, headers=headers) as answer:
            assert answer.status == 201
    async with session.post(url, json={"else": 1}, headers=headers) as answer:
        assert answer.status == 422


async def test_refusals_have_stable_codes(
    phones: list[MiniPhone], make_row: MakeRow, institution: Institution
) -> None:
    full = await make_row(capacity=1)
    filed = await make_row("备了案的", status="filed")
    draft = await make_row("草稿", status="draft", recruiting_since=None)
    wang, li, unbound = phones

    async def enrol(phone: MiniPhone, row: Any) -> Any:
        id = row if isinstance(row, UUID) else row.id
        return await phone.ask("POST", f"/classes/{id}/enrolments", beyond_three=False)

    assert (await enrol(unbound, full)).data["code"] == "binding_required"
    assert (await enrol(wang, full)).status == 201
    refusal = await enrol(li, full)
    assert (refusal.status, refusal.data["code"]) == (409, "class_full")
    assert "一共1个名额" in refusal.data["detail"]
    assert (await enrol(li, filed)).code == "409 roster_frozen"
    for status in ("ended", "archived", "cancelled"):
        over = await enrol(li, await make_row(f"{status}的班", status=status))
        assert over.code == "409 class_not_recruiting over"
        assert over.data["detail"].startswith("这个班已经结束")
    assert (await enrol(li, draft)).status == (await enrol(li, new_id())).status == 404
    wang.token = ""
    assert (await enrol(wang, full)).status == 401


async def test_anothers_is_not_there(phones: list[MiniPhone], make_row: MakeRow) -> None:
    row = await make_row()
    wang, li, _ = phones
    await wang.ask("POST", f"/classes/{row.id}/enrolments", beyond_three=False)
    assert (await li.ask("GET", "/me/classes")).data["items"] == []
    for method, path in [
        ("GET", f"/me/classes/{row.id}"),
        ("DELETE", f"/me/classes/{row.id}"),
        ("POST", f"/me/classes/{row.id}/notice"),
    ]:
        assert (await li.ask(method, path)).status == 404
    assert (await Enrolment.get()).status == "applied"


async def test_a_firm_reserves_names_and_takes_out(
    phones: list[MiniPhone], make_row: MakeRow, session: Any
) -> None:
    row = await make_row(capacity=3)
    wang, li, _ = phones
    firm = await Employer.create(
        name="阳谷示例轴承厂",
        uscc="91371521MA3C000001",
        county="371521",
        index_key_id="k1",
        created_at=local_now(),
    )
    identities = await Identity.exclude(person_id=None).order_by("id")
    await EmployerContact.create(
        employer_id=firm.id,
        person_id=identities[0].person_id,
        status="active",
        keeper=True,
        since=local_now(),
    )
    base = f"/employers/{firm.id}"
    reserved = await wang.ask("PUT", f"{base}/classes/{row.id}/places", places=2)
    assert (reserved.status, reserved.data["places"]) == (200, 2), reserved.data
    people = [
        {"name": "赵文博", "id_number": id_number_of(1), "phone": ""},
        {"name": "赵文博", "id_number": "37152119700101"},
        {"name": "钱大力", "id_number": id_number_of(2)},
    ]
    named = await wang.ask("POST", f"{base}/classes/{row.id}/people", people=people)
    assert named.status == 201, named.data
    items = named.data["items"]
    assert [one["outcome"] for one in items] == ["added", "refused", "added"]
    assert (items[0]["name"], items[1]["refusal"]["code"]) == ("赵*", "id_number_wrong")
    (place,) = (await wang.ask("GET", f"{base}/places")).data["items"]
    assert (place["places"], place["named"]) == (2, 2)
    third = {"id_number": id_number_of(33)}
    twice = [{"name": "孙宝国"} | third, {"name": "孙保国"} | third, {"name": "孙宝国"} | third]
    named = await wang.ask("POST", f"{base}/classes/{row.id}/people", people=twice)
    ends = [(one["outcome"], (one["refusal"] or {}).get("code")) for one in named.data["items"]]
    assert ends == [("added", None), ("refused", "person_twice"), ("refused", "person_twice")]
    gone = named.data["items"][0]["enrolment"]
    await Enrolment.filter(id=gone).update(status="withdrawn")
    assert {one.state for one in await Informed.all()} == {"owed"}
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"{base}/places", {}),
        ("PUT", f"{base}/classes/{row.id}/places", {"places": 1}),
        ("POST", f"{base}/classes/{row.id}/people", {"people": people}),
        ("DELETE", f"{base}/people/{items[0]['enrolment']}", {}),
    ]
    for method, path, json in tries:
        assert (await li.ask(method, path, **json)).status == 404, path
    url = f"{wang._url}{base}/people/{items[0]['enrolment']}"
    headers = {"Authorization": f"Bearer {wang.token}"}
    async with session.delete(url, headers=headers) as answer:
        assert answer.status == 204
    (place,) = (await wang.ask("GET", f"{base}/places")).data["items"]
    assert (place["places"], place["named"]) == (2, 1)


async def test_who_was_put_on_a_roster_is_told_when_they_look(
    make_phone: MakePhone, make_row: MakeRow, settings: Settings, content: Content
) -> None:
    row, vault = await make_row(), Vault(settings.data_keys)
    teller = Teller(content, Contact("12333", "12345"))
    await enrol_other(
        System("tests"), vault, teller, class_id=row.id, named=Named(*LI), now=local_now()
    )
    phone = make_phone(9)
    await phone.log_in()
    assert (await phone.ask("GET", "/me/classes")).data["code"] == "binding_required"
    await phone.bind(*LI)
    (item,) = (await phone.ask("GET", "/me/classes")).data["items"]
    assert (item["status"], item["owed"]) == ("confirmed", True)
    told = await phone.ask("POST", f"/me/classes/{row.id}/notice")
    assert "补贴规定" in told.data["notice"]
    (item,) = (await phone.ask("GET", "/me/classes")).data["items"]
    assert not item["owed"]
    assert (await Informed.get()).channel == "mini"
