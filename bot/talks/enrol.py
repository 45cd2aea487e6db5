"""Enrolling (报名): find a class by county and occupation, read about it, enrol; see and leave
one's own classes."""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

from bot.replies import Text
from bot.talks.bind import holds_id_number
from bot.talks.clarify import read_number
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from bot.talks.enrol_answers import answer_shortly, word_line, word_missing_step
from bot.talks.enrol_mine import show_mine, show_own, step_leave, step_mine_one
from bot.talks.enrol_reading import (
    Wish,
    asks,
    asks_for_classes,
    is_about,
    is_beyond_card,
    read_alike,
    read_wish,
    wants_to_learn,
)
from bot.talks.enrol_saying import (
    AROUND,
    BIND,
    EMPTY,
    PAGE,
    TAP,
    Answered,
    at_step,
    is_one_of,
    name_county,
    say,
    shade_numbers,
    teller_of,
    word_list,
    word_offer,
)
from bot.talks.institution_lookup import tell_in_passing
from domain.actor import Trainee
from domain.calendar import LOCAL
from domain.enrolments.actions import Enrolled, enrol_oneself
from domain.enrolments.queries import Offer, find_offer, list_offers
from domain.enrolments.rules import Status
from domain.errors import DomainError
from domain.faq.wording import Sources

#: Where one looks for a class.
_LOOKING = frozenset({"ask", "list", "one"})
_LONGEST_ABOUT_SCHOOL = 30


class Enrol:
    """Where it stands (`State.at`): ask, list, one, beyond; mine, mine_one, leave.

    answers: county, terms: what is looked for; page; shown: ids of the classes of the page;
    class: the one that is looked at.
    """

    name = "enrol"
    version = 1
    active_for = timedelta(minutes=30)
    kept_for = timedelta(hours=24)
    private = False
    offline = False

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        """At once as far as the words lead: "想学月嫂，阳谷" is a list already."""
        words = said.words or ""
        if said.command is not None or not words or said.tapped:
            return _ask(context)
        if holds_id_number(words):
            return Opens(BIND, after=State("ask", EMPTY))
        if is_one_of(context, words, "mine_words") or _hints(context, words, "mine_hints"):
            return await show_mine(context)
        offers = await _list_all(context)
        wish = _read(context, words, offers)
        return _ask(context) if wish.is_empty else _look(context, wish, offers)

    async def step(self, state: State, said: Said, context: Context) -> Answered:
        """The next step."""
        if said.command == "go_on":
            return await _stand_at(state, context)
        if said.command == "back":
            return await _go_back(state, context)
        if said.words is None:
            return NotMine.STAYS
        if said.tapped.startswith(TAP):
            return await _pick(state, said.tapped.removeprefix(TAP), context)
        words = said.words.strip(AROUND)
        if holds_id_number(words):
            # Where one is bound it is asked for, sealed, and kept out of the records.
            return Opens(BIND, after=state)
        if is_one_of(context, words, "mine_words"):
            return await show_mine(context)
        shown = state.answers.get("shown", ())
        if state.at == "list" and len(shown) == 1 and is_one_of(context, words, "enrol_words"):
            return await _pick(state, shown[0], context)
        short = await answer_shortly(state, words, context)
        if short is not None:
            return short
        school = await _answer_of_school(state, words, context)
        return school or await _STEPS[state.at](state, words, context)

    def remind(self, state: State, context: Context) -> str:
        """What was asked last."""
        return word_line(state, context)

    def upgrade(self, state: State) -> State | None:  # noqa: ARG002
        """There has been one version."""
        return None


# --- looking ----------------------------------------------------------------------------------


async def _step_ask(state: State, words: str, context: Context) -> Answered:
    offers = await _list_all(context)
    if is_one_of(context, words, "all_words"):
        return _show(context, Wish(), offers, 0)
    wish = _read(context, words, offers)
    if not (wish.county or wish.terms):
        if _is_a_question(context, words):
            return NotMine.STAYS
        if wish.is_empty:
            return Step(state, Text(say(context, "ask")))
    return _look(context, wish, offers)


