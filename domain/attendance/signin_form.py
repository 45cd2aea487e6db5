"""Draws the sign-in sheet: a page a week, its head on every printed page, a place to sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.attendance.hours import Held
from domain.attendance.queries import TAKEN, Attendance, Attendee
from domain.attendance.signing import (
    Cell,
    count_there,
    lessons_of,
    rate_of,
    say_day,
    show_presence,
    split_by_week,
)
from domain.calendar import LOCAL
from domain.sheets.forms import PAGE_WIDTH, FormBook, Page, Style, choose_height

#: In the characters that columns are measured by.
_NUMBER, _NAME, _ID, _TIME, _WIDE_TIME, _LESSONS, _RATE = 5, 11, 23, 8, 14, 9, 10
_LEAST_SIGNATURE, _MOST_SIGNATURE = 16, 60
#: A row that somebody signs in by hand, two lines of eight points: 27 are good, 24 the least.
_ROW_POINTS = (27, 26, 28, 25, 29, 24, 30, 31, 32, 33, 34)
#: Of the row below them: how many came.
_THERE_POINTS = 22
#: Title, four lines of what the class is, two of titles of columns.
_HEAD = 7
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class SigninClass:
    """A class as its sheet says it. filing_number: "" where the office gave none."""

    id: UUID
    title: str
    county: str
    holder: str
    programme: str
    online: bool
    occupation: str
    address: str
    teacher: str
    hours: int
    first: date | None
    last: date | None
    filing_number: str
    approved_at: datetime | None

    @property
    def number(self) -> str:
        """What tells the class among all others, short enough to be read out: 371521-9F3A12CD."""
        return f"{self.county}-{self.id.hex[-8:].upper()}"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as the sheet shows them, masked or not."""

    name: str
    id_number: str


def draw_signin(
    texts: Mapping[str, str],
    held: SigninClass,
    attendance: Attendance,
    named: Mapping[UUID, Named],
    now: datetime,
) -> bytes:
    """The sheet as an xlsx file, as it stands at `now`."""
    words = _Words(texts)
    book = FormBook(f"{words['title']}：{held.title}", now)
    pages: list[list[Held]] = split_by_week(attendance.sessions) or [[]]
    for number, sessions in enumerate(pages, 1):
        part = _Part(number, len(pages), sessions)
        drawing = _Drawing(words, held, attendance, named, part, now)
        drawing.draw(book)
    return book.close()


