"""Words that can be tapped, and what comes back."""

import re
from datetime import date

import pytest

from bot.replies import MOST_TEXT_BYTES
from bot.taps import Opinion, read_opinion, word_routing
from content.schema import Intent
from domain.faq.routing import Option, Router, Routing

TEXTS = {
    "bot.useful_line": "有用吗？{yes} · {no}",
    "bot.useful_yes": "有用",
    "bot.useful_no": "没帮上",
}
LINK = re.compile(
    '<a href="weixin://bizmsgmenu\\?msgmenucontent=([^"&<>]+)&msgmenuid=([^"&<>]+)">\\1</a>'
)


def routing(kind: str, entry: str | None = None, *options: Option, answer: str = "答") -> Routing:
    return Routing("", kind, entry, None, (), options, 1.0, answer, False, ())  # type: ignore[arg-type]


def option(title: str, entry: str | None = None, intent: Intent | None = None) -> Option:
    return Option(title, entry, intent, ())


def test_policy_answer_asks_whether_it_was_useful() -> None:
    said = word_routing(routing("policy", "swim-cap", answer="要戴。"), TEXTS)
    assert said.startswith("要戴。\n有用吗？")
    assert LINK.findall(said) == [("有用", "useful:swim-cap"), ("没帮上", "useless:swim-cap")]
    assert [read_opinion(target) for _, target in LINK.findall(said)] == [
        Opinion("useful", "swim-cap"),
        Opinion("useless", "swim-cap"),
    ]


def test_options_can_be_tapped_and_read_as_before() -> None:
    options = (option("泳帽", "swim-cap"), option("报名", intent="enrol"))
    answer = "您问哪一个？\n1. 泳帽\n2. 报名\n都不是就换个说法。"
    said = word_routing(routing("clarify", None, *options, answer=answer), TEXTS)
    assert LINK.findall(said) == [("泳帽", "entry:swim-cap"), ("报名", "intent:enrol")]
    assert LINK.sub(r"\1", said) == answer


def test_title_cannot_break_the_link() -> None:
    options = (option('a"><&b', "x"), option("二", "y"))
    answer = '您问哪一个？\n1. a"><&b\n2. 二'
    said = word_routing(routing("clarify", None, *options, answer=answer), TEXTS)
    assert LINK.findall(said) == [("ab", "entry:x"), ("二", "entry:y")]


@pytest.mark.parametrize("kind", ["service", "none"])
def test_other_answers_stay_as_they_are(kind: str) -> None:
    assert word_routing(routing(kind, answer="您好。"), TEXTS) == "您好。"


@pytest.mark.parametrize("menu_id", ["", "entry:swim-cap", "intent:enrol", "useful", "x:useful:y"])
def test_other_taps_are_no_opinion(menu_id: str) -> None:
    assert read_opinion(menu_id) is None


def test_every_answer_of_the_content_fits_with_its_taps(package_router: Router) -> None:
    texts = package_router.content.texts
    for entry in package_router.content.entries:
        for day in (date(2021, 3, 1), date(2021, 6, 1), date(2026, 11, 24)):
            found = package_router.answer_entry(entry.id, day)
            assert found is not None
            said = word_routing(found, texts)
            assert len(said.encode()) <= MOST_TEXT_BYTES, entry.id
            assert said.startswith(found.answer)
            assert not found.answer.endswith("…"), entry.id
