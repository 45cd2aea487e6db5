"""The shapes of what the editors write, frozen once loaded. Layout: content/README.md.

A field's constraint stands here when one record alone can show that it is broken; what needs a
second record to be seen (a source that does not exist, a phrasing twice) is `zpt content check`'s.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

Intent = Literal[
    "checkin",
    "enrol",
    "claim_status",
    "complaint_new",
    "complaint_status",
    "survey",
    "bind",
    "institution_lookup",
    "estimate",
    "human",
    "jobs",
]
Audience = Literal["trainee", "employer", "institution", "hotline", "county"]


def _read_number_as_text(value: Any) -> Any:
    """YAML reads an unquoted 500 as a number, yet the editor wrote a word."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Word = Annotated[Text, BeforeValidator(_read_number_as_text)]
#: Stable for ever once published: menus, saved conversations and figures refer to it.
#: PostgreSQL keeps it with each answered message, in 64 characters (models/messages.py).
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Dated(_Record):
    """A record with a validity of its own; None: the notice states none. Both days count.

    In an entry, a `valid_until` of None that was written out says that the rule has no end,
    whatever its clauses say (the editors' check refuses it where all of them end); one that was
    left out (not in `model_fields_set`) says nothing.
    """

    valid_from: date | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def _end_after_beginning(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until 早于 valid_from")
        return self


class Clause(_Dated):
    """One clause of a notice. `label` is how an answer names it, after the notice's name."""

    id: Text
    label: Word
    heading: Text
    summary: Text


class Policy(_Dated):
    """One notice (通知). `number` is the 文号, `name` how an answer calls the notice."""

    id: Identifier
    number: Text | None = None
    name: Text
    title: Text
    issuers: tuple[Text, ...]
    issued_on: date
    #: What it replaces from its `valid_from` on (else from its issue): ids of clauses, or of
    #: whole notices.
    supersedes: tuple[Text, ...] = ()
    clauses: tuple[Clause, ...]


class Keywords(_Record):
    """A rule on words. One word of each group in `all` must occur for the rule to speak;
    `any` raises what it says; a single word of `none` silences it."""

    all: tuple[Annotated[tuple[Word, ...], Field(min_length=1)], ...] = ()
    any: tuple[Word, ...] = ()
    none: tuple[Word, ...] = ()


class Entry(_Dated):
    """A question that people ask, the ways they ask it, and its answer (一条问答)."""

    id: Identifier
    title: Text
    phrasings: Annotated[tuple[Word, ...], Field(min_length=1)]
    keywords: Keywords = Keywords()
    answer: Text
    #: Clause ids; empty only where the notices say nothing at all.
    sources: tuple[Text, ...] = ()
    #: True: the point of the answer is that the notices do not state what was asked.
    unstated: bool = False
    #: True: its rule is wider than the measure that ends with its clauses, which mention it only.
    outlasts: bool = False
    audience: tuple[Audience, ...] = ()
    related: tuple[Identifier, ...] = ()
    service: Intent | None = None

    @property
    def is_for_people(self) -> bool:
        """Whether others than the offices themselves ask it: they are told whom to ask."""
        return not self.audience or set(self.audience) != {"county"}


class Service(_Record):
    """Something the service does when asked. `answer` is said when it is asked for in words."""

    intent: Intent
    title: Text
    phrasings: Annotated[tuple[Word, ...], Field(min_length=1)]
    keywords: Keywords = Keywords()
    answer: Text
    #: The entry whose dated answer, with its sources, follows: for an answer that rests on policy.
    policy: Identifier | None = None


class SmallTalk(_Record):
    """A fixed reply that is never policy. `service` where a person is needed (distress).

    `urgent`: its keywords alone decide, whatever else was said.
    """

    id: Identifier
    phrasings: Annotated[tuple[Word, ...], Field(min_length=1)]
    keywords: Keywords = Keywords()
    answer: Text
    service: Literal["human"] | None = None
    urgent: bool = False


class Topic(_Record):
    """A bare word such as 补贴, of which nobody can tell what is meant, and what is offered then.

    `offers` are targets, "entry:ID" or "intent:NAME", in the order in which they are shown.
    """

    id: Identifier
    words: Annotated[tuple[Word, ...], Field(min_length=1)]
    offers: Annotated[tuple[Text, ...], Field(min_length=2, max_length=3)]


class Lexicon(_Record):
    """The city's words.

    Of each group of synonyms the first is the one we use, and stands for the others everywhere.
    A concept (first its name, then the ways people say it) replaces nothing: whoever says one of
    the ways is taken to have said the name too. `typos` maps a slip to its right form.
    """

    words: tuple[Word, ...] = ()
    synonyms: tuple[Annotated[tuple[Word, ...], Field(min_length=2)], ...] = ()
    concepts: tuple[Annotated[tuple[Word, ...], Field(min_length=2)], ...] = ()
    typos: Mapping[Word, Word] = Field(default_factory=dict)


class County(_Record):
    """A county, district or county-level city (县、市、区) by its code (GB/T 2260)."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    name: Text


class Programme(_Record):
    """A programme that a class can belong to (培训项目); `sources` are clause ids."""

    key: Identifier
    name: Text
    sources: tuple[Text, ...]
    #: Who may hold such a class.
    by: tuple[Literal["institution", "employer"], ...] = ("institution",)
    #: Whether it is one of the three subsidised trainings of a person in a year (P33-1.1).
    counts: bool = True
    #: Trained at work alone: no lessons, no plan, no test, no certificate (P33-1.1).
    on_the_job: bool = False
    #: Held on a platform (L09): there may be no place to go to.
    online: bool = False


class Limit(_Record):
    """How much of something one may in a day (content/limits.yaml)."""

    key: Identifier
    most: Annotated[int, Field(gt=0)]


class Retention(_Record):
    """How long one kind of record is kept, and why (content/retention.yaml).

    keep_days: None: until the person asks for erasure. survives: it stays though they ask.
    sources: clause ids; where there are none, the period is a local setting.
    """

    kind: Identifier
    name: Text
    keep_days: Annotated[int, Field(gt=0)] | None = None
    survives: bool = False
    why: Text
    sources: tuple[Text, ...] = ()


class AttendanceDefaults(_Record):
    """What a class wants of check-ins (签到) that does not say it itself."""

    opens_before_min: Annotated[int, Field(ge=0, le=120)] = 30
    closes_after_min: Annotated[int, Field(ge=0, le=120)] = 15
    #: The share of a session after which nobody comes in any more.
    late_until_percent: Annotated[int, Field(ge=0, le=100)] = 50
    wants_place: bool = True
    #: Whoever is too far away is refused; else they are flagged.
    refuses_far: bool = False
    wants_out: bool = False


class AttendanceThreshold(_Record):
    """Below which rate of attendance somebody is pointed out. document: which one says so, ""
    for a local setting; from_notices: whether that is one of the notices."""

    percent: Annotated[int, Field(ge=0, le=100)] = 80
    document: str = ""
    from_notices: bool = False


class Attendance(_Record):
    """What is wanted of check-ins (content/attendance.yaml)."""

    defaults: AttendanceDefaults = Field(default_factory=AttendanceDefaults)
    threshold: AttendanceThreshold = Field(default_factory=AttendanceThreshold)


class PrivacySection(_Record):
    """A part of a privacy notice."""

    heading: Text
    text: Text


class PrivacyNotice(_Record):
    """One version of the privacy notice; what has been in force is never changed."""

    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}(-[0-9]+)?$")]
    in_force_from: date
    title: Text
    #: The whole in one line, for a chat.
    summary: Text
    sections: Annotated[tuple[PrivacySection, ...], Field(min_length=1)]


class Content(_Record):
    """All that is said. `texts` maps "file.key" to the words, nested keys joined by dots; `stamp`
    is what the folder looked like before it was read (content.fingerprint)."""

    policies: tuple[Policy, ...]
    entries: tuple[Entry, ...]
    services: tuple[Service, ...] = ()
    smalltalk: tuple[SmallTalk, ...] = ()
    topics: tuple[Topic, ...] = ()
    lexicon: Lexicon = Field(default_factory=Lexicon)
    counties: tuple[County, ...] = ()
    programmes: tuple[Programme, ...] = ()
    limits: tuple[Limit, ...] = ()
    retention: tuple[Retention, ...] = ()
    privacy: tuple[PrivacyNotice, ...] = ()
    attendance: Attendance = Field(default_factory=Attendance)
    texts: Mapping[str, str] = Field(default_factory=dict)
    stamp: str = ""
