"""Signal: likeness to the ways people ask, as written down by the editors (`phrasings`).

It judges where no classifier is trained: over more candidates than any city has. Beside the
classifier it made nothing better and everything slower (docs/faq.md).

Cosine between two bags of characters, pairs of characters, words and concepts. A feature weighs by
how few candidates use it, so that 的 and 补贴 say little and 巡考 says much.
"""

from math import log

import numpy as np
from numpy.typing import NDArray

from domain.faq.routing.question import Question
from domain.faq.routing.signals import Heard, Scores

CHARACTER_WEIGHT = 0.3
#: Of pairs of characters, of the longer words and of concepts.
GRAM_WEIGHT = 1.0
#: A feature no phrasing has: it makes the question less like all of them, yet people wrap a
#: question in much that no editor foresees.
UNKNOWN_WEIGHT = 0.5
#: A feature that more than this share of all candidates use is left out: it tells nothing,
#: and its list of phrasings is what costs time.
COMMON_SHARE = 0.2
#: Likeness of a question to what asks the same in other words is 0.4 or so where a margin would be
#: near 0: stretched by this, both mean the same to the thresholds.
STRETCH = 1.2


class PhrasingSignal:
    """An inverted index from features to phrasings; the best phrasing speaks for a candidate.

    Its scores are likeness, stretched, less 1, so that they stand about where the classifier's
    margins do: above 0 for a phrasing of the content, -1 where nothing is alike.
    """

    def __init__(self, phrasings: list[list[Question]]) -> None:
        #: By phrasing number: whose it is, and its text. In the order of candidates.
        owner: list[int] = []
        self._texts: list[str] = []
        users: dict[str, set[int]] = {}
        postings: dict[str, list[int]] = {}
        for candidate, questions in enumerate(phrasings):
            for question in questions:
                number = len(owner)
                owner.append(candidate)
                self._texts.append(question.text)
                for feature in question.features:
                    users.setdefault(feature, set()).add(candidate)
                    postings.setdefault(feature, []).append(number)
        self._candidates = len(phrasings)
        self._owner = np.array(owner, dtype=np.int32)
        #: Where each candidate's phrasings begin; a candidate without any has none.
        self._owners, self._starts = np.unique(self._owner, return_index=True)
        total = len(phrasings)
        common = max(2.0, COMMON_SHARE * total)
        rare = log(1.0 + total)
        self._unknown_character = UNKNOWN_WEIGHT * CHARACTER_WEIGHT * rare**2
        self._unknown_gram = UNKNOWN_WEIGHT * GRAM_WEIGHT * rare**2
        norms = np.zeros(len(owner))
        #: Feature to its weight and the phrasings that have it.
        self._postings: dict[str, tuple[float, np.ndarray]] = {}
        nobody = np.zeros(0, dtype=np.int32)
        for feature, numbers in postings.items():
            count = len(users[feature])
            if count > common:
                self._postings[feature] = (0.0, nobody)
                continue
            weight = _class_weight(len(feature)) * log(1.0 + total / count) ** 2
            holders = np.array(numbers, dtype=np.int32)
            self._postings[feature] = (weight, holders)
            norms[holders] += weight
        with np.errstate(divide="ignore"):
            self._inverse_norms = np.where(norms > 0, 1.0 / np.sqrt(norms), 0.0)

    def score(self, question: Question) -> Scores:
        best = np.full(self._candidates, -1.0, dtype=np.float32)
        likeness = self._compare(question)
        if likeness is not None:
            best[self._owners] += STRETCH * np.maximum.reduceat(likeness, self._starts)
        return best

    def hear(self, question: Question) -> Heard:
        if self._postings.keys().isdisjoint(question.features):
            return Heard(None, None)
        # Words that no phrasing has make the question less like all of them already.
        return Heard(self.score(question), None)

    def explain(self, question: Question, candidate: int) -> list[str]:
        likeness = self._compare(question)
        own = np.flatnonzero(self._owner == candidate)
        if likeness is None or not own.size:
            return []
        nearest = own[np.argmax(likeness[own])]
        if not likeness[nearest]:
            return []
        return [f"最像的问法：“{self._texts[nearest]}”，相似度 {likeness[nearest]:.2f}"]

    def _compare(self, question: Question) -> NDArray[np.float64] | None:
        """How like each phrasing is, 0 to 1; None where not one has a feature in common."""
        find_posting = self._postings.get
        weights: list[float] = []
        holders: list[np.ndarray] = []
        norm = 0.0
        for feature in question.features:
            posting = find_posting(feature)
            if posting is None:
                norm += self._unknown_character if len(feature) == 1 else self._unknown_gram
                continue
            weight, numbers = posting
            norm += weight
            if numbers.size:
                weights.append(weight)
                holders.append(numbers)
        if not holders:
            return None
        shared = np.bincount(
            np.concatenate(holders),
            np.repeat(weights, [numbers.size for numbers in holders]),
            len(self._texts),
        )
        likeness: NDArray[np.float64] = shared * self._inverse_norms / np.sqrt(norm)
        return likeness


def _class_weight(length: int) -> float:
    return CHARACTER_WEIGHT if length == 1 else GRAM_WEIGHT