async def _step_list(state: State, words: str, context: Context) -> Answered:
    number = read_number(words)
    if number is not None:
        shown: Sequence[str] = state.answers["shown"]
        if 0 < number <= len(shown):
            return await _pick(state, shown[number - 1], context)
        return Step(state, Text(say(context, "number_beyond", most=len(shown))))
    offers = await _list_all(context)
    sought = _wish_of(state)
    if is_one_of(context, words, "more_words"):
        following = state.answers["page"] + 1
        if following * PAGE >= len(_filter(sought, offers)):
            return Step(state, Text(say(context, "beyond_page")))
        return _show(context, sought, offers, following)
    if is_one_of(context, words, "all_words"):
        return _show(context, Wish(), offers, 0)
    wish = _read(context, words, offers)
    if not (wish.county or wish.terms) and (wish.is_empty or _is_a_question(context, words)):
        return NotMine.STAYS
    # Whoever names a county now means what they were looking for, there.
    narrowed = dataclasses.replace(
        wish,
        county=wish.county or sought.county,
        terms=wish.terms if wish.terms or wish.unknown else sought.terms,
    )
    return _look(context, narrowed, offers)


async def _step_one(state: State, words: str, context: Context) -> Answered:
    if not is_one_of(context, words, "enrol_words"):
        return await _step_aside(state, words, context)
    return _enrol(state, context, told=False)


async def _step_beyond(state: State, words: str, context: Context) -> Answered:
    if not is_one_of(context, words, "still_words"):
        return NotMine.STAYS
    return _enrol(state, context, told=True)


async def _step_aside(state: State, words: str, context: Context) -> Answered:
    """Words that are no answer about one class: another number or wish, else a question, beside
    which the class stays."""
    at_list = at_step(state, "list")
    leads_on = read_number(words) is not None or any(
        is_one_of(context, words, key) for key in ("more_words", "all_words")
    )
    if leads_on:
        return await _step_list(at_list, words, context)
    wish = _read(context, words, await _list_all(context))
    wants = wants_to_learn(words)
    if wish.county or wish.terms:
        is_wish = wants or asks_for_classes(words) or context.route(words).kind != "policy"
    else:
        is_wish = wants and wish.unknown != ""
    if is_wish:
        return await _step_list(at_list, words, context)
    if _hints(context, words, "card_hints") and not is_beyond_card(words):
        return await _stand_at(state, context)
    return NotMine.STAYS


def _look(context: Context, wish: Wish, offers: Sequence[Offer]) -> Step:
    """The classes of a wish, or in words that there are none."""
    if wish.unknown:
        county = name_county(context, wish.county) if wish.county else ""
        words = say(context, "none_for", county=county, terms=shade_numbers(wish.unknown))
        return Step(State("ask", EMPTY), Text(words))
    return _show(context, wish, offers, 0)


def _show(context: Context, wish: Wish, offers: Sequence[Offer], page: int) -> Step:
    found = _filter(wish, offers)
    if not found:
        if not offers:
            consult = context.contact.consult if context.contact else ""
            return Step(None, Text(say(context, "none_at_all", consult=consult)))
        county = name_county(context, wish.county) if wish.county else ""
        words = (
            say(context, "none_for", county=county, terms="、".join(wish.terms[:1]))
            if wish.terms
            else say(context, "none_in", county=county)
        )
        return Step(State("ask", EMPTY), Text(words))
    shown = [str(one.id) for one in found[page * PAGE : (page + 1) * PAGE]]
    answers = {"county": wish.county, "terms": list(wish.terms), "page": page, "shown": shown}
    return Step(State("list", answers), Text(word_list(context, found, page)))


async def _pick(state: State, class_id: str, context: Context) -> Answered:
    """One class: of those that recruit, or of one's own."""
    try:
        wanted = UUID(class_id)
    except ValueError:
        return NotMine.STAYS
    if state.at.startswith("mine") or state.at == "leave":
        return await show_own(context, wanted)
    offer = await find_offer(wanted, _today(context))
    if offer is None:
        again = _show(context, _wish_of(state), await _list_all(context), 0)
        return dataclasses.replace(again, reply=Text(f"{say(context, 'gone')}\n{_words(again)}"))
    answers = {**state.answers, "class": str(offer.id), "title": offer.title}
    return Step(State("one", answers), Text(word_offer(context, offer)))


# --- enrolling --------------------------------------------------------------------------------


def _enrol(state: State, context: Context, *, told: bool) -> Step | Opens:
    actor = context.actor
    if not isinstance(actor, Trainee):
        # They come back to what is missing (`wants`), not to the card that they have read.
        return Opens(BIND, after=State("one", {**state.answers, "wants": True}))

    def tell(done: Enrolled) -> Step:
        if not done.fresh:
            key = "already"
        else:
            key = "done_confirmed" if done.status is Status.CONFIRMED else "done"
        return Step(None, Text(f"{say(context, key)}\n{done.notice}"))

    def refuse(refusal: DomainError) -> Step | None:
        if refusal.code != "trainings_used_up":
            return None
        clause = Sources.of(context.content).name([str(refusal.facts["clause"])])
        asked = say(context, "beyond", **(refusal.facts | {"clause": clause}))
        return Step(at_step(state, "beyond"), Text(asked))

    return Step(
        state,
        Text(""),
        action=lambda: enrol_oneself(
            actor,
            teller_of(context),
            class_id=UUID(state.answers["class"]),
            channel="chat",
            told_beyond_three=told,
            now=context.now,
        ),
        done=tell,
        refused=refuse,
    )


