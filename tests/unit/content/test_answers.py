"""The package's own content, asked as people ask and read on days that matter."""

from datetime import date

import pytest

from content.loader import PACKAGE_CONTENT, load_content
from domain.faq.routing import Router

TODAY = date(2026, 11, 22)
#: Days on which an answer changes: the three notices, and the two ends of 以工代训.
BEFORE_ALL, PLAN, ACCOUNT = date(2021, 3, 16), date(2021, 3, 17), date(2021, 3, 18)
BEFORE_CITY, CITY = date(2021, 5, 9), date(2021, 5, 10)
LAST_DAY, DAY_AFTER = date(2021, 12, 31), date(2022, 1, 1)

UNISSUED, ENDED, DATED = "那时还没有这条规定", "已于2021年12月31日结束", "这是2021年通知里的规定"


@pytest.fixture(scope="module")
def router() -> Router:
    return Router(load_content(PACKAGE_CONTENT))


def read_marks(answer: str) -> list[str]:
    return [mark for mark in (UNISSUED, ENDED, DATED) if mark in answer]


@pytest.mark.parametrize(
    ("entry", "as_of", "marks"),
    [
        # P33-3.2 alone: issued on 18 March 2021, without an end.
        ("claim-where", PLAN, [UNISSUED]),
        ("claim-where", ACCOUNT, []),
        ("claim-where", LAST_DAY, []),
        ("claim-where", DAY_AFTER, [DATED]),
        # L07 and P32-2.3: the city's notice is the later one.
        ("project-training", ACCOUNT, [UNISSUED]),
        ("project-training", BEFORE_CITY, [UNISSUED]),
        ("project-training", CITY, []),
        # Valid from 1 January 2021, yet issued in May.
        ("work-training-amount", date(2020, 12, 31), [UNISSUED]),
        ("work-training-amount", date(2021, 1, 1), [UNISSUED]),
        ("work-training-amount", BEFORE_CITY, [UNISSUED]),
        ("work-training-amount", CITY, []),
        ("work-training-amount", LAST_DAY, []),
        ("work-training-amount", DAY_AFTER, [ENDED]),
        ("work-training-amount", TODAY, [ENDED]),
        ("times-per-year", DAY_AFTER, [DATED]),
    ],
)
def test_answer_says_whether_its_rule_stood(
    router: Router, entry: str, as_of: date, marks: list[str]
) -> None:
    result = router.answer_entry(entry, as_of)
    assert result is not None
    assert read_marks(result.answer) == marks
    # What is said about the day comes before the rule; only the year's note follows it.
    if marks and marks != [DATED]:
        assert result.answer.startswith((UNISSUED, "这项政策" + ENDED))


def test_every_policy_answer_names_its_source_and_no_rule_is_older_than_its_notice(
    router: Router,
) -> None:
    for entry in router.content.entries:
        for as_of in (BEFORE_ALL, CITY, TODAY):
            result = router.answer_entry(entry.id, as_of)
            assert result is not None
            assert result.sources, entry.id
            assert "\n依据：" in result.answer, entry.id
            assert (UNISSUED in result.answer) == (as_of == BEFORE_ALL), (entry.id, as_of)


@pytest.mark.parametrize(
    ("as_of", "marks"), [(BEFORE_CITY, [UNISSUED]), (CITY, []), (TODAY, [ENDED])]
)
def test_estimate_stands_on_its_notice(router: Router, as_of: date, marks: list[str]) -> None:
    result = router.route("帮我算一下我们厂能领多少", as_of)
    assert (result.kind, result.intent) == ("service", "estimate")
    assert result.sources == ("L01", "P33-1.1")
    assert read_marks(result.answer) == marks
    assert "每人每月500元" in result.answer
    assert result.answer.endswith("依据：聊城通知第1条；鲁人社字〔2021〕33号一（一）")
    assert len(result.answer.encode()) <= 2048


def test_end_of_a_measure_is_not_made_a_filing_deadline(router: Router) -> None:
    result = router.route("以工代训这会儿还能不能申请", TODAY)
    assert result.entry == "work-training-deadline"
    assert "2022年以后才招的不算" in result.answer
    assert "通知没写" in result.answer
    for claim in ("不能再按它申请", "现在不能", "还不能申请"):
        assert not [key for key, text in router.content.texts.items() if claim in text]
        assert claim not in result.answer


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("老师让我们在空白的签到表上先签好名字", "fake-training"),
        ("学员签到表要不要交", "direct-subsidy-papers"),
        ("项目制培训啥意思", "project-training"),
        ("县里的项目制清单哪天以前报市局", "project-training"),
        ("专账资金都能用到哪些地方", "special-account"),
        ("专账资金存量高于30%能给困难企业补吗", "work-training-hardship"),
        ("上了两天不想学了学费能退吗", "tuition"),
        ("培训班要上多少天", "training-length"),
        ("补贴多少天能到账", "payment-time"),
        ("高级工等级谁来认定", "skill-evaluation"),
        ("高级工补多少钱", "occupation-amount"),
        ("企业申请补贴要不要交营业执照复印件", "papers-not-needed"),
        ("企业要开增值税发票才能领培训补贴吗", "no-invoice"),
    ],
)
def test_neighbouring_questions_are_told_apart(router: Router, question: str, found: str) -> None:
    result = router.route(question, TODAY)
    assert (result.kind, result.entry) == ("policy", found)


@pytest.mark.parametrize(
    "question",
    [
        "公积金能取出来吗",
        "增值税专票找谁开",
        "我想办个营业执照",
        "租房补贴一个月多少钱",
        "低保一个月多少钱",
        "大学生买房补贴在哪领",
        "高考分数线多少",
        "驾照过期了去哪换",
        "养老金啥时候发",
    ],
)
def test_other_offices_matters_get_a_number_to_call(router: Router, question: str) -> None:
    result = router.route(question, TODAY)
    assert (result.kind, result.entry, result.sources) == ("none", None, ())
    assert "12345" in result.answer
    assert "12333" in result.answer
    assert "不归职业培训管" in result.answer


@pytest.mark.parametrize(
    "question",
    [
        "低保户能参加技能培训领补贴吗",
        "领着失业金去参加培训行吗",
        "退休了还能学技术领培训补贴吗",
        "培训机构的营业执照要交复印件吗",
        "养老护理员培训有补贴吗",
    ],
)
def test_training_that_mentions_another_office_stays_ours(router: Router, question: str) -> None:
    assert "不归职业培训管" not in router.route(question, TODAY).answer


@pytest.mark.parametrize("word", ["补贴", "培训", "技能提升补贴", "以工代训", "補貼", "补帖？"])
def test_bare_topic_is_asked_back(router: Router, word: str) -> None:
    result = router.route(word, TODAY)
    assert result.kind == "clarify"
    assert 2 <= len(result.options) <= 3


def test_every_word_of_a_topic_reaches_it(router: Router) -> None:
    for topic in router.content.topics:
        for word in topic.words:
            result = router.route(word, TODAY)
            targets = [
                f"entry:{item.entry}" if item.entry else f"intent:{item.intent}"
                for item in result.options
            ]
            assert targets == list(topic.offers), word
