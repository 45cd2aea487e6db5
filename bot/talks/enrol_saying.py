"""What the talk about enrolling says: lists, one class, one's own classes. Words are content's."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from bot.talks.contract import Context, NotMine, Opens, State, Step
from bot.taps import word_options
from domain.calendar import LOCAL
from domain.enrolments.notice import Teller
from domain.enrolments.queries import Offer, Own
from domain.training.details import Sitting

#: Classes on one page: a head and these are what a phone shows at once.
PAGE = 5
#: What a tap on a class's line begins with; its id follows.
TAP = "class:"
#: Where one is known by name.
BIND = "intent:bind"
#: What is known where nothing was said yet.
EMPTY: Mapping[str, Any] = {"county": "", "terms": [], "page": 0, "shown": []}
#: Steps that one comes back to from one's own classes.
_WORTH_KEEPING = frozenset({"list", "one", "beyond"})
#: What stands around an answer in a voice message.
AROUND = " 。.！!～~，,"
#: Characters of a title in a list.
_MOST_TITLE = 18
#: Seven digits and more, parted as people type them.
_LONG_NUMBER = re.compile(r"[0-9](?:[ \-]?[0-9]){6,}[xX]?")


Answered = Step | Opens | NotMine


def teller_of(context: Context) -> Teller:
    """What is said at the moment, for actions."""
    return Teller(context.content, context.contact)


def say(context: Context, key: str, **facts: object) -> str:
    """A text of the talk."""
    return context.texts[f"enrol.chat.{key}"].format_map(facts).strip()


def shade_numbers(words: str) -> str:
    """`words` as they may be said back: of a long number, a phone's say, its beginning alone."""
    return _LONG_NUMBER.sub(lambda number: f"{number[0][:3]}****", words)


def is_one_of(context: Context, words: str, key: str) -> bool:
    """Whether `words` are one of those that stand under `key`."""
    return words.strip(AROUND) in context.texts[f"enrol.chat.{key}"].split()


def hints(context: Context, words: str, key: str) -> bool:
    """Whether one of those that stand under `key` is in `words`."""
    return any(hint in words for hint in context.texts[f"enrol.chat.{key}"].split())


def at_step(state: State, at: str) -> State:
    """The same answers at another step."""
    return dataclasses.replace(state, at=at)


def ask_who(state: State, *, wants: bool = False) -> Opens:
    """Where one says who one is; then the talk comes back to `state`. `wants`: to be enrolled in
    the class that is looked at."""
    return Opens(BIND, after=State(state.at, {**state.answers, "wants": wants}))


def back_from_asking(state: State) -> State:
    """`state` as it stood before one was asked who one is."""
    answers = {key: value for key, value in state.answers.items() if key != "wants"}
    return dataclasses.replace(state, answers=answers)


def keep(kept: State | None) -> Mapping[str, Any]:
    """What a state at one's own classes holds of what was looked for before."""
    return {} if kept is None else {"kept": [kept.at, dict(back_from_asking(kept).answers)]}


def kept_of(state: State) -> State | None:
    """What one was looking for when one turned to one's own classes, or is at the moment."""
    if state.at in _WORTH_KEEPING:
        return back_from_asking(state)
    at, answers = state.answers.get("kept", (None, {}))
    return None if at is None else State(at, answers)


def word_line(state: State, context: Context) -> str:
    """What was asked last, in one line."""
    match state.at:
        case "one":
            return say(context, "detail_line", title=state.answers.get("title", ""))
        case "mine" | "mine_one":
            return word_kept(state, context) or say(context, "mine_line")
    return say(context, f"{state.at}_line")


def word_kept(state: State, context: Context) -> str:
    """Below one's own classes: that what was looked for before is still there; "" for nothing."""
    kept = kept_of(state)
    if kept is None:
        return ""
    return say(context, f"kept_{kept.at}_line", title=kept.answers.get("title", ""))


def word_missing_step(state: State, context: Context) -> str:
    """That the class one looks at is not enrolled in yet, and what is missing."""
    return say(context, "missing_step", title=state.answers["title"])


def name_county(context: Context, code: str) -> str:
    """阳谷县; the code where the content does not know it."""
    return next((one.name for one in context.content.counties if one.code == code), code)


def word_list(context: Context, offers: Sequence[Offer], page: int) -> str:
    """One page of classes, each a line that can be tapped."""
    shown = offers[page * PAGE : (page + 1) * PAGE]
    more = len(offers) > (page + 1) * PAGE
    head = say(context, "found_more" if more else "found", count=len(offers))
    lines = word_options((_shorten(one.title), f"{TAP}{one.id}") for one in shown)
    items = [
        say(
            context,
            "item",
            line=line,
            county=name_county(context, one.county),
            start=_word_start(context, one.starts_on),
            left=one.places_left,
        )
        for line, one in zip(lines, shown, strict=True)
    ]
    return "\n".join((head, *items))


