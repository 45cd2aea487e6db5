"""Checking in (签到) and out (签退): the code on the screen, then where one is, if the class wants
to know that. What somebody asks about it is answered beside."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.replies import Text
from bot.talks.check_in_doing import (
    LASTS,
    ask_leave,
    ask_place,
    check_in_here,
    go_on_with,
    has_class,
    look_for,
    tell,
)
from bot.talks.check_in_mine import word_mine
from bot.talks.check_in_reading import (
    CHECK_IN,
    Asked,
    read_asked,
    read_code,
    read_few_digits,
    read_scanned,
)
from bot.talks.check_in_saying import (
    Wish,
    ask_code,
    hints,
    is_one_of,
    read_wish,
    say,
    say_of,
    word_line,
    word_place_help,
    write_wish,
)
from bot.talks.check_in_shapes import names_another
from bot.talks.clarify import read_number
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from domain.actor import Trainee
from domain.attendance.codes import is_code
from domain.attendance.own import list_sittings_of_day
from domain.attendance.rules import (
    LEAVES_AGAIN,
    Kind,
    Sitting,
    require_some_open,
    show_time,
    window_of,
)
from domain.attendance.rules import Place as Spot
from domain.attendance.rules import State as Worth
from domain.attendance.wanting import usual_wants
from domain.errors import DomainError

Answered = Step | Opens | NotMine
#: Where one is known by name.
_BIND = "intent:bind"
#: The second answer to whether they leave.
_STAYS = 2
#: Digits within a longer message are part of something else.
_LONGEST_WITH_CODE = 24
#: A longer message is a question of its own.
_LONGEST_ABOUT_IT = 12


class CheckIn:
    """Where it stands (`State.at`): code, place; leave: whether they leave
    before the end; who: one is asked who one is meanwhile.

    answers: what is wished (check_in_saying.Wish); the code is kept with when it came, for that is
    when it counts.
    """

    name = CHECK_IN
    version = 1
    #: A code that waits for a place is good for ten minutes; a little later one is told so.
    active_for = LASTS
    kept_for = timedelta(hours=1)
    private = False
    offline = False
    urgent = True

    async def begin(self, said: Said, context: Context) -> Answered:
        """At once as far as the words lead: "签到 482913" may be all."""
        if said.scanned:
            asked = read_scanned(said.scanned)
        elif said.command is not None or not said.words or said.tapped:
            asked = Asked("in")
        else:
            asked = read_asked(said.words, context.texts)
        if asked is None:
            return await _explain(said.words or "", context)
        if asked.what == "mine":
            return await _show_mine(context)
        return await _take(asked, Kind(asked.what or "in"), context)

    async def step(self, state: State, said: Said, context: Context) -> Answered:
        """The next step."""
        wish = read_wish(state.answers)
        if said.command == "go_on":
            return await _stand_at(state, wish, context)
        if said.command == "back":
            return await _go_back(state, wish, context)
        if said.scanned:
            asked = read_scanned(said.scanned)
            return NotMine.STAYS if asked is None else await _take(asked, wish.kind, context)
        if said.place is not None:
            if state.at == "leave":
                return ask_leave(wish, context)
            if state.at != "place":
                return Step(state, Text(say_of(wish, context, "place_first")))
            spot = Spot(said.place.latitude, said.place.longitude)
            return check_in_here(wish, spot, context)
        if said.words is None:
            return NotMine.STAYS
        return await _hear(state, wish, said.words, context)

    def remind(self, state: State, context: Context) -> str:
        """What was asked last, in one line."""
        return word_line(state.at, read_wish(state.answers), context)

    def upgrade(self, state: State) -> State | None:  # noqa: ARG002
        """There has been one version."""
        return None


async def _hear(state: State, wish: Wish, words: str, context: Context) -> Answered:
    asked = read_asked(words, context.texts)
    if asked is not None:
        if asked.what == "mine":
            told = await word_mine(context)
            return Step(state, Text(f"{told}\n{word_line(state.at, wish, context)}"))
        if asked.for_another:
            return Step(state, Text(say(context, "for_another")))
        kind = wish.kind if asked.what is None else Kind(asked.what)
        if asked.code or kind is not wish.kind:
            return await _take(replace(asked, what=kind.value), kind, context)
        return await _stand_at(state, wish, context)
    if state.at == "place":
        if is_one_of(context, words, "no_place_words") and not wish.never_without:
            return check_in_here(wish, None, context)
        asks = hints(context, words, "place_hints") and len(words) <= _LONGEST_ABOUT_IT
        if asks or is_one_of(context, words, "no_place_words"):
            return Step(state, Text(word_place_help(wish, context)))
        return NotMine.STAYS
    if state.at == "leave":
        return _hear_leave(state, wish, words, context)
    code = read_code(words) or read_few_digits(words, context.texts)
    if code and (is_code(code) or len(words) <= _LONGEST_WITH_CODE):
        return await _take(Asked(wish.kind.value, code), wish.kind, context)
    if hints(context, words, "code_hints") and len(words) <= _LONGEST_ABOUT_IT:
        return await _stand_at(state, wish, context)
    return NotMine.STAYS


def _hear_leave(state: State, wish: Wish, words: str, context: Context) -> Answered:
    number = read_number(words)
    if number == 1 or is_one_of(context, words, "leave_yes"):
        return go_on_with(wish, context)
    if number == _STAYS or is_one_of(context, words, "leave_no"):
        return Step(None, Text(say(context, "stays" if wish.wants_out else "stays_not_wanted")))
    return NotMine.STAYS if number is None else Step(state, Text(word_line("leave", wish, context)))


async def _take(asked: Asked, kind: Kind, context: Context) -> Answered:
    """What was asked for, as far as it leads."""
    came_at = context.came_at or context.now
    wish = Wish(kind, asked.code, asked.session, came_at)
    actor = context.actor
    if asked.for_another:
        return Step(None, Text(say(context, "for_another")))
    if asked.more:
        # Whoever believes that they have let somebody else in would be told so by a success.
        told = say_of(wish, context, "with_more", code=wish.code)
        return Step(State("code", write_wish(wish.without_code())), Text(told))
    if not isinstance(actor, Trainee):
        if asked.what is None:
            return Step(None, Text(say(context, "bare_hint", code=asked.code)))
        lead = "who_first_code" if asked.is_whole else "who_first"
        kept = State("who", write_wish(wish))
        return Opens(_BIND, after=kept, lead=say_of(wish, context, lead))
    if asked.what is None and not await has_class(actor, context):
        return NotMine.ENDS
    return await _go_on(actor, wish, context)


async def _go_on(actor: Trainee, wish: Wish, context: Context) -> Answered:
    if not wish.code:
        return await _ask(actor, wish, context)
    if not is_code(wish.code):
        told = say_of(wish, context, "code_length", count=len(wish.code))
        return Step(State("code", write_wish(wish.without_code())), Text(told))
    return await look_for(actor, wish, context)


async def _ask(actor: Trainee, wish: Wish, context: Context) -> Step:
    """Ask for the code, where there is a session to check in to; else say why not."""
    usual = usual_wants(context.content)
    try:
        sittings = await list_sittings_of_day(actor, usual, kind=wish.kind, now=context.now)
        require_some_open(sittings, wish.kind, context.now)
        open_ones = [one for one in sittings if window_of(one, wish.kind).holds(context.now)]
        left = _require_some_left(open_ones, wish.kind, context.now)
    except DomainError as refusal:
        return await tell(refusal, actor, wish, context)
    if not left:
        return Step(None, Text(say(context, "none_today")))
    return Step(State("code", write_wish(wish)), Text(ask_code(left, wish, context)))


def _require_some_left(sittings: Sequence[Sitting], kind: Kind, now: datetime) -> list[Sitting]:
    """Those that one is not in for good: what waits gives way to a code, and a leaving before the
    end to a later one. Raises DomainError check_in_already where there are some, and none of that
    kind."""
    left = [one for one in sittings if _takes_another(one, kind, now)]
    if sittings and not left:
        known = sittings[-1].known
        assert known is not None
        raise DomainError("check_in_already", about="counted", time=show_time(known.at))
    return left


def _takes_another(sitting: Sitting, kind: Kind, now: datetime) -> bool:
    known = sitting.known
    if known is None or known.state is not Worth.COUNTED:
        return True
    early = kind is Kind.OUT and known.at < sitting.ends_at
    return early and now - known.at >= LEAVES_AGAIN


async def _stand_at(state: State, wish: Wish, context: Context) -> Answered:
    """What was asked last, in full; behind the question who one is, what was asked for then."""
    actor = context.actor
    if not isinstance(actor, Trainee):
        key = "not_bound_mine" if state.at == "mine" else "not_bound"
        return Step(None, Text(say(context, key)))
    if state.at == "place" and wish.is_fresh(context.now):
        return ask_place(wish, context)
    if state.at == "leave" and wish.is_fresh(context.now):
        return ask_leave(wish, context)
    if state.at == "mine":
        return await _show_mine(context)
    if state.at == "who":
        return await _go_on(actor, wish, context)
    return await _ask(actor, wish.without_code(), context)


async def _go_back(state: State, wish: Wish, context: Context) -> Answered:
    if state.at == "code":
        return Step(state, Text(say(context, "first")))
    return await _stand_at(replace(state, at="code"), wish, context)


async def _show_mine(context: Context) -> Answered:
    if not isinstance(context.actor, Trainee):
        kept = State("mine", write_wish(Wish(Kind.IN)))
        return Opens(_BIND, after=kept, lead=say(context, "who_first_mine"))
    return Step(None, Text(await word_mine(context)))


async def _explain(words: str, context: Context) -> Answered:
    """A question about checking in: how it is done, or one's own record. Where one can check in
    now, a code is awaited."""
    if hints(context, words, "mine_hints"):
        return await _show_mine(context)
    service = next(one for one in context.content.services if one.intent == CHECK_IN)
    told, wish = service.answer.strip(), Wish(Kind.IN)
    if names_another(words, context.texts):
        return Step(None, Text(say(context, "for_another")))
    if not isinstance(context.actor, Trainee):
        return Step(None, Text(told))
    asked = await _ask(context.actor, wish, context)
    if asked.state is None:
        return Step(None, Text(told))
    return Step(asked.state, Text(f"{told}\n{word_line('code', wish, context)}"))
