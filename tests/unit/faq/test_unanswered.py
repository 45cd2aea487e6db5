"""Questions without an answer, grouped for the editors."""

from datetime import date

from domain.faq.routing import Router
from domain.faq.unanswered import group_unanswered

TODAY = date(2026, 11, 22)


def test_alike_questions_are_one_group_and_the_frequent_come_first(router: Router) -> None:
    said = [
        "明天股市会涨吗",
        "股市明天会不会涨啊",
        "明天股市会涨吗",
        "邻居家的猫走丢了",
        "学游泳补多少钱",  # answered
        "你好",  # small talk
        "帮我报个班",  # a service
        "",
        "   ",
    ]
    groups = group_unanswered(router, said, str, TODAY)
    assert [(group.asked, group.questions) for group in groups] == [
        (3, ("明天股市会涨吗", "股市明天会不会涨啊")),
        (1, ("邻居家的猫走丢了",)),
    ]
    assert groups[0].declined == 3


def test_question_back_counts_as_unanswered_and_names_the_nearest(router: Router) -> None:
    (group,) = group_unanswered(router, ["泳池领", "泳池领"], str, TODAY)
    assert (group.asked, group.declined) == (2, 0)
    assert {item.entry for item in group.nearest} >= {"swim-where", "swim-amount"}


def test_nothing_said_nothing_grouped(router: Router) -> None:
    assert group_unanswered(router, [], str, TODAY) == []


def test_what_is_shown_is_masked_and_what_is_routed_is_not(router: Router) -> None:
    """The mask's own words must not send a question somewhere."""

    def mask(text: str) -> str:
        return text.replace("明天", "〔转人工〕")

    (group,) = group_unanswered(router, ["明天股市会涨吗"], mask, TODAY)
    assert group.questions == ("〔转人工〕股市会涨吗",)
    assert group.declined == 1
