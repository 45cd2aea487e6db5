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
from domain.faq.routing.signals import Scores

EXPLAINED = 5

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
        #: By feature: the square of what it weighs, and the candidates that it speaks for or
        #: against, with how much. Views of two arrays, cut once.
        self._rows: dict[str, tuple[float, Numbers, Floats]] = {}
        starts = model.starts.tolist()
        scales = model.scale.tolist()
        told = model.weights * np.repeat(model.scale, np.diff(model.starts))
        for row, feature in enumerate(model.features):
            part = slice(starts[row], starts[row + 1])
            self._rows[feature] = (scales[row] ** 2, model.candidates[part], told[part])

    def score(self, question: Question) -> Scores:
        rows = self._list_rows(question)
        if not rows:
            return self._bias.copy()
        squares, candidates, told = zip(*rows, strict=True)
        spoken = np.bincount(np.concatenate(candidates), np.concatenate(told), self._bias.size)
        margins: Scores = (spoken / sqrt(sum(squares))).astype(np.float32)
        margins += self._bias
        return margins

    def knows(self, feature: str) -> bool:
        """Whether any phrasing has it."""
        return feature in self._rows

    def explain(self, question: Question, candidate: int) -> list[str]:
        norm = sqrt(sum(square for square, _, _ in self._list_rows(question))) or 1.0
        shares: list[tuple[float, str]] = []
        for feature in question.features:
            row = self._rows.get(feature)
            if row is None:
                continue
            _, candidates, told = row
            share = float(told[candidates == candidate].sum()) / norm
            if share > 0:
                shares.append((share, feature))
        shares.sort(key=lambda pair: -pair[0])
        words = "、".join(f"{feature} {share:+.2f}" for share, feature in shares[:EXPLAINED])
        margin = float(self.score(question)[candidate])
        return [f"分类器 {margin:+.2f}，最有分量的字词：{words or '无'}"]

    def _list_rows(self, question: Question) -> list[tuple[float, Numbers, Floats]]:
        """What is known of the question's features."""
        return [row for row in map(self._rows.get, question.features) if row is not None]


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
