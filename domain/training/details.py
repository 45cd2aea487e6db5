"""What a holder writes of a class, checked before it is kept. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.personal_data import CITIZEN_ID


@dataclass(frozen=True, slots=True)
class Details:
    """What a holder writes of a class; models.training.TrainingClass has the fields' meaning."""

    title: str
    programme: str
    occupation: str
    county: str
    capacity: int
    level: str = ""
    demand_analysis: str = ""
    plan: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    teacher: str = ""
    target_group: str = ""
    is_project: bool = False
    classified: bool = False
    hours: int = 0
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """One session (课次) as it is planned; times carry their zone."""

    starts_at: datetime
    ends_at: datetime
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Video:
    """Where the training video lies, its SHA-256, who holds it (L02)."""

    location: str = ""
    sha256: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What one trainee made of the final test: passed, failed, absent."""

    enrolment: UUID
    result: str
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Test:
    """A final test; models.final_tests.FinalTest has the fields' meaning."""

    __test__ = False

    kind: str
    held_on: date
    results: Sequence[Result]
    recording_location: str = ""
    recording_sha256: str = ""
    patrol: str = ""


#: Characters, as the columns have them; the two texts as a page can hold them.
LONGEST = {
    "title": 80,
    "occupation": 80,
    "level": 20,
    "demand_analysis": 4000,
    "plan": 8000,
    "address": 200,
    "teacher": 80,
    "target_group": 200,
}
MOST_PEOPLE = 500
MOST_HOURS = 2000
#: Degrees that hold all of China: two numbers that were swapped lie outside.
_LATITUDES, _LONGITUDES = (3.0, 54.0), (73.0, 136.0)
_LONGEST_CLASS_DAYS = 366 * 3
#: What lies outside was typed wrongly, and calendars end.
_YEARS = range(2000, 2100)


def require_well_written(
    details: Details, programmes: Collection[str], counties: Collection[str]
) -> None:
    """Raises DomainError class_details_wrong: field -> what is wrong with it.

    Faults: needed, too_long, unknown, out_of_range, backwards.
    """
    faults: dict[str, str] = {}
    for name, longest in LONGEST.items():
        if len(getattr(details, name)) > longest:
            faults[name] = "too_long"
    for name in ("title", "occupation"):
        if not getattr(details, name).strip():
            faults[name] = "needed"
    if details.programme not in programmes:
        faults["programme"] = "unknown"
    if details.county not in counties:
        faults["county"] = "unknown"
    if not 1 <= details.capacity <= MOST_PEOPLE:
        faults["capacity"] = "out_of_range"
    if not 0 <= details.hours <= MOST_HOURS:
        faults["hours"] = "out_of_range"
    if not _is_place(details.latitude, details.longitude):
        faults["place"] = "out_of_range"
    for name in ("starts_on", "ends_on"):
        day: date | None = getattr(details, name)
        if day is not None and day.year not in _YEARS:
            faults[name] = "out_of_range"
    if details.starts_on and details.ends_on and not faults.keys() & {"starts_on", "ends_on"}:
        if details.ends_on < details.starts_on:
            faults["ends_on"] = "backwards"
        elif (details.ends_on - details.starts_on).days > _LONGEST_CLASS_DAYS:
            faults["ends_on"] = "out_of_range"
    if faults:
        raise DomainError("class_details_wrong", fields=faults)


def _is_place(latitude: float | None, longitude: float | None) -> bool:
    if latitude is None or longitude is None:
        return latitude is longitude
    return (
        _LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]
    )


_SHA256 = re.compile(r"[0-9a-f]{64}")


def require_video(video: Video) -> None:
    """Raises DomainError class_details_wrong unless all three are said and the digest is one."""
    faults = {}
    if not 0 < len(video.location) <= 300:
        faults["video_location"] = "too_long" if video.location else "needed"
    if not _SHA256.fullmatch(video.sha256):
        faults["video_sha256"] = "no_digest" if video.sha256 else "needed"
    if not 0 < len(video.holder) <= 80:
        faults["video_holder"] = "too_long" if video.holder else "needed"
    if faults:
        raise DomainError("class_details_wrong", fields=faults)


#: How long one 课时 is. None of the notices says so; forty-five minutes is what schools count by.
LESSON = timedelta(minutes=45)


def count_lessons(sittings: Sequence[Sitting]) -> int:
    """How many whole 课时 the sessions are together."""
    return sum((one.ends_at - one.starts_at for one in sittings), timedelta()) // LESSON


MOST_SITTINGS = 200
#: A night shift's lesson may end on the next day; what is longer was typed wrongly.
LONGEST_SITTING = timedelta(hours=12)
_LONGEST_TOPIC = 120


