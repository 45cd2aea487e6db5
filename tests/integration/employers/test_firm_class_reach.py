"""Whose a firm's class is: no other firm's, and no longer that of whoever was removed."""

import asyncio
from dataclasses import asdict, replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.actor import EmployerContact, Trainee
from domain.employers.actions import hand_over_keeping, remove_contact
from domain.errors import DomainError
from domain.training import actions
from domain.training.actions import Holder
from domain.training.details import Result, Test, Video
from domain.training.proof import record_test, record_video
from models.employers import EmployerContact as Contact
from models.training import ClassEvent, TrainingClass
from models.transactions import transaction
from tests.integration.employers.firm_phone import (
    ALLOWED,
    DRAFT,
    PEOPLE,
    SESSIONS,
    WANTS,
    WHOLE,
    Phone,
    make_phone,
)
from tests.integration.employers.people import (
    CONTENT,
    NOW,
    PHONE,
    bind,
    make_firm,
    make_person,
    make_uscc,
)
from tests.integration.training.conftest import enrol, make_institution
from tests.unit.training.facts import DETAILS


@pytest.fixture
async def phone(aiohttp_client: Any, database: str) -> Phone:
    return await make_phone(aiohttp_client)


async def test_another_firms_class_is_not_there(phone: Phone) -> None:
    """Neither for its contact, nor by way of a firm of one's own."""
    await phone.draft(**WHOLE)
    ours = phone.class_id
    theirs = str(await make_firm(2, phone="16900000002"))
    stranger = await make_person("孙主任", "16900000002")
    await bind(stranger, make_uscc(2))
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("GET", "", {}),
        ("PUT", "", {**WHOLE, "version": 1}),
        ("PUT", "/sessions", {"version": 1, "sessions": SESSIONS}),
        ("POST", "/steps", {"version": 1, "step": "recruit"}),
        ("PUT", "/video", {"version": 1, "location": "在", "sha256": "a" * 64, "holder": "某"}),
        (
            *("POST", "/tests"),
            {
                "version": 1,
                "kind": "level",
                "held_on": "2026-12-08",
                "results": [{"enrolment": ours, "result": "passed"}],
            },
        ),
        ("GET", "/people", {}),
        ("POST", "/joins", {**PEOPLE[0], **ALLOWED}),
        ("POST", "/leaves", {"enrolment": ours, **ALLOWED}),
        ("PUT", "/completed", {"enrolments": [ours]}),
        ("GET", "/attendance", {}),
        ("GET", "/attendance/people", {}),
        ("GET", "/attendance/waiting", {}),
        ("PUT", "/attendance/settings", WANTS),
        ("POST", "/attendance/sheet", {}),
        ("GET", "/screen-links", {}),
    )
    for firm in (phone.firm, theirs):
        for method, part, sent in asked:
            path = f"/api/v1/employers/{firm}/classes/{ours}{part}"
            status, refused = await phone.ask(method, path, stranger, **sent)
            assert (status, refused["code"]) == (404, "not_found"), (method, path)
    status, page = await phone.ask("GET", f"/api/v1/employers/{theirs}/classes", stranger)
    assert (status, page["items"]) == (200, [])


async def test_in_another_class_a_firm_sees_whom_it_has_named_alone(phone: Phone) -> None:
    """And a class in which it has named nobody is not there."""
    school = await make_institution()
    row = await TrainingClass.create(
        **{**asdict(DETAILS), "programme": "enterprise-staff"},
        institution_id=school.id,
        status="recruiting",
        recruiting_since=NOW,
        created_at=NOW,
    )
    phone.class_id = str(row.id)
    await enrol(row.id)
    assert (await phone.ask("GET", f"{phone.one}/people"))[0] == 404
    first, second = await phone.name(PEOPLE[:2])
    status, page = await phone.ask("GET", f"{phone.one}/people")
    assert (status, [one["id"] for one in page["items"]]) == (200, [first, second])
    people = f"/api/v1/employers/{phone.firm}/people"
    assert (await phone.ask("DELETE", f"{people}/{first}"))[0] == 204
    _, page = await phone.ask("GET", f"{phone.one}/people")
    assert [one["id"] for one in page["items"]] == [second]
    assert (await phone.ask("GET", phone.one))[0] == 404
    status, refused = await phone.ask("POST", f"{phone.one}/leaves", enrolment=second, **ALLOWED)
    assert (status, refused["code"]) == (404, "not_found")


