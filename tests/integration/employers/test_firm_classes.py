"""A firm trains its own people (企业自主培训, L02): its contact leads a class over the API, from
the draft to what the office archives."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from domain.calendar import LOCAL
from domain.training import actions
from models.enrolments import Enrolment
from models.training import ClassEvent, TrainingClass
from tests.integration.employers.firm_phone import (
    ALLOWED,
    DRAFT,
    PEOPLE,
    SESSIONS,
    WHOLE,
    Phone,
    by_office,
    keys,
    make_phone,
)


@pytest.fixture
async def phone(aiohttp_client: Any, database: str) -> Phone:
    return await make_phone(aiohttp_client)


async def test_a_firm_leads_a_class_from_the_draft_to_the_archive(phone: Phone) -> None:
    drafted = await phone.draft()
    assert (drafted["status"], drafted["status_name"], drafted["version"]) == ("draft", "草稿", 1)
    assert [(one["step"], one["name"]) for one in drafted["steps"]] == [
        *(("recruit", "开始招生"), ("cancel", "取消")),
    ]
    assert keys(drafted["steps"][0]["missing"]) == ["target_group", "address", "dates"]
    assert "demand_analysis" in keys(drafted["ahead"]["missing"])

    await phone.done("PUT", "", **WHOLE)
    planned = await phone.done("PUT", "/sessions", sessions=SESSIONS)
    assert [one["starts_at"] for one in planned["sessions"]] == [
        one["starts_at"] for one in SESSIONS
    ]
    assert planned["steps"][0]["missing"] == [] and planned["ahead"]["missing"] == []

    assert (await phone.step("recruit"))["status"] == "recruiting"
    status, refused = await phone.write("POST", "/steps", step="file")
    assert (status, refused["code"]) == (409, "class_incomplete")
    assert refused["facts"]["missing"] == [{"key": "enrolments", "words": "至少一个人报名"}]

    enrolments = await phone.name()
    status, _ = await phone.ask("DELETE", f"/api/v1/employers/{phone.firm}/people/{enrolments[2]}")
    assert status == 204
    filed = await phone.step("file")
    assert (filed["status"], filed["roster_size"], filed["people"]) == ("filed", 2, 2)

    await by_office(actions.return_class, phone, "请补需求分析的调查表")
    returned = await phone.get()
    assert returned["returned_reason"] == "请补需求分析的调查表"
    assert returned["history"][-1]["by"] == "office"
    await phone.step("file")
    await by_office(actions.approve_class, phone)

    status, joined = await phone.ask("POST", f"{phone.one}/joins", **PEOPLE[2], **ALLOWED)
    assert (status, joined["name"], joined["status"]) == (201, "赵*", "confirmed"), joined
    left = {"enrolment": enrolments[1], **ALLOWED}
    status, gone = await phone.ask("POST", f"{phone.one}/leaves", **left)
    assert (status, gone["status"]) == (201, "withdrawn"), gone

    status, refused = await phone.write("POST", "/steps", step="open")
    assert (status, refused["code"]) == (409, "class_too_early")
    phone.clock[0] = datetime(2026, 12, 7, 8, tzinfo=LOCAL)
    assert (await phone.step("open"))["status"] == "open"
    phone.clock[0] = datetime(2026, 12, 8, 12, tzinfo=LOCAL)
    ended = await phone.step("end")
    assert ended["ahead"]["step"] == "archive"
    assert keys(ended["ahead"]["missing"]) == [
        *("test", "results", "video_location", "video_sha256", "video_holder", "completed"),
    ]

    status, roster = await phone.ask("GET", f"{phone.one}/people")
    present = [one["id"] for one in roster["items"]]
    assert sorted(present) == sorted([enrolments[0], joined["id"]])
    assert all("*" in one["name"] and "*" in one["id_number"] for one in roster["items"])
    video = {"location": "厂里服务器", "sha256": "AB" * 32, "holder": "人力资源部"}
    assert (await phone.done("PUT", "/video", **video))["video"]["sha256"] == "ab" * 32
    results = [{"enrolment": one, "result": "passed"} for one in present]
    tested = await phone.done(
        "POST", "/tests", kind="enterprise", held_on="2026-12-08", results=results
    )
    assert len(tested["tests"][0]["results"]) == 2
    assert keys(tested["ahead"]["missing"]) == ["completed"]
    who: dict[str, Any]
    for who, counts in (
        ({"unfinished": present[1:]}, {"completed": 1, "unfinished": 1}),
        ({"enrolments": present}, {"completed": 1, "unfinished": 0}),
    ):
        completion = await phone.ask("PUT", f"{phone.one}/completed", None, **who)
        assert completion == (200, counts)
    _, roster = await phone.ask("GET", f"{phone.one}/people")
    assert {(one["status"], one["unfinished"]) for one in roster["items"]} == {("completed", False)}
    assert (await phone.get())["ahead"]["missing"] == []

    await by_office(actions.archive_class, phone)
    archived = await phone.get()
    assert (archived["status"], archived["steps"], archived["ahead"]) == ("archived", [], None)
    assert [one["kind"] for one in archived["history"]] == [
        *("draft", "change", "sessions", "recruit", "file", "return", "file", "approve"),
        *("amend", "amend", "open", "end", "video", "test", "archive"),
    ]
    assert archived["history"][1]["fields"][0].keys() == {"key", "words"}
    status, page = await phone.ask("GET", phone.path)
    assert [(one["id"], one["status"]) for one in page["items"]] == [(phone.class_id, "archived")]


async def test_a_classified_class_owes_no_video(phone: Phone) -> None:
    """L02."""
    await phone.draft(**{**WHOLE, "classified": True})
    await phone.done("PUT", "/sessions", sessions=SESSIONS)
    await phone.step("recruit")
    (enrolment,) = await phone.name(PEOPLE[:1])
    await phone.step("file")
    await by_office(actions.approve_class, phone)
    phone.clock[0] = datetime(2026, 12, 7, 8, tzinfo=LOCAL)
    await phone.step("open")
    phone.clock[0] = datetime(2026, 12, 8, 12, tzinfo=LOCAL)
    await phone.step("end")
    results = [{"enrolment": enrolment, "result": "passed"}]
    tested = await phone.done(
        "POST", "/tests", kind="enterprise", held_on="2026-12-08", results=results
    )
    assert [one["key"] for one in tested["ahead"]["missing"]] == ["completed"], "no video"


async def test_a_firm_notes_whom_it_has_told(phone: Phone) -> None:
    """L12."""
    await phone.draft(**WHOLE)
    await phone.done("PUT", "/sessions", sessions=SESSIONS)
    await phone.step("recruit")
    enrolments = await phone.name()
    status, owed = await phone.ask("GET", f"{phone.one}/told")
    assert status == 200 and [one["id"] for one in owed["people"]] == enrolments
    (words,) = owed["words"]
    assert "补贴规定" in words and owed["people"][0]["name"] == "王*"
    for told in (2, 0):
        answer = await phone.ask("PUT", f"{phone.one}/told", enrolments=enrolments[:2])
        assert answer == (200, {"told": told})
    _, page = await phone.ask("GET", f"{phone.one}/people")
    assert [one["told"] for one in page["items"]] == [True, True, False]


async def test_a_firm_is_told_whom_it_would_keep_from_another_class(phone: Phone) -> None:
    await phone.draft(**WHOLE)
    await phone.done("PUT", "/sessions", sessions=SESSIONS[:1])
    await phone.step("recruit")
    (enrolment,) = await phone.name(PEOPLE[:1])
    row = await TrainingClass.get(id=phone.class_id)
    here = await Enrolment.get(id=enrolment)
    other = await TrainingClass.create(
        title="别处的电工班",
        employer_id=row.employer_id,
        programme=row.programme,
        occupation="电工",
        county=row.county,
        capacity=9,
        starts_on="2026-12-08",
        ends_on="2026-12-08",
        status="recruiting",
        created_at=row.created_at,
    )
    copied = ("status", "channel", "made_by", "created_at", "changed_by", "changed_at")
    same = {name: getattr(here, name) for name in copied}
    await Enrolment.create(training_class_id=other.id, person_id=here.person_id, **same)
    status, refused = await phone.write("PUT", "/sessions", sessions=SESSIONS)
    assert (status, refused["code"]) == (409, "class_people_overlap")
    named = {"enrolment": enrolment, "name": "王*"}
    assert refused["facts"]["named"] == [
        named | {"id_number": refused["facts"]["named"][0]["id_number"]}
    ]
    assert "电工班" not in str(refused) and "*" in refused["facts"]["named"][0]["id_number"]
    assert (await phone.get())["clashing"] == []
    await TrainingClass.filter(id=row.id).update(status="open")
    changed = await phone.done("PUT", "/sessions", sessions=SESSIONS, reason="机器坏了")
    assert [one["enrolment"] for one in changed["clashing"]] == [enrolment]


async def test_who_is_slower_is_told_what_the_other_did(phone: Phone) -> None:
    first = await phone.draft(**WHOLE)
    await phone.step("recruit")
    status, refused = await phone.ask(
        "PUT", phone.one, **{**WHOLE, "teacher": "另一位"}, version=first["version"]
    )
    assert (status, refused["code"]) == (409, "class_changed")
    assert refused["facts"]["since"] == [{"key": "recruit", "words": "开始招生"}]
    status, refused = await phone.write("PUT", "", **{**WHOLE, "occupation": "裁剪工"})
    assert (status, refused["code"]) == (409, "class_unchangeable")
    assert refused["facts"]["fields"] == [{"key": "occupation", "words": "职业（工种）"}]


@pytest.mark.parametrize(
    ("changes", "code", "fields"),
    [
        ({"title": " "}, "class_details_wrong", {"title": "needed"}),
        ({"starts_on": "9999-12-31"}, "class_details_wrong", {"starts_on": "out_of_range"}),
        ({"programme": "elderly-care"}, "class_not_for_holder", None),
        ({"programme": "nothing"}, "class_details_wrong", {"programme": "unknown"}),
    ],
)
async def test_what_cannot_be_drafted_is_said_field_by_field(
    phone: Phone, changes: dict[str, Any], code: str, fields: dict[str, str] | None
) -> None:
    status, refused = await phone.ask("POST", phone.path, **{**DRAFT, **changes})
    assert (status, refused["code"]) == (422, code)
    if fields is not None:
        told = {name: one["key"] for name, one in refused["facts"]["fields"].items()}
        assert told == fields
    assert not await TrainingClass.exists()


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("9999-12-31T23:00:00+00:00", "9999-12-31T23:30:00+00:00"),
        ("0001-01-01T00:10:00+14:00", "0001-01-01T00:30:00+14:00"),
    ],
)
async def test_a_session_beyond_the_calendar_is_refused(phone: Phone, start: str, end: str) -> None:
    await phone.draft()
    sessions = [{"starts_at": start, "ends_at": end, "topic": "\0"}]
    status, refused = await phone.write("PUT", "/sessions", sessions=sessions)
    assert (status, refused["code"]) == (422, "class_sessions_wrong")
    assert refused["facts"]["words"] == "不在开班和结业日期之间"


async def test_a_draft_sent_twice_is_one_class(phone: Phone) -> None:
    first = await phone.ask("POST", phone.path, key="draft-1", **DRAFT)
    assert await phone.ask("POST", phone.path, key="draft-1", **DRAFT) == first
    assert await TrainingClass.all().count() == 1
    phone.class_id = first[1]["id"]
    cancel: Mapping[str, Any] = {"step": "cancel", "version": 1, "reason": "订单没有了"}
    done = await phone.ask("POST", f"{phone.one}/steps", key="step-1", **cancel)
    assert done[0] == 201 and done[1]["status"] == "cancelled"
    assert await phone.ask("POST", f"{phone.one}/steps", key="step-1", **cancel) == done
    assert await ClassEvent.all().count() == 2


async def test_an_officers_steps_are_not_the_firms(phone: Phone) -> None:
    await phone.draft(**WHOLE)
    for step in ("approve", "return", "archive"):
        status, refused = await phone.write("POST", "/steps", step=step, reason="没有")
        assert (status, refused["code"]) == (422, "invalid_input")
    assert (await phone.get())["status"] == "draft"
