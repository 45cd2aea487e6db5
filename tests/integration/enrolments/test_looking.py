"""The office looks at what was changed on a filed roster, and is called to what it has not seen."""

import dataclasses
import re
from datetime import datetime, timedelta
from typing import Any

from domain.actor import Role, Staff, System
from domain.calendar import LOCAL
from domain.enrolments.amendments import amend_roster, count_unseen, list_unseen, note_seen
from domain.enrolments.notice import Teller
from domain.enrolments.sights import note_look
from domain.training.actions import plan_sessions
from domain.training.details import Sitting
from domain.vault import Vault
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment
from models.training import ClassEvent, TrainingClass
from tests.integration.enrolments.conftest import COUNTY, NOW, Browse, MakeClass, named
from tests.integration.enrolments.test_telling import refused

OFFICER = Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)
ALLOWED: Any = {"allowed_by": "李科长", "reason": "补报", "now": NOW}


async def test_what_was_looked_at_waits_no_more_until_there_is_more(
    make_class: MakeClass, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    rows = [await make_class(title, status="filed") for title in ("甲班", "乙班")]
    first, second = (one.id for one in rows)

    async def join(class_id: Any, number: int) -> None:
        values = {"class_id": class_id, "joins": named(number)} | ALLOWED
        await amend_roster(clerk, vault, teller, **values)

    for class_id, number in ((first, 1), (first, 2), (second, 3)):
        await join(class_id, number)
    assert await count_unseen(OFFICER) == {first: 2, second: 1}
    shown = await list_unseen(OFFICER, first)
    await join(first, 4)
    looking: Any = {"class_id": first, "upto": shown[-1], "now": NOW}
    assert await note_seen(OFFICER, **looking) == 2
    assert await note_seen(OFFICER, **looking) == 0
    assert await count_unseen(OFFICER) == {first: 1, second: 1}, "what came meanwhile waits"
    await join(first, 5)
    assert len(await list_unseen(OFFICER, first)) == 2
    (entry,) = await AuditEntry.filter(event="roster.seen")
    assert (entry.actor, entry.about_id, entry.facts) == (OFFICER.key, first, {"amendments": 2})
    versions = await ClassEvent.filter(training_class_id=first).values_list("version", flat=True)
    assert len(set(versions)) == len(versions) == 5
    await TrainingClass.filter(id=first).update(status="archived")
    assert await count_unseen(OFFICER) == {second: 1}


async def test_only_who_decides_on_the_class_looks(
    make_class: MakeClass, clerk: Staff, teller: Teller, vault: Vault
) -> None:
    row = await make_class(status="filed")
    await amend_roster(clerk, vault, teller, class_id=row.id, joins=named(1), **ALLOWED)
    (upto,) = await list_unseen(OFFICER, row.id)
    elsewhere = dataclasses.replace(OFFICER, county="371502")
    assert await count_unseen(elsewhere) == {}
    for actor, code in (
        (elsewhere, "not_found"),
        (clerk, "no_permission"),
        (Staff(new_id(), Role.SUPERVISOR), "no_permission"),
    ):
        assert await list_unseen(actor, row.id) == []
        assert await refused(note_seen(actor, class_id=row.id, upto=upto, now=NOW)) == code
    assert await refused(note_seen(OFFICER, class_id=new_id(), upto=upto, now=NOW)) == "not_found"
    assert await count_unseen(OFFICER) == {row.id: 1}


async def test_the_first_page_calls_until_somebody_has_looked(
    make_class: MakeClass, clerk: Staff, teller: Teller, vault: Vault, browse: Browse
) -> None:
    one, other, quiet = [
        await make_class(title, status="filed", recruiting_since=NOW)
        for title in ("甲班", "乙班", "丙班")
    ]
    for row, number in ((one, 1), (other, 2)):
        await amend_roster(clerk, vault, teller, class_id=row.id, joins=named(number), **ALLOWED)
    browser = await browse(OFFICER)
    page = await browser.see("/console/")
    assert "<strong>2</strong>处备案后的变更还没看" in page
    assert 'href="/console/classes?changes=unseen"' in page
    page = await browser.see("/console/classes?changes=unseen")
    assert one.title in page and other.title in page and quiet.title not in page
    path = f"/console/classes/{one.id}"
    assert "有1处备案后的变更还没看" in await browser.see(path)
    page = await browser.see(f"{path}/roster")
    (upto,) = re.findall(r'name="upto" value="([^"]+)"', page)
    assert await browser.send(f"{path}/roster/seen", upto=upto) == (303, f"{path}/roster")
    page = await browser.see(f"{path}/roster")
    assert "记下了：1处备案后的变更看过了" in page and 'name="upto"' not in page
    assert "人社局看过变更" in await browser.see(path)
    page = await browser.see("/console/")
    assert "<strong>1</strong>处备案后的变更还没看" in page
    assert f'href="/console/classes/{other.id}/roster"' in page
    assert (await browser.send(f"{path}/roster/seen", upto="x"))[0] == 404
    holder = await browse(clerk)
    assert "看过了" not in await holder.see(f"/console/classes/{other.id}/roster")
    assert (await holder.send(f"{path}/roster/seen", upto=upto))[0] == 403


async def test_the_office_is_called_to_sessions_that_moved(
    make_class: MakeClass, clerk: Staff, browse: Browse
) -> None:
    day = datetime(2026, 12, 8, 8, tzinfo=LOCAL)
    row = await make_class(
        status="approved",
        recruiting_since=NOW,
        hours=4,
        sittings=[(day, day + timedelta(hours=3))],
    )
    path = f"/console/classes/{row.id}"
    holder = await browse(clerk)
    short = {"version": "1", "lines": "2026-12-09 08:00-09:00 实操", "reason": "停电"}
    status, page = await holder.send(f"{path}/sessions", **short)
    assert status == 422 and "课次不够总课时" in page and "同意开班的是4课时" in page
    moved = short | {"lines": "2026-12-09 08:00-11:00 实操"}
    assert await holder.send(f"{path}/sessions", **moved) == (303, path)
    browser = await browse(OFFICER)
    assert "<strong>1</strong>处备案后的变更还没看" in await browser.see("/console/")
    told = "原来1次课4课时，现在1次课4课时；停电"
    assert told in await browser.see(path)
    page = await browser.see(f"{path}/roster")
    assert "调课" in page and told in page
    (upto,) = re.findall(r'name="upto" value="([^"]+)"', page)
    assert await browser.send(f"{path}/roster/seen", upto=upto) == (303, f"{path}/roster")
    assert "还没看" not in await browser.see("/console/")
    # What the service itself moves, as the demo does at each start, calls nobody.
    version = (await TrainingClass.get(id=row.id)).version
    again = Sitting(day, day + timedelta(hours=3))
    values: Any = {"reason": "演示", "now": NOW}
    await plan_sessions(System("demo"), row.id, version, [again], **values)
    assert await count_unseen(OFFICER) == {}


async def test_who_opens_a_roster_stands_in_the_log(
    make_class: MakeClass, clerk: Staff, teller: Teller, vault: Vault, browse: Browse
) -> None:
    """Its list and a line of it: one look."""
    row = await make_class(status="filed", recruiting_since=NOW)
    await amend_roster(clerk, vault, teller, class_id=row.id, joins=named(1), **ALLOWED)
    enrolment = await Enrolment.get(training_class_id=row.id)
    path = f"/console/classes/{row.id}/roster"
    supervisor = Staff(new_id(), Role.SUPERVISOR)
    for staff in (clerk, supervisor):
        browser = await browse(staff)
        for page in ("", "", f"/{enrolment.id}"):
            await browser.see(f"{path}{page}")
    elsewhere = dataclasses.replace(OFFICER, county="371502")
    assert await refused(note_look(elsewhere, row.id, now=NOW)) == "not_found"
    seen = await AuditEntry.filter(event="roster.see").order_by("actor")
    assert [(one.actor, one.about_kind, one.about_id) for one in seen] == [
        (key, "class", row.id) for key in sorted([clerk.key, supervisor.key])
    ]
