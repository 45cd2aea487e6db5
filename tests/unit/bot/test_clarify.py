"""Which of the options did the person pick?"""

from datetime import date

import pytest

from bot.talks import clarify
from bot.talks.clarify import Picked
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
        ("要第1个", "entry:a"),
        ("第一个吧", "entry:a"),
        ("就第二个", "intent:b"),
        ("回复2", "intent:b"),
        ("2️⃣", "intent:b"),
        ("❷", "intent:b"),
        ("最后一个", "entry:c"),
        ("选最后那个吧", "entry:c"),
        ("4", Picked.BEYOND),
        ("第四个", Picked.BEYOND),
        ("十", Picked.BEYOND),
        ("0", Picked.BEYOND),
        ("12", Picked.BEYOND),
        ("都不是", Picked.NOTHING),
        ("没有", Picked.NOTHING),
        ("都没有我要的", Picked.NOTHING),
        ("不是。", Picked.NOTHING),
        ("没有社保能领吗", None),
        ("不是本地人能报吗", None),
        ("最后一个月发不发", None),
        ("我要", None),
        ("2。", "intent:b"),
        ("2、", "intent:b"),
        ("2号", "intent:b"),
        ("补贴多少钱？", "entry:a"),
        ("补贴多少钱?", "entry:a"),
        ("算算能领多少(估算)", "intent:b"),
        ("-1", None),
        ("1 2", None),
        ("2021年的补贴", None),
        ("3个月能领吗", None),
        ("", None),
        ("我想问发票", None),
    ],
)
def test_pick(said: str, target: str | Picked | None) -> None:
    assert clarify.pick(STATE, said) == target


def test_two_options_have_no_third() -> None:
    state = State("choose", {"options": ["entry:a", "entry:b"], "titles": ["甲", "乙"]})
    assert clarify.pick(state, "3") is Picked.BEYOND
    assert clarify.pick(state, "最后一个") == "entry:b"


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
