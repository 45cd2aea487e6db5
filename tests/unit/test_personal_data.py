"""What leads to a person is taken out; what does not stays readable."""

import pytest

from domain.faq.routing import Router
from domain.faq.routing.segment import Segmenter, list_names
from domain.person_names import LONG_SURNAMES, SURNAMES, NameFinder
from domain.personal_data import mask_person

#: The fifty names that most people in the country bear; here nobody in particular is meant.
FREQUENT = (
    "张伟 王伟 王芳 李伟 李娜 张敏 李静 王静 刘伟 王秀英 张丽 李秀英 王丽 "
    "张静 李丽 张秀英 王强 李敏 张磊 李强 王磊 李军 李娟 王艳 张涛 王涛 "
    "张艳 王超 李明 李勇 王勇 李杰 张杰 王敏 刘洋 刘杰 李霞 王军 张军 "
    "李涛 张超 王平 王刚 王杰 李桂英 刘敏 李刚 刘勇 王桂英 张勇"
)
FRAMES = (
    "帮我查一下{}的补贴到了没",
    "我叫{}，想报名学焊工",
    "{}上个月签了合同没人管",
    "我是{}，材料交上去一个月了",
    "联系人{}，电话打不通",
    "{}老师说过两天开课",
)


@pytest.fixture(scope="module")
def names() -> NameFinder:
    """Without the words of any content."""
    return NameFinder(Segmenter().cut, list_names())


@pytest.fixture(scope="module")
def our_names(package_router: Router) -> NameFinder:
    """As the editors' list has it."""
    race = package_router.race
    return NameFinder(package_router.reader.segmenter.cut, list_names(), race.list_own_words())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证37150219900101123X能补吗", "身份证〔身份证号〕能补吗"),
        ("371502 19900101 1234", "〔身份证号〕"),
        ("371502·19900101·1234", "〔身份证号〕"),
        ("３７１５０２１９９００１０１１２３Ｘ", "〔身份证号〕"),
        ("老证号371502900101123", "老证号〔身份证号〕"),
        ("打138 1234 5678找我", "打〔电话〕找我"),
        ("打138.1234.5678找我", "打〔电话〕找我"),
        ("打138·1234·5678找我", "打〔电话〕找我"),
        ("打138 - 1234 - 5678找我", "打〔电话〕找我"),
        ("打1381 234 5678找我", "打〔电话〕找我"),
        ("打138 12 34 56 78找我", "打〔电话〕找我"),
        ("打1 3 8 1 2 3 4 5 6 7 8找我", "打〔电话〕找我"),
        ("打１３８１２３４５６７８找我", "打〔电话〕找我"),
        ("打１３８－１２３４－５６７８找我", "打〔电话〕找我"),
        ("打幺三八一二三四五六七八找我", "打〔电话〕找我"),
        ("+8613812345678", "〔电话〕"),
        ("＋８６１３８１２３４５６７８", "〔电话〕"),
        ("座机0635-8240000", "座机〔电话〕"),
        ("座机（0635）824 0000", "座机〔电话〕"),
        ("卡号6222 0212 3456 7890 123", "卡号〔卡号〕"),
        ("我叫张小花，想学面点", "我叫〔姓名〕，想学面点"),
        ("我叫张伟报名", "我叫〔姓名〕报名"),
        ("我叫欧阳娜娜", "我叫〔姓名〕"),
        ("孩子叫王梓涵", "孩子叫〔姓名〕"),
        ("厂长叫马云", "厂长叫〔姓名〕"),
        ("联系人周杰13812345678", "联系人〔姓名〕〔电话〕"),
        ("联系人马云", "联系人〔姓名〕"),
        ("张偉的補貼", "〔姓名〕的補貼"),
        ("張偉的補貼，還有劉曉東", "〔姓名〕的補貼，還有〔姓名〕"),
        ("姓名：赵六", "姓名：〔姓名〕"),
        ("名字是高峰", "名字是〔姓名〕"),
        ("小王去年就在厂里", "〔姓名〕去年就在厂里"),
        ("找刘老师问", "找〔姓名〕老师问"),
        ("我们厂的赵总说的", "我们厂的〔姓名〕总说的"),
        ("张某和李某", "〔姓名〕某和〔姓名〕某"),
        ("王建国厂长", "〔姓名〕厂长"),
        ("李秀英的补贴", "〔姓名〕的补贴"),
    ],
)
def test_masked(names: NameFinder, text: str, masked: str) -> None:
    assert mask_person(text, names) == masked


@pytest.mark.parametrize(
    "text",
    [
        "老板让我签字",
        "高级工补多少钱",
        "金蓝领还办吗",
        "以工代训500元6个月",
        "2021年12月31日截止",
        "打12333问，还是打12345",
        "２０２１年１至１２月，每月５００元",
        "金额多少，高中能报吗，方案在哪，马上办",
        "公告张贴在哪，许诺包过能信吗，查一下成本",
        "温度太高不安全，江北常见，关于白天的全部任何事",
        "这个叫高级工证吗，名字叫什么",
        "向老师请教，全校长跑",
        "要交一张表、两周培训、三项材料",
        "钱明明到了，钱什么时候到账，时间多长",
        "于是单位没报，成绩何时出，应该向谁要",
        "小单位、小金额、老同志、老师傅也能补吗",
    ],
)
def test_what_is_no_person_stays(names: NameFinder, text: str) -> None:
    assert mask_person(text, names) == text


@pytest.mark.parametrize("frame", FRAMES)
def test_most_frequent_names_never_stay(our_names: NameFinder, frame: str) -> None:
    frequent = FREQUENT.split()
    assert len(set(frequent)) == 50
    masked = frame.format("〔姓名〕")
    left = [name for name in frequent if mask_person(frame.format(name), our_names) != masked]
    assert left == []


def test_policy_talk_stays(package_router: Router, our_names: NameFinder) -> None:
    """What entries are called, and the first way to ask each: some five hundred sentences."""
    entries = package_router.content.entries
    said = [text for entry in entries for text in (entry.title, entry.phrasings[0])]
    assert len(said) > 200
    said.append("我是高唐的，我是阳谷的，东阿的、莘县的、冠县的、临清的和茌平的都行吗")
    assert [text for text in said if "〔姓名〕" in mask_person(text, our_names)] == []


def test_hardly_a_phrasing_is_masked(
    package_router: Router, names: NameFinder, our_names: NameFinder
) -> None:
    """Among all phrasings are some eighty that do name a person: they are counted here too."""
    said = [text for entry in package_router.content.entries for text in entry.phrasings]

    def measure(finder: NameFinder) -> float:
        return sum("〔姓名〕" in mask_person(text, finder) for text in said) / len(said)

    assert measure(our_names) < 0.005
    # Nor does it lean on having seen these very sentences.
    assert measure(names) < 0.01


def test_no_text_is_too_odd(names: NameFinder) -> None:
    for text in (
        "",
        " ",
        "王",
        "欧阳",
        "我叫",
        "我叫王",
        "小",
        "老王",
        "\ud800王伟",
        "𠮷王",
        "ﬁ王芳",
    ):
        mask_person(text, names)
    assert mask_person("ﬁ王芳㎡", names) == "ﬁ〔姓名〕㎡"


def test_lists_are_what_they_say() -> None:
    people = list_names()
    assert len(people) > 10_000
    assert {"李秀英", "李强"} <= people
    assert all(2 <= len(name) <= 4 for name in people)
    assert len(SURNAMES | LONG_SURNAMES) > 200
    assert {len(name) for name in LONG_SURNAMES} == {2}
