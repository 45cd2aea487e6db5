"""Signal: likeness to the ways people ask, as written down by the editors (`phrasings`).

Cosine between two bags of characters, pairs of characters and words. A feature weighs by how
few candidates use it, so that 的 and 补贴 say little and 巡考 says much.
"""

from math import log, sqrt

from domain.faq.routing.question import Question

CHARACTER_WEIGHT = 0.3
#: Of pairs of characters, and of the longer words.
GRAM_WEIGHT = 1.0
#: A feature no phrasing has: it makes the question less like all of them, yet people wrap a
#: question in much that no editor foresees.
UNKNOWN_WEIGHT = 0.5
#: A feature that more than this share of all candidates use is left out: it tells nothing,
#: and its list of phrasings is what costs time.
COMMON_SHARE = 0.2


class PhrasingSignal:
    """An inverted index from features to phrasings; the best phrasing speaks for a candidate."""

    def __init__(self, phrasings: list[list[Question]]) -> None:
        #: By phrasing number: whose it is, and its text.
        self._owner: list[int] = []
        self._texts: list[str] = []
        users: dict[str, set[int]] = {}
        postings: dict[str, list[int]] = {}
        for candidate, questions in enumerate(phrasings):
            for question in questions:
                number = len(self._owner)
                self._owner.append(candidate)
                self._texts.append(question.text)
                for feature in question.features:
                    users.setdefault(feature, set()).add(candidate)
                    postings.setdefault(feature, []).append(number)
        total = len(phrasings)
        common = max(2.0, COMMON_SHARE * total)
        rare = log(1.0 + total)
        self._unknown_character = UNKNOWN_WEIGHT * CHARACTER_WEIGHT * rare**2
        self._unknown_gram = UNKNOWN_WEIGHT * GRAM_WEIGHT * rare**2
        norms = [0.0] * len(self._owner)
        #: Feature to its weight and the phrasings that have it.
        self._postings: dict[str, tuple[float, tuple[int, ...]]] = {}
        for feature, numbers in postings.items():
            count = len(users[feature])
            if count > common:
                self._postings[feature] = (0.0, ())
                continue
            weight = _class_weight(len(feature)) * log(1.0 + total / count) ** 2
            self._postings[feature] = (weight, tuple(numbers))
            for number in numbers:
                norms[number] += weight
        self._inverse_norms = [1.0 / sqrt(norm) if norm else 0.0 for norm in norms]

    def score(self, question: Question) -> dict[int, float]:
        best: dict[int, float] = {}
        find_best = best.get
        owner = self._owner
        inverse = self._inverse_norms
        shared, scale = self._compare(question)
        for number, weight in shared.items():
            value = weight * inverse[number] * scale
            candidate = owner[number]
            if value > find_best(candidate, 0.0):
                best[candidate] = value
        return best

    def explain(self, question: Question, candidate: int) -> list[str]:
        shared, scale = self._compare(question)
        likeness = {
            number: weight * self._inverse_norms[number] * scale
            for number, weight in shared.items()
            if self._owner[number] == candidate
        }
        if not likeness:
            return []
        nearest = max(likeness, key=likeness.__getitem__)
        return [f"最像的问法：“{self._texts[nearest]}”，相似度 {likeness[nearest]:.2f}"]

    def _compare(self, question: Question) -> tuple[dict[int, float], float]:
        """The weight shared with each phrasing (by number), and what scales it for the question.

        Likeness, 0 to 1, is weight * inverse norm of the phrasing * scale.
        """
        find_posting = self._postings.get
        shared: dict[int, float] = {}
        norm = 0.0
        for feature in question.features:
            posting = find_posting(feature)
            if posting is None:
                norm += self._unknown_character if len(feature) == 1 else self._unknown_gram
                continue
            weight, numbers = posting
            norm += weight
            for number in numbers:
                if number in shared:
                    shared[number] += weight
                else:
                    shared[number] = weight
        return shared, 1.0 / sqrt(norm) if norm else 0.0


def _class_weight(length: int) -> float:
    return CHARACTER_WEIGHT if length == 1 else GRAM_WEIGHT
