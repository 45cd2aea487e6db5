"""Slips between homophones, questions in pinyin, and what is denied."""

import pytest

from content.schema import Lexicon
from domain.faq.routing.pinyin import HomophoneMender, PinyinReader, list_sounds
from domain.faq.routing.question import CONCEPT_MARK, DENIAL_MARK, QuestionReader

PHRASINGS = [
    "游泳补贴多少钱",
    "游泳补贴怎么申请",
    "游泳补贴在哪里申请",
    "申请游泳补贴要什么材料",
    "下水要戴泳帽吗",
    "泳帽自己带吗",
    "泳帽在哪里买",
    "管饭不",
    "培训管饭不",
    "管饭吗",
    "官方说的吗",
    "是官方办的吗",
    "官方的班",
]


@pytest.fixture(scope="module")
def reader() -> QuestionReader:
    lexicon = Lexicon(
        words=("泳帽", "小微企业"),
        synonyms=(("补贴", "补助"),),
        concepts=(("小微企业", "小厂", "几个人的厂"), ("录像", "拍着", "摄像头")),
    )
    return QuestionReader(lexicon, ("小微企业", "补贴", "录像"), PHRASINGS)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("游泳补帖怎么审请", "游泳补贴怎么申请"),
        ("有永补贴多少钱", "游泳补贴多少钱"),  # 有永 is no word: 游泳 sounds the same.
        ("下水要戴勇冒吗", "下水要戴泳帽吗"),
        ("管饭不", "管饭不"),  # Folded it sounds like 官方, but people do say it.
        ("游泳补贴", "游泳补贴"),
    ],
)
def test_words_of_the_content_are_heard(reader: QuestionReader, typed: str, read: str) -> None:
    assert reader.read(typed).text == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("youyong butie duoshao qian", "游泳补贴多少钱"),
        ("youyongbutiezenmeshenqing", "游泳补贴怎么申请"),
        ("YouYong BuTie 2021", "游泳补贴2021"),
        ("yóu yǒng bǔ tiē duō shǎo qián", "游泳补贴多少钱"),
        ("Yóuyǒng bǔtiē zěnme shēnqǐng?", "游泳补贴怎么申请"),
        ("yóuyo\u030cng bǔtiē", "游泳补贴"),  # a mark that is a character of its own
        ("you2 yong3 bu3 tie1 duo1 shao5 qian2", "游泳补贴多少钱"),
        ("you2yong3bu3tie1", "游泳补贴"),
        ("ｙｏｕ２ ｙｏｎｇ３ bu3 tie1", "游泳补贴"),
        ("you2 yong3 bu3 tie1 200", "游泳补贴200"),
        ("youyong butie, 3 duoshao qian", "游泳补贴3多少钱"),  # a number, not a tone
        ("游泳 bu3 tie1", "游泳 bu3 tie1"),  # not all of it is pinyin
        ("café latte", "café latte"),
        ("mp3 web3 html5", "mp3 web3 html5"),
        ("hello world", "hello world"),
        ("select name from users", "select name from users"),
        ("me too", "me too"),
        ("iphone15", "iphone15"),
    ],
)
def test_pinyin_is_read_and_english_is_left(reader: QuestionReader, typed: str, read: str) -> None:
    assert reader.read(typed).text.replace(" ", "") == read.replace(" ", "")


def test_without_sounds_nothing_is_mended() -> None:
    reader = QuestionReader(Lexicon(), (), PHRASINGS, by_sound=False)
    assert reader.read("游泳补帖").text == "游泳补帖"
    assert reader.read("youyong butie").text == "youyong butie"


def test_longer_words_win_over_the_dictionary_and_shorter_ones_do_not() -> None:
    mender = HomophoneMender({"派遣工": 20, "权利": 20}, {})
    assert mender.find("排遣工", ["排遣", "工"]) == [(0, "排遣工", "派遣工")]
    # 全力 is a word as good as 权利.
    assert mender.find("全力", ["全力"]) == []


def test_swaps_do_not_overlap_and_come_in_order() -> None:
    mender = HomophoneMender({"补贴": 50, "申请": 50, "补贴申请": 50}, {})
    assert mender.find("补帖审请审请", ["补", "帖", "审", "请", "审", "请"]) == [
        (0, "补帖审请", "补贴申请"),
        (4, "审请", "申请"),
    ]


def test_reader_of_pinyin_prefers_words_of_the_content() -> None:
    reader = PinyinReader({"补贴": 50, "吗": 5}, {"不": -3.0, "铁": -9.0, "部": -4.0})
    assert reader.read("butie ma") == "补贴吗"


def test_sounds_fold_what_people_mix_up() -> None:
    assert list_sounds("张赞") == ["zan", "zan"]
    assert list_sounds("a1。") == ["", "", ""]


def test_a_way_of_saying_a_thing_says_the_thing(reader: QuestionReader) -> None:
    question = reader.read("上课拍着吗")
    assert "录像" in question.terms
    assert CONCEPT_MARK + "录像" in question.features
    assert question.text == "上课拍着吗"  # The words themselves stay.
    assert "补贴" in reader.read("游泳补助").terms


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("我们是小微企业", True),
        ("我们不是小微企业", False),
        ("我们不属于小厂", False),
        ("是不是小微企业", True),  # It asks.
        ("不是说小微企业也行吗", True),  # It doubts.
        ("不是大企业，我们这样的也算是小微企业", True),  # A denial reaches only so far.
    ],
)
def test_what_is_denied_is_not_said(reader: QuestionReader, said: str, named: bool) -> None:
    question = reader.read(said)
    assert ("小微企业" in question.terms) is named


def test_what_is_denied_is_a_feature_of_its_own(reader: QuestionReader) -> None:
    features = reader.read("我们不是小微企业").features
    assert DENIAL_MARK + "小微" in features
    assert "小微" not in features
    assert "我们" in features
