"""What a firm sends of its own classes, and what it is shown of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from api.classes import ClassSitting, ProgrammeName, PublicStatus
from api.tools import Tools
from api.views import Shape
from domain.calendar import LOCAL
from domain.enrolments.lines import RosterLine
from domain.errors import DomainError
from domain.training.details import (
    LONGEST,
    MOST_PEOPLE,
    MOST_SITTINGS,
    Details,
    Result,
    Sitting,
    Test,
    Video,
)
from domain.training.life import Step
from domain.training.queries import ClassCard, ClassFile
from domain.training.views import EventView

ClassStatus = Literal[PublicStatus, "draft"]
TestKind = Literal["appraisal", "enterprise", "level", "ability", "certificate"]
TestMark = Literal["passed", "failed", "absent"]

Texts = Mapping[str, str]


#: PostgreSQL keeps no NUL.
_CLEANED = AfterValidator(lambda text: text.replace("\0", " ").strip())
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Reason = Annotated[str, Field(max_length=500), _CLEANED]
Text80 = Annotated[str, Field(max_length=80), _CLEANED]
Text300 = Annotated[str, Field(max_length=300), _CLEANED]
Digest = Annotated[str, Field(max_length=64), _CLEANED]


class FirmClassDraft(Shape):
    title: Annotated[str, Field(max_length=LONGEST["title"]), _CLEANED]
    programme: Annotated[str, Field(max_length=64), _CLEANED]
    occupation: Annotated[str, Field(max_length=LONGEST["occupation"]), _CLEANED]
    county: Annotated[str, Field(max_length=6), _CLEANED]
    capacity: int
    level: Annotated[str, Field(max_length=LONGEST["level"]), _CLEANED] = ""
    demand_analysis: Annotated[str, Field(max_length=LONGEST["demand_analysis"]), _CLEANED] = ""
    plan: Annotated[str, Field(max_length=LONGEST["plan"]), _CLEANED] = ""
    address: Annotated[str, Field(max_length=LONGEST["address"]), _CLEANED] = ""
    latitude: float | None = None
    longitude: float | None = None
    teacher: Annotated[str, Field(max_length=LONGEST["teacher"]), _CLEANED] = ""
    target_group: Annotated[str, Field(max_length=LONGEST["target_group"]), _CLEANED] = ""
    is_project: bool = False
    classified: bool = False
    hours: int = 0
    starts_on: date | None = None
    ends_on: date | None = None

    def read(self) -> Details:
        """As the domain takes it."""
        return Details(**self.model_dump(include=set(FirmClassDraft.model_fields)))


class FirmClassChange(FirmClassDraft):
    version: Version
    reason: Reason = ""


class PlannedSitting(Shape):
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    topic: Annotated[str, Field(max_length=120), _CLEANED] = ""


class FirmClassPlan(Shape):
    version: Version
    reason: Reason = ""
    sessions: Annotated[list[PlannedSitting], Field(max_length=MOST_SITTINGS)]

    def read(self) -> list[Sitting]:
        """As the domain takes it."""
        return [Sitting(one.starts_at, one.ends_at, one.topic) for one in self.sessions]


class FirmClassStep(Shape):
    step: Literal["recruit", "file", "open", "end", "cancel"]
    version: Version
    reason: Reason = ""


class FirmVideo(Shape):
    location: Text300
    sha256: Digest
    holder: Text80


class FirmVideoChange(FirmVideo):
    version: Version

    def read(self) -> Video:
        """As the domain takes it."""
        return Video(self.location, self.sha256.lower(), self.holder)


class FirmTestResult(Shape):
    enrolment: UUID
    result: TestMark
    certificate: Annotated[str, Field(max_length=64), _CLEANED] = ""


class FirmTest(Shape):
    kind: TestKind
    held_on: date
    results: Annotated[list[FirmTestResult], Field(max_length=MOST_PEOPLE)]
    recording_location: Text300 = ""
    recording_sha256: Digest = ""
    patrol: Text300 = ""


class FirmTestNote(FirmTest):
    version: Version

    def read(self) -> Test:
        """As the domain takes it."""
        return Test(
            self.kind,
            self.held_on,
            [Result(one.enrolment, one.result, one.certificate) for one in self.results],
            self.recording_location,
            self.recording_sha256.lower(),
            self.patrol,
        )


class Worded(Shape):
    key: str
    words: str


class FirmNextStep(Shape):
    step: str
    name: str
    missing: list[Worded]


class FirmClassEvent(Shape):
    version: int
    kind: str
    title: str
    fields: list[Worded]
    reason: str
    by: Literal["firm", "office", "system"]
    at: datetime


class FirmClassPerson(Shape):
    enrolment: UUID
    name: str
    id_number: str


class FirmClassSummary(Shape):
    id: UUID
    title: str
    status: ClassStatus
    status_name: str
    programme: ProgrammeName
    occupation: str
    county: str
    starts_on: date | None
    ends_on: date | None
    capacity: int
    people: int
    version: int


class FirmClassPage(Shape):
    items: list[FirmClassSummary]
    next: str | None


class FirmClass(FirmClassSummary):
    level: str
    demand_analysis: str
    plan: str
    address: str
    latitude: float | None
    longitude: float | None
    teacher: str
    target_group: str
    is_project: bool
    classified: bool
    hours: int
    sessions: list[ClassSitting]
    steps: list[FirmNextStep]
    ahead: FirmNextStep | None
    returned_reason: str
    filed_at: datetime | None
    roster_size: int | None
    video: FirmVideo
    tests: list[FirmTest]
    clashing: list[FirmClassPerson]
    history: list[FirmClassEvent]


def show_summary(tools: Tools, card: ClassCard) -> FirmClassSummary:
    """A class in the list of its firm."""
    content, row = tools.content(), card.row
    names = {one.key: one.name for one in content.programmes}
    told: dict[str, Any] = {
        "status_name": content.texts[f"training.status.{row.status}"],
        "programme": ProgrammeName(key=row.programme, name=names.get(row.programme, "")),
        "people": card.places.people,
    }
    same = FirmClassSummary.model_fields.keys() - told.keys()
    return FirmClassSummary(**told, **{name: getattr(row, name) for name in same})


def name_line(line: RosterLine) -> FirmClassPerson:
    """Somebody on the roster, masked."""
    return FirmClassPerson(enrolment=line.id, name=line.name, id_number=line.id_number)


def show_class(tools: Tools, found: ClassFile, clashing: Sequence[RosterLine]) -> FirmClass:
    """A class with all that its firm has to know of it. clashing: who is in another class at the
    same time."""
    texts, row = tools.content().texts, found.row
    summary = show_summary(tools, found).model_dump()
    names = FirmClassDraft.model_fields.keys() - summary.keys()
    return FirmClass(
        **summary,
        **{name: getattr(row, name) for name in names},
        sessions=[
            ClassSitting(
                id=one.id,
                topic=one.topic,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
            for one in found.sessions
        ],
        steps=[_show_step(texts, step, found.missing[step]) for step in found.steps],
        ahead=_show_step(texts, *found.ahead) if found.ahead else None,
        returned_reason=found.returned_reason,
        filed_at=row.filed_at.astimezone(LOCAL) if row.filed_at else None,
        roster_size=row.roster_size,
        video=FirmVideo(
            location=row.video_location, sha256=row.video_sha256, holder=row.video_holder
        ),
        tests=[_show_test(test) for test in found.tests],
        clashing=[name_line(line) for line in clashing],
        history=[_show_event(texts, event) for event in found.events],
    )


@contextmanager
def saying(texts: Texts) -> Iterator[None]:
    """What a refusal names by keys it says in words beside them: what is missing, what somebody
    else did, which fields."""
    try:
        yield
    except DomainError as error:
        error.facts = _word_facts(texts, error)
        raise


def _word_facts(texts: Texts, error: DomainError) -> dict[str, object]:
    facts, fields = dict(error.facts), error.facts.get("fields")
    for name, kind in (("missing", "missing"), ("since", "event"), ("fields", "field")):
        keys = facts.get(name)
        if error.code.startswith("class_") and isinstance(keys, list):
            facts[name] = _word(texts, kind, keys)
    if error.code == "class_details_wrong" and isinstance(fields, dict):
        facts["fields"] = {name: _word_one(texts, "faults", key) for name, key in fields.items()}
    if error.code == "class_sessions_wrong":
        facts["words"] = texts[f"training.faults.{facts['fault']}"]
    return facts


def _word(texts: Texts, kind: str, keys: Sequence[object]) -> list[Worded]:
    return [_word_one(texts, kind, str(key)) for key in keys]


def _word_one(texts: Texts, kind: str, key: str) -> Worded:
    return Worded(key=key, words=texts.get(f"training.{kind}.{key}", key))


def _show_step(texts: Texts, step: Step, missing: Sequence[str]) -> FirmNextStep:
    name = texts[f"training.step.{step.value}"]
    return FirmNextStep(step=step.value, name=name, missing=_word(texts, "missing", missing))


def _show_event(texts: Texts, event: EventView) -> FirmClassEvent:
    sides: Mapping[str, Literal["firm", "office"]] = {"person": "firm", "staff": "office"}
    fields = event.facts.get("fields")
    return FirmClassEvent(
        version=event.version,
        kind=event.kind,
        title=texts[f"training.event.{event.kind}"],
        fields=_word(texts, "field", fields) if isinstance(fields, list) else [],
        reason=event.reason,
        by=sides.get(event.made_by.split()[0], "system"),
        at=event.made_at.astimezone(LOCAL),
    )


def _show_test(test: Test) -> FirmTest:
    names = ("kind", "held_on", "recording_location", "recording_sha256", "patrol")
    told = {name: getattr(test, name) for name in names}
    return FirmTest.model_validate({**told, "results": [asdict(one) for one in test.results]})
