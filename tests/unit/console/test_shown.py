"""How values are written."""

from datetime import date, datetime, timedelta

import pytest

from api.console.shown import (
    Deadline,
    Masked,
    Money,
    Period,
    State,
    Timed,
    Whole,
    say_day,
    say_moment,
    say_money,
    say_period,
    say_working_days_left,
    show,
    tone_of_deadline,
)
from domain.calendar import LOCAL

NOW = datetime(2026, 11, 22, 0, 30, tzinfo=LOCAL)


def test_days_are_written_as_people_say_them() -> None:
    assert say_day(date(2026, 11, 22), NOW.date()) == "11月22日（周日）"
    assert say_day(date(2025, 1, 1), NOW.date()) == "2025年1月1日（周三）"


@pytest.mark.parametrize(
    ("hours", "text"),
    [(0, "今天00:30"), (-1, "昨天23:30"), (24, "明天00:30"), (-25, "11月20日（周五）23:30")],
)
def test_moments_are_near_or_have_a_day(hours: int, text: str) -> None:
    moment = (NOW + timedelta(hours=hours)).astimezone(None)
    assert say_moment(moment, NOW) == text


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ((2021, 1, 1), (2021, 12, 31), "2021年1月至12月"),
        ((2021, 5, 1), (2021, 5, 31), "2021年5月"),
        ((2021, 5, 1), (2022, 2, 28), "2021年5月至2022年2月"),
        ((2021, 1, 5), (2021, 3, 8), "2021年1月5日至3月8日"),
        ((2021, 5, 1), (2021, 5, 30), "2021年5月1日至5月30日"),
    ],
)
def test_periods(first: tuple[int, int, int], last: tuple[int, int, int], text: str) -> None:
    assert say_period(date(*first), date(*last)) == text


@pytest.mark.parametrize(
    ("fen", "text"),
    [(300_000, "3,000元"), (1_250, "12.50元"), (5, "0.05元"), (0, "0元"), (-100, "−1元")],
)
def test_money(fen: int, text: str) -> None:
    assert say_money(fen) == text


@pytest.mark.parametrize(
    ("days", "text", "tone"),
    [
        (5, "还剩5个工作日", "plain"),
        (2, "还剩2个工作日", "warn"),
        (0, "今天到期", "warn"),
        (-3, "已超过3个工作日", "bad"),
    ],
)
def test_deadlines(days: int, text: str, tone: str) -> None:
    assert (say_working_days_left(days), tone_of_deadline(days)) == (text, tone)
    assert f"state-{tone}" in show(Deadline(NOW.date(), days), NOW)


@pytest.mark.parametrize(
    "value",
    ["<b>", State("<b>", "good"), Masked("<b>")],
)
def test_what_comes_from_people_is_escaped(value: object) -> None:
    assert "<b>" not in show(value, NOW) and "&lt;b&gt;" in show(value, NOW)


def test_each_kind_of_value_has_its_form() -> None:
    assert show(12_345, NOW) == "12,345"
    assert show(True, NOW) == "是"
    assert show(Money(100), NOW) == "1元"
    assert 'aria-hidden="true">—' in show(None, NOW) and "没有" in show("", NOW)


def test_a_date_says_its_year_on_paper() -> None:
    assert show(NOW, NOW) == (
        '<time datetime="2026-11-22T00:30:00+08:00" data-paper="2026年11月22日（周日）00:30">'
        "<span>今天00:30</span></time>"
    )
    assert show(NOW.date(), NOW) == (
        '<time datetime="2026-11-22" data-paper="2026年11月22日（周日）">'
        "<span>11月22日（周日）</span></time>"
    )
    waited = Timed(NOW, "交来3天了", "2026年11月22日（周日）交来")
    assert 'data-paper="2026年11月22日（周日）交来"><span>交来3天了' in show(waited, NOW)
    past = date(2025, 1, 1)
    assert show(past, NOW) == '<time datetime="2025-01-01">2025年1月1日（周三）</time>'


def test_no_line_breaks_within_a_date_or_a_name() -> None:
    assert show(Period(date(2021, 1, 5), date(2022, 3, 8)), NOW) == (
        '<span><span class="whole">2021年1月5日至</span><wbr>'
        '<span class="whole">2022年3月8日</span></span>'
    )
    assert show(Period(date(2021, 5, 1), date(2021, 5, 31)), NOW) == (
        '<span><span class="whole">2021年5月</span></span>'
    )
    assert show(Whole("<b>"), NOW) == '<span class="whole">&lt;b&gt;</span>'
