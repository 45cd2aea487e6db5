"""A class from its draft to the archive, against the real database."""

import asyncio
import hashlib
import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException

from content.schema import Content
from domain.actor import EmployerContact, Role, Staff, System
from domain.calendar import LOCAL
from domain.enrolments.completing import complete
from domain.errors import DomainError
from domain.institutions.actions import FLAG_CLASSES, suspend_institution
from domain.institutions.writing import Dated
from domain.training import actions, proof
from domain.training.actions import Holder
from domain.training.details import Result, Test
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment
from models.institutions import Institution
from models.training import ClassEvent, ClassSession, TrainingClass
from tests.integration.training.conftest import (
    COUNTY,
    NOW,
    OTHER_COUNTY,
    Trial,
    enrol,
    write_record,
)
from tests.unit.training.facts import DETAILS, VIDEO, at


async def refused(code: str, awaitable: object) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await awaitable  # type: ignore[misc]
    assert caught.value.code == code, caught.value.facts
    return caught.value


async def test_the_whole_life(trial: Trial, officer: Staff, clerk: Staff) -> None:
    await trial.lead_to("ended")
    error = await refused("class_incomplete", trial.take(actions.archive_class))
    assert error.facts["missing"] == [
        *("test", "results", "video_location", "video_sha256", "video_holder", "completed")
    ]
    row = await proof.record_video(clerk, trial.id, trial.row.version, VIDEO, now=trial.now)
    roster = await Enrolment.filter(training_class_id=trial.id).values_list("id", flat=True)
    results = [Result(one, "passed", f"S{number}") for number, one in enumerate(roster[:2])]  # type: ignore[arg-type]
    test = Test("level", date(2026, 12, 9), results)
    row = await proof.record_test(clerk, trial.content, trial.id, row.version, test, now=trial.now)
    # One has no result yet.
    error = await refused("class_incomplete", trial.take(actions.archive_class))
    assert error.facts["missing"] == ["results", "completed"]
    results.append(Result(roster[2], "absent"))  # type: ignore[arg-type]
    await proof.record_test(
        officer,
        trial.content,
        trial.id,
        row.version,
        replace(test, results=results),
        now=trial.now,
    )
    await complete(clerk, class_id=trial.id, unfinished=roster[2:], now=trial.now)  # type: ignore[arg-type]
    await trial.take(actions.archive_class)
    events = await ClassEvent.filter(training_class_id=trial.id).order_by("version")
    assert [(one.kind, one.before, one.after) for one in events] == [
        ("draft", "", "draft"),
        ("sessions", "draft", "draft"),
        ("recruit", "draft", "recruiting"),
        ("file", "recruiting", "filed"),
        ("approve", "filed", "approved"),
        ("open", "approved", "open"),
        ("end", "open", "ended"),
        ("video", "ended", "ended"),
        ("test", "ended", "ended"),
        ("test", "ended", "ended"),
        ("archive", "ended", "archived"),
    ]
    assert [one.version for one in events] == list(range(1, 12))
    assert {one.made_by for one in events if one.kind in ("approve", "archive")} == {officer.key}
    # Who did what is in the audit log too, each step once.
    about_it = AuditEntry.filter(about_id=trial.id, event__startswith="class.")
    audited = await about_it.order_by("id")
    assert [one.event for one in audited] == [f"class.{one.kind}" for one in events]
    assert audited[-1].actor == officer.key


async def test_filing_freezes_the_roster(trial: Trial) -> None:
    await trial.lead_to("recruiting")
    await enrol(trial.id, 1, "withdrawn")
    row = await trial.take(actions.file_class)
    lines = await Enrolment.filter(training_class_id=trial.id).exclude(status="withdrawn")
    pairs = sorted([str(one.id), str(one.person_id)] for one in lines)
    digest = hashlib.sha256(json.dumps(pairs).encode()).hexdigest()
    assert (row.roster_size, row.roster_digest) == (3, digest)
    event = await ClassEvent.get(training_class_id=trial.id, kind="file")
    assert event.facts == {"roster": digest, "people": 3}
    # Given back, it may be put right, and freezes anew.
    row = await trial.take(actions.return_class, "少一人的身份证复印件")
    assert (row.roster_size, row.roster_digest) == (None, "")
    await enrol(trial.id)
    row = await trial.take(actions.file_class)
    assert row.roster_size == 4 and row.roster_digest != digest


