"""The fictional people on the rosters of the demo's classes: names that chance has put together,
numbers that pass the checksum, phones that no operator has given out."""

from datetime import date, timedelta

from domain.enrolments.naming import Named
from domain.people.rules import complete_id_number

_SURNAMES = "王李张刘陈杨赵孙周吴徐马朱胡郭高林何"
_GIVEN = (
    *("秀兰", "建军", "桂芳", "志强", "丽华", "海涛", "春梅", "国庆", "晓燕", "文斌", "玉珍"),
    *("立伟", "雪莲", "永刚", "凤霞", "传宝", "红梅", "东升", "爱华", "德胜", "金凤", "长河"),
)
_REGIONS = ("371502", "371521", "371522", "371523", "371524", "371525", "371526", "371581")
_PHONE = "1690002{number:04}"
_FIRST_BORN = date(1968, 3, 1)
_DAYS_BETWEEN = 29
_PEOPLE = 400


def make_trainee(number: int) -> Named:
    """The one of this number, from 0; of 400 each is another, and the same at every start."""
    number %= _PEOPLE
    name = _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number * 7 % len(_GIVEN)]
    born = _FIRST_BORN + timedelta(days=number * _DAYS_BETWEEN)
    first_17 = f"{_REGIONS[number % len(_REGIONS)]}{born:%Y%m%d}{number % 900 + 100:03}"
    return Named(name, complete_id_number(first_17), _PHONE.format(number=number))
