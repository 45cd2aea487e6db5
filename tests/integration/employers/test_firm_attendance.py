"""Who was there in a class that a firm holds for its own people: its contacts show the code, enter
people by hand, and confirm what somebody else of the firm has entered."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from domain.actor import Trainee
from domain.attendance.actions import Sent, check_in
from domain.attendance.codes import code_at, secret_of
from domain.attendance.for_others import decide_check_in
from domain.attendance.rules import State, Wants
from domain.attendance.screens import find_linked_session
from domain.calendar import LOCAL
from domain.errors import DomainError
from models.attendance import CheckIn
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment
from models.training import TrainingClass
from tests.integration.api.applications import VAULT
from tests.integration.attendance.conftest import enrol
from tests.integration.employers.firm_phone import PEOPLE, WANTS, Phone, make_phone
from tests.integration.employers.people import (
    OFFICER,
    PHONE,
    YANGGU_OFFICER,
    bind,
    make_firm,
    make_person,
    make_uscc,
)

AT = "2026-12-07T08:30:00+08:00"
AFTER = datetime(2026, 12, 7, 12, tzinfo=LOCAL)


@pytest.fixture
async def phone(aiohttp_client: Any, database: str) -> Phone:
    return await make_phone(aiohttp_client)


@pytest.fixture
async def colleague(phone: Phone) -> Trainee:
    """Somebody else who acts for the firm."""
    other = await make_person("孙主任", PHONE)
    await bind(other)
    return other


def of_firm(phone: Phone, path: str) -> str:
    return f"/api/v1/employers/{phone.firm}{path}"


async def enter(phone: Phone, session: str, enrolments: list[str], **sent: Any) -> Any:
    asked = {"enrolments": enrolments, "at": AT, "reason": "手机没电", **sent}
    return await phone.ask("POST", of_firm(phone, f"/sessions/{session}/check-ins"), **asked)


async def decide(phone: Phone, who: Trainee, ids: list[str], **sent: Any) -> Any:
    asked = {"check_ins": ids, "accept": True, **sent}
    return await phone.ask("POST", of_firm(phone, "/check-ins/decisions"), who, **asked)


async def keep_offline(phone: Phone, session: str, who: Trainee) -> str:
    """A check-in that a phone kept until the class was over."""
    taken = phone.clock[0]
    code = code_at(secret_of(VAULT, UUID(session)), taken)
    sent = Sent(code, session_id=UUID(session), device=f"of {who.id}", taken_at=taken)
    await check_in(who, VAULT, Wants(), sent, now=AFTER)
    phone.clock[0] = AFTER
    return str((await CheckIn.get(person_id=who.id)).id)


async def test_a_contact_gives_a_link_to_the_screen_and_another_takes_it_back(
    phone: Phone, colleague: Trainee
) -> None:
    _, (session, _) = await phone.hold()
    path = of_firm(phone, f"/sessions/{session}/screen-links")
    status, made = await phone.ask("POST", path, key="one")
    assert (status, made["session_id"]) == (201, session)
    assert made["until"] == "2026-12-08T08:00:00+08:00"
    address, _, token = made["url"].partition("?link=")
    assert address.endswith(f"/screen/{session}")
    assert str(await find_linked_session(token, now=phone.clock[0])) == session
    assert await phone.ask("POST", path, key="one") == (201, made), "the same one again"

    status, page = await phone.ask("GET", f"{phone.one}/screen-links", colleague)
    (link,) = page["items"]
    assert (status, link["session_id"], link["mine"]) == (200, session, False)
    assert token not in str(page)
    for _ in range(2):
        gone = of_firm(phone, f"/screen-links/{link['id']}")
        assert (await phone.ask("DELETE", gone, colleague))[0] == 204
    assert await find_linked_session(token, now=phone.clock[0]) is None
    assert (await phone.ask("GET", f"{phone.one}/screen-links"))[1]["items"] == []


async def test_a_class_that_is_not_held_has_no_screen(phone: Phone) -> None:
    _, (session, _) = await phone.hold()
    await TrainingClass.filter(id=phone.class_id).update(status="archived")
    path = of_firm(phone, f"/sessions/{session}/screen-links")
    status, refused = await phone.ask("POST", path)
    assert (status, refused["code"]) == (409, "check_in_window_closed")


async def test_what_a_contact_enters_another_one_confirms(phone: Phone, colleague: Trainee) -> None:
    enrolments, (session, _) = await phone.hold()
    phone.clock[0] = AFTER
    status, entered = await enter(phone, session, enrolments[:2], key="one")
    assert (status, len(entered["check_ins"]), entered["already"]) == (201, 2, 0), entered
    assert entered["confirm_until"] == "2026-12-08T12:00:00+08:00"
    assert (await enter(phone, session, enrolments[:2], key="one"))[1] == entered
    assert (await enter(phone, session, enrolments[:2]))[1]["already"] == 2
    first, second = entered["check_ins"]

    waiting = f"{phone.one}/attendance/waiting"
    for who, another in ((phone.who, True), (colleague, False)):
        status, page = await phone.ask("GET", waiting, who)
        assert status == 200 and sorted(one["id"] for one in page["items"]) == sorted(
            [first, second]
        )
        assert {one["needs_another"] for one in page["items"]} == {another}
    shown = next(one for one in page["items"] if one["enrolment"] == enrolments[0])
    assert (shown["name"], shown["reason"], shown["at"]) == ("王*", "手机没电", AT)
    assert shown["confirm_until"] == entered["confirm_until"]
    listed = of_firm(phone, "/check-ins/waiting")
    assert (await phone.ask("GET", listed))[1]["items"] == []
    (due,) = (await phone.ask("GET", listed, colleague))[1]["items"]
    assert (due["class_id"], due["count"]) == (phone.class_id, 2)
    assert due["due"] == entered["confirm_until"]

    # Not oneself; and nothing of it counts.
    status, done = await decide(phone, phone.who, [first, second])
    assert status == 201 and {one["state"] for one in done["items"]} == {None}
    assert {one["code"] for one in done["items"]} == {"check_in_needs_another"}
    assert "同单位的另一个人" in done["items"][0]["detail"]
    (gap,) = {one["sessions"][0]["gap"] for one in await people(phone) if one["name"] == "王*"}
    assert gap == "waits"

    unknown = str(new_id())
    status, done = await decide(phone, colleague, [first, unknown], key="two")
    told = {one["check_in"]: (one["state"], one["code"]) for one in done["items"]}
    assert told == {first: ("counted", ""), unknown: (None, "not_found")}
    assert (await decide(phone, colleague, [first, unknown], key="two"))[1] == done
    status, refused = await decide(phone, colleague, [second], accept=False)
    assert (status, refused["code"]) == (422, "check_in_entered_wrong")
    _, done = await decide(phone, colleague, [second], accept=False, reason="人没有到")
    assert done["items"][0]["state"] == "refused"
    _, done = await decide(phone, colleague, [second], accept=False, reason="人没有到")
    assert done["items"][0]["code"] == "check_in_decided"
    rows = {str(row.id): row for row in await CheckIn.all()}
    assert (rows[first].made_by, rows[first].decided_by) == (phone.who.key, colleague.key)
    events = [
        one.event
        for one in await AuditEntry.filter(event__startswith="check_in.").order_by("at", "id")
    ]
    assert events == ["check_in.by_hand", "check_in.confirm", "check_in.refuse"]


async def people(phone: Phone) -> Any:
    status, page = await phone.ask("GET", f"{phone.one}/attendance/people")
    assert status == 200, page
    return page["items"]


async def test_the_office_of_the_county_confirms_as_well(phone: Phone) -> None:
    """Where a firm has one contact alone."""
    enrolments, (session, _) = await phone.hold()
    phone.clock[0] = AFTER
    _, entered = await enter(phone, session, enrolments[:1])
    (one,) = (UUID(id) for id in entered["check_ins"])
    with pytest.raises(DomainError, match="not_found"):
        await decide_check_in(YANGGU_OFFICER, check_in_id=one, accept=True, now=AFTER)
    assert await decide_check_in(OFFICER, check_in_id=one, accept=True, now=AFTER) is State.COUNTED


async def test_after_a_day_nobody_confirms(phone: Phone, colleague: Trainee) -> None:
    enrolments, (session, _) = await phone.hold()
    phone.clock[0] = AFTER
    _, entered = await enter(phone, session, enrolments[:1])
    phone.clock[0] += timedelta(days=1, seconds=1)
    _, done = await decide(phone, colleague, entered["check_ins"])
    assert done["items"][0]["code"] == "check_in_lapsed"
    assert (await phone.ask("GET", of_firm(phone, "/check-ins/waiting"), colleague))[1][
        "items"
    ] == []


async def test_who_learns_in_the_class_confirms_nothing_of_their_own(
    phone: Phone, colleague: Trainee
) -> None:
    """Neither what their own phone kept, nor what somebody else has entered for them."""
    _, (session, later) = await phone.hold()
    row = await TrainingClass.get(id=phone.class_id)
    own = str((await enrol(row, colleague)).id)
    kept = await keep_offline(phone, session, colleague)
    listed = of_firm(phone, "/check-ins/waiting")
    assert (await phone.ask("GET", listed, colleague))[1]["items"] == []
    assert (await phone.ask("GET", listed))[1]["items"][0]["count"] == 1
    _, done = await decide(phone, colleague, [kept])
    assert done["items"][0]["code"] == "check_in_needs_another"
    _, done = await decide(phone, phone.who, [kept])
    assert done["items"][0]["state"] == "counted"

    phone.clock[0] = AFTER + timedelta(days=1)
    status, entered = await enter(phone, later, [own], at="2026-12-08T08:30:00+08:00")
    assert status == 201, entered
    _, page = await phone.ask("GET", f"{phone.one}/attendance/waiting", colleague)
    assert [one["needs_another"] for one in page["items"]] == [True]
    for who in (phone.who, colleague):
        _, done = await decide(phone, who, entered["check_ins"])
        assert done["items"][0]["code"] == "check_in_needs_another"


async def test_the_attendance_of_a_class(phone: Phone, colleague: Trainee) -> None:
    enrolments, (session, later) = await phone.hold()
    who = [Trainee((await Enrolment.get(id=one)).person_id) for one in enrolments]
    code = code_at(secret_of(VAULT, UUID(session)), phone.clock[0])
    sent = Sent(code, session_id=UUID(session), device="of the first")
    await check_in(who[0], VAULT, Wants(), sent, now=phone.clock[0])
    phone.clock[0] = AFTER
    _, entered = await enter(phone, session, enrolments[1:2], at="2026-12-07T09:30:00+08:00")
    await decide(phone, colleague, entered["check_ins"])

    status, found = await phone.ask("GET", f"{phone.one}/attendance")
    assert (status, found["class_id"], found["status"]) == (200, phone.class_id, "open")
    assert [(one["id"], one["came"], one["waiting"]) for one in found["sessions"]] == [
        *((session, 2, 0), (later, 0, 0)),
    ]
    assert found["days"] == [{"day": "2026-12-07", "had": 2, "held": 3, "percent": 66.6}]
    assert (found["people"], found["under"], found["waiting"]) == (3, 2, 0)
    assert found["threshold"] == {"percent": 80, "document": "", "from_notices": False}
    assert found["settings"] == WANTS
    assert "patterns" not in found

    lines = await people(phone)
    assert [one["enrolment"] for one in lines] == enrolments
    assert [(one["minutes"], one["of_minutes"], one["percent"], one["under"]) for one in lines] == [
        *((180, 180, 100.0, False), (120, 180, 66.6, True), (0, 180, 0.0, True)),
    ]
    came = [one["sessions"][0]["came"] for one in lines]
    assert [(one["channel"], one["late"], one["state"]) for one in came[:2]] == [
        *(("mini", False, "counted"), ("teacher", True, "counted")),
    ]
    assert came[2] is None and lines[2]["sessions"][0]["gap"] == "absent"
    assert [one["sessions"][1]["gap"] for one in lines] == [None] * 3, "not held yet"
    assert not any(one["id_number"] in str(lines) or one["name"] in str(lines) for one in PEOPLE)

    # What counts is refused with a reason, by whoever finds that it was not so.
    _, done = await decide(phone, phone.who, [came[0]["id"]], accept=False, reason="人没有到")
    assert done["items"][0]["state"] == "refused"
    assert (await people(phone))[0]["minutes"] == 0

    path, seen = f"{phone.one}/attendance/people?limit=2", []
    cursor: str | None = ""
    while cursor is not None:
        _, page = await phone.ask("GET", f"{path}&cursor={cursor}")
        seen += [one["enrolment"] for one in page["items"]]
        cursor = page["next"]
    assert seen == enrolments


async def test_the_settings_of_a_class(phone: Phone) -> None:
    await phone.hold()
    path = f"{phone.one}/attendance/settings"
    changed = {**WANTS, "wants_out": True, "late_until_percent": 40}
    assert await phone.ask("PUT", path, **changed) == (200, {**changed, "version": 1})
    assert (await phone.ask("GET", f"{phone.one}/attendance"))[1]["settings"] == {
        **changed,
        "version": 1,
    }
    status, refused = await phone.ask("PUT", path, **WANTS)
    assert (status, refused["code"]) == (409, "attendance_settings_changed")
    status, refused = await phone.ask(
        "PUT", path, **{**WANTS, "version": 1, "opens_before_min": 121}
    )
    assert (status, refused["code"]) == (422, "attendance_settings_wrong")
    assert refused["facts"]["fields"] == ["opens_before_min"]
    await TrainingClass.filter(id=phone.class_id).update(status="ended")
    status, refused = await phone.ask("PUT", path, **{**WANTS, "version": 1})
    assert (status, refused["code"]) == (409, "class_unchangeable")


@pytest.mark.parametrize(
    ("sent", "shows"),
    [({}, "王*"), ({"shown": "names", "reason": "交备案、补贴的材料"}, "王秀兰")],
)
async def test_the_sheet_has_no_number_in_full(
    phone: Phone, sent: dict[str, str], shows: str
) -> None:
    await phone.hold()
    answer = await phone.fetch("POST", f"{phone.one}/attendance/sheet", json=sent)
    assert answer.status == 200 and "spreadsheetml" in answer.content_type
    assert answer.headers["Content-Disposition"].endswith(".xlsx")
    book = load_workbook(BytesIO(await answer.read()))
    words = [str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert shows in words and "学员签到表" in words
    assert not any(one["id_number"] in words for one in PEOPLE)
    (kept,) = await AuditEntry.filter(event="signin.export")
    assert (kept.actor, kept.about_id) == (phone.who.key, UUID(phone.class_id))
    assert kept.facts["unmasked"] is bool(sent) and not kept.facts.get("numbers")
    assert kept.facts.get("reason") == sent.get("reason")


async def test_names_want_a_reason_and_a_filed_class_and_numbers_are_not_had(phone: Phone) -> None:
    await phone.hold()
    path = f"{phone.one}/attendance/sheet"
    status, refused = await phone.ask("POST", path, shown="names")
    assert (status, refused["code"]) == (422, "reason_missing")
    status, refused = await phone.ask("POST", path, shown="whole", reason="交备案的材料")
    assert (status, refused["code"]) == (422, "invalid_input")
    await TrainingClass.filter(id=phone.class_id).update(status="recruiting")
    status, refused = await phone.ask("POST", path, shown="names", reason="交备案的材料")
    assert (status, refused["code"]) == (409, "roster_not_filed")


async def test_another_firm_does_nothing_in_a_session_of_ours(phone: Phone) -> None:
    """Neither as a contact of ours nor of its own."""
    enrolments, (session, _) = await phone.hold()
    phone.clock[0] = AFTER
    _, entered = await enter(phone, session, enrolments[:1])
    await phone.ask("POST", of_firm(phone, f"/sessions/{session}/screen-links"))
    (link,) = (await phone.ask("GET", f"{phone.one}/screen-links"))[1]["items"]
    theirs = str(await make_firm(2, phone="16900000002"))
    stranger = await make_person("孙主任", "16900000002")
    await bind(stranger, make_uscc(2))
    entry = {"enrolments": enrolments[1:], "at": AT, "reason": "手机没电"}
    decision = {"check_ins": entered["check_ins"], "accept": True}
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("POST", f"/sessions/{session}/check-ins", entry),
        ("POST", f"/sessions/{session}/screen-links", {}),
        ("DELETE", f"/screen-links/{link['id']}", {}),
        ("POST", "/check-ins/decisions", decision),
        ("GET", "/check-ins/waiting", {}),
    )
    for method, part, sent in asked:
        path = f"/api/v1/employers/{phone.firm}{part}"
        status, refused = await phone.ask(method, path, stranger, **sent)
        assert (status, refused["code"]) == (404, "not_found"), (method, path)
    for method, part, sent in asked[:3]:
        path = f"/api/v1/employers/{theirs}{part}"
        status, refused = await phone.ask(method, path, stranger, **sent)
        assert (status, refused["code"]) == (404, "not_found"), (method, path)
    _, done = await phone.ask(
        "POST", f"/api/v1/employers/{theirs}/check-ins/decisions", stranger, **decision
    )
    assert [one["code"] for one in done["items"]] == ["not_found"]
    path = f"/api/v1/employers/{theirs}/check-ins/waiting"
    assert (await phone.ask("GET", path, stranger))[1]["items"] == []
    assert [row.state for row in await CheckIn.all()] == ["pending"]
