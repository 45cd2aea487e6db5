"""The race: which candidate a question finds, and when we ask back or decline."""

import json
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from content.schema import Content, Topic
from domain.faq.queries import answer_question
from domain.faq.routing import Router

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("学游泳补多少钱", "swim-amount"),
        ("请问学游泳一共补多少钱呀", "swim-amount"),
        ("凫水几块钱", "swim-amount"),  # both words by their synonyms
        ("学由泳补多少钱", "swim-amount"),  # a slip of the typo map
        ("學游泳補多少錢", "swim-amount"),  # traditional characters
        ("学游泳，补！多少钱？？", "swim-amount"),
        ("ｘ学游泳😀补\u200b多\u202e少钱", "swim-amount"),
        ("游泳课在哪里上", "swim-where"),
        ("要不要戴永帽", "swim-cap"),
        ("当救生员要交费吗", "lifeguard-fee"),
    ],
)
def test_question_finds_its_entry(router: Router, question: str, entry: str) -> None:
    result = router.route(question, TODAY)
    assert (result.kind, result.entry) == ("policy", entry)
    assert result.ranked[0].entry == entry


def test_word_of_none_silences_the_rule(router: Router) -> None:
    assert "关键词规则不算" in router.explain("救生员学游泳补多少钱", TODAY)


def test_keyword_does_not_match_across_two_words(harbour_content: Content) -> None:
    lure = harbour_content.entries[0].model_copy(
        update={"id": "accounting", "phrasings": ("学财务",), "title": "学财务"}
    )
    lure = lure.model_validate(
        {**lure.model_dump(), "keywords": {"all": [["会计"]], "any": [], "none": []}}
    )
    router = Router(harbour_content.model_copy(update={"entries": (lure,)}))
    rules = router.race.signals[1]
    assert rules.score(router.reader.read("会计"))[0] > 0
    assert router.reader.read("我不会计算").terms == frozenset()
    assert rules.score(router.reader.read("我不会计算"))[0] == 0


def test_number_is_not_found_inside_a_longer_one(harbour_content: Content) -> None:
    entry = harbour_content.entries[0]
    entry = entry.model_validate({**entry.model_dump(), "keywords": {"all": [[500]]}})
    router = Router(harbour_content.model_copy(update={"entries": (entry,)}))
    assert "500" in router.reader.read("给500元").terms
    assert "500" not in router.reader.read("给1500元").terms
    assert "500" not in router.reader.read("给5000").terms


def test_unknown_question_is_declined(router: Router) -> None:
    result = router.route("明天股市会涨吗", TODAY)
    assert (result.kind, result.entry, result.answer) == ("none", None, "答不了。")


def test_question_between_two_is_asked_back(router: Router) -> None:
    result = router.route("泳池领", TODAY)
    assert result.kind == "clarify"
    assert 2 <= len(result.options) <= 3
    assert {"swim-amount", "swim-where"} <= {option.entry for option in result.options}
    lines = result.answer.splitlines()
    assert lines[0] == "您问哪一个？"
    assert lines[1] == f"1. {result.options[0].title}"
    assert lines[-1] == "都不是就换个说法。"


def test_service_competes_with_policy(router: Router) -> None:
    result = router.route("帮我报个班吧", TODAY)
    assert (result.kind, result.intent, result.answer) == ("service", "enrol", "请到窗口报名。")
    assert result.sources == ()


def test_small_talk_is_no_answer_and_distress_leads_to_a_person(router: Router) -> None:
    greeting = router.route("你好", TODAY)
    assert (greeting.kind, greeting.intent, greeting.answer) == ("none", None, "您好。")
    distress = router.route("我不想活了", TODAY)
    assert (distress.kind, distress.intent) == ("service", "human")
    assert distress.answer == "请打热线，有人陪您。"


@pytest.mark.parametrize("blank", ["", "  \n\t", "\u200b\u202e\x00", "\ud800"])
def test_blank_is_told_apart(router: Router, blank: str) -> None:
    assert router.route(blank, TODAY).answer == "没看到字。"


@pytest.mark.parametrize("marks", ["😂", "???", "。。"])
def test_emoji_alone_gets_the_reply_meant_for_them(router: Router, marks: str) -> None:
    assert router.route(marks, TODAY).answer == "看到您笑了。"


def test_unstated_entry_says_so(router: Router) -> None:
    result = router.route("救生员班多少学费", TODAY)
    assert result.unstated is True
    assert router.route("要不要戴泳帽", TODAY).unstated is False


def test_query_and_json_carry_every_field(router: Router) -> None:
    result = answer_question(router, "学游泳补多少钱", TODAY)
    item = json.loads(json.dumps(result.to_json()))
    assert list(item) == [
        "q",
        "kind",
        "entry",
        "intent",
        "sources",
        "options",
        "score",
        "answer",
        "unstated",
        "ranked",
    ]
    assert item["q"] == "学游泳补多少钱"
    assert item["sources"] == ["H01"]
    assert item["ranked"][0] == {"entry": "swim-amount", "score": item["score"]}
    options = router.route("泳池领", TODAY).to_json()["options"]
    assert set(options[0]) == {"title", "entry", "sources"}


def test_answers_follow_the_date_asked_about(router: Router) -> None:
    then = router.route("学游泳补多少钱", date(2021, 6, 1)).answer
    now = router.route("学游泳补多少钱", TODAY).answer
    assert then == "学会游泳补200元。\n依据：海港通知第1条"
    assert now == "已于2021年12月31日结束：\n" + then
    assert router.route("学游泳补多少钱", date(2021, 6, 1)).answer == then