async def succeed(phone: Phone) -> tuple[EmployerContact, EmployerContact, UUID]:
    """Somebody else keeps the firm now: the former contact, the new one, the former's row."""
    firm, other = UUID(phone.firm), await make_person("孙主任", PHONE)
    await bind(other)
    former = EmployerContact(phone.who.id, firm)
    successor = await Contact.get(person_id=other.id, status="active")
    await hand_over_keeping(former, contact_id=successor.id, now=NOW)
    row = await Contact.get(person_id=phone.who.id, status="active")
    return former, EmployerContact(other.id, firm), row.id


async def test_who_was_removed_changes_nothing_more(phone: Phone) -> None:
    """Not over the door, and not behind it: every action asks again."""
    drafted = await phone.draft(**WHOLE)
    former, keeper, contact = await succeed(phone)
    await remove_contact(keeper, employer_id=keeper.employer, contact_id=contact, now=NOW)
    class_id, version = UUID(phone.class_id), drafted["version"]
    assert (await phone.ask("GET", phone.path))[0] == 404
    assert (await phone.ask("POST", phone.path, **DRAFT))[0] == 404
    assert (await phone.write("POST", "/steps", step="recruit"))[0] == 404
    details = replace(DETAILS, programme="enterprise-staff")
    holder, video = Holder("employer", keeper.employer), Video("在", "a" * 64, "某")
    test = Test("level", date(2026, 11, 30), [Result(class_id, "passed")])
    tried = (
        actions.draft_class(former, CONTENT, holder, details, now=NOW),
        actions.change_class(former, CONTENT, class_id, version, details, now=NOW),
        actions.plan_sessions(former, class_id, version, [], now=NOW),
        actions.open_recruiting(former, CONTENT, class_id, version, now=NOW),
        record_video(former, class_id, version, video, now=NOW),
        record_test(former, CONTENT, class_id, version, test, now=NOW),
    )
    for one in tried:
        with pytest.raises(DomainError, match="not_found"):
            await one
    assert await ClassEvent.all().count() == 1
    other = Trainee(keeper.id)
    assert (await phone.ask("GET", phone.one, other))[1]["status"] == "draft"


async def test_a_filing_waits_for_a_removal_that_is_under_way(phone: Phone) -> None:
    """And is refused once that is done."""
    await phone.draft(**WHOLE)
    await phone.done("PUT", "/sessions", sessions=SESSIONS)
    version = (await phone.step("recruit"))["version"]
    await phone.name(PEOPLE[:1])
    former, keeper, contact = await succeed(phone)
    removed = asyncio.Event()

    async def file() -> None:
        await removed.wait()
        await actions.file_class(former, CONTENT, UUID(phone.class_id), version, now=NOW)

    # Begun out here: inside, it would be a part of the removal's transaction.
    filing = asyncio.create_task(file())
    async with transaction() as connection:
        await remove_contact(keeper, employer_id=keeper.employer, contact_id=contact, now=NOW)
        removed.set()
        await wait_for_a_lock(connection)
        assert not filing.done()
    with pytest.raises(DomainError, match="not_found"):
        await filing
    assert (await TrainingClass.get(id=phone.class_id)).status == "recruiting"


async def wait_for_a_lock(connection: Any) -> None:
    """Until somebody waits for one that another transaction holds."""
    for _ in range(500):
        waiting = await connection.execute_query_dict("SELECT 1 FROM pg_locks WHERE NOT granted")
        if waiting:
            return
        await asyncio.sleep(0.02)
    pytest.fail("nobody waits")