def require_plannable(sittings: Sequence[Sitting], first: date | None, last: date | None) -> None:
    """The sessions are possible: each begins on a day of the class, no two at a time.

    Raises DomainError class_sessions_wrong with the number of the session, from 1, and what is
    wrong with it: backwards, whole_day, outside_dates, overlaps, too_many, too_long.
    """
    if len(sittings) > MOST_SITTINGS:
        raise _wrong_session(MOST_SITTINGS + 1, "too_many")
    for number, sitting in enumerate(sittings, 1):
        if sitting.ends_at <= sitting.starts_at:
            raise _wrong_session(number, "backwards")
        if sitting.starts_at.year not in _YEARS:
            raise _wrong_session(number, "outside_dates")
        day = sitting.starts_at.astimezone(LOCAL).date()
        if sitting.ends_at - sitting.starts_at > LONGEST_SITTING:
            raise _wrong_session(number, "whole_day")
        if len(sitting.topic) > _LONGEST_TOPIC:
            raise _wrong_session(number, "too_long")
        if (first and day < first) or (last and day > last):
            raise _wrong_session(number, "outside_dates")
    ordered = sorted(enumerate(sittings, 1), key=lambda item: item[1].starts_at)
    for (_, earlier), (number, later) in pairwise(ordered):
        if later.starts_at < earlier.ends_at:
            raise _wrong_session(number, "overlaps")


def require_same_past(sittings: Sequence[Sitting], known: Sequence[Sitting], now: datetime) -> None:
    """What of `known` has begun is in the new plan at its times, and nothing else there began.

    Raises DomainError class_sessions_wrong: past, or begun with the number in `known`.
    """
    begun = {
        (one.starts_at, one.ends_at): number
        for number, one in enumerate(known, 1)
        if one.starts_at <= now
    }
    for number, sitting in enumerate(sittings, 1):
        if sitting.starts_at <= now and (sitting.starts_at, sitting.ends_at) not in begun:
            raise _wrong_session(number, "past")
    for left in begun.keys() - {(one.starts_at, one.ends_at) for one in sittings}:
        raise _wrong_session(begun[left], "begun")


def _wrong_session(number: int, fault: str) -> DomainError:
    return DomainError("class_sessions_wrong", number=number, fault=fault)


def lie_within(sittings: Sequence[Sitting], details: Details) -> bool:
    """Whether they are possible within the class's dates."""
    try:
        require_plannable(sittings, details.starts_on, details.ends_on)
    except DomainError:
        return False
    return True


#: Kinds whose test the holder sets by itself: recorded whole, and patrolled (L10).
_HOLDERS_OWN = "certificate"
_RESULTS = frozenset({"passed", "failed", "absent"})


def require_test(
    test: Test, kinds: Collection[str], roster: Collection[UUID], first: date | None, today: date
) -> None:
    """The test is whole, and of people who are on the roster.

    Raises DomainError class_details_wrong; a fault of a result is that of the field `results`:
    unknown, not_on_roster, twice, without_passing, looks_like_id.
    """
    faults: dict[str, str] = {}
    if test.kind not in kinds:
        faults["kind"] = "unknown"
    if test.held_on > today or (first and test.held_on < first):
        faults["held_on"] = "out_of_range"
    if len(test.recording_location) > 300:
        faults["recording_location"] = "too_long"
    if test.recording_sha256 and not _SHA256.fullmatch(test.recording_sha256):
        faults["recording_sha256"] = "no_digest"
    if len(test.patrol) > 300:
        faults["patrol"] = "too_long"
    if test.kind == _HOLDERS_OWN:
        for name in ("recording_location", "recording_sha256", "patrol"):
            if not getattr(test, name).strip():
                faults[name] = "needed"
    fault = _fault_of_results(test.results, roster)
    if fault:
        faults["results"] = fault
    if faults:
        raise DomainError("class_details_wrong", fields=faults)


def _fault_of_results(results: Sequence[Result], roster: Collection[UUID]) -> str | None:
    if not results:
        return "needed"
    if len({result.enrolment for result in results}) < len(results):
        return "twice"
    numbers = [result.certificate for result in results if result.certificate]
    if len(set(numbers)) < len(numbers):
        return "twice"
    for result in results:
        if result.enrolment not in roster:
            return "not_on_roster"
        if result.result not in _RESULTS:
            return "unknown"
        if result.certificate and result.result != "passed":
            return "without_passing"
        if len(result.certificate) > 64:
            return "too_long"
        if CITIZEN_ID.search(result.certificate):
            return "looks_like_id"
    return None
