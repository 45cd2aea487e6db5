"""Which of the options did the person pick?"""

from datetime import date

import pytest

from bot.talks import clarify
from bot.talks.contract import State
from domain.faq.routing.router import Router

STATE = State(
    "choose",
    {
        "options": ["entry:a", "intent:b", "entry:c"],
        "titles": ["补贴多少钱？", "算算能领多少（估算）", "几天到账"],
    },
)


@pytest.mark.parametrize(
    ("said", "target"),
    [
        ("1", "entry:a"),
        ("2", "intent:b"),
        ("３", "entry:c"),
        ("②", "intent:b"),
        ("二", "intent:b"),
        ("两", "intent:b"),
        ("第三个", "entry:c"),
        ("第 2 个", "intent:b"),
        ("选1", "entry:a"),
        ("我选2吧", "intent:b"),
        ("要第1个", None),
        ("2。", "intent:b"),
        ("2、", "intent:b"),
        ("2号", "intent:b"),
        ("补贴多少钱？", "entry:a"),
        ("补贴多少钱?", "entry:a"),
        ("算算能领多少(估算)", "intent:b"),
        ("4", None),
        ("0", None),
        ("12", None),
        ("-1", None),
        ("1 2", None),
        ("2021年的补贴", None),
        ("3个月能领吗", None),
        ("", None),
        ("我想问发票", None),
    ],
)
def test_pick(said: str, target: str | None) -> None:
    assert clarify.pick(STATE, said) == target


def test_two_options_have_no_third() -> None:
    state = State("choose", {"options": ["entry:a", "entry:b"], "titles": ["甲", "乙"]})
    assert clarify.pick(state, "3") is None


def test_every_title_that_the_service_offers_can_be_sent_back(package_router: Router) -> None:
    router = package_router
    asked = 0
    for q in ("补贴", "培训", "以工代训", "多少钱"):
        routing = router.route(q, date(2026, 11, 22))
        if routing.kind != "clarify":
            continue
        asked += 1
        state = clarify.offer(routing)
        for title, target in zip(state.answers["titles"], state.answers["options"], strict=True):
            assert clarify.pick(state, title) == target
    assert asked, "none of these questions is unclear any more: find others"
