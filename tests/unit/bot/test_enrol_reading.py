"""What people say when they look for a class."""

import pytest

from bot.talks.enrol_reading import Wish, read_alike, read_wish
from tests.support import package_content

CONTENT = package_content()
TAUGHT = [
    *("养老护理员", "养老护理员（初级）第1期", "母婴护理员", "月嫂班第2期", "低压电工班"),
    *("电子商务师", "开店创业班", "叉车司机", "中式面点师"),
]


@pytest.mark.parametrize(
    ("said", "county", "term", "unknown"),
    [
        ("想学月嫂, 阳谷", "371521", "月嫂", ""),
        ("阳谷月嫂", "371521", "月嫂", ""),
        ("我要学电工", "", "电工", ""),
        ("护理", "", "护理", ""),
        ("莘县有啥班", "371522", "", ""),
        ("最近有什么班可以报", "", "", ""),
        ("想学葫芦雕刻", "", "", "葫芦雕刻"),
        ("开叉车", "", "叉车", ""),
        ("俺想学蒸馍 东昌府", "371502", "面点", ""),
        ("报名", "", "", ""),
        ("想自己开店", "", "开店", ""),
        ("帮我看看临清有没有教做面点的", "371581", "面点", ""),
        ("学护工", "", "养老护理", ""),
        ("ｙ" * 5000, "", "", "y" * 80),
    ],
)
def test_what_is_wished_for(said: str, county: str, term: str, unknown: str) -> None:
    alike = read_alike(CONTENT.texts["enrol.alike"])
    wish = read_wish(said, CONTENT.counties, TAUGHT, alike)
    assert (wish.county, wish.unknown) == (county, unknown)
    assert (term in wish.terms) if term else not wish.terms


def test_one_character_is_no_county() -> None:
    assert read_wish("冠军面点", CONTENT.counties, TAUGHT, []) == Wish("", ("面点",))
