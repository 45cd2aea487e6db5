"""How a value is written on a page: dates, money, numbers, states. The template filter `show`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from markupsafe import Markup, escape

from domain.calendar import LOCAL

_WEEKDAYS = "一二三四五六日"
Tone = Literal["plain", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in fen."""

    fen: int


@dataclass(frozen=True, slots=True)
class State:
    """How something stands: a word, and a colour with a shape of its own."""

    word: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A last day, and how many working days are left until then (0: it is today; under 0: over).

    Whoever knows the rule counts them; a page does not.
    """

    day: date
    working_days_left: int


@dataclass(frozen=True, slots=True)
class Masked:
    """Personal data as it is shown to all who may see the page, and where to ask for the whole.

    `reveal` is the path that takes the POST with the reason; None where this role may not.
    """

    shown: str
    reveal: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere: a path of ours."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Period:
    """From a first day to a last one; a line breaks between them alone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Timed:
    """Words that are true today alone, 交来3天, and what a sheet of paper says instead."""

    at: date
    words: str
    on_paper: str


@dataclass(frozen=True, slots=True)
class Whole:
    """Words that no line breaks within: the name of a county."""

    words: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of a history (macros.html.j2, history): what happened, on which day or at which
    moment, what is to be said of it, and who did it."""

    on: date
    title: str | State
    detail: str = ""
    by: str = ""


def say_day(day: date, today: date) -> str:
    """11月22日（周日）; with the year where it is another than today's."""
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def say_moment(moment: datetime, now: datetime) -> str:
    """今天14:05, 昨天09:12, 11月22日（周日）14:05."""
    local, today = moment.astimezone(LOCAL), now.astimezone(LOCAL).date()
    near = {today: "今天", today - timedelta(days=1): "昨天", today + timedelta(days=1): "明天"}
    return f"{near.get(local.date()) or say_day(local.date(), today)}{local:%H:%M}"


def say_day_on_paper(day: date) -> str:
    """2026年11月22日（周日）: what is printed is read in another year."""
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def say_moment_on_paper(moment: datetime) -> str:
    """2026年11月22日（周日）14:05."""
    local = moment.astimezone(LOCAL)
    return f"{say_day_on_paper(local.date())}{local:%H:%M}"


def say_period(first: date, last: date) -> str:
    """2021年1月至12月 for whole months, else day to day: 2021年1月5日至3月8日."""
    return "至".join(_say_ends(first, last))


def _say_ends(first: date, last: date) -> list[str]:
    whole = first.day == 1 and (last + timedelta(days=1)).day == 1
    start = f"{first.year}年{first.month}月" + ("" if whole else f"{first.day}日")
    if (first.year, first.month) == (last.year, last.month) and whole:
        return [start]
    year = "" if first.year == last.year else f"{last.year}年"
    return [start, f"{year}{last.month}月" + ("" if whole else f"{last.day}日")]


def say_money(fen: int) -> str:
    """3,000元; with two places where there are fen: 12.50元."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'−' if fen < 0 else ''}{yuan:,}{f'.{rest:02}' if rest else ''}元"


def say_working_days_left(days: int) -> str:
    """还剩2个工作日, 今天到期, 已超过2个工作日."""
    if days == 0:
        return "今天到期"
    return f"还剩{days}个工作日" if days > 0 else f"已超过{-days}个工作日"


def tone_of_deadline(days: int) -> Tone:
    """The last two working days are a warning, what is over is bad."""
    if days < 0:
        return "bad"
    return "warn" if days <= 2 else "plain"


def show(value: object, now: datetime) -> Markup:
    """`value` as HTML, by its type; nothing at all is a dash that is read out as 没有."""
    if value is None or value == "":
        return Markup(
            '<span class="none" aria-hidden="true">—</span><span class="hidden">没有</span>'
        )
    if isinstance(value, datetime):
        return _show_time(value, say_moment(value, now), say_moment_on_paper(value))
    if isinstance(value, date):
        text = say_day(value, now.astimezone(LOCAL).date())
        return _show_time(value, text, say_day_on_paper(value))
    if isinstance(value, Period):
        *start, end = _say_ends(value.first, value.last)
        shown = [show(Whole(f"{words}至"), now) for words in start] + [show(Whole(end), now)]
        return Markup("<span>{}</span>").format(Markup("<wbr>").join(shown))
    if isinstance(value, Timed):
        return _show_time(value.at, value.words, value.on_paper)
    if isinstance(value, Whole):
        return Markup('<span class="whole">{}</span>').format(value.words)
    if isinstance(value, State):
        return Markup('<span class="state state-{}">{}</span>').format(value.tone, value.word)
    if isinstance(value, Deadline):
        left = value.working_days_left
        word = show(State(say_working_days_left(left), tone_of_deadline(left)), now)
        return Markup('{} <span class="soft">{}</span>').format(word, show(value.day, now))
    if isinstance(value, Masked):
        return Markup('<span class="masked">{}</span>').format(value.shown)
    if isinstance(value, Link):
        return Markup('<a href="{}">{}</a>').format(value.path, value.words)
    if isinstance(value, Money):
        return escape(say_money(value.fen))
    if isinstance(value, bool):
        return Markup("是" if value else "否")  # noqa: S704 (both are ours)
    if isinstance(value, int):
        return Markup(f"{value:,}")  # noqa: S704 (a number)
    return escape(value)


def _show_time(value: date, text: str, on_paper: str) -> Markup:
    """On paper it says itself of which year it is, and of no 今天."""
    if text == on_paper:
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)
    return Markup('<time datetime="{}" data-paper="{}"><span>{}</span></time>').format(
        value.isoformat(), on_paper, text
    )