async def test_filing_takes_all_who_have_applied(trial: Trial, clerk: Staff) -> None:
    """Once the roster is frozen nobody could be confirmed any more, and so nobody complete."""
    await trial.lead_to("recruiting")
    applied = await enrol(trial.id, 2, "applied")
    (withdrawn,) = await enrol(trial.id, 1, "withdrawn")
    await trial.take(actions.file_class)
    taken = await Enrolment.filter(id__in=applied)
    assert {(one.status, one.changed_by) for one in taken} == {("confirmed", clerk.key)}
    assert (await Enrolment.get(id=withdrawn)).status == "withdrawn"
    event = await ClassEvent.get(training_class_id=trial.id, kind="file")
    assert (event.facts["people"], event.facts["confirmed"]) == (5, 2)


async def test_nobody_trains_before_enrolment_and_filing(trial: Trial) -> None:
    await trial.draft()
    await refused("class_step_refused", trial.take(actions.open_class))
    await refused("class_step_refused", trial.take(actions.file_class))
    await trial.take(actions.open_recruiting)
    error = await refused("class_incomplete", trial.take(actions.file_class))
    assert error.facts["missing"] == ["enrolments"]
    await enrol(trial.id)
    await trial.take(actions.file_class)
    trial.now = datetime(2026, 12, 7, 8, tzinfo=LOCAL)
    await refused("class_step_refused", trial.take(actions.open_class))
    await trial.take(actions.approve_class)
    await trial.take(actions.open_class)


async def test_the_days_of_a_class_are_kept(trial: Trial, officer: Staff) -> None:
    """It is approved no later than its first day, opens no earlier, and ends with its lessons."""
    await trial.lead_to("filed")
    trial.now = datetime(2026, 12, 8, 8, tzinfo=LOCAL)
    await refused("class_dates_past", trial.take(actions.approve_class))
    trial.now = datetime(2026, 12, 6, 8, tzinfo=LOCAL)
    await trial.take(actions.approve_class)
    await refused("class_too_early", trial.take(actions.open_class))
    trial.now = datetime(2026, 12, 7, 8, tzinfo=LOCAL)
    await trial.take(actions.open_class)
    trial.now = datetime(2026, 12, 9, 11, tzinfo=LOCAL)
    error = await refused("class_still_running", trial.take(actions.end_class))
    assert error.facts == {"day": "2026-12-09"}
    trial.now = datetime(2026, 12, 9, 12, tzinfo=LOCAL)
    await trial.take(actions.end_class)


async def test_what_is_refused_leaves_nothing_behind(trial: Trial) -> None:
    await trial.draft()
    before = await TrainingClass.get(id=trial.id)
    await refused("class_step_refused", trial.take(actions.open_class))
    after = await TrainingClass.get(id=trial.id)
    assert (after.status, after.version) == (before.status, before.version)
    assert await ClassEvent.filter(training_class_id=trial.id).count() == 2


async def test_an_institution_approves_nothing(trial: Trial, clerk: Staff, stranger: Staff) -> None:
    await trial.lead_to("filed")
    await refused("no_permission", trial.take(actions.approve_class, actor=clerk))
    await refused("no_permission", trial.take(actions.return_class, "不", actor=clerk))
    await refused("not_found", trial.take(actions.approve_class, actor=stranger))
    assert (await TrainingClass.get(id=trial.id)).status == "filed"


@pytest.mark.parametrize(
    ("role", "county", "code"),
    [
        (Role.COUNTY_OFFICER, COUNTY, None),
        (Role.COUNTY_OFFICER, OTHER_COUNTY, "not_found"),
        (Role.CITY_OFFICER, None, None),
        (Role.SUPERVISOR, None, "no_permission"),
        (Role.HOTLINE, None, "no_permission"),
        (Role.AUDITOR, None, "no_permission"),
        (Role.INSPECTOR, None, "no_permission"),
    ],
)
async def test_who_approves(trial: Trial, role: Role, county: str | None, code: str | None) -> None:
    await trial.lead_to("filed")
    approving = trial.take(actions.approve_class, actor=Staff(new_id(), role, county))
    if code is None:
        assert (await approving).status == "approved"
    else:
        await refused(code, approving)


