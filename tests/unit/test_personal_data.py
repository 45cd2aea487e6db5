"""What leads to a person is taken out; what does not stays readable."""

import pytest

from domain.faq.routing.segment import list_names
from domain.personal_data import mask_person

NAMES = frozenset({"李秀英", "王建国"})


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证37150219900101123X能补吗", "身份证〔身份证号〕能补吗"),
        ("371502 19900101 1234", "〔身份证号〕"),
        ("老证号371502900101123", "老证号〔身份证号〕"),
        ("打138 1234 5678找我", "打〔电话〕找我"),
        ("+8613812345678", "〔电话〕"),
        ("座机0635-8240000", "座机〔电话〕"),
        ("卡号6222 0212 3456 7890 123", "卡号〔卡号〕"),
        ("我叫张小花，想学面点", "我叫〔姓名〕，想学面点"),
        ("姓名：赵六", "姓名〔姓名〕"),
        ("小王去年就在厂里", "〔姓名〕去年就在厂里"),
        ("找刘老师问", "找〔姓名〕老师问"),
        ("李秀英的补贴", "〔姓名〕的补贴"),
        ("老板让我签字", "老板让我签字"),
        ("高级工补多少钱", "高级工补多少钱"),
        ("金蓝领还办吗", "金蓝领还办吗"),
        ("以工代训500元6个月", "以工代训500元6个月"),
        ("2021年12月31日截止", "2021年12月31日截止"),
        ("打12333问", "打12333问"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    assert mask_person(text, NAMES) == masked


def test_dictionary_knows_names() -> None:
    names = list_names()
    assert len(names) > 10_000
    assert all(2 <= len(name) <= 3 for name in names)
