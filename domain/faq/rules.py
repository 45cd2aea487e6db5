"""Pure decisions on a question: is there one answer, are there a few, or is there none."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

MAX_OPTIONS = 3

# The thresholds are set on questions that were written without sight of the content, never on
# those that the service is measured by; docs/faq.md has the figures for each.
#: Familiarity below which the question is about something else.
STRANGE = -0.85
#: Familiarity that an answer needs; short of it we ask back.
FAMILIAR = -0.5
#: Confidence from which on the best candidate answers.
SURE = 0.35
#: What an option needs of chance in order to be offered.
OPTION_CHANCE = 0.01
#: Small talk is answered where it has this chance, all of it together.
TALK_CHANCE = 0.5
#: One of two questions in a message is answered for itself only from here on.
CLEAR = 0.8
CLEAR_EVIDENCE = -0.4
#: The same for a part that a mere comma separates from the rest.
CLEAR_LOOSE_EVIDENCE = -0.1


class Decision(Enum):
    """What becomes of the race's result."""

    ANSWER = "answer"
    ASK_BACK = "ask_back"
    DECLINE = "decline"


class Standing(NamedTuple):
    """How a candidate stands after a race; `number` is its place among the candidates.

    evidence: about 1 for a phrasing of its own, about -1 where nothing speaks for it.
    chance: that it is meant, 0 to 1, if anything of the content is.
    is_talk: small talk and other offices' matters: never an option that is offered.
    """

    number: int
    evidence: float
    chance: float
    is_talk: bool = False


class Ranking(NamedTuple):
    """The best candidates, best first.

    confidence: the chance that the first, or another that rests on a clause of its own, is meant.
    familiarity: about 0 for a question that the content is about, -1 for one that it is not.
    """

    standings: Sequence[Standing]
    confidence: float
    familiarity: float


def decide_outcome(ranking: Ranking) -> tuple[Decision, list[Standing]]:
    """The decision, and the candidates that it concerns.

    One for an answer, 2 to MAX_OPTIONS for a question back, none where we decline.
    """
    standings = ranking.standings
    if not standings or ranking.familiarity < STRANGE:
        return Decision.DECLINE, []
    best = standings[0]
    if best.is_talk:
        if sum(item.chance for item in standings if item.is_talk) >= TALK_CHANCE:
            return Decision.ANSWER, [best]
    elif ranking.confidence >= SURE and ranking.familiarity >= FAMILIAR:
        return Decision.ANSWER, [best]
    near = [item for item in standings if not item.is_talk and item.chance >= OPTION_CHANCE]
    if len(near) > 1:
        return Decision.ASK_BACK, near[:MAX_OPTIONS]
    return Decision.DECLINE, []


def is_clear(ranking: Ranking, *, loose: bool = False) -> bool:
    """Whether the best is meant beyond doubt, even by half a message (`loose`: half a sentence)."""
    if not ranking.standings:
        return False
    best = ranking.standings[0]
    least = CLEAR_LOOSE_EVIDENCE if loose else CLEAR_EVIDENCE
    return not best.is_talk and ranking.confidence >= CLEAR and best.evidence >= least
