"""What is written of a class, and what may still be changed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.actor import Staff
from domain.enrolments.amendments import count_unseen, list_unseen, note_seen
from domain.errors import DomainError
from domain.training import actions, proof
from domain.training.details import Result, Sitting, Test
from domain.training.queries import find_class, list_replanned
from models.enrolments import Enrolment
from models.final_tests import FinalTest, TestResult
from models.training import ClassEvent, ClassSession, TrainingClass
from tests.integration.training.conftest import NOW, Trial, enrol
from tests.unit.training.facts import DETAILS, SITTINGS, VIDEO, at


async def change(trial: Trial, reason: str = "", **changes: object) -> TrainingClass:
    row = await TrainingClass.get(id=trial.id)
    details = replace(DETAILS, **changes)  # type: ignore[arg-type]
    return await actions.change_class(
        trial.clerk, trial.content, trial.id, row.version, details, reason=reason, now=trial.now
    )


async def plan(trial: Trial, sittings: list[Sitting], reason: str = "") -> TrainingClass:
    row = await TrainingClass.get(id=trial.id)
    return await actions.plan_sessions(
        trial.clerk, trial.id, row.version, sittings, reason=reason, now=trial.now
    )


async def code_of(awaitable: object) -> tuple[str, dict[str, object]]:
    with pytest.raises(DomainError) as caught:
        await awaitable  # type: ignore[misc]
    return caught.value.code, caught.value.facts


async def test_a_change_names_the_fields(trial: Trial) -> None:
    await trial.draft()
    row = await change(trial, teacher="另一位", capacity=40, starts_on=date(2026, 12, 6))
    assert (row.teacher, row.capacity, row.version) == ("另一位", 40, 3)
    event = await ClassEvent.get(training_class_id=trial.id, version=3)
    assert event.facts == {"fields": ["capacity", "starts_on", "teacher"]}


async def test_nothing_changed_is_no_change(trial: Trial) -> None:
    await trial.draft()
    assert (await change(trial)).version == 2
    assert await ClassEvent.filter(training_class_id=trial.id).count() == 2


async def test_faults_are_told_together_and_nothing_is_kept(trial: Trial) -> None:
    await trial.draft()
    code, facts = await code_of(change(trial, title="", capacity=0))
    assert (code, facts) == (
        "class_details_wrong",
        {"fields": {"title": "needed", "capacity": "out_of_range"}},
    )
    assert (await TrainingClass.get(id=trial.id)).title == DETAILS.title


async def test_what_people_enrolled_for_stays(trial: Trial) -> None:
    await trial.lead_to("recruiting")
    assert await code_of(change(trial, occupation="育婴员")) == (
        "class_unchangeable",
        {"status": "recruiting", "fields": ["occupation"]},
    )
    await change(trial, teacher="另一位")


async def test_a_returned_class_is_no_other_class(trial: Trial) -> None:
    """L12: whoever is in it was told of this one, and the office that gave it back sees it."""
    await trial.lead_to("filed")
    await trial.take(actions.return_class, "计划太简单")
    fixed: dict[str, Any] = {
        "programme": "project",
        "occupation": "育婴员",
        "level": "高级",
        "county": "371526",
    }
    for name, value in fixed.items():
        assert await code_of(change(trial, title="速成班", **{name: value})) == (
            "class_unchangeable",
            {"status": "returned", "fields": [name]},
        )
    await change(trial, title="养老护理员（初级）第2期", plan="理论十二课时，实操十二课时。")
    assert (await find_class(trial.officer, trial.content, trial.id, now=trial.now)).returned_reason
    await Enrolment.filter(training_class_id=trial.id).update(status="withdrawn")
    await change(trial, title="养老护理员（初级）第2期", occupation="育婴员", level="高级")
    assert (await code_of(change(trial, county="371526")))[0] == "class_unchangeable"


async def test_no_date_moves_onto_another_class_of_somebody_on_the_roster(trial: Trial) -> None:
    """The rule that enrolling keeps: nobody is in two classes at one time."""
    await trial.lead_to("recruiting")
    enrolment = await Enrolment.filter(training_class_id=trial.id).first()
    assert enrolment is not None
    days: Any = {"starts_on": date(2026, 12, 14), "ends_on": date(2026, 12, 16)}
    other = await TrainingClass.create(
        title="别的班",
        programme="elderly-care",
        occupation="养老护理员",
        county="371502",
        capacity=9,
        status="recruiting",
        institution_id=trial.clerk.institution,
        created_at=NOW,
        **days,
    )
    await Enrolment.create(
        training_class_id=other.id,
        person_id=enrolment.person_id,
        status="applied",
        channel="chat",
        made_by="tests",
        created_at=NOW,
        changed_by="tests",
        changed_at=NOW,
    )
    await plan(trial, [])
    clash = ("class_people_overlap", {"people": 1, "enrolments": [str(enrolment.id)]})
    assert await code_of(change(trial, **days)) == clash
    # On another day of the same week it is no clash; with sessions their hours count.
    assert await code_of(change(trial, ends_on=date(2026, 12, 14))) == clash
    await change(trial, ends_on=date(2026, 12, 13))
    await plan(trial, list(SITTINGS))
    await change(trial)
    # Somebody moved the other class beneath the door: filing looks once more, and approval.
    await TrainingClass.filter(id=other.id).update(starts_on=date(2026, 12, 9))
    assert await code_of(trial.take(actions.file_class)) == clash
    await TrainingClass.filter(id=other.id).update(status="ended")
    await trial.take(actions.file_class)
    await TrainingClass.filter(id=other.id).update(status="open")
    assert await code_of(trial.take(actions.approve_class)) == clash


async def test_a_filed_class_stands_still(trial: Trial) -> None:
    await trial.lead_to("filed")
    assert (await code_of(change(trial, teacher="另一位")))[0] == "class_unchangeable"
    assert (await code_of(plan(trial, list(SITTINGS[:2]))))[0] == "class_unchangeable"


async def test_the_capacity_holds_those_who_are_there(trial: Trial) -> None:
    await trial.lead_to("recruiting")
    await enrol(trial.id, 1, "withdrawn")
    code, facts = await code_of(change(trial, capacity=2))
    assert (code, facts) == ("class_details_wrong", {"fields": {"capacity": "below_taken"}})
    await change(trial, capacity=3)


async def test_a_teacher_who_falls_ill_is_replaced_with_a_reason(trial: Trial) -> None:
    await trial.lead_to("approved")
    assert (await code_of(change(trial, teacher="另一位")))[0] == "class_reason_needed"
    row = await change(trial, "原来的老师病了", teacher="另一位")
    assert row.teacher == "另一位"
    assert (await code_of(change(trial, "换地方", teacher="另一位", address="别处")))[1] == {
        "status": "approved",
        "fields": ["address"],
    }


async def test_sessions_keep_their_ids_where_their_times_stay(trial: Trial) -> None:
    await trial.draft()
    before = await ClassSession.filter(training_class_id=trial.id).order_by("starts_at")
    moved = [
        replace(SITTINGS[0], topic="安全"),
        SITTINGS[1],
        Sitting(at(9, 14), at(9, 17), "实操"),
    ]
    await plan(trial, moved)
    after = await ClassSession.filter(training_class_id=trial.id).order_by("starts_at")
    assert [one.id for one in after[:2]] == [one.id for one in before[:2]]
    assert after[2].id != before[2].id
    assert [one.topic for one in after] == ["安全", "护理基础", "实操"]


async def test_sessions_outside_of_the_dates_are_refused(trial: Trial) -> None:
    await trial.draft()
    code, facts = await code_of(plan(trial, [Sitting(at(10, 8), at(10, 9))]))
    assert (code, facts) == ("class_sessions_wrong", {"number": 1, "fault": "outside_dates"})
    assert await ClassSession.filter(training_class_id=trial.id).count() == 3


async def test_while_a_class_is_held_only_what_has_not_begun_moves(trial: Trial) -> None:
    await trial.lead_to("open")
    trial.now = at(8, 9)  # In the middle of the second.
    moved = Sitting(at(9, 14), at(9, 17))
    assert (await code_of(plan(trial, [*SITTINGS[:2], moved])))[0] == "class_reason_needed"
    for sittings, number, fault in (
        ([SITTINGS[0], moved], 2, "begun"),
        ([*SITTINGS[:2], Sitting(at(8, 7), at(8, 8))], 3, "past"),
    ):
        code, facts = await code_of(plan(trial, sittings, "停电"))
        assert (code, facts) == ("class_sessions_wrong", {"number": number, "fault": fault})
    await plan(trial, [*SITTINGS[:2], moved], "停电")


async def test_what_was_approved_is_held_and_the_office_is_called_to_what_moves(
    trial: Trial, officer: Staff
) -> None:
    await trial.lead_to("approved")
    fewer = code_of(plan(trial, list(SITTINGS[:1]), "老师有事"))
    assert await fewer == ("class_hours_short", {"planned": 4, "hours": 12})
    assert await ClassSession.filter(training_class_id=trial.id).count() == 3
    assert await count_unseen(officer) == {}
    moved = [SITTINGS[0], Sitting(at(9, 8), at(9, 14), "实操")]
    await plan(trial, moved, "老师有事")
    event = await ClassEvent.get(training_class_id=trial.id, kind="sessions", before="approved")
    assert event.facts == {
        "sessions": 2,
        "sessions_before": 3,
        "lessons": 12,
        "lessons_before": 12,
    }
    assert await count_unseen(officer) == {trial.id: 1}
    (change,) = await list_replanned(officer, trial.id)
    assert (change.reason, change.sessions_before, change.sessions) == ("老师有事", 3, 2)
    (upto,) = await list_unseen(officer, trial.id)
    assert await note_seen(officer, class_id=trial.id, upto=upto, now=trial.now) == 1
    assert await count_unseen(officer) == {}


async def test_videos_and_tests_are_of_classes_that_were_held(trial: Trial) -> None:
    await trial.lead_to("approved")
    code, facts = await code_of(
        proof.record_video(trial.clerk, trial.id, trial.row.version, VIDEO, now=NOW)
    )
    assert (code, facts) == ("class_step_refused", {"step": "video", "status": "approved"})


async def test_an_office_records_no_video_and_may_record_a_test(
    trial: Trial, officer: Staff
) -> None:
    await trial.lead_to("ended")
    version = trial.row.version
    assert (await code_of(proof.record_video(officer, trial.id, version, VIDEO, now=trial.now)))[
        0
    ] == "no_permission"


async def test_a_test_again_on_the_same_day_replaces_it(trial: Trial, officer: Staff) -> None:
    await trial.lead_to("ended")
    (one,) = await enrol(trial.id)
    test = Test("level", date(2026, 12, 9), [Result(one, "failed")])
    for result in ("failed", "passed"):
        row = await TrainingClass.get(id=trial.id)
        test = replace(test, results=[Result(one, result)])
        await proof.record_test(officer, trial.content, trial.id, row.version, test, now=trial.now)
    assert await FinalTest.filter(training_class_id=trial.id).count() == 1
    assert [kept.result for kept in await TestResult.all()] == ["passed"]
    # On a later day it is another one.
    row = await TrainingClass.get(id=trial.id)
    later = replace(test, held_on=date(2026, 12, 10))
    now = trial.now + timedelta(days=1)
    await proof.record_test(officer, trial.content, trial.id, row.version, later, now=now)
    assert await FinalTest.filter(training_class_id=trial.id).count() == 2


async def test_a_result_is_of_somebody_on_the_roster(trial: Trial) -> None:
    await trial.lead_to("ended")
    (gone,) = await enrol(trial.id, 1, "withdrawn")
    test = Test("level", date(2026, 12, 9), [Result(gone, "passed")])
    code, facts = await code_of(
        proof.record_test(
            trial.clerk, trial.content, trial.id, trial.row.version, test, now=trial.now
        )
    )
    assert (code, facts) == ("class_details_wrong", {"fields": {"results": "not_on_roster"}})
