"""By which words an institution is found."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.institutions.names import (
    Named,
    Places,
    find_core,
    find_in_sentence,
    find_nearest,
    search,
    spell_sound,
)

PLACES = Places.of(
    [
        *(("371502", "东昌府区"), ("371521", "阳谷县"), ("371522", "莘县"), ("371524", "东阿县")),
        *(("371525", "冠县"), ("371526", "高唐县"), ("371581", "临清市")),
    ]
)
NAMES = [
    ("阳谷县鸿翔职业培训学校", "371521"),
    ("东阿县鸿翔技工学校", "371524"),
    ("聊城市东昌府区启明职业培训学校", "371502"),
    ("临清市金手指美容美发培训中心", "371581"),
    ("冠县新启明职业技能培训学校", "371525"),
    ("莘县利民职业培训学校", "371522"),
    ("高唐县技工学校", "371526"),
]
ALL = [
    Named(UUID(int=number), name, county, *spell_sound(name))
    for number, (name, county) in enumerate(NAMES)
]


def cores(found: list[Named]) -> list[str]:
    return [one.name for one in found]


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("阳谷县鸿翔职业培训学校", "鸿翔"),
        ("聊城市东昌府区启明职业培训学校", "启明"),
        ("山东鸿翔教育咨询有限公司", "鸿翔"),
        ("鸿翔职业培训学校（城区分校）", "鸿翔"),
        ("临清市金手指美容美发培训中心", "金手指美容美发"),
        ("红翔培训", "红翔"),
        ("高唐县技工学校", ""),
        ("阳谷", "阳谷"),
    ],
)
def test_what_tells_one_from_another(name: str, core: str) -> None:
    assert find_core(name, PLACES) == core


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("阳谷县鸿翔职业培训学校", 0, 1),
        ("鸿翔", 1, 2),
        ("阳谷鸿翔", 0, 1),
        ("东阿鸿翔职校", 1, 1),
        ("红翔培训", 1, 2),
        ("hongxiang", 1, 2),
        ("HX", 1, 2),
        ("ygxhx", 0, 1),
        ("启明", 4, 2),
        ("金手指", 3, 1),
        ("金手指美容美发学校", 3, 1),
        ("技工学校", 1, 2),
        ("不存在", None, 0),
        ("h", None, 0),
        ("（）", None, 0),
    ],
)
def test_search(query: str, first: int | None, count: int) -> None:
    found = search(ALL, query, PLACES)
    assert len(found) == count
    if first is not None:
        assert found[0][1].name == NAMES[first][0]


def test_ranks_are_the_same_in_any_order_of_the_rows() -> None:
    for query in ("鸿翔", "学校", "hx", "红翔", ""):
        assert search(ALL, query, PLACES) == search(ALL[::-1], query, PLACES)
    ranks = [rank for rank, _ in search(ALL, "阳谷县", PLACES)]
    assert ranks == sorted(ranks)
    assert [one.name for _, one in search(ALL, "", PLACES)] == sorted(name for name, _ in NAMES)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("鸿翔学校还能报名吗", [1, 0]),
        ("阳谷的鸿翔学校还能报名吗", [0]),
        ("东阿县鸿翔技工学校被停了没", [1]),
        ("红翔培训靠谱吗", [1, 0]),
        ("启明那个学校正规不", [2]),
        ("新启明学校是不是被停了", [4]),
        ("金手指美容美发在不在目录", [3]),
        ("查一下立民学校", [5]),
        ("查一下这家学校正规不正规", []),
        ("聊城有哪些培训机构", []),
        ("里面的学校", []),
        ("离民政局近的学校", []),
    ],
)
def test_names_in_sentences(sentence: str, found: list[int]) -> None:
    assert cores(find_in_sentence(ALL, sentence, PLACES)) == [NAMES[one][0] for one in found]


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("金手艺美容美发学校", [3]),
        ("新其明学校", [4]),
        ("蓝天学校", []),
        ("学校", []),
        ("启行学校", [2]),  # two characters, one of them in its place
        ("鸿雁学校", [1, 0]),
        ("明启学校", []),
    ],
)
def test_the_nearest(asked: str, nearest: list[int]) -> None:
    assert cores(find_nearest(ALL, asked, PLACES, 3)) == [NAMES[one][0] for one in nearest]


def test_counties_in_sentences() -> None:
    assert PLACES.find("高唐的定点学校") == "371526"
    assert PLACES.find("莘县城里") == "371522"
    assert PLACES.find("哪里都行") is None


@given(st.text(max_size=80))
def test_any_text_may_be_asked(text: str) -> None:
    search(ALL, text, PLACES)
    find_in_sentence(ALL, text, PLACES)
    assert len(find_nearest(ALL, text, PLACES, 3)) <= 3
