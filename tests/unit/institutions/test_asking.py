"""What people who ask about schools want to know, out of their own words."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.institutions.asking import Among, Meant, Near, Unclear, read_name, understand
from domain.institutions.queries import Listing
from domain.institutions.rules import Standing, Status
from tests.unit.institutions.test_names import PLACES


def listing(number: int, name: str, county: str, status: Status, *teaches: str) -> Listing:
    standing = Standing(status, date(2024, 1, 1))
    return Listing(UUID(int=number), name, "", county, "", teaches, "", standing)


ALL = [
    listing(1, "阳谷县鸿翔职业培训学校", "371521", "listed", "电工", "叉车司机"),
    listing(2, "阳谷县启明职业培训学校", "371521", "suspended", "电工"),
    listing(3, "东阿县鸿翔技工学校", "371524", "listed", "电工", "养老护理"),
    listing(4, "临清市金手指美容美发培训中心", "371581", "listed", "美发"),
]


def numbers(found: object) -> list[int]:
    return [int(one.id) for one in found.found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("阳谷县鸿翔职业培训学校", [1]),
        ("东阿的鸿翔被停了没", [3]),
        ("鸿翔学校还能报名吗", [3, 1]),
        ("查一下红翔培训靠谱不", [3, 1]),
        ("启明", [2]),
        ("其明学校是不是真的", [2]),
        ("我闺女在临清那个金手指美容美发学的，现在还招人不", [4]),
        ("金手指培训中心正规吗", [4]),
    ],
)
def test_a_school_by_its_name(words: str, found: list[int]) -> None:
    asked = understand(ALL, words, PLACES)
    assert isinstance(asked, Meant) and numbers(asked) == found


@pytest.mark.parametrize(
    ("words", "name", "near"),
    [
        ("查一下蓝天职业培训学校正规不正规", "蓝天职业培训学校", []),
        ("蓝天", "蓝天", []),
        ("俺庄上来个招生的，说是巧手学校，恁查查有这家没", "巧手学校", []),
        ("金手艺美容美发学校在目录里吗", "金手艺美容美发学校", [4]),
    ],
)
def test_a_school_that_is_not_there(words: str, name: str, near: list[int]) -> None:
    asked = understand(ALL, words, PLACES)
    assert isinstance(asked, Near)
    assert (asked.asked, numbers(asked)) == (name, near)


@pytest.mark.parametrize(
    ("words", "county", "occupation", "found"),
    [
        ("阳谷有哪些培训学校", "371521", "", [1]),
        ("阳谷县", "371521", "", [1]),
        ("能教电工的学校有哪几家", None, "电工", [1, 3]),
        ("东阿县能学电工的机构", "371524", "电工", [3]),
        ("高唐县的定点培训学校有哪几家", "371526", "", []),
        ("临清哪个学校能学叉车司机", "371581", "叉车司机", []),
    ],
)
def test_schools_of_a_county_or_an_occupation(
    words: str, county: str | None, occupation: str, found: list[int]
) -> None:
    asked = understand(ALL, words, PLACES)
    assert isinstance(asked, Among)
    assert (asked.county, asked.occupation, numbers(asked)) == (county, occupation, found)


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("查学校", False),
        ("这学校正规不", False),
        ("查一下这家学校正规不正规", False),
        ("我报的那家是不是备过案的", False),
        ("机构名单", True),
        ("聊城有哪些培训机构", True),
        ("离我近的培训学校", True),
        ("", False),
        ("？？？", False),
    ],
)
def test_nothing_is_named(words: str, whole: bool) -> None:
    assert understand(ALL, words, PLACES) == Unclear(whole)


@given(st.text(max_size=120))
def test_any_words_ask_something(words: str) -> None:
    understand(ALL, words, PLACES)
    assert len(read_name(words, PLACES)) <= 30
