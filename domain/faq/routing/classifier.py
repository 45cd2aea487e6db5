"""Signal: a linear classifier, trained on the phrasings of the content.

Likeness asks which single phrasing is nearest; the classifier asks what tells the candidates apart
over all their phrasings, and so hears 补 hardly and 巡考 well. One weight for each pair of feature
and candidate: what it says can be put in words.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.faq.routing.question import CONCEPT_MARK, Question
from domain.faq.routing.signals import Heard, Scores

EXPLAINED = 5
#: A feature that speaks of so many candidates has a number for each of them all, and these are
#: added as they stand; one in ten is such a feature, but six in seven of a question's are. All of
#: them in full would take 170 MB in place of 23, and save 13 µs of a question (docs/faq.md).
TALKATIVE = 32

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]


class Model(NamedTuple):
    """What training gives, in arrays that are stored as they are.

    features: by row. scale: what each weighs in a question, by row. starts: where the row's part
    of `candidates` and `weights` begins, and after the last row where it ends. bias: by candidate.
    """

    features: tuple[str, ...]
    scale: Floats
    starts: Numbers
    candidates: Numbers
    weights: Floats
    bias: Floats


class ClassifierSignal:
    """Margins of `model`: above 0 for, below 0 against, about 1 for a phrasing of the content."""

    def __init__(self, model: Model) -> None:
        self._bias = model.bias
        counts = np.diff(model.starts)
        told = model.weights * np.repeat(model.scale, counts)
        talkative = counts >= TALKATIVE
        #: Features have numbers, the talkative ones the first.
        order = np.argsort(~talkative, kind="stable")
        self._numbers = {model.features[row]: place for place, row in enumerate(order.tolist())}
        #: By number: the square of what the feature weighs.
        self._squares = np.square(model.scale[order])
        #: By number of a talkative one: what it says of each candidate.
        self._full = np.zeros((int(talkative.sum()), model.bias.size), np.float32)
        of_full = np.repeat(talkative, counts)
        places = np.repeat(np.arange(len(self._full)), counts[talkative])
        self._full[places, model.candidates[of_full]] = told[of_full]
        #: Of the others, behind one another: the candidates that they speak of, and what they say;
        #: and where each one's part begins, and the last one's ends.
        self._candidates = model.candidates[~of_full].astype(np.intp)
        self._told = told[~of_full]
        self._starts = np.concatenate([[0], np.cumsum(counts[~talkative])]).tolist()

    def score(self, question: Question) -> Scores:
        return self._add_up(self._find_numbers(question))

    def hear(self, question: Question) -> Heard:
        """Looks each feature up once: that is the half of the work."""
        find_number = self._numbers.get
        numbers: list[int] = []
        telling = known = 0
        for feature in question.features:
            number = find_number(feature)
            if number is not None:
                numbers.append(number)
            if len(feature) > 1:
                telling += 1
                known += number is not None
        scores = self._add_up(numbers) if numbers else None
        return Heard(scores, known / telling if telling else None)

    def _add_up(self, numbers: list[int]) -> Scores:
        if not numbers:
            return self._bias.copy()
        end = len(self._full)
        talkative = np.array([number for number in numbers if number < end], np.intp)
        margins: Scores = np.add.reduce(self._full.take(talkative, 0), 0)
        for number in numbers:
            if number >= end:
                part = self._find_part(number)
                # No candidate stands twice in a part.
                margins[self._candidates[part]] += self._told[part]
        margins *= 1.0 / sqrt(self._squares.take(numbers).sum())
        margins += self._bias
        return margins

    def explain(self, question: Question, candidate: int) -> list[str]:
        norm = sqrt(self._squares[self._find_numbers(question)].sum()) or 1.0
        shares: list[tuple[float, str]] = []
        for feature in question.features:
            number = self._numbers.get(feature)
            share = 0.0 if number is None else self._find_told(number, candidate) / norm
            if share > 0:
                shares.append((share, feature))
        shares.sort(key=lambda pair: -pair[0])
        words = "、".join(f"{feature} {share:+.2f}" for share, feature in shares[:EXPLAINED])
        margin = float(self.score(question)[candidate])
        return [f"分类器 {margin:+.2f}，最有分量的字词：{words or '无'}"]

    def _find_numbers(self, question: Question) -> list[int]:
        """Those of the features that any phrasing has."""
        return [
            number for number in map(self._numbers.get, question.features) if number is not None
        ]

    def _find_part(self, number: int) -> slice:
        place = number - len(self._full)
        return slice(self._starts[place], self._starts[place + 1])

    def _find_told(self, number: int, candidate: int) -> float:
        if number < len(self._full):
            return float(self._full[number, candidate])
        part = self._find_part(number)
        return float(self._told[part][self._candidates[part] == candidate].sum())


#: Of a concept beside the words themselves, which are a feature each: it is wider than they are.
CONCEPT_WEIGHT = 0.4


def weigh_features(texts: Sequence[Iterable[str]]) -> Mapping[str, float]:
    """Each feature of `texts` to what it weighs: the fewer have it, the more."""
    counts: dict[str, int] = {}
    for features in texts:
        for feature in features:
            counts[feature] = counts.get(feature, 0) + 1
    total = len(texts)
    return {
        feature: float(np.log(1.0 + total / count))
        * (CONCEPT_WEIGHT if feature.startswith(CONCEPT_MARK) else 1.0)
        for feature, count in sorted(counts.items())
    }
