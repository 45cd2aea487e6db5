"""The signals' tables against the plain definition of what they stand for."""

from datetime import date
from itertools import count, pairwise, product
from math import log, sqrt

import numpy as np
import pytest

from content.schema import Content, Keywords
from domain.faq.routing import Router, classifier
from domain.faq.routing.classifier import ClassifierSignal
from domain.faq.routing.judgement import TAUGHT
from domain.faq.routing.keywords import ANY_STRENGTH, GROUP_STRENGTH
from domain.faq.routing.phrasings import (
    CHARACTER_WEIGHT,
    COMMON_SHARE,
    GRAM_WEIGHT,
    STRETCH,
    UNKNOWN_WEIGHT,
    PhrasingSignal,
)
from domain.faq.routing.question import Question
from domain.faq.routing.race import RANKED, Part, find_best
from domain.faq.routing.training import MOST_CANDIDATES, train_model

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
            shared = sum(map(weigh, set(question.features).intersection(phrasing.features)))
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
    plainly = compare_plainly(phrasings, question)
    assert scores.tolist() == pytest.approx(
        [STRETCH * plainly.get(number, 0.0) - 1 for number in range(len(phrasings))], abs=1e-6
    )


def test_rule_speaks_by_its_rarest_word_and_only_when_whole(
    router: Router, harbour_content: Content
) -> None:
    """A word counts for less the more candidates know it, in a rule or in a phrasing."""
    signal = router.race.signals[1]
    names = [item.name for item in router.candidates]
    amount = names.index("swim-amount")

    def score(text: str) -> float:
        return float(signal.score(router.reader.read(text))[amount])

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
    assert score("游泳") == 0
    whole = 1 - GROUP_STRENGTH * rarity["游泳"]
    rarest = max(rarity["多少钱"], rarity["标准"])
    assert score("游泳多少钱 标准") == pytest.approx(1 - whole * (1 - GROUP_STRENGTH * rarest))
    assert score("两百") == pytest.approx(ANY_STRENGTH * rarity["两百"])
    assert score("游泳多少钱，救生员") == 0, "a word of `none` silences the rule"


def teach(content: Content, **counts: int) -> Router:
    """A router over `content` with so many phrasings more for the entries by id."""
    number = count()
    entries = tuple(
        entry.model_copy(
            update={
                "phrasings": (
                    *entry.phrasings,
                    *(f"浪花{next(number)}" for _ in range(counts.get(entry.id, 0))),
                )
            }
        )
        for entry in content.entries
    )
    return Router(content.model_copy(update={"entries": entries}))


def test_rule_counts_where_there_are_few_phrasings(harbour_content: Content) -> None:
    """Many phrasings teach more than a rule knows, and a rule beside them only disturbs."""
    question = "游泳多少钱"
    told = {}
    # Three are there already.
    for more in (TAUGHT - 4, TAUGHT - 3):
        router = teach(harbour_content, **{"swim-amount": more})
        amount, where = (
            next(item for item in router.candidates if item.name == name)
            for name in ("swim-amount", "swim-where")
        )
        signal = router.race.signals[1]
        told[more] = [
            float(signal.score(router.reader.read(text))[item.number])
            for text, item in ((question, amount), ("游泳的地方", where))
        ]
    rarely, often = told.values()
    assert rarely[0] > 0
    assert often[0] == 0
    assert min(rarely[1], often[1]) > 0, "the others' rules stay"
    assert "关键词规则不再算" in router.explain(question, date(2021, 6, 1))


def test_urgent_rule_counts_whatever_was_taught(harbour_content: Content) -> None:
    talk = tuple(
        item.model_copy(update={"urgent": True, "phrasings": [f"浪花{n}" for n in range(TAUGHT)]})
        if item.id == "distress"
        else item
        for item in harbour_content.smalltalk
    )
    router = Router(harbour_content.model_copy(update={"smalltalk": talk}))
    assert router.route("学游泳补多少钱，不想活了", date(2021, 6, 1)).intent == "human"


def test_without_a_classifier_every_rule_counts(harbour_content: Content) -> None:
    router = teach(harbour_content, **{"swim-amount": TAUGHT})
    plain = Router(router.content, without={Part.CLASSIFIER})
    signal = plain.race.signals[1]
    assert signal.score(plain.reader.read("游泳多少钱"))[0] > 0


def test_margin_is_the_sum_of_what_the_words_say(router: Router) -> None:
    """The tables against the plain product of the model's matrix with the question."""
    race = router.race
    phrasings = [[race.reader.read(each) for each in item.phrasings] for item in race.candidates]
    model = train_model(phrasings)
    assert model is not None
    signal = ClassifierSignal(model)
    matrix = np.zeros((len(model.features), len(race.candidates)))
    for row in range(len(model.features)):
        part = slice(model.starts[row], model.starts[row + 1])
        matrix[row, model.candidates[part]] = model.weights[part]
    for text in QUESTIONS:
        question = router.reader.read(text)
        vector = np.array(
            [
                scale if feature in question.features else 0.0
                for feature, scale in zip(model.features, model.scale, strict=True)
            ]
        )
        norm = np.linalg.norm(vector)
        expected = (vector / norm if norm else vector) @ matrix + model.bias
        assert signal.score(question) == pytest.approx(expected, abs=1e-5), text


def test_classifier_tells_apart_what_it_was_trained_on(router: Router) -> None:
    for item in router.candidates:
        for phrasing in item.phrasings:
            if router.reader.read(phrasing).text:
                best, _ = router.rank(router.reader.read(phrasing))[0]
                assert best is item, phrasing


