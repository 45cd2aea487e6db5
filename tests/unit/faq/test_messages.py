"""A message is more than a question: what it waves away, and how many questions it asks."""

from datetime import date

import pytest

from content.schema import Content
from domain.faq.routing import Router
from domain.faq.routing.dismissal import drop_dismissed
from domain.faq.routing.questions import split_questions

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ("先别转人工，我就想知道怎么游", "我就想知道怎么游"),
        ("我不是来查钱的，我要投诉", "我要投诉"),
        ("别给我念文件了 找个人来", "找个人来"),
        ("俺不是问学费，俺问的是泳帽谁买", "俺问的是泳帽谁买"),
        ("不用告诉我规定，直接给我报名", "直接给我报名"),
    ],
)
def test_what_is_waved_away_is_not_asked(message: str, meant: str) -> None:
    assert drop_dismissed(message) == meant


@pytest.mark.parametrize(
    "message",
    [
        "是不是要交押金，我想知道",  # asks
        "不是说免费吗，我想问问为啥收钱",  # doubts
        "不用开发票，直接给钱吗",  # a fact, and a question about it
        "公司不要我签合同，想问能不能领",  # a fact about somebody else
        "不想报名，想退",  # what is left is too short to stand alone
        "我们不是小厂，能报吗",  # a condition
        "我不想投诉",
        "",
    ],
)
def test_conditions_and_doubts_stay(message: str) -> None:
    assert drop_dismissed(message) == message


def test_router_answers_what_is_meant(router: Router) -> None:
    result = router.route("不是要报名，我想问泳帽自己带吗", TODAY)
    assert (result.kind, result.entry) == ("policy", "swim-cap")
    assert result.q == "不是要报名，我想问泳帽自己带吗"


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("学游泳补多少钱？泳帽自己带吗", [("学游泳补多少钱", False), ("泳帽自己带吗", False)]),
        ("泳课在哪上，还有泳帽谁买", [("泳课在哪上", False), ("还有泳帽谁买", False)]),
        ("学游泳补多少钱，泳帽自己带吗", [("学游泳补多少钱", True), ("泳帽自己带吗", True)]),
        # What is said first belongs to the question behind it.
        ("我是救生员，学游泳补多少钱", [("我是救生员，学游泳补多少钱", False)]),
        ("学游泳补多少钱，谢谢", [("学游泳补多少钱", True)]),
        ("我会游泳。泳帽自己带吗", [("泳帽自己带吗", False)]),
        ("好", []),
        ("学游泳补多少钱，" * 12, []),
    ],
)
def test_questions_are_told_apart(message: str, parts: list[tuple[str, bool]]) -> None:
    assert split_questions(message) == parts


def test_both_halves_of_a_sentence_are_answered(router: Router) -> None:
    answer = router.route("学游泳补多少钱，泳帽自己带吗", TODAY)
    assert "200元" in answer.answer
    assert "自己带" in answer.answer


def test_two_services_are_offered(router: Router) -> None:
    result = router.route("怎么报名？找个人跟我说行吗", TODAY)
    assert result.kind == "clarify"
    assert [option.intent for option in result.options] == ["enrol", "human"]


@pytest.fixture(scope="module")
def caring_router(harbour_content: Content) -> Router:
    """Its distress is urgent."""
    talk = tuple(
        item.model_copy(update={"urgent": True}) if item.id == "distress" else item
        for item in harbour_content.smalltalk
    )
    return Router(harbour_content.model_copy(update={"smalltalk": talk}))


@pytest.mark.parametrize(
    "message",
    [
        "我不想活了",
        "不想活。学游泳补多少钱？泳帽自己带吗？",
        "补贴没到，我不想活",
        "我不想说了不想活了，就问泳帽自己带吗",
    ],
)
def test_despair_comes_before_all_else(caring_router: Router, message: str) -> None:
    result = caring_router.route(message, TODAY)
    assert (result.kind, result.intent) == ("service", "human")
