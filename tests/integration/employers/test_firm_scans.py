"""A firm enters what stands on a paper sheet, with the scan that the second person looks at."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import FormData

from clients.files import Files
from domain.actor import Trainee
from domain.calendar import LOCAL
from models.attendance import CheckIn
from models.audit import AuditEntry
from models.files import StoredFile
from tests.integration.employers.firm_phone import Phone, make_phone
from tests.integration.employers.people import PHONE, bind, make_firm, make_person, make_uscc

AT = "2026-12-07T08:30:00+08:00"
AFTER = datetime(2026, 12, 7, 12, tzinfo=LOCAL)
SHEET = b"\x89PNG\r\n\x1a\n a sheet with names and signatures"


@pytest.fixture
async def phone(aiohttp_client: Any, database: str, tmp_path: Path) -> Phone:
    return await make_phone(aiohttp_client, Files(tmp_path / "files"))


async def upload(
    phone: Phone, content: bytes = SHEET, who: Trainee | None = None
) -> tuple[int, Any]:
    form = FormData()
    form.add_field("file", content, filename="a.png", content_type="image/png")
    answer = await phone.fetch("POST", f"{phone.one}/scans", who, data=form)
    return answer.status, await answer.json()


async def test_what_stands_on_paper_is_entered_with_its_scan(phone: Phone) -> None:
    enrolments, (session, _) = await phone.hold()
    colleague = await make_person("孙主任", PHONE)
    await bind(colleague)
    phone.clock[0] = AFTER
    status, scan = await upload(phone)
    assert (status, scan["media_type"], scan["size"]) == (201, "image/png", len(SHEET)), scan
    assert (await upload(phone))[1] == scan, "the same one"
    path = f"/api/v1/employers/{phone.firm}/sessions/{session}/check-ins"
    asked: dict[str, Any] = {"enrolments": enrolments[:2], "at": AT}
    status, refused = await phone.ask("POST", path, **asked)
    assert (status, refused["code"]) == (422, "check_in_entered_wrong"), "by hand, and no reason"
    status, entered = await phone.ask("POST", path, **asked, document=scan["id"])
    assert (status, len(entered["check_ins"])) == (201, 2), entered
    row = await CheckIn.get(id=entered["check_ins"][0])
    assert (row.channel, str(row.document_id), row.state) == ("paper", scan["id"], "pending")

    _, page = await phone.ask("GET", f"{phone.one}/attendance/waiting", colleague)
    assert {one["document"] for one in page["items"]} == {scan["id"]}
    _, page = await phone.ask("GET", f"{phone.one}/scans", colleague)
    assert page["items"] == [{**scan, "mine": False}]
    answer = await phone.fetch("GET", f"{phone.one}/scans/{scan['id']}", colleague)
    assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", SHEET)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    (seen,) = await AuditEntry.filter(event="scan.see")
    assert (seen.actor, seen.about_id) == (colleague.key, UUID(phone.class_id))
    decision = {"check_ins": entered["check_ins"], "accept": True}
    decisions = f"/api/v1/employers/{phone.firm}/check-ins/decisions"
    _, done = await phone.ask("POST", decisions, **decision)
    assert {one["code"] for one in done["items"]} == {"check_in_needs_another"}
    _, done = await phone.ask("POST", decisions, colleague, **decision)
    assert {one["state"] for one in done["items"]} == {"counted"}


async def test_a_scan_is_a_picture_or_a_pdf_and_of_this_class(phone: Phone) -> None:
    enrolments, (session, _) = await phone.hold()
    phone.clock[0] = AFTER
    for content, code in ((b"<html>", "unsupported_media_type"), (b"", "invalid_input")):
        status, refused = await upload(phone, content)
        assert (status, refused["code"]) == (415 if content else 422, code)
    _, scan = await upload(phone)
    await StoredFile.filter(id=scan["id"]).update(about=session)
    path = f"/api/v1/employers/{phone.firm}/sessions/{session}/check-ins"
    asked = {"enrolments": enrolments, "at": AT, "document": scan["id"]}
    status, refused = await phone.ask("POST", path, **asked)
    assert (status, refused["facts"]["about"]) == (422, "document")
    status, refused = await phone.ask("GET", f"{phone.one}/scans/{scan['id']}")
    assert (status, refused["code"]) == (404, "not_found")


async def test_another_firm_neither_hands_in_nor_sees(phone: Phone) -> None:
    await phone.hold()
    _, scan = await upload(phone)
    theirs = str(await make_firm(2, phone="16900000002"))
    stranger = await make_person("孙主任", "16900000002")
    await bind(stranger, make_uscc(2))
    for firm in (phone.firm, theirs):
        phone.firm = firm
        status, refused = await upload(phone, who=stranger)
        assert (status, refused["code"]) == (404, "not_found")
        for part in ("", f"/{scan['id']}"):
            status, refused = await phone.ask("GET", f"{phone.one}/scans{part}", stranger)
            assert (status, refused["code"]) == (404, "not_found")
    assert await StoredFile.all().count() == 1