# --- one's own classes ------------------------------------------------------------------------


async def _step_mine(state: State, words: str, context: Context) -> Answered:
    number, shown = read_number(words), state.answers["shown"]
    if number is None:
        return await _step_ask(state, words, context)
    if 0 < number <= len(shown):
        return await show_own(context, UUID(shown[number - 1]))
    return Step(state, Text(say(context, "number_beyond", most=len(shown))))


# --- standing and going back --------------------------------------------------------------------


async def _stand_at(state: State, context: Context) -> Answered:
    """What was asked last, in full."""
    match state.at:
        case "ask":
            return _ask(context)
        case "list":
            page = state.answers["page"]
            return _show(context, _wish_of(state), await _list_all(context), page)
        case "one" | "beyond":
            card = await _pick(state, state.answers["class"], context)
            if not state.answers.get("wants") or not isinstance(card, Step):
                return card
            return _show_missing_step(card, context)
        case "mine":
            return await show_mine(context)
    return await show_own(context, UUID(state.answers["class"]))


def _show_missing_step(card: Step, context: Context) -> Step:
    """In place of the card, unless the class is gone meanwhile."""
    if card.state is None or card.state.at != "one":
        return card
    answers = {key: value for key, value in card.state.answers.items() if key != "wants"}
    state = dataclasses.replace(card.state, answers=answers)
    return Step(state, Text(word_missing_step(state, context)))


async def _go_back(state: State, context: Context) -> Answered:
    match state.at:
        case "one":
            return await _stand_at(at_step(state, "list"), context)
        case "beyond":
            return await _stand_at(at_step(state, "one"), context)
        case "leave":
            return await _stand_at(at_step(state, "mine_one"), context)
        case "mine_one":
            return await show_mine(context)
    return _ask(context)


def _ask(context: Context) -> Step:
    return Step(State("ask", EMPTY), Text(say(context, "ask")))


def _wish_of(state: State) -> Wish:
    return Wish(state.answers.get("county", ""), tuple(state.answers.get("terms", ())))


def _filter(wish: Wish, offers: Sequence[Offer]) -> list[Offer]:
    """Those of the wish that have places; what is full is not offered."""
    return [
        one
        for one in offers
        if one.places_left > 0
        and wish.county in ("", one.county)
        and is_about(one.occupation + one.title, wish.terms)
    ]


def _read(context: Context, words: str, offers: Sequence[Offer]) -> Wish:
    taught = {name for one in offers for name in (one.occupation, one.title)}
    alike = read_alike(context.texts["enrol.alike"])
    return read_wish(words, context.content.counties, sorted(taught), alike)


async def _list_all(context: Context) -> list[Offer]:
    return await list_offers(_today(context))


def _today(context: Context) -> date:
    return context.now.astimezone(LOCAL).date()


def _hints(context: Context, words: str, key: str) -> bool:
    return any(hint in words for hint in context.texts[f"enrol.chat.{key}"].split())


async def _answer_of_school(state: State, words: str, context: Context) -> Step | None:
    """What the directory says of a school that is named in between; None where none is, or where
    it is named for what it teaches."""
    if state.at not in _LOOKING or len(words) > _LONGEST_ABOUT_SCHOOL:
        return None
    told = await tell_in_passing(words, context)
    if told is None or _read(context, words, await _list_all(context)).terms:
        return None
    return Step(state, Text(f"{told}\n{word_line(state, context)}"))


def _is_a_question(context: Context, words: str) -> bool:
    """Of policy, or near some; whoever says that they want to learn something is not asking one,
    however much of the measures is about it."""
    if wants_to_learn(words):
        return False
    kind = context.route(words).kind
    return kind == "policy" or (kind == "clarify" and asks(words))


def _words(step: Step) -> str:
    return step.reply.content if isinstance(step.reply, Text) else ""


_STEPS: dict[str, Callable[[State, str, Context], Awaitable[Answered]]] = {
    "ask": _step_ask,
    "list": _step_list,
    "one": _step_one,
    "beyond": _step_beyond,
    "mine": _step_mine,
    "mine_one": step_mine_one,
    "leave": step_leave,
}