def test_training_twice_gives_the_same(router: Router) -> None:
    phrasings = [
        [router.reader.read(each) for each in item.phrasings] for item in router.candidates
    ]
    first, second = train_model(phrasings), train_model(phrasings)
    assert first is not None
    assert second is not None
    assert first.features == second.features
    assert all(np.array_equal(one, other) for one, other in zip(first[1:], second[1:], strict=True))


@pytest.mark.parametrize("talkative", [0, 3, 1_000])
def test_margins_do_not_depend_on_how_the_weights_are_kept(
    router: Router, monkeypatch: pytest.MonkeyPatch, talkative: int
) -> None:
    """All in full, some, none."""
    phrasings = [
        [router.reader.read(each) for each in item.phrasings] for item in router.candidates
    ]
    model = train_model(phrasings)
    assert model is not None
    usual = ClassifierSignal(model)
    monkeypatch.setattr(classifier, "TALKATIVE", talkative)
    other = ClassifierSignal(model)
    for text in QUESTIONS:
        question = router.reader.read(text)
        assert other.score(question) == pytest.approx(usual.score(question), abs=1e-6)
        assert other.explain(question, 0) == usual.explain(question, 0)


def test_what_is_heard_is_the_scores_and_the_share_of_known_words(router: Router) -> None:
    phrasings = [
        [router.reader.read(each) for each in item.phrasings] for item in router.candidates
    ]
    model = train_model(phrasings)
    assert model is not None
    known = {feature for own in phrasings for each in own for feature in each.features}
    for signal in (ClassifierSignal(model), PhrasingSignal(phrasings)):
        for text in QUESTIONS:
            question = router.reader.read(text)
            heard = signal.hear(question)
            if known.isdisjoint(question.features):
                assert heard.scores is None
                continue
            assert heard.scores == pytest.approx(signal.score(question))
            if isinstance(signal, PhrasingSignal):
                assert heard.coverage is None  # Likeness has counted the unknown already.
                continue
            telling = {feature for feature in question.features if len(feature) > 1}
            assert heard.coverage == pytest.approx(len(telling & known) / len(telling))


@pytest.mark.parametrize("size", [3, 12, 13, 400])
def test_equals_come_in_the_order_of_the_content(size: int) -> None:
    evidence = np.array([(number * 7919) % 5 / 10 for number in range(size)], np.float32)
    evidence[::2] += 2e-5  # Less than what is looked at.
    best = find_best(evidence)
    plainly = sorted(range(size), key=lambda number: (-round(float(evidence[number]), 4), number))
    assert [round(float(evidence[number]), 4) for number in best] == [
        round(float(evidence[number]), 4) for number in plainly[:RANKED]
    ]
    assert all(
        first < second or round(float(evidence[first]), 4) > round(float(evidence[second]), 4)
        for first, second in pairwise(best)
    )


@pytest.mark.parametrize("names", [(), ("swim-amount",)])
def test_fewer_than_two_candidates_need_no_classifier(
    harbour_content: Content, names: tuple[str, ...]
) -> None:
    entries = tuple(entry for entry in harbour_content.entries if entry.id in names)
    update = {"entries": entries, "services": (), "smalltalk": ()}
    router = Router(harbour_content.model_copy(update=update))
    answered = router.route("学游泳补多少钱", date(2021, 6, 1))
    assert answered.kind == ("policy" if names else "none")


def test_two_candidates_are_told_apart(harbour_content: Content) -> None:
    update = {"entries": harbour_content.entries[:2], "services": (), "smalltalk": ()}
    router = Router(harbour_content.model_copy(update=update))
    assert router.route("学游泳补多少钱", date(2021, 6, 1)).entry == "swim-amount"
    assert router.route("游泳课在哪里上", date(2021, 6, 1)).entry == "swim-where"


def test_one_of_thousands_is_still_found(harbour_content: Content) -> None:
    """Each of them is a little like the question; together they must not outweigh the one."""
    things = [
        "身份证",
        "护照",
        "结婚证",
        "居住证",
        "户口本",
        "驾驶证",
        "行驶证",
        "学生证",
        "老年卡",
        "公交卡",
    ]
    acts = [
        "补办",
        "注销",
        "变更",
        "延期",
        "查询",
        "年审",
        "转移",
        "挂失",
        "申领",
        "撤销",
        "打印",
        "公证",
    ]
    places = ["东", "西", "南", "北", "上", "下", "左", "右", "前"]
    entry = harbour_content.entries[0]
    entries = tuple(
        entry.model_copy(
            update={
                "id": f"e{number}",
                "title": f"{place}区{thing}{act}",
                "phrasings": (
                    f"{place}区{thing}怎么{act}",
                    f"{act}{thing}{place}区去哪里",
                    f"{place}区{thing}{act}要多少钱",
                ),
                "keywords": Keywords(),
            }
        )
        for number, (thing, act, place) in enumerate(product(things, acts, places))
    )
    assert len(entries) > MOST_CANDIDATES
    router = Router(harbour_content.model_copy(update={"entries": entries}))
    day = date(2021, 6, 1)
    found = [router.route(each.phrasings[1], day).entry for each in entries[::97]]
    assert found == [each.id for each in entries[::97]]
    asked = router.route("请问南区的护照想挂失要咋弄", day)
    wanted = next(each.id for each in entries if each.title == "南区护照挂失")
    assert wanted in (asked.entry, *(option.entry for option in asked.options))
    assert router.route("今天中午吃什么好", day).kind == "none"
