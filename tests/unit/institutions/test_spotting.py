"""Schools that are asked about by their names, and questions that only name one."""

import json
from pathlib import Path

import pytest

from content.loader import PACKAGE_CONTENT, load_content
from demo.institutions import INSTITUTIONS
from domain.faq.routing.router import Router
from domain.institutions.names import Places
from domain.institutions.spotting import Spotter

QUESTIONS = Path(__file__).parents[2] / "data" / "faq"
PLACES = Places.of((one.code, one.name) for one in load_content(PACKAGE_CONTENT).counties)
#: What schools are really called, and words that they share with everybody.
NAMES = (
    *(name for name, *_ in INSTITUTIONS),
    *(
        "聊城市创业职业培训学校",
        "莘县电工培训学校",
        "高唐县美容美发职业培训学校",
        "聊城市东方技工学校",
    ),
    *(
        "临清市家政服务职业培训学校",
        "冠县月嫂培训中心",
        "东阿县补贴职业培训学校",
        "聊城职业培训学校",
    ),
)


@pytest.fixture(scope="module")
def spotter(package_router: Router) -> Spotter:
    return Spotter(NAMES, PLACES, package_router.make_word_test("institution_lookup"))


@pytest.mark.parametrize(
    "said",
    [
        *(
            "梨园巧手还能报名吗",
            "信诚还能报吗",
            "金手指还能报名吗",
            "鸿翔",
            "康颐怎么样",
            "百姓家靠谱不",
        ),
        *(
            "请问阳谷县鸿翔职业培训学校被停了没",
            "听说绿野停课了",
            "查一下鲁味轩",
            "俺想问问众工还招生不",
        ),
        *("hongxiang", "hongda", "xincheng", "luweixuan", "Hong Xiang", "lvye", "luye", "HONGDA"),
        *(
            "hongxiangxuexiao",
            "hongxiang学校",
            "查hongxiang",
            "ｈｏｎｇｄａ",
            "運河名廚還能報名嗎",
            "鸿翔？",
        ),
        *("liyuanqiaoshou", "启航学校地址在哪里", "聊城市东昌府区启航职业培训学校"),
    ],
)
def test_who_asks_after_a_school_is_understood(spotter: Spotter, said: str) -> None:
    assert spotter.spots(said)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "鸿翔学校学完能领多少补贴",
            "信诚的班退了能重报吗",
            "在鸿翔学电工补多少钱",
            "我要报名鸿翔",
        ),
        *(
            "创业还能报名吗",
            "电工还能报吗",
            "月嫂还能报名吗",
            "美容美发怎么样",
            "家政还招生不",
            "东方",
        ),
        *(
            "补贴还能报吗",
            "chuangye",
            "dian gong",
            "butie",
            "xiang",
            "peixun",
            "peixun xuexiao",
            "ok",
        ),
        *(
            "鸿翔逼得我不想活了",
            "学校",
            "还能报名吗",
            "",
            "😀",
            "鸿",
            "我家孩子叫鸿翔，能补吗",
            "阳谷县",
        ),
        *("启航计划是什么", "hongxiang butie", "wo xiang si", "金手指" * 20, "鸿翔什么时候开班"),
    ],
)
def test_what_asks_anything_else_is_left_alone(spotter: Spotter, said: str) -> None:
    assert not spotter.spots(said)


@pytest.mark.parametrize(
    "said",
    [
        *("我要报名鸿翔", "鸿翔什么时候开班", "报鸿翔", "俺想去鸿翔学习", "运河名厨有班没"),
        *("鸿翔学校有哪些班", "hongxiang几号开班", "请问阳谷县鸿翔职业培训学校啥时候开课"),
    ],
)
def test_who_wants_a_class_of_a_school_is_understood(spotter: Spotter, said: str) -> None:
    assert spotter.spots_wish(said)


@pytest.mark.parametrize(
    "said",
    [
        *("鸿翔还能报名吗", "鸿翔", "鸿翔靠谱不", "鸿翔报名费多少", "我要报名鸿翔学完补多少钱"),
        *("我要报名", "电工什么时候开班", "我家孩子叫鸿翔，想报名", "创业什么时候开班"),
    ],
)
def test_who_wants_something_else_is_not(spotter: Spotter, said: str) -> None:
    assert not spotter.spots_wish(said)


def test_no_question_of_ours_is_taken_for_a_school(
    spotter: Spotter, package_router: Router
) -> None:
    """All that the content and the measured questions know, but what asks after schools."""
    ours = [
        phrasing
        for one in package_router.candidates
        if one.name != "institution_lookup"
        for phrasing in one.phrasings
    ]
    for file in sorted(QUESTIONS.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            question = json.loads(line)
            if "institution_lookup" not in str(question.get("gold")):
                ours.append(question["q"])
    assert len(ours) > 40_000
    assert [said for said in ours if spotter.spots(said)] == []
    assert [said for said in ours if spotter.spots_wish(said)] == []


def test_without_names_nothing_is_spotted() -> None:
    assert not Spotter([], PLACES, lambda _: False).spots("鸿翔")
