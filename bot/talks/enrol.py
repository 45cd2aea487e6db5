"""Enrolling (报名): find a class by county and occupation, read about it, enrol; see and leave
one's own classes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from bot.replies import Text
from bot.talks.bind import holds_id_number, is_farewell
from bot.talks.clarify import read_number
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from bot.talks.enrol_answers import answer_shortly
from bot.talks.enrol_finding import (
    ask_wish,
    list_all,
    look,
    look_at_schools,
    pick,
    read_words,
    show_page,
    step_ask,
    step_list,
    wish_of,
)
from bot.talks.enrol_mine import show_mine, show_own, step_leave, step_mine_one
from bot.talks.enrol_one import enrol, step_beyond, step_one
from bot.talks.enrol_saying import (
    AROUND,
    EMPTY,
    TAP,
    Answered,
    ask_who,
    at_step,
    back_from_asking,
    hints,
    is_one_of,
    kept_of,
    say,
    word_line,
    word_missing_step,
)
from bot.talks.institution_lookup import find_named, tell_in_passing
from domain.actor import Trainee
from domain.institutions.spotting import wishes_class

#: Where one looks for a class.
_LOOKING = frozenset({"ask", "list", "one"})
_LONGEST_ABOUT_SCHOOL = 30


class Enrol:
    """Where it stands (`State.at`): ask, list, one, beyond; mine, mine_one, leave.

    answers: county, terms: what is looked for; page; shown: ids of the classes of the page;
    class: the one that is looked at. wants: one is asked who one is, and would be enrolled or
    not. kept: where one stood when one turned to one's own classes.
    """

    name = "enrol"
    version = 1
    active_for = timedelta(minutes=30)
    kept_for = timedelta(hours=24)
    private = False
    offline = False
    urgent = False

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        """At once as far as the words lead: "想学月嫂，阳谷" is a list already."""
        words = said.words or ""
        if said.command is not None or not words or said.tapped:
            return ask_wish(context)
        if holds_id_number(words):
            return ask_who(State("ask", EMPTY))
        if is_one_of(context, words, "mine_words") or hints(context, words, "mine_hints"):
            return await show_mine(context)
        offers = await list_all(context)
        schools = await find_named(words, context) if len(words) <= _LONGEST_ABOUT_SCHOOL else []
        if schools:
            return look_at_schools(context, words, schools, offers)
        wish = read_words(context, words, offers)
        return ask_wish(context) if wish.is_empty else look(context, wish, offers)

    async def step(self, state: State, said: Said, context: Context) -> Answered:
        """The next step."""
        if said.command == "go_on":
            return await _stand_at(state, context)
        if said.command == "back":
            return await _go_back(state, context)
        if said.words is None:
            return NotMine.STAYS
        if said.tapped.startswith(TAP):
            return await pick(state, said.tapped.removeprefix(TAP), context)
        words = said.words.strip(AROUND)
        if is_farewell(words, context.texts):
            return ask_who(state)
        if holds_id_number(words):
            # Where one is bound it is asked for, sealed, and kept out of the records.
            return ask_who(state)
        if is_one_of(context, words, "mine_words"):
            return await show_mine(context, kept_of(state))
        kept = kept_of(state)
        if state.at in ("mine", "mine_one") and kept and is_one_of(context, words, "kept_words"):
            return await _take_up(kept, context)
        shown = state.answers.get("shown", ())
        if state.at == "list" and len(shown) == 1 and is_one_of(context, words, "enrol_words"):
            return await pick(state, shown[0], context)
        short = await answer_shortly(state, words, context)
        if short is not None:
            return short
        school = await _answer_of_school(state, words, context)
        answered = school or await _STEPS[state.at](state, words, context)
        if answered is NotMine.STAYS and state.at == "mine_one":
            return await self._step_beside(kept, said, context)
        return answered

    async def _step_beside(self, kept: State | None, said: Said, context: Context) -> Answered:
        """Words at one of one's own classes that are not about it: for what was looked for before,
        or what one looks for now."""
        words = (said.words or "").strip(AROUND)
        if read_number(words) is not None:
            return await show_mine(context, kept)
        if kept is not None:
            return await self.step(kept, said, context)
        begun = State("ask", EMPTY)
        wish = read_words(context, words, await list_all(context))
        routed = context.route(words)
        wants = (wish.county or wish.terms) and routed.kind != "policy"
        if wants or routed.intent == self.name or is_one_of(context, words, "all_words"):
            return await self.step(begun, said, context)
        return await _answer_of_school(begun, words, context) or NotMine.STAYS

    def remind(self, state: State, context: Context) -> str:
        """What was asked last."""
        return word_line(state, context)

    def upgrade(self, state: State) -> State | None:  # noqa: ARG002
        """There has been one version."""
        return None


async def _step_mine(state: State, words: str, context: Context) -> Answered:
    number, shown = read_number(words), state.answers["shown"]
    if number is None:
        return await step_ask(state, words, context)
    if 0 < number <= len(shown):
        return await show_own(context, UUID(shown[number - 1]), kept_of(state))
    return Step(state, Text(say(context, "number_beyond", most=len(shown))))


async def _stand_at(state: State, context: Context) -> Answered:
    """What was asked last, in full."""
    match state.at:
        case "ask":
            return ask_wish(context)
        case "list":
            page = state.answers["page"]
            return show_page(context, wish_of(state), await list_all(context), page)
        case "one" if state.answers.get("wants"):
            return await _go_on_enrolling(state, context)
        case "one" | "beyond":
            return await pick(state, state.answers["class"], context)
        case "mine":
            kept = kept_of(state)
            if isinstance(context.actor, Trainee) or "wants" not in state.answers:
                return await show_mine(context, kept)
            # They were asked who they are, and have not said so.
            return await _stand_at(kept, context) if kept else ask_wish(context)
    only = state.answers.get("only", False)
    return await show_own(context, UUID(state.answers["class"]), kept_of(state), only=only)


async def _take_up(kept: State, context: Context) -> Answered:
    """报名 said at one's own classes: in the class that one looked at before."""
    if kept.at == "one":
        return enrol(kept, context, told=False)
    return await _stand_at(kept, context)


