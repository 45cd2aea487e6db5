"""The race: every signal scores every candidate, and each has its chance in the end."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from enum import Enum

import numpy as np

from content.schema import Content
from domain.faq.routing.candidates import Candidate, Kind, list_candidates
from domain.faq.routing.classifier import ClassifierSignal
from domain.faq.routing.judgement import (
    TAUGHT,
    find_chances,
    find_familiarity,
    weigh_evidence,
)
from domain.faq.routing.keywords import KeywordSignal, count_known_terms
from domain.faq.routing.phrasings import PhrasingSignal
from domain.faq.routing.question import Question, QuestionReader
from domain.faq.routing.signals import Scores, Signal
from domain.faq.routing.training import (
    Learned,
    ModelStore,
    is_trainable,
    measure_coverage,
    train_model,
)
from domain.faq.rules import Ranking, Standing

#: As many candidates as a race ranks: enough for five entries among services and small talk.
RANKED = 12
#: Phrasings that make what stands in them a word of the content.
_SEVERAL = 4
#: Evidence and chances have four places: what is summed in another order is the same then.
_PLACES = 4


class Part(Enum):
    """What can be left out of a race, to see what it is good for."""

    SOUND = "拼音"
    KEYWORDS = "关键词"
    CLASSIFIER = "分类器"
    PAIRS = "双字"
    CONCEPTS = "概念"


class Race:
    """All signals over the candidates of one `Content`.

    `models` keeps trained classifiers; without it one is trained now, which takes seconds.
    """

    def __init__(
        self,
        content: Content,
        models: ModelStore | None = None,
        without: Set[Part] = frozenset(),
    ) -> None:
        self.candidates = list_candidates(content)
        classify = Part.CLASSIFIER not in without and is_trainable(
            [candidate.phrasings for candidate in self.candidates]
        )
        counted = [
            candidate
            for candidate in self.candidates
            if not classify or len(candidate.phrasings) < TAUGHT or candidate.is_urgent
        ]
        self.reader = QuestionReader(
            content.lexicon,
            _list_rule_words(counted),
            (phrasing for candidate in self.candidates for phrasing in candidate.phrasings),
            kept_words=_list_rule_words([item for item in counted if item.is_urgent]),
            keep_uses=(
                (lambda count: models.get_uses(content, count))
                if models is not None and not without
                else (lambda count: count())
            ),
            by_sound=Part.SOUND not in without,
            pairs=Part.PAIRS not in without,
            concepts=Part.CONCEPTS not in without,
        )
        # What a race without a part learns is its own: it is never kept.
        learned = (
            models.get(content, self._learn)
            if models is not None and not without
            else self._learn(classify=classify)
        )
        self._rules = (
            KeywordSignal(self.candidates, counted, learned.known, self.reader)
            if Part.KEYWORDS not in without
            else None
        )
        #: What judges first: the classifier, and where there is none, likeness.
        self._main: ClassifierSignal | PhrasingSignal = (
            PhrasingSignal(self._read_phrasings())
            if learned.model is None
            else ClassifierSignal(learned.model)
        )
        self._coverage = learned.coverage
        self._kin = _list_kin(self.candidates)
        self._talk = frozenset(
            item.number for item in self.candidates if item.kind is Kind.SMALL_TALK
        )
        #: Small talk that must not be missed: its rule alone decides.
        self._urgent = [item.number for item in self.candidates if item.is_urgent]

    def _learn(self, *, classify: bool = True) -> Learned:
        phrasings = self._read_phrasings()
        known = count_known_terms(self.candidates, phrasings, self.reader)
        model = train_model(phrasings) if classify else None
        return Learned(model, known, measure_coverage(phrasings))

    def _read_phrasings(self) -> list[list[Question]]:
        return [
            [self.reader.read(phrasing) for phrasing in candidate.phrasings]
            for candidate in self.candidates
        ]

    def list_own_words(self) -> frozenset[str]:
        """Everything of two and three characters that several phrasings have: no name of a person.

        The editors' examples name people too, each in one phrasing or two.
        """
        counts = Counter(
            piece
            for candidate in self.candidates
            for text in candidate.phrasings
            for piece in {
                text[start : start + size]
                for size in (2, 3)
                for start in range(len(text) - size + 1)
            }
        )
        return frozenset(piece for piece, count in counts.items() if count >= _SEVERAL)

    @property
    def signals(self) -> list[Signal]:
        """Those that take part."""
        return [self._main] if self._rules is None else [self._main, self._rules]

    def run(self, question: Question) -> Ranking:
        """The RANKED best, best first; equals in the order of the content."""
        scores, coverage = self._main.hear(question)
        if scores is None:
            return Ranking((), 0.0, -1.0)
        evidence, urgent = self._weigh(question, scores)
        best = find_best(evidence)
        chances = self._find_chances(evidence, best, len(question.text))
        talk = self._talk
        standings = [
            Standing(number, round(found, _PLACES), round(chance, _PLACES), number in talk)
            for number, found, chance in zip(
                best, evidence[best].tolist(), chances[best].tolist(), strict=True
            )
        ]
        if urgent is not None:
            others = [item for item in standings if item.number != urgent]
            return Ranking([Standing(urgent, 1.0, 1.0, True), *others], 1.0, 1.0)
        kin = self._kin.get(best[0])
        confidence = standings[0].chance if kin is None else float(chances[kin].sum())
        familiarity = find_familiarity(
            standings[0].evidence,
            0.0 if coverage is None else coverage - self._coverage,
            len(question.text),
        )
        return Ranking(standings, round(min(confidence, 1.0), _PLACES), round(familiarity, _PLACES))

    def _find_chances(self, evidence: Scores, best: list[int], length: int) -> Scores:
        if isinstance(self._main, ClassifierSignal):
            return find_chances(evidence, length)
        # Likeness leaves something to each of thousands, and all of it together would drown the
        # best: only they compete.
        chances = np.zeros_like(evidence)
        chances[best] = find_chances(evidence[best], length)
        return chances

    def _weigh(self, question: Question, scores: Scores) -> tuple[Scores, int | None]:
        rules, urgent = None, None
        if self._rules is not None and self._rules.hears(question):
            rules, urgent = self._rules.score(question), self._find_urgent(question)
        return weigh_evidence(scores, rules), urgent

    def is_urgent(self, question: Question) -> bool:
        """Whether it says what must not be missed, whatever else it asks."""
        return self._find_urgent(question) is not None

    def _find_urgent(self, question: Question) -> int | None:
        if self._rules is None:
            return None
        is_met = self._rules.is_met
        return next((number for number in self._urgent if is_met(question, number)), None)


def find_best(evidence: Scores) -> list[int]:
    """The numbers of the RANKED best; those whose evidence is equal once rounded in their order."""
    if evidence.size > RANKED:
        # A part is found in one pass; to sort them all would take longer the more there are.
        places = np.argpartition(-evidence, RANKED - 1)[:RANKED]
        places.sort()
    else:
        places = np.arange(evidence.size)
    rounded = np.rint(evidence[places] * -(10.0**_PLACES))
    best: list[int] = places[rounded.argsort(kind="stable")].tolist()
    return best


def _list_kin(candidates: list[Candidate]) -> dict[int, np.ndarray]:
    """Each entry to the entries that rest on a clause of its own, itself among them."""
    by_source: dict[str, set[int]] = {}
    for candidate in candidates:
        for source in candidate.sources:
            by_source.setdefault(source, set()).add(candidate.number)
    return {
        candidate.number: np.array(
            sorted(set().union(*(by_source[source] for source in candidate.sources)))
        )
        for candidate in candidates
        if candidate.kind is Kind.ENTRY and candidate.sources
    }


def _list_rule_words(candidates: Sequence[Candidate]) -> Iterator[str]:
    for candidate in candidates:
        rule = candidate.keywords
        for group in rule.all:
            yield from group
        yield from rule.any
        yield from rule.none
