"""The signals' tables against the plain definition of what they stand for."""

from math import log, sqrt

import pytest

from content.schema import Content
from domain.faq.routing import Router
from domain.faq.routing.keywords import ANY_STRENGTH, GROUP_STRENGTH
from domain.faq.routing.phrasings import (
    CHARACTER_WEIGHT,
    COMMON_SHARE,
    GRAM_WEIGHT,
    UNKNOWN_WEIGHT,
    PhrasingSignal,
)
from domain.faq.routing.question import Question
from domain.faq.routing.signals import RULED_OUT, join_evidence

QUESTIONS = [
    "学游泳补多少钱",
    "请问凫水的补贴标准是啥",
    "长头发下水戴帽子吗abc",
    "救生员培训收多少学费",
    "报名",
    "不想活了",
    "zzz",
]


def compare_plainly(phrasings: list[list[Question]], question: Question) -> dict[int, float]:
    """The best cosine for each candidate, from the features themselves, without any table."""
    total = len(phrasings)
    users = {
        feature: sum(
            any(feature in phrasing.features for phrasing in candidate) for candidate in phrasings
        )
        for feature in set().union(
            question.features, *(item.features for each in phrasings for item in each)
        )
    }

    def weigh(feature: str) -> float:
        of_class = CHARACTER_WEIGHT if len(feature) == 1 else GRAM_WEIGHT
        if not users[feature]:
            return UNKNOWN_WEIGHT * of_class * log(1 + total) ** 2
        if users[feature] > max(2.0, COMMON_SHARE * total):
            return 0.0
        return of_class * log(1 + total / users[feature]) ** 2

    norm = sum(map(weigh, question.features))
    best: dict[int, float] = {}
    for number, candidate in enumerate(phrasings):
        for phrasing in candidate:
            shared = sum(map(weigh, question.features & phrasing.features))
            if shared:
                likeness = shared / sqrt(norm * sum(map(weigh, phrasing.features)))
                best[number] = max(best.get(number, 0.0), likeness)
    return best


@pytest.mark.parametrize("text", QUESTIONS)
def test_likeness_is_the_cosine_of_the_features(router: Router, text: str) -> None:
    read = router.reader.read
    phrasings = [[read(each) for each in item.phrasings] for item in router.candidates]
    question = read(text)
    scores = PhrasingSignal(phrasings).score(question)
    assert scores == pytest.approx(compare_plainly(phrasings, question))


def test_rule_speaks_by_its_rarest_word_and_only_when_whole(
    router: Router, harbour_content: Content
) -> None:
    """A word counts for less the more candidates know it, in a rule or in a phrasing."""
    signal = router.signals[1]
    names = [item.name for item in router.candidates]
    amount = names.index("swim-amount")

    def score(text: str) -> float | None:
        return signal.score(router.reader.read(text)).get(amount)

    known = {
        term: len(
            {
                item.number
                for item in router.candidates
                if any(term in router.reader.read(each).terms for each in item.phrasings)
                or term in {word for group in item.keywords.all for word in group}
                or term in item.keywords.any
            }
        )
        for term in ("游泳", "多少钱", "标准", "两百")
    }
    rarity = {
        term: 1 - log(count) / log(len(router.candidates) + 1) for term, count in known.items()
    }
    assert score("游泳") is None
    whole = 1 - GROUP_STRENGTH * rarity["游泳"]
    rarest = max(rarity["多少钱"], rarity["标准"])
    assert score("游泳多少钱 标准") == pytest.approx(1 - whole * (1 - GROUP_STRENGTH * rarest))
    assert score("两百") == pytest.approx(ANY_STRENGTH * rarity["两百"])
    assert score("游泳多少钱，救生员") == RULED_OUT


def test_evidence_joins_as_noisy_or_and_a_veto_is_final() -> None:
    scores = [{1: 0.5, 2: 0.9, 3: RULED_OUT}, {1: 0.5, 2: RULED_OUT, 3: 0.4, 4: 0.2}]
    assert join_evidence(scores) == {1: 0.75, 2: RULED_OUT, 3: RULED_OUT, 4: 0.2}