def word_offer(context: Context, offer: Offer) -> str:
    """One class, and what can be said about it."""
    return say(
        context,
        "detail",
        title=offer.title,
        occupation=offer.occupation,
        institution=offer.institution,
        phone=f" {offer.phone}" if offer.phone else "",
        place=_word_place(context, offer.county, offer.address),
        dates=_word_dates(context, offer.starts_on, offer.ends_on),
        hours=say(context, "hours", hours=offer.hours) if offer.hours else "",
        capacity=offer.capacity,
        left=offer.places_left,
        end=say(context, "detail_end" if offer.places_left > 0 else "detail_full"),
    )


def word_own_list(context: Context, own: Sequence[Own], following: Mapping[UUID, Sitting]) -> str:
    """One's own classes, each a line that can be tapped. `following`: their next sittings."""
    lines = word_options((_shorten(one.title), f"{TAP}{one.class_id}") for one in own)
    items = [
        say(context, "mine_item", line=line, status=say(context, f"status_short.{one.standing}"))
        + _word_next_day(context, one, following.get(one.class_id))
        for line, one in zip(lines, own, strict=True)
    ]
    return "\n".join((say(context, "mine_head"), *items))


def word_own(context: Context, own: Own, following: Sitting | None) -> str:
    """One of them in short: what it is, how it stands, when next and where."""
    lines = [
        say(context, "mine_title", title=own.title, status=say(context, f"status.{own.status}")),
        _word_next(context, own, following),
        _word_place(context, own.county, own.address),
    ]
    return "\n".join(lines)


def word_what_to_do(context: Context, own: Own) -> str:
    """What one can do with it."""
    return say(context, "mine_more") + _word_leaving(context, own)


def word_staying(context: Context, own: Own) -> str:
    """Why one cannot leave it here."""
    return say(context, "mine_frozen_why" if _is_fixed(own) else "mine_over")


def _word_leaving(context: Context, own: Own) -> str:
    if own.leaves:
        return say(context, "mine_leave")
    return say(context, "mine_frozen") if _is_fixed(own) else ""


def _is_fixed(own: Own) -> bool:
    return own.frozen and own.status == "confirmed"


def word_own_in_full(context: Context, own: Own) -> str:
    """All that is known of one of them."""
    told = say(
        context,
        "mine_detail",
        title=own.title,
        status=say(context, f"status.{own.standing}"),
        institution=own.institution,
        place=_word_place(context, own.county, own.address),
        dates=_word_dates(context, own.starts_on, own.ends_on),
    )
    return "\n".join(filter(None, told.splitlines()))


def _word_next(context: Context, own: Own, following: Sitting | None) -> str:
    if own.class_status == "cancelled":
        return say(context, "next_cancelled")
    if own.status == "completed":
        return _word_dates(context, own.starts_on, own.ends_on)
    if following is not None:
        start, end = following.starts_at, following.ends_at
        times = f"{start:%H:%M}到{end:%H:%M}"
        return say(context, "next", day=_word_day(start.date()), times=times)
    if own.starts_on is not None and own.starts_on >= today(context):
        return say(context, "next_start", day=_word_day(own.starts_on))
    return _word_dates(context, own.starts_on, own.ends_on)


def _word_next_day(context: Context, own: Own, following: Sitting | None) -> str:
    day = own.starts_on if following is None else following.starts_at.date()
    if day is None or day < today(context) or own.class_status == "cancelled":
        return ""
    return say(context, "next_short", month=day.month, day=day.day)


def today(context: Context) -> date:
    """The day in the city."""
    return context.now.astimezone(LOCAL).date()


def _word_place(context: Context, county: str, address: str) -> str:
    name = name_county(context, county)
    if not address:
        return say(context, "place_open", county=name)
    return address if name in address else f"{name}{address}"


def _word_dates(context: Context, first: date | None, last: date | None) -> str:
    if first is None:
        return say(context, "dates_open")
    return say(context, "dates", first=_word_day(first), last=_word_day(last or first))


def _word_start(context: Context, day: date | None) -> str:
    if day is None:
        return say(context, "start_open")
    return say(context, "start", month=day.month, day=day.day)


def _word_day(day: date) -> str:
    return f"{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"


def _shorten(title: str) -> str:
    return title if len(title) <= _MOST_TITLE else title[: _MOST_TITLE - 1] + "…"
