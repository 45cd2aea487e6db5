"""What a holder writes is checked before it is kept."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from domain.errors import DomainError
from domain.training.details import (
    MOST_SITTINGS,
    Details,
    Result,
    Sitting,
    Test,
    Video,
    require_plannable,
    require_test,
    require_video,
    require_well_written,
)
from models.final_tests import TEST_KINDS
from models.training import TrainingClass
from tests.unit.training.facts import DETAILS, SITTINGS, VIDEO, at

PROGRAMMES, COUNTIES = {"elderly-care"}, {"371502"}


def faults(details: Details) -> object:
    with pytest.raises(DomainError) as caught:
        require_well_written(details, PROGRAMMES, COUNTIES)
    assert caught.value.code == "class_details_wrong"
    return caught.value.facts["fields"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": " "}, {"title": "needed"}),
        ({"title": "班" * 81}, {"title": "too_long"}),
        ({"occupation": ""}, {"occupation": "needed"}),
        ({"programme": "unheard-of"}, {"programme": "unknown"}),
        ({"county": "370100"}, {"county": "unknown"}),
        ({"capacity": 0}, {"capacity": "out_of_range"}),
        ({"capacity": 501}, {"capacity": "out_of_range"}),
        ({"hours": -1}, {"hours": "out_of_range"}),
        ({"latitude": None}, {"place": "out_of_range"}),
        ({"latitude": 115.98, "longitude": 36.45}, {"place": "out_of_range"}),
        ({"latitude": float("nan")}, {"place": "out_of_range"}),
        ({"ends_on": date(2026, 12, 6)}, {"ends_on": "backwards"}),
        ({"ends_on": date(2036, 12, 6)}, {"ends_on": "out_of_range"}),
        ({"starts_on": date(26, 12, 7)}, {"starts_on": "out_of_range"}),
        ({"starts_on": None, "ends_on": date(9999, 12, 31)}, {"ends_on": "out_of_range"}),
        (
            {"title": "", "capacity": 0},
            {"title": "needed", "capacity": "out_of_range"},
        ),
    ],
)
def test_each_fault(change: dict[str, object], fault: dict[str, str]) -> None:
    assert faults(replace(DETAILS, **change)) == fault  # type: ignore[arg-type]


def test_what_is_well_written_passes() -> None:
    require_well_written(DETAILS, PROGRAMMES, COUNTIES)
    bare = Details(DETAILS.title, "elderly-care", "养老护理员", "371502", 1)
    require_well_written(bare, PROGRAMMES, COUNTIES)


def test_the_limits_are_those_of_the_columns() -> None:
    from domain.training.details import LONGEST

    for name, longest in LONGEST.items():
        column = TrainingClass._meta.fields_map[name]
        assert longest <= (getattr(column, "max_length", None) or longest)


@pytest.mark.parametrize(
    ("sittings", "number", "fault"),
    [
        ([Sitting(at(7, 9), at(7, 9))], 1, "backwards"),
        ([Sitting(at(7, 8), at(7, 20, 1))], 1, "whole_day"),
        ([SITTINGS[0], Sitting(at(6, 8), at(6, 9))], 2, "outside_dates"),
        ([SITTINGS[0], Sitting(at(10, 8), at(10, 9))], 2, "outside_dates"),
        ([SITTINGS[0], Sitting(at(7, 11), at(7, 12))], 2, "overlaps"),
        ([Sitting(at(7, 11), at(7, 12)), SITTINGS[0]], 1, "overlaps"),
        ([SITTINGS[0]] * (MOST_SITTINGS + 1), MOST_SITTINGS + 1, "too_many"),
    ],
)
def test_each_session_that_cannot_be(sittings: list[Sitting], number: int, fault: str) -> None:
    with pytest.raises(DomainError) as caught:
        require_plannable(sittings, DETAILS.starts_on, DETAILS.ends_on)
    assert caught.value.facts == {"number": number, "fault": fault}


def test_sessions_may_touch_pass_midnight_and_come_in_any_order() -> None:
    night = Sitting(at(9, 22), at(10, 2))
    touching = [night, Sitting(at(7, 11, 30), at(7, 12)), *SITTINGS]
    require_plannable(touching, DETAILS.starts_on, DETAILS.ends_on)
    require_plannable(touching, None, None)


@pytest.mark.parametrize(
    ("video", "fault"),
    [
        (Video(), {"video_location", "video_sha256", "video_holder"}),
        (replace(VIDEO, sha256="A" * 64), {"video_sha256"}),
        (replace(VIDEO, sha256="a" * 63), {"video_sha256"}),
        (replace(VIDEO, holder="处" * 81), {"video_holder"}),
    ],
)
def test_a_video_is_named_whole(video: Video, fault: set[str]) -> None:
    with pytest.raises(DomainError) as caught:
        require_video(video)
    assert set(caught.value.facts["fields"]) == fault  # type: ignore[call-overload]
    require_video(VIDEO)


ONE, TWO = uuid4(), uuid4()
PASSED = Result(ONE, "passed", "S0000371502260001")
TEST = Test("level", date(2026, 12, 9), (PASSED, Result(TWO, "failed")))
OWN = replace(
    TEST,
    kind="certificate",
    recording_location="市局存储 /2026/考试",
    recording_sha256="b" * 64,
    patrol="东昌府区人社局巡考，未见异常",
)


def test_whole_tests_pass() -> None:
    for test in (TEST, OWN):
        require_test(test, TEST_KINDS, {ONE, TWO}, DETAILS.starts_on, date(2026, 12, 10))


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        (replace(TEST, kind="exam"), {"kind": "unknown"}),
        (replace(TEST, held_on=date(2026, 12, 11)), {"held_on": "out_of_range"}),
        (replace(TEST, held_on=date(2026, 12, 6)), {"held_on": "out_of_range"}),
        (replace(OWN, recording_location=""), {"recording_location": "needed"}),
        (replace(OWN, recording_sha256=""), {"recording_sha256": "needed"}),
        (replace(TEST, recording_sha256="x"), {"recording_sha256": "no_digest"}),
        (replace(OWN, patrol=" "), {"patrol": "needed"}),
        (replace(TEST, results=()), {"results": "needed"}),
        (replace(TEST, results=(PASSED, PASSED)), {"results": "twice"}),
        (replace(TEST, results=(PASSED, replace(PASSED, enrolment=TWO))), {"results": "twice"}),
        (replace(TEST, results=(Result(uuid4(), "passed"),)), {"results": "not_on_roster"}),
        (replace(TEST, results=(Result(ONE, "won"),)), {"results": "unknown"}),
        (replace(TEST, results=(Result(ONE, "failed", "S1"),)), {"results": "without_passing"}),
        (
            replace(TEST, results=(Result(ONE, "passed", "37150219780316902X"),)),
            {"results": "looks_like_id"},
        ),
    ],
)
def test_each_fault_of_a_test(test: Test, fault: dict[str, str]) -> None:
    """L10: 考试过程全程录像备查，培训备案地人社部门履行巡考职能."""
    with pytest.raises(DomainError) as caught:
        require_test(test, TEST_KINDS, {ONE, TWO}, DETAILS.starts_on, date(2026, 12, 10))
    assert caught.value.facts["fields"] == fault