async def test_another_institution_touches_nothing(
    trial: Trial, content: Content, stranger: Staff
) -> None:
    await trial.draft()
    version = trial.row.version
    details = replace(DETAILS, title="别人的班")
    holder = Holder("institution", trial.clerk.institution)  # type: ignore[arg-type]
    for awaitable in (
        actions.draft_class(stranger, content, holder, DETAILS, now=NOW),
        actions.change_class(stranger, content, trial.id, version, details, now=NOW),
        actions.plan_sessions(stranger, trial.id, version, [], now=NOW),
        actions.open_recruiting(stranger, content, trial.id, version, now=NOW),
        actions.cancel_class(stranger, content, trial.id, version, "不办了", now=NOW),
        proof.record_video(stranger, trial.id, version, VIDEO, now=NOW),
    ):
        await refused("not_found", awaitable)
    assert (await TrainingClass.get(id=trial.id)).version == version
    # It looks the same where there is no such class.
    await refused("not_found", actions.open_recruiting(stranger, content, new_id(), 1, now=NOW))


async def test_of_two_officers_one_wins(trial: Trial, officer: Staff) -> None:
    await trial.lead_to("filed")
    version = trial.row.version
    other = Staff(new_id(), Role.CITY_OFFICER)
    both = await asyncio.gather(
        actions.approve_class(officer, trial.content, trial.id, version, now=NOW),
        actions.return_class(other, trial.content, trial.id, version, "名单不全", now=NOW),
        return_exceptions=True,
    )
    (lost,) = [one for one in both if isinstance(one, DomainError)]
    (won,) = [one for one in both if isinstance(one, TrainingClass)]
    step = {"approved": "approve", "returned": "return"}[won.status]
    assert lost.code == "class_changed"
    assert lost.facts == {"status": won.status, "version": version + 1, "since": [step]}
    assert await ClassEvent.filter(training_class_id=trial.id, version__gt=version).count() == 1


async def test_a_suspended_institution_goes_no_further(
    trial: Trial, institution: Institution
) -> None:
    await trial.lead_to("filed")
    await write_record(institution.id, "suspended", date(2026, 11, 30))
    error = await refused("institution_not_listed", trial.take(actions.approve_class))
    assert error.facts == {"standing": "suspended"}
    await trial.take(actions.return_class, "机构被暂停")
    await refused("institution_not_listed", trial.take(actions.file_class))
    # It may still call the class off, and write.
    await write_record(institution.id, "restored", date(2026, 11, 30), made_at=trial.now)
    await trial.take(actions.file_class)
    await trial.take(actions.approve_class)


async def test_an_approved_class_of_a_suspended_institution_does_not_open(
    trial: Trial, institution: Institution
) -> None:
    await trial.lead_to("approved")
    await write_record(institution.id, "suspended", date(2026, 12, 1), date(2026, 12, 7))
    trial.now = datetime(2026, 12, 7, 8, tzinfo=LOCAL)
    await refused("institution_not_listed", trial.take(actions.open_class))
    trial.now = datetime(2026, 12, 8, 8, tzinfo=LOCAL)
    await trial.take(actions.open_class)


async def test_a_suspension_waits_for_an_approval_that_is_under_way(
    trial: Trial, institution: Institution, database: str
) -> None:
    """Whoever suspends holds the institution, and so comes wholly before or wholly behind."""
    import asyncpg

    await trial.lead_to("filed")
    suspending = await asyncpg.connect(database)
    async with suspending.transaction():
        await suspending.execute(
            "SELECT FROM institutions WHERE id = $1 FOR UPDATE", institution.id
        )
        await suspending.execute(
            "INSERT INTO institution_records (id, institution_id, kind, valid_from, reason,"
            " document, changes, made_by, made_at) VALUES ($1, $2, 'suspended', $3, '', '', '{}',"
            " 'tests', $4)",
            *(new_id(), institution.id, date(2026, 11, 30), NOW),
        )
        approving = asyncio.create_task(trial.take(actions.approve_class))
        await asyncio.sleep(0.3)
        assert not approving.done()
    await refused("institution_not_listed", approving)
    await suspending.close()


async def test_what_the_directory_does_not_let_it_teach(
    trial: Trial, institution: Institution
) -> None:
    await Institution.filter(id=institution.id).update(may_teach=["焊工"])
    await trial.draft()
    error = await refused("class_occupation_not_taught", trial.take(actions.open_recruiting))
    assert error.facts == {"occupation": "养老护理员"}