def test_explanation_names_words_phrasing_and_margin(router: Router) -> None:
    text = router.explain("凫水补几块钱", TODAY)
    assert "命中关键词：多少钱、游泳" in text
    assert "最像的问法：“学游泳补多少钱”" in text
    assert "第一名：swim-amount" in text
    assert "出现了排除词" not in text
    assert "没有一条沾边" in router.explain("zzz", TODAY)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
@example("")
@example("训" * 20_000)
@example("\ud800游泳\udfff")
@example("\u202e\u200f游泳 补多少钱\x00\x1b")
@example("ﷺ" * 5_000)
@example("a " * 10_000)
@example("游泳" + " " * 19_000 + "多少钱 5 5 5")
def test_no_input_raises(router: Router, question: str) -> None:
    result = router.route(question, TODAY)
    assert result.kind in ("policy", "service", "clarify", "none")
    assert 0.0 <= result.score <= 1.0
    assert len(result.answer.encode()) <= 2048
    assert all(0.0 <= item.score <= 1.0 for item in result.ranked)
    router.explain(question, TODAY)


def test_long_story_is_judged_by_both_its_ends(router: Router) -> None:
    story = "话说那天" * 3_000
    assert router.route("学游泳补多少钱" + story, TODAY).ranked[0].entry == "swim-amount"
    assert router.route(story + "学游泳补多少钱", TODAY).ranked[0].entry == "swim-amount"


@pytest.fixture(scope="module")
def wider_router(harbour_content: Content) -> Router:
    """With a service that rests on policy, and a topic."""
    enrol, human = harbour_content.services
    topic = Topic(
        id="swimming",
        words=("游泳", "游泳补贴"),
        offers=("intent:enrol", "entry:swim-where"),
    )
    return Router(
        harbour_content.model_copy(
            update={
                "services": (enrol.model_copy(update={"policy": "swim-amount"}), human),
                "topics": (topic,),
            }
        )
    )


def test_service_that_rests_on_policy_names_sources_and_the_date(wider_router: Router) -> None:
    for result in (
        wider_router.route("帮我报个班吧", TODAY),
        wider_router.open_service("enrol", TODAY),
    ):
        assert result is not None
        assert (result.kind, result.entry, result.intent) == ("service", None, "enrol")
        assert result.sources == ("H01",)
        assert result.answer == (
            "请到窗口报名。\n已于2021年12月31日结束：\n学会游泳补200元。\n依据：海港通知第1条"
        )
    before = wider_router.route("帮我报个班吧", date(2021, 2, 28))
    assert "海港通知2021年3月1日才有：" in before.answer
    assert wider_router.route("转人工", TODAY).sources == ()


@pytest.mark.parametrize("question", ["游泳", "凫水", "由泳？", " 游 泳 ", "游泳补贴"])
def test_bare_word_gets_what_its_topic_offers(wider_router: Router, question: str) -> None:
    result = wider_router.route(question, TODAY)
    assert result.kind == "clarify"
    assert [option.to_json() for option in result.options] == [
        {"title": "报名上课", "intent": "enrol", "sources": ["H01"]},
        {"title": "在哪里学游泳", "entry": "swim-where", "sources": ["H02"]},
    ]
    assert result.answer.splitlines()[1] == "1. 报名上课"


def test_word_of_a_topic_within_a_question_is_left_to_the_race(wider_router: Router) -> None:
    assert wider_router.route("学游泳补多少钱", TODAY).entry == "swim-amount"


@pytest.mark.parametrize(
    ("change", "said"),
    [("policy", "没有 nowhere 这条问答"), ("offers", "intent:jobs 不存在")],
)
def test_reference_that_leads_nowhere_stops_the_start(
    harbour_content: Content, change: str, said: str
) -> None:
    enrol = harbour_content.services[0].model_copy(update={"policy": "nowhere"})
    lost = Topic(id="lost", words=("水",), offers=("entry:swim-where", "intent:jobs"))
    update = {"services": (enrol,)} if change == "policy" else {"topics": (lost,)}
    with pytest.raises(ValueError, match=said):
        Router(harbour_content.model_copy(update=update))


def test_texts_that_cannot_be_filled_stop_the_start(harbour_content: Content) -> None:
    texts = {**harbour_content.texts, "faq.ended_head": "已于{when}结束"}
    with pytest.raises(ValueError, match="when"):
        Router(harbour_content.model_copy(update={"texts": texts}))


@pytest.mark.parametrize(
    ("question", "kind", "outcome"),
    [
        ("补贴", "clarify", "只有一个题目，没说想问什么，按题目给选项："),
        ("以工代训补贴一个月多少钱", "policy", "直接回答第一名"),
        ("我不想活了", "service", "第一名是要紧的事"),
        ("以工代训补贴一个月多少钱？补贴几天能到账？", "policy", "一句里问了两件事，两件都答"),
        ("zzz", "none", "直接回答第一名"),  # small talk
        ("xkcd", "none", "没有一条够像"),
        ("😀", "none", "只有表情"),
        ("", "none", "没有可读的字"),
    ],
)
def test_the_explanation_says_what_was_really_answered(
    package_router: Router, question: str, kind: str, outcome: str
) -> None:
    routing = package_router.route(question, TODAY)
    assert routing.kind == kind
    lines = package_router.explain(question, TODAY).splitlines()
    (said,) = [line for line in lines if line.startswith("结果：")]
    assert said.startswith(f"结果：{outcome}")
    assert all(f"《{option.title}》" in said for option in routing.options)
