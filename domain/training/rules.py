"""What a class must have before each step of its life (domain/training/life.py has the steps).

Pure: the facts of a class in, DomainError out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.institutions.rules import Standing
from domain.training.details import Details, Sitting, Video, count_lessons, lie_within
from domain.training.life import Step


class Programme(Protocol):
    """What is read of content's Programme."""

    @property
    def key(self) -> str: ...
    @property
    def by(self) -> Collection[str]: ...
    @property
    def counts(self) -> bool: ...
    @property
    def on_the_job(self) -> bool: ...
    @property
    def online(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class as the rules see it.

    taken: places that are taken. untested: people on the roster without a result of a final test.
    unsettled: those of whom nobody has said whether they were there to the end.
    """

    details: Details
    programme: Programme
    sittings: Sequence[Sitting] = ()
    taken: int = 0
    untested: int = 0
    unsettled: int = 0
    tests: int = 0
    video: Video = field(default_factory=Video)


HolderKind = Literal["institution", "employer"]

#: Steps that an institution takes, or is let take, only while it is listed.
NEED_STANDING = frozenset({Step.RECRUIT, Step.FILE, Step.APPROVE, Step.OPEN})


def require_holder(programme: Programme, kind: HolderKind) -> None:
    """Raises DomainError class_not_for_holder where the programme is not for this kind."""
    if kind not in programme.by:
        raise DomainError("class_not_for_holder", programme=programme.key)


def require_listed(standing: Standing | None) -> None:
    """Raises DomainError institution_not_listed unless it may train (L12); None: nobody has
    listed it."""
    status = "unlisted" if standing is None else standing.status
    if status != "listed":
        raise DomainError("institution_not_listed", standing=status)


def require_taught(occupation: str, may_teach: Collection[str]) -> None:
    """Raises DomainError class_occupation_not_taught for one that is not in the directory's entry.

    An entry that names no occupation restricts none.
    """
    if may_teach and occupation not in may_teach:
        raise DomainError("class_occupation_not_taught", occupation=occupation)


def missing_for(step: Step, facts: ClassFacts) -> list[str]:
    """The keys of all that is missing for `step`, in the order of the form; none: go on."""
    match step:
        case Step.RECRUIT:
            return _missing_to_recruit(facts)
        case Step.FILE | Step.APPROVE:
            return _missing_to_file(facts)
        case Step.ARCHIVE:
            return _missing_to_archive(facts)
    return []


def require_complete(step: Step, facts: ClassFacts) -> None:
    """Raises DomainError class_incomplete with everything that is missing for `step`."""
    missing = missing_for(step, facts)
    if missing:
        raise DomainError("class_incomplete", step=step.value, missing=missing)


def _missing_to_recruit(facts: ClassFacts) -> list[str]:
    """What somebody who thinks of enrolling has to know."""
    details = facts.details
    needed = {
        "occupation": details.occupation,
        "target_group": details.target_group,
        "address": details.address,
        "dates": details.starts_on and details.ends_on,
    }
    return [key for key, value in needed.items() if not value]


def _missing_to_file(facts: ClassFacts) -> list[str]:
    """Demand analysis, plan, place, teacher, sessions, dates, and somebody who has enrolled."""
    details, programme = facts.details, facts.programme
    needed: dict[str, object] = {
        "occupation": details.occupation,
        "demand_analysis": details.demand_analysis,
        "target_group": details.target_group,
        "address": details.address,
        "dates": details.starts_on and details.ends_on,
    }
    if not programme.on_the_job:
        needed |= {
            "plan": details.plan,
            "teacher": details.teacher,
            "hours": details.hours,
            "place": programme.online or details.latitude is not None,
            "sessions": facts.sittings,
            "sessions_within_dates": not facts.sittings or lie_within(facts.sittings, details),
            "sessions_hours": not facts.sittings or count_lessons(facts.sittings) >= details.hours,
        }
    needed |= {"enrolments": facts.taken, "capacity": facts.taken <= details.capacity}
    return [key for key, value in needed.items() if not value]


def _missing_to_archive(facts: ClassFacts) -> list[str]:
    """Of everybody whether they were there to the end; the video, unless the class is classified
    (L02), and a result for everyone (L10)."""
    video, needed = facts.video, dict[str, object]()
    if not facts.programme.on_the_job:
        needed |= {"test": facts.tests, "results": not facts.untested}
        if not facts.details.classified:
            needed |= {
                "video_location": video.location,
                "video_sha256": video.sha256,
                "video_holder": video.holder,
            }
    needed["completed"] = not facts.unsettled
    return [key for key, value in needed.items() if not value]


def require_hours(sittings: Sequence[Sitting], known: Sequence[Sitting], hours: int) -> None:
    """The sessions of a class that is approved move, and its hours stay: `known` are those before.

    Raises DomainError class_hours_short, with the planned 课时 and those of the class.
    """
    planned = count_lessons(sittings)
    # A class may have been approved with fewer before this was looked at.
    if planned < min(hours, count_lessons(known)):
        raise DomainError("class_hours_short", planned=planned, hours=hours)


def has_come(step: Step, facts: ClassFacts, now: datetime) -> bool:
    """Whether `require_in_time` lets the step be taken."""
    try:
        require_in_time(step, facts, now)
    except DomainError:
        return False
    return True


def require_in_time(step: Step, facts: ClassFacts, now: datetime) -> None:
    """The step may be taken today (Asia/Shanghai).

    Raises DomainError: class_dates_past for recruiting for, filing or approving a class whose
    first day has passed, or for opening one whose last has; class_too_early for opening before
    the first day;
    class_still_running for ending before the last session has, and, while its days last, before
    its hours are held.
    """
    details, today = facts.details, now.astimezone(LOCAL).date()
    first, last = details.starts_on, details.ends_on
    if first is None or last is None:
        return
    if step in (Step.RECRUIT, Step.FILE, Step.APPROVE) and today > first:
        # Whoever trains before the office has agreed has opened without filing (擅自开班, L12).
        raise DomainError("class_dates_past", step=step.value, day=first.isoformat())
    if step is Step.OPEN and today > last:
        raise DomainError("class_dates_past", step=step.value, day=last.isoformat())
    if step is Step.OPEN and today < first:
        raise DomainError("class_too_early", day=first.isoformat())
    if step is Step.END:
        ends = [sitting.ends_at for sitting in facts.sittings]
        held = [sitting for sitting in facts.sittings if sitting.ends_at <= now]
        short = not held or count_lessons(held) < details.hours
        if (ends and now < max(ends)) or (short and today < last):
            raise DomainError("class_still_running", day=last.isoformat())