async def test_running_classes_of_a_suspended_institution_are_flagged_once(
    trial: Trial, institution: Institution
) -> None:
    await trial.lead_to("approved")
    job = System("flag_classes")
    assert await proof.flag_classes(job, institution.id, now=NOW) == 0
    at_once = trial.now + timedelta(minutes=5)
    await write_record(institution.id, "suspended", NOW.date(), made_at=at_once)
    later = at_once + timedelta(seconds=2)
    assert await proof.flag_classes(job, institution.id, now=later) == 1
    assert await proof.flag_classes(job, institution.id, now=later) == 0
    row = await TrainingClass.get(id=trial.id)
    assert row.flagged_at == later and row.status == "approved"
    event = await ClassEvent.get(training_class_id=trial.id, kind="flag")
    assert (event.facts, event.made_by) == ({"standing": "suspended"}, job.key)
    # Restored and suspended again, it is flagged again.
    again = later + timedelta(days=1)
    await write_record(institution.id, "restored", again.date(), made_at=again)
    await write_record(institution.id, "suspended", again.date(), made_at=again)
    assert await proof.flag_classes(job, institution.id, now=again) == 1


async def test_a_suspension_has_the_classes_flagged(
    trial: Trial, institution: Institution, officer: Staff
) -> None:
    """The job is written with the suspension, for the day from which it counts."""
    await trial.lead_to("approved")
    later = date(2026, 12, 3)
    for dated in (Dated(NOW.date(), later, "许诺补贴"), Dated(later, None, "许诺补贴")):
        await suspend_institution(officer, institution_id=institution.id, dated=dated, now=NOW)
    jobs = await get_connection("default").execute_query_dict(
        "SELECT args, scheduled_at FROM procrastinate_jobs WHERE task_name = $1 ORDER BY id",
        [FLAG_CLASSES],
    )
    assert [json.loads(job["args"]) for job in jobs] == [
        {"institution_id": str(institution.id)}
    ] * 2
    assert [job["scheduled_at"] for job in jobs] == [NOW, datetime(2026, 12, 3, tzinfo=LOCAL)]


async def test_a_class_is_called_off_with_a_reason(trial: Trial, officer: Staff) -> None:
    await trial.lead_to("open")
    await refused("no_permission", trial.take(actions.cancel_class, "不想办了"))
    await refused("class_reason_needed", trial.take(actions.cancel_class, " ", actor=officer))
    row = await trial.take(actions.cancel_class, "机构被查，停课", actor=officer)
    assert row.status == "cancelled"
    event = await ClassEvent.get(training_class_id=trial.id, kind="cancel")
    assert event.reason == "机构被查，停课"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE class_events SET reason = 'x'",
        "DELETE FROM class_events",
        "TRUNCATE class_events",
    ],
)
async def test_the_history_is_only_ever_added_to(trial: Trial, statement: str) -> None:
    await trial.draft()
    with pytest.raises(BaseORMException, match="only ever added to"):
        await get_connection("default").execute_query(statement)
    assert await ClassEvent.filter(training_class_id=trial.id).count() == 2


async def test_a_firm_trains_its_own_people(
    content: Content, contact: EmployerContact, officer: Staff
) -> None:
    """L02; and by P33-1.1 training at work needs neither plan nor lessons, nor a listing."""
    holder = Holder("employer", contact.employer)
    await refused(
        "class_not_for_holder",
        actions.draft_class(contact, content, holder, DETAILS, now=NOW),
    )
    bare = replace(
        DETAILS, programme="work-training", plan="", teacher="", latitude=None, longitude=None
    )
    row = await actions.draft_class(contact, content, holder, bare, now=NOW)
    row = await actions.open_recruiting(contact, content, row.id, row.version, now=NOW)
    await enrol(row.id, 2)
    row = await actions.file_class(contact, content, row.id, row.version, now=NOW)
    row = await actions.approve_class(officer, content, row.id, row.version, now=NOW)
    row = await actions.open_class(contact, content, row.id, row.version, now=at(7, 8))
    row = await actions.end_class(contact, content, row.id, row.version, now=at(9, 8))
    await complete(contact, class_id=row.id, now=at(10, 8))
    row = await actions.archive_class(officer, content, row.id, row.version, now=at(10, 8))
    assert row.status == "archived"
    assert await ClassSession.filter(training_class_id=row.id).count() == 0