class _Words:
    """The texts of this sheet."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, key: str) -> str:
        return self._texts[f"forms.signin.{key}"]

    def say(self, key: str, **values: object) -> str:
        """With its blanks filled in."""
        return self[key].format(**values)

    def or_unsaid(self, value: str) -> str:
        """`value`, or that nobody has said it."""
        return value.strip() or self["unsaid"]


@dataclass(frozen=True, slots=True)
class _Part:
    """Which of how many sheets, counted from 1, and the sessions on it."""

    number: int
    count: int
    sessions: Sequence[Held]

    @property
    def name(self) -> str:
        if not self.sessions:
            return "签到表"
        first, last = (self.sessions[at].starts_at.astimezone(LOCAL) for at in (0, -1))
        days = list(dict.fromkeys((say_day(first), say_day(last))))
        return f"{self.number}. {'-'.join(days)}"


@dataclass(frozen=True, slots=True)
class _Drawing:
    words: _Words
    held: SigninClass
    attendance: Attendance
    named: Mapping[UUID, Named]
    part: _Part
    now: datetime

    def draw(self, book: FormBook) -> None:
        """Its page, whole."""
        widths = self._measure_columns()
        note = self.held.filing_number or self.words.say("number", number=self.held.number)
        # Every printed page is signed: a page that is not could be another class's.
        signs = [self.words[key] for key in ("teacher_signs", "head_signs", "day_signs")]
        page = book.add_page(self.part.name, widths, head=_HEAD, note=note, signs=signs)
        self._draw_class(page)
        self._draw_titles(page)
        height = self._choose_height(page)
        row = _HEAD
        for number, one in enumerate(self.attendance.people, 1):
            self._draw_person(page, row, number, one)
            page.set_height(row, height)
            row += 1
        row = self._draw_there(page, row)
        self._draw_foot(page, row)
        book.finish(page)

    @property
    def _sums(self) -> list[str]:
        """The columns behind the sessions: the page's own hours only where there are more pages."""
        return [*(["part"] if self.part.count > 1 else []), "lessons", "rate", "signature"]

    def _measure_columns(self) -> list[float]:
        times = 2 * len(self.part.sessions)
        fixed = _NUMBER + _NAME + _ID + _LESSONS * (len(self._sums) - 2) + _RATE
        room = PAGE_WIDTH - fixed - _LEAST_SIGNATURE
        each = min(_WIDE_TIME, max(_TIME, room // times)) if times else 0
        signature = PAGE_WIDTH - fixed - each * times
        return [
            *(_NUMBER, _NAME, _ID),
            *[each] * times,
            *[_LESSONS] * (len(self._sums) - 2),
            _RATE,
            min(_MOST_SIGNATURE, max(_LEAST_SIGNATURE, signature)),
        ]

    def _draw_class(self, page: Page) -> None:
        words, held = self.words, self.held
        last = len(page.widths) - 1
        title = words["title"]
        if self.part.count > 1:
            title += words.say("part", number=self.part.number, count=self.part.count)
        page.put(0, 0, title, "title", to=last)
        page.set_height(0, 30)
        place = words["online"] if held.online else words.or_unsaid(held.address)
        lines = (
            (words.say("class", title=held.title), self._say_filing()),
            (
                words.say("holder", name=held.holder),
                words.say("teacher", name=words.or_unsaid(held.teacher)),
            ),
            (
                words.say("programme", programme=held.programme, occupation=held.occupation),
                words.say("hours", hours=held.hours),
            ),
            (
                words.say("place", place=place),
                words.say("dates", dates=_say_dates(held) or words["unsaid"]),
            ),
        )
        middle = _choose_middle(page, lines)
        for row, ((left, right), height) in enumerate(
            zip(lines, _measure_halves(page, lines, middle), strict=True), 1
        ):
            page.put(row, 0, left, "info", to=middle)
            page.put(row, middle + 1, right, "info", to=last)
            page.set_height(row, height)

    def _say_filing(self) -> str:
        words, held = self.words, self.held
        if held.filing_number:
            return words.say("filing", number=held.filing_number)
        known = words.say("number", number=held.number)
        if held.approved_at is None:
            return f"{words['filing_none']}（{known}）"
        day = held.approved_at.astimezone(LOCAL)
        return f"{words.say('filing_day', day=f'{day.year}年{say_day(day)}')}（{known}）"

    def _draw_titles(self, page: Page) -> None:
        words, top = self.words, _HEAD - 2
        for column, key in enumerate(("number", "name", "id_number")):
            page.put(top, column, words[f"column.{key}"], "head", down=1)
        for at, session in enumerate(self.part.sessions):
            column = 3 + 2 * at
            page.put(top, column, _say_session(session), "head", to=column + 1)
            page.put(top + 1, column, words["column.came"], "head")
            page.put(top + 1, column + 1, words["column.left"], "head")
        for at, key in enumerate(self._sums, 3 + 2 * len(self.part.sessions)):
            page.put(top, at, words[f"column.{key}"], "head", down=1)
        page.set_height(top, 32)
        page.set_height(top + 1, 20)

    def _draw_person(self, page: Page, row: int, number: int, one: Attendee) -> None:
        named, taken = self.named[one.person], one.status in TAKEN
        page.put(row, 0, number, "count")
        page.put(row, 1, named.name, "cell")
        page.put(row, 2, named.id_number, "cell")
        for at, session in enumerate(self.part.sessions):
            cells = show_presence(one.presences[session.id], taken=taken)
            for column, cell in enumerate(cells, 3 + 2 * at):
                page.put(row, column, self._say(cell), "mark")
        column = 3 + 2 * len(self.part.sessions)
        if self.part.count > 1:
            minutes = sum(one.presences[session.id].minutes for session in self.part.sessions)
            page.put(row, column, lessons_of(minutes), "number")
            column += 1
        page.put(row, column, lessons_of(one.share.had), "number")
        rate: float | str | None = rate_of(one.share.had, one.share.held)
        style: Style = "low" if one.under else "rate"
        if not taken:
            rate, style = self.words["withdrawn"], "cell"
        page.put(row, column + 1, rate, style)
        page.put(row, column + 2, None, "cell")

    def _say(self, cell: Cell) -> str | None:
        """08:21, its marks on a line below; why there is no time; None for an empty cell."""
        if cell.missing is not None:
            return self.words[f"missing.{cell.missing.value}"]
        marks = " ".join(self.words[f"mark.{mark.value}"] for mark in cell.marks)
        return "\n".join(part for part in (cell.time, marks) if part) or None

    def _draw_there(self, page: Page, row: int) -> int:
        """How many came to each session; the row behind it."""
        if not self.part.sessions:
            return row
        people = [one for one in self.attendance.people if one.status in TAKEN]
        page.put(row, 0, self.words["there"], "head", to=2)
        for at, session in enumerate(self.part.sessions):
            there = count_there([one.presences[session.id] for one in people])
            begun = session.starts_at <= self.now or there > 0
            words = self.words.say("there_of", there=there, all=len(people)) if begun else None
            page.put(row, 3 + 2 * at, words, "head", to=4 + 2 * at)
        for column in range(3 + 2 * len(self.part.sessions), len(page.widths)):
            page.put(row, column, None, "head")
        page.set_height(row, _THERE_POINTS)
        return row + 1

    def _draw_foot(self, page: Page, row: int) -> None:
        last, legend = len(page.widths) - 1, self._say_legend()
        page.put(row, 0, legend, "foot", to=last)
        page.set_height(row, page.measure(legend, 0, last))

    def _say_legend(self) -> str:
        threshold = self.attendance.threshold
        source = threshold.document or self.words["source"]
        return self.words.say("legend", percent=threshold.percent, source=source)

    def _choose_height(self, page: Page) -> float:
        """Of a person's row, so that what stands below all of them is not a page without people."""
        legend = page.measure(self._say_legend(), 0, len(page.widths) - 1)
        there = _THERE_POINTS if self.part.sessions else 0
        people = len(self.attendance.people)
        return choose_height(people, page.find_rooms(), there + legend, _ROW_POINTS)


def _say_session(session: Held) -> str:
    """12月7日（周一）, below it 08:30—11:30."""
    starts, ends = session.starts_at.astimezone(LOCAL), session.ends_at.astimezone(LOCAL)
    weekday = _WEEKDAYS[starts.weekday()]
    return f"{say_day(starts)}（周{weekday}）\n{starts:%H:%M}—{ends:%H:%M}"


def _say_dates(held: SigninClass) -> str:
    if held.first is None or held.last is None:
        return ""
    first, last = (f"{day.year}年{day.month}月{day.day}日" for day in (held.first, held.last))
    return first if first == last else f"{first}至{last}"


def _choose_middle(page: Page, lines: Sequence[tuple[str, str]]) -> int:
    """The last column of the left half: where the lines take the least room, for one that does not
    fit into its half makes its row higher than the others."""
    usual = _find_middle(page.widths)

    def judge(middle: int) -> tuple[float, int]:
        return sum(_measure_halves(page, lines, middle)), abs(middle - usual)

    return min(range(len(page.widths) - 1), key=judge)


def _measure_halves(page: Page, lines: Sequence[tuple[str, str]], middle: int) -> list[float]:
    """How high each of the lines is."""
    last = len(page.widths) - 1
    return [
        max(page.measure(left, 0, middle), page.measure(right, middle + 1, last))
        for left, right in lines
    ]


def _find_middle(widths: Sequence[float]) -> int:
    """The column that ends a little behind the middle."""
    return _find_last(widths, sum(widths) * 0.55, len(widths) - 2)


def _find_last(widths: Sequence[float], room: float, most: int) -> int:
    """The last column that begins within so much room."""
    taken, found = 0.0, 0
    for column, width in enumerate(widths[: most + 1]):
        if taken + width / 2 > room:
            break
        taken, found = taken + width, column
    return found
