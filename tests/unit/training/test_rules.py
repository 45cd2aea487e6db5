"""What a class must have before each step."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from domain.errors import DomainError
from domain.institutions.rules import Standing, Status
from domain.training.details import Sitting, Video
from domain.training.life import Step
from domain.training.rules import (
    ClassFacts,
    missing_for,
    require_complete,
    require_holder,
    require_hours,
    require_in_time,
    require_listed,
    require_taught,
)
from tests.unit.training.facts import SITTINGS, WHOLE, TrialProgramme, at, but


@pytest.mark.parametrize("step", Step)
def test_a_whole_class_lacks_nothing(step: Step) -> None:
    assert missing_for(step, WHOLE) == []
    require_complete(step, WHOLE)


#: What is taken away -> what is said to be missing when it is filed, and when it recruits.
WITHOUT: list[tuple[ClassFacts, list[str], list[str]]] = [
    (but(demand_analysis=""), ["demand_analysis"], []),
    (but(plan=""), ["plan"], []),
    (but(address=""), ["address"], ["address"]),
    (but(latitude=None, longitude=None), ["place"], []),
    (but(teacher=""), ["teacher"], []),
    (but(target_group=""), ["target_group"], ["target_group"]),
    (but(hours=0), ["hours"], []),
    (but(hours=13), ["sessions_hours"], []),
    (but(starts_on=None), ["dates"], ["dates"]),
    (but(ends_on=None), ["dates"], ["dates"]),
    (replace(WHOLE, sittings=()), ["sessions"], []),
    (but(starts_on=SITTINGS[1].starts_at.date()), ["sessions_within_dates"], []),
    (replace(WHOLE, taken=0), ["enrolments"], []),
    (replace(WHOLE, taken=31), ["capacity"], []),
]


@pytest.mark.parametrize(("facts", "filing", "recruiting"), WITHOUT)
def test_each_thing_that_is_missing(
    facts: ClassFacts, filing: list[str], recruiting: list[str]
) -> None:
    assert missing_for(Step.FILE, facts) == filing
    # What was filed whole may have lost somebody since: it is looked at again.
    assert missing_for(Step.APPROVE, facts) == filing
    assert missing_for(Step.RECRUIT, facts) == recruiting


def test_everything_that_is_missing_is_said_at_once() -> None:
    facts = replace(but(demand_analysis="", teacher=""), taken=0)
    with pytest.raises(DomainError) as caught:
        require_complete(Step.FILE, facts)
    assert caught.value.code == "class_incomplete"
    assert caught.value.facts == {
        "step": "file",
        "missing": ["demand_analysis", "teacher", "enrolments"],
    }


def test_training_on_the_job_asks_for_no_lessons() -> None:
    """P33-1.1: 无需单独组织开展培训、提供培训计划和发放培训合格证书."""
    programme = TrialProgramme("work-training", ("employer",), False, on_the_job=True)
    bare = but(plan="", teacher="", hours=0, latitude=None, longitude=None)
    facts = replace(bare, programme=programme, sittings=(), tests=0, untested=12, video=Video())
    assert missing_for(Step.FILE, facts) == []
    assert missing_for(Step.ARCHIVE, facts) == []
    assert missing_for(Step.FILE, replace(facts, taken=0)) == ["enrolments"]
    assert missing_for(Step.ARCHIVE, replace(facts, unsettled=1)) == ["completed"]


def test_a_class_online_needs_no_place_on_the_map() -> None:
    facts = replace(
        but(latitude=None, longitude=None), programme=TrialProgramme("internet-plus", online=True)
    )
    assert missing_for(Step.FILE, facts) == []


ARCHIVING: list[tuple[ClassFacts, list[str]]] = [
    (replace(WHOLE, tests=0), ["test"]),
    (replace(WHOLE, untested=1), ["results"]),
    (replace(WHOLE, unsettled=1), ["completed"]),
    (
        replace(WHOLE, video=Video()),
        ["video_location", "video_sha256", "video_holder"],
    ),
    (replace(WHOLE, video=replace(WHOLE.video, holder="")), ["video_holder"]),
    (replace(but(classified=True), video=Video()), []),
    (replace(but(classified=True), video=Video(), tests=0), ["test"]),
]


@pytest.mark.parametrize(("facts", "missing"), ARCHIVING)
def test_what_the_archive_asks_for(facts: ClassFacts, missing: list[str]) -> None:
    """L02: the video, but for a classified class; L10: the test."""
    assert missing_for(Step.ARCHIVE, facts) == missing


@pytest.mark.parametrize(
    ("step", "now", "code"),
    [
        (Step.FILE, at(7, 23, 59), None),
        (Step.FILE, at(8, 0), "class_dates_past"),
        (Step.APPROVE, at(7, 23, 59), None),
        (Step.APPROVE, at(8, 0), "class_dates_past"),
        (Step.OPEN, at(6, 23, 59), "class_too_early"),
        (Step.OPEN, at(7, 0), None),
        (Step.OPEN, at(9, 23, 59), None),
        (Step.OPEN, at(10, 0), "class_dates_past"),
        (Step.END, at(9, 11, 29), "class_still_running"),
        (Step.END, at(9, 11, 30), None),
        (Step.RECRUIT, at(7, 23, 59), None),
        (Step.RECRUIT, at(8, 0), "class_dates_past"),
        (Step.ARCHIVE, at(30, 0), None),
    ],
)
def test_the_day_of_a_step(step: Step, now: datetime, code: str | None) -> None:
    if code is None:
        require_in_time(step, WHOLE, now)
        return
    with pytest.raises(DomainError) as caught:
        require_in_time(step, WHOLE, now)
    assert caught.value.code == code


def test_the_day_is_that_of_shanghai() -> None:
    """At 16:00 UTC of the 6th it is the 7th there."""
    from datetime import UTC

    require_in_time(Step.OPEN, WHOLE, datetime(2026, 12, 6, 16, tzinfo=UTC))
    with pytest.raises(DomainError):
        require_in_time(Step.OPEN, WHOLE, datetime(2026, 12, 6, 15, 59, tzinfo=UTC))


def test_without_sessions_a_class_ends_on_its_last_day() -> None:
    facts = replace(WHOLE, sittings=())
    require_in_time(Step.END, facts, at(9, 0))
    with pytest.raises(DomainError):
        require_in_time(Step.END, facts, at(8, 23))


def test_a_class_ends_when_its_hours_are_held_or_its_days_are_over() -> None:
    """Whoever has planned half of them, as one could, has not held the other half."""
    facts = but(hours=24, ends_on=date(2026, 12, 30))
    with pytest.raises(DomainError) as caught:
        require_in_time(Step.END, facts, at(29, 23))
    assert caught.value.code == "class_still_running"
    require_in_time(Step.END, facts, at(30, 0))
    require_in_time(Step.END, but(ends_on=date(2026, 12, 30)), at(9, 11, 30))


@pytest.mark.parametrize(
    ("kept", "known", "hours", "fits"),
    [
        (3, 3, 12, True),
        (3, 2, 12, True),
        (2, 3, 12, False),
        (0, 3, 12, False),
        (2, 3, 8, True),
        # One that was approved with fewer hours than it says loses none of those.
        (2, 2, 12, True),
        (1, 2, 12, False),
    ],
)
def test_what_was_approved_is_held(kept: int, known: int, hours: int, fits: bool) -> None:
    if fits:
        require_hours(SITTINGS[:kept], SITTINGS[:known], hours)
        return
    with pytest.raises(DomainError) as caught:
        require_hours(SITTINGS[:kept], SITTINGS[:known], hours)
    assert caught.value.code == "class_hours_short"
    assert caught.value.facts == {"planned": 4 * kept, "hours": hours}


@pytest.mark.parametrize("status", ["suspended", "removed", None])
def test_whoever_is_not_listed_trains_nobody(status: Status | None) -> None:
    standing = Standing(status, date(2026, 1, 1)) if status else None
    with pytest.raises(DomainError) as caught:
        require_listed(standing)
    assert caught.value.code == "institution_not_listed"
    assert caught.value.facts == {"standing": status or "unlisted"}
    require_listed(Standing("listed", date(2026, 1, 1)))


def test_who_may_hold_a_class() -> None:
    require_holder(TrialProgramme(), "institution")
    with pytest.raises(DomainError) as caught:
        require_holder(TrialProgramme(), "employer")
    assert caught.value.code == "class_not_for_holder"


def test_what_the_directory_lets_an_institution_teach() -> None:
    require_taught("焊工", [])
    require_taught("焊工", ["电工", "焊工"])
    with pytest.raises(DomainError) as caught:
        require_taught("焊工", ["电工"])
    assert caught.value.code == "class_occupation_not_taught"


def test_sessions_outside_of_the_dates_are_one_thing_that_is_missing() -> None:
    late = (*SITTINGS, Sitting(at(10, 8), at(10, 9)))
    assert missing_for(Step.FILE, replace(WHOLE, sittings=late)) == ["sessions_within_dates"]
