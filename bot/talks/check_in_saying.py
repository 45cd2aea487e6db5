"""What the talk about checking in keeps and says; words are content's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.talks.contract import Context
from domain.attendance.distances import show_distance
from domain.attendance.rules import TYPED_WITHIN, Flag, Kind, Sitting, show_time
from domain.attendance.rules import State as Worth
from domain.attendance.writing import CheckedIn
from domain.calendar import LOCAL

#: What stands around an answer in a voice message.
_AROUND = " 。.！!～~，,"
#: Who signs out so shortly before the end has stayed.
_ABOUT_THE_END = timedelta(minutes=15)
_VERBS = {Kind.IN: "签到", Kind.OUT: "签退"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody is about to do. code, session: of which one, "" and None as long as that is
    not known. typed_at: when the code reached us.

    Of the session, once the code was right: title, starts_at, ends_at; never_without: nobody is
    let in without a place; wants_out: one is to check out as well; asks_place: it is asked where
    one is.
    """

    kind: Kind
    code: str = ""
    session: UUID | None = None
    typed_at: datetime | None = None
    title: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    never_without: bool = False
    wants_out: bool = False
    asks_place: bool = False

    @property
    def verb(self) -> str:
        """签到 or 签退."""
        return _VERBS[self.kind]

    def leaves_early(self, now: datetime) -> bool:
        """Whether signing out now costs them hours: it is asked first whether they mean it."""
        if self.kind is not Kind.OUT or self.ends_at is None:
            return False
        return now < self.ends_at - (_ABOUT_THE_END if self.wants_out else timedelta())

    def of(self, sitting: Sitting) -> "Wish":
        """The same for the session that the code is of."""
        return replace(
            self,
            session=sitting.id,
            title=sitting.title,
            starts_at=sitting.starts_at,
            ends_at=sitting.ends_at,
            never_without=sitting.wants.refuses_far,
            wants_out=sitting.wants.wants_out,
            asks_place=sitting.place is not None
            and (sitting.wants.wants_place or sitting.wants.refuses_far),
        )

    def without_code(self) -> "Wish":
        """The same as it was before there was a code."""
        return Wish(self.kind)

    def is_fresh(self, now: datetime) -> bool:
        """Whether the code is still good."""
        return self.typed_at is not None and now - self.typed_at <= TYPED_WITHIN


def write_wish(wish: Wish) -> Mapping[str, Any]:
    """As a state keeps it."""
    return {
        "kind": wish.kind.value,
        "code": wish.code,
        "session": "" if wish.session is None else str(wish.session),
        "title": wish.title,
        "never_without": wish.never_without,
        "wants_out": wish.wants_out,
        "asks_place": wish.asks_place,
        **{name: _write_time(getattr(wish, name)) for name in _TIMES},
    }


def read_wish(answers: Mapping[str, Any]) -> Wish:
    """Back from a state."""
    return Wish(
        Kind(answers["kind"]),
        answers["code"],
        UUID(answers["session"]) if answers["session"] else None,
        title=answers["title"],
        never_without=answers["never_without"],
        wants_out=answers["wants_out"],
        asks_place=answers.get("asks_place", False),
        **{name: _read_time(answers[name]) for name in _TIMES},
    )


_TIMES = ("typed_at", "starts_at", "ends_at")


def _write_time(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _read_time(written: str) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def say(context: Context, key: str, **facts: object) -> str:
    """A text of the talk."""
    return context.texts[f"checkin.{key}"].format_map(facts).strip()


def say_of(wish: Wish, context: Context, key: str, **facts: object) -> str:
    """The same, of coming or of leaving."""
    not_yet = say(context, f"not_yet.{wish.kind.value}")
    return say(context, key, verb=wish.verb, not_yet=not_yet, **facts)


def is_one_of(context: Context, words: str, key: str) -> bool:
    """Whether `words` are one of those that stand under `key`."""
    return words.strip(_AROUND) in context.texts[f"checkin.{key}"].split()


def hints(context: Context, words: str, key: str) -> bool:
    """Whether one of those that stand under `key` is in `words`."""
    return any(hint in words for hint in context.texts[f"checkin.{key}"].split())


def ask_code(sittings: Sequence[Sitting], wish: Wish, context: Context) -> str:
    """The question for the code, with the session where there is one alone."""
    if len(sittings) != 1:
        return say_of(wish, context, "ask_code_any")
    (one,) = sittings
    if one.known is not None and wish.kind is Kind.OUT and one.known.state is Worth.COUNTED:
        ends = show_time(one.ends_at)
        return say(context, "ask_code_again", time=show_time(one.known.at), ends=ends)
    times = word_times(one.starts_at, one.ends_at)
    return say_of(wish, context, "ask_code", title=one.title, times=times)


def word_leave_question(wish: Wish, context: Context) -> str:
    """The question whether they really leave before the end."""
    assert wish.ends_at is not None
    costs = say(context, "leave_costs_hours" if wish.wants_out else "leave_not_wanted")
    return say(context, "ask_leave", title=wish.title, ends=show_time(wish.ends_at), costs=costs)


def word_place_question(wish: Wish, context: Context) -> str:
    """The question where one is, and how that is sent."""
    assert wish.typed_at is not None
    until = show_time(wish.typed_at + TYPED_WITHIN)
    return say(context, "ask_place", without=_word_without(wish, context), until=until)


def word_place_help(wish: Wish, context: Context) -> str:
    """What to do where no place has come, be it that the phone does not let them."""
    return say_of(wish, context, "place_help", without=_word_without(wish, context))


def _word_without(wish: Wish, context: Context) -> str:
    return say(context, "without_never" if wish.never_without else "without")


def word_line(at: str, wish: Wish, context: Context) -> str:
    """What was asked last, in one line."""
    key = {"place": "place_line", "leave": "leave_line"}.get(at, "code_line")
    return say_of(wish, context, key)


def word_done(done: CheckedIn, wish: Wish, context: Context) -> str:
    """That it is done: what, when, late or not, and what somebody will look at. At most five
    lines."""
    assert wish.starts_at is not None and wish.ends_at is not None
    facts = {
        "title": wish.title,
        "day": word_day(wish.starts_at),
        "times": word_times(wish.starts_at, wish.ends_at),
        "time": show_time(done.at),
        "late": say(context, "late" if done.late else "on_time"),
    }
    flags = [
        say(context, f"flags.{flag.value}", distance=show_distance(done.distance_m or 0))
        for flag in (Flag.FAR, Flag.NO_PLACE, Flag.NO_IN)
        if flag in done.flags
    ]
    if done.kind is Kind.OUT and done.at < wish.ends_at:
        flags.append(say(context, "early_out", ends=show_time(wish.ends_at), time=facts["time"]))
    leaves = done.kind is Kind.IN and wish.wants_out
    following = say(context, "wants_out" if leaves else "then_mine")
    return "\n".join([say(context, f"done_{done.kind.value}", **facts), *flags, following])


def word_day(moment: datetime) -> str:
    """12月7日."""
    day = moment.astimezone(LOCAL)
    return f"{day.month}月{day.day}日"


def word_times(start: datetime, end: datetime) -> str:
    """08:30到11:30."""
    return f"{show_time(start)}到{show_time(end)}"
