"""What routing a question gives; the same object for the bot, the API and `zpt ask`."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from content.schema import Intent

Outcome = Literal["policy", "service", "clarify", "none"]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the 2 or 3 things that the person may have meant: an entry or a service."""

    title: str
    entry: str | None
    intent: Intent | None
    sources: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """With the one key of `entry` and `intent` that applies."""
        target = {"intent": self.intent} if self.entry is None else {"entry": self.entry}
        return {"title": self.title, **target, "sources": list(self.sources)}


class Ranked(NamedTuple):
    """A policy entry and its score, 0 to 1."""

    entry: str
    score: float


class Routing(NamedTuple):
    """The outcome for one question.

    kind: `policy` (one entry answers), `service` (`intent` does what is wanted), `clarify`
        (`options` holds 2 or 3), `none` (no answer: the honest reply, or a fitting one to small
        talk).
    score: 0 to 1, of what won the race, or came nearest.
    answer: exactly what the person reads, at most 2,048 bytes of UTF-8.
    unstated: a policy answer whose point is that the notices do not state what was asked.
    ranked: up to 5 entries, best first, whatever the outcome.
    """

    q: str
    kind: Outcome
    entry: str | None
    intent: Intent | None
    sources: tuple[str, ...]
    options: tuple[Option, ...]
    score: float
    answer: str
    unstated: bool
    ranked: tuple[Ranked, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`, in the order that the interface names them."""
        return {
            "q": self.q,
            "kind": self.kind,
            "entry": self.entry,
            "intent": self.intent,
            "sources": list(self.sources),
            "options": [option.to_json() for option in self.options],
            "score": self.score,
            "answer": self.answer,
            "unstated": self.unstated,
            "ranked": [{"entry": item.entry, "score": item.score} for item in self.ranked],
        }
