"""What competes for a question: policy entries, services and small talk, in one race."""

from dataclasses import dataclass
from enum import Enum

from content.schema import Content, Entry, Intent, Keywords, Service, SmallTalk


class Kind(Enum):
    """Where a candidate comes from."""

    ENTRY = "问答"
    SERVICE = "服务"
    SMALL_TALK = "寒暄"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a question may be about; `number` is its place in the race's tables."""

    number: int
    kind: Kind
    name: str
    title: str
    phrasings: tuple[str, ...]
    keywords: Keywords
    record: Entry | Service | SmallTalk

    @property
    def target(self) -> str:
        """How menus, options and topics name it: "entry:ID" or "intent:NAME"; "" for small talk."""
        match self.record:
            case Entry():
                return f"entry:{self.name}"
            case Service():
                return f"intent:{self.name}"
            case SmallTalk():
                return ""

    @property
    def sources(self) -> tuple[str, ...]:
        """The clauses that it rests on; none for services and small talk."""
        return self.record.sources if isinstance(self.record, Entry) else ()

    @property
    def is_urgent(self) -> bool:
        """Whether its keywords alone decide, whatever else is in the question."""
        return isinstance(self.record, SmallTalk) and self.record.urgent

    @property
    def intent(self) -> Intent | None:
        """The service that it opens, if that is what it does."""
        if isinstance(self.record, Service):
            return self.record.intent
        return self.record.service if isinstance(self.record, SmallTalk) else None


def list_candidates(content: Content) -> list[Candidate]:
    """All candidates of `content`, numbered from 0. An entry's title is a phrasing too."""
    candidates: list[Candidate] = []
    records: list[Entry | Service | SmallTalk] = [
        *content.entries,
        *content.services,
        *content.smalltalk,
    ]
    for number, record in enumerate(records):
        match record:
            case Entry():
                kind, name, title = Kind.ENTRY, record.id, record.title
            case Service():
                kind, name, title = Kind.SERVICE, record.intent, record.title
            case SmallTalk():
                kind, name, title = Kind.SMALL_TALK, record.id, record.phrasings[0]
        phrasings = dict.fromkeys((*record.phrasings, title))
        candidates.append(
            Candidate(number, kind, name, title, tuple(phrasings), record.keywords, record)
        )
    return candidates