async def _go_on_enrolling(state: State, context: Context) -> Answered:
    """Whoever said 报名 and was asked who they are: now it is done, or what is missing said, in
    place of the card; unless the class is gone meanwhile."""
    card = await pick(state, state.answers["class"], context)
    if not isinstance(card, Step) or card.state is None or card.state.at != "one":
        return card
    if isinstance(context.actor, Trainee):
        return enrol(card.state, context, told=False)
    return Step(card.state, Text(word_missing_step(card.state, context)))


async def _go_back(state: State, context: Context) -> Answered:
    if state.answers.get("wants") is not None:
        # From the question who one is: to where it was asked.
        asked = state if state.at == "mine" else back_from_asking(state)
        return await _stand_at(asked, context)
    kept = kept_of(state)
    match state.at:
        case "one":
            return await _stand_at(at_step(state, "list"), context)
        case "beyond":
            return await _stand_at(at_step(state, "one"), context)
        case "leave":
            return await _stand_at(at_step(state, "mine_one"), context)
        case "mine_one" if not state.answers.get("only"):
            return await show_mine(context, kept)
        case "mine" | "mine_one" if kept:
            return await _stand_at(kept, context)
    return ask_wish(context)


async def _answer_of_school(state: State, words: str, context: Context) -> Step | None:
    """What the directory says of a school that is named in between, or its classes, where nothing
    is asked of it; None where none is named, or for what it teaches."""
    if state.at not in _LOOKING or len(words) > _LONGEST_ABOUT_SCHOOL:
        return None
    if wishes_class(words, bare=True):
        schools = await find_named(words, context)
        if schools:
            return look_at_schools(context, words, schools, await list_all(context))
    told = await tell_in_passing(words, context)
    if told is None or read_words(context, words, await list_all(context)).terms:
        return None
    return Step(state, Text(f"{told}\n{word_line(state, context)}"))


_STEPS: dict[str, Callable[[State, str, Context], Awaitable[Answered]]] = {
    "ask": step_ask,
    "list": step_list,
    "one": step_one,
    "beyond": step_beyond,
    "mine": _step_mine,
    "mine_one": step_mine_one,
    "leave": step_leave,
}
