"""A class as the doors get it: plain values, through which nobody writes or loads any more."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from content.schema import Content, Programme
from domain.calendar import LOCAL
from domain.training.details import Details, Result, Sitting, Test
from models.final_tests import FinalTest
from models.training import ClassEvent, ClassSession, TrainingClass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassView(Details):
    """One class as it stood; models.training.TrainingClass has the fields' meaning."""

    id: UUID
    institution_id: UUID | None
    employer_id: UUID | None
    status: str
    version: int
    recruiting_since: datetime | None
    flagged_at: datetime | None
    video_location: str
    video_sha256: str
    video_holder: str
    filed_at: datetime | None
    roster_digest: str
    roster_size: int | None


@dataclass(frozen=True, slots=True)
class SessionView(Sitting):
    """A session as it is planned, on the city's clocks, by its id."""

    id: UUID = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of a class's history; models.training.ClassEvent has the fields' meaning."""

    version: int
    kind: str
    facts: Mapping[str, object]
    reason: str
    made_by: str
    made_at: datetime


AnyClass = TrainingClass | ClassView

#: What is known of a programme that the content no longer has: the strictest.
_FORGOTTEN = Programme(key="forgotten", name="（已不在目录的项目）", sources=())


def view_class(row: TrainingClass) -> ClassView:
    """The class as it stands in `row`."""
    return ClassView(**{one.name: getattr(row, one.name) for one in fields(ClassView)})


def view_session(row: ClassSession) -> SessionView:
    """The session as it stands in `row`."""
    one = sitting_of(row)
    return SessionView(one.starts_at, one.ends_at, one.topic, id=row.id)


def view_event(row: ClassEvent) -> EventView:
    """The line as it stands in `row`."""
    return EventView(**{one.name: getattr(row, one.name) for one in fields(EventView)})


def view_test(row: FinalTest) -> Test:
    """The test as it was recorded. Call with its results loaded."""
    results = [Result(one.enrolment_id, one.result, one.certificate) for one in row.results]
    return Test(
        row.kind,
        row.held_on,
        results,
        row.recording_location,
        row.recording_sha256,
        row.patrol,
    )


def holder_of(row: AnyClass) -> UUID:
    """The institution or firm that holds the class."""
    holder = row.institution_id or row.employer_id
    assert holder is not None
    return holder


def find_programme(content: Content, key: str) -> Programme:
    """The programme, or a strict one where the content no longer has it."""
    return next((one for one in content.programmes if one.key == key), _FORGOTTEN)


def details_of(row: AnyClass) -> Details:
    """What its holder has written of the class."""
    return Details(**{field.name: getattr(row, field.name) for field in fields(Details)})


def sitting_of(session: ClassSession) -> Sitting:
    """The session as it is planned, on the city's clocks."""
    return Sitting(
        session.starts_at.astimezone(LOCAL), session.ends_at.astimezone(LOCAL), session.topic
    )
