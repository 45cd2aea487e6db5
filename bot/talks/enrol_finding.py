"""Finding a class in the talk about enrolling: what is looked for, the list, one of it."""

import dataclasses
from collections.abc import Sequence
from uuid import UUID

from bot.replies import Text
from bot.talks.clarify import read_number
from bot.talks.contract import Context, NotMine, State, Step
from bot.talks.enrol_mine import show_own
from bot.talks.enrol_reading import Wish, asks, is_about, read_alike, read_wish, wants_to_learn
from bot.talks.enrol_saying import (
    EMPTY,
    PAGE,
    Answered,
    is_one_of,
    name_county,
    say,
    shade_numbers,
    today,
    word_list,
    word_offer,
)
from bot.talks.standing_words import word_standing
from domain.enrolments.queries import Offer, find_offer, list_offers
from domain.institutions.queries import Listing


async def step_ask(state: State, words: str, context: Context) -> Answered:
    """What is wanted, in words."""
    offers = await list_all(context)
    if is_one_of(context, words, "all_words"):
        return show_page(context, Wish(), offers, 0)
    wish = read_words(context, words, offers)
    if not (wish.county or wish.terms):
        if _is_a_question(context, words):
            return NotMine.STAYS
        if wish.is_empty:
            return Step(state, Text(say(context, "ask")))
    return look(context, wish, offers)


async def step_list(state: State, words: str, context: Context) -> Answered:
    """A number of the list, more of it, or another wish."""
    number = read_number(words)
    if number is not None:
        shown: Sequence[str] = state.answers["shown"]
        if 0 < number <= len(shown):
            return await pick(state, shown[number - 1], context)
        return Step(state, Text(say(context, "number_beyond", most=len(shown))))
    offers = await list_all(context)
    sought = wish_of(state)
    if is_one_of(context, words, "more_words"):
        following = state.answers["page"] + 1
        if following * PAGE >= len(_filter(sought, offers)):
            return Step(state, Text(say(context, "beyond_page")))
        return show_page(context, sought, offers, following)
    if is_one_of(context, words, "all_words"):
        return show_page(context, Wish(), offers, 0)
    wish = read_words(context, words, offers)
    if not (wish.county or wish.terms) and (wish.is_empty or _is_a_question(context, words)):
        return NotMine.STAYS
    # Whoever names a county now means what they were looking for, there.
    narrowed = dataclasses.replace(
        wish,
        county=wish.county or sought.county,
        terms=wish.terms if wish.terms or wish.unknown else sought.terms,
    )
    return look(context, narrowed, offers)


def ask_wish(context: Context) -> Step:
    """Where it begins."""
    return Step(State("ask", EMPTY), Text(say(context, "ask")))


def look(context: Context, wish: Wish, offers: Sequence[Offer]) -> Step:
    """The classes of a wish, or in words that there are none."""
    if wish.unknown:
        county = name_county(context, wish.county) if wish.county else ""
        words = say(context, "none_for", county=county, terms=shade_numbers(wish.unknown))
        return Step(State("ask", EMPTY), Text(words))
    return show_page(context, wish, offers, 0)


def look_at_schools(
    context: Context, words: str, schools: Sequence[Listing], offers: Sequence[Offer]
) -> Step:
    """The classes of the schools that `words` name, of what they would learn there; where there
    are none, how the one school stands."""
    read = read_words(context, words, offers)
    terms = tuple(term for term in read.terms if not any(term in one.name for one in schools))
    ids = tuple(str(one.id) for one in schools)
    for wish in (Wish(terms=terms, schools=ids), Wish(schools=ids)):
        if _filter(wish, offers):
            return show_page(context, wish, offers, 0)
    if len(schools) == 1 and schools[0].standing.status != "listed":
        said = word_standing(schools[0], context.texts, context.content)
    else:
        said = say(context, "none_at", name="、".join(one.name for one in schools))
    return Step(State("ask", EMPTY), Text(said))


def show_page(context: Context, wish: Wish, offers: Sequence[Offer], page: int) -> Step:
    """One page of the classes of a wish; in words where there are none."""
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
    answers = {
        "county": wish.county,
        "terms": list(wish.terms),
        "schools": list(wish.schools),
        "page": page,
        "shown": shown,
    }
    return Step(State("list", answers), Text(word_list(context, found, page)))


async def pick(state: State, class_id: str, context: Context) -> Answered:
    """One class: of those that recruit, or of one's own."""
    try:
        wanted = UUID(class_id)
    except ValueError:
        return NotMine.STAYS
    if state.at.startswith("mine") or state.at == "leave":
        return await show_own(context, wanted)
    offer = await find_offer(wanted, today(context))
    if offer is None:
        again = show_page(context, wish_of(state), await list_all(context), 0)
        return dataclasses.replace(again, reply=Text(f"{say(context, 'gone')}\n{_words(again)}"))
    kept = {key: value for key, value in state.answers.items() if key != "wants"}
    answers = {**kept, "class": str(offer.id), "title": offer.title}
    return Step(State("one", answers), Text(word_offer(context, offer)))


def wish_of(state: State) -> Wish:
    """What was looked for."""
    county, terms, schools = (state.answers.get(key, ()) for key in ("county", "terms", "schools"))
    return Wish(county or "", tuple(terms), schools=tuple(schools))


def _filter(wish: Wish, offers: Sequence[Offer]) -> list[Offer]:
    """Those of the wish that have places; what is full is not offered."""
    return [
        one
        for one in offers
        if one.places_left > 0
        and wish.county in ("", one.county)
        and (not wish.schools or str(one.institution_id) in wish.schools)
        and is_about(one.occupation + one.title, wish.terms)
    ]


def read_words(context: Context, words: str, offers: Sequence[Offer]) -> Wish:
    """What `words` look for, given the classes there are."""
    taught = {name for one in offers for name in (one.occupation, one.title)}
    alike = read_alike(context.texts["enrol.alike"])
    return read_wish(words, context.content.counties, sorted(taught), alike)


async def list_all(context: Context) -> list[Offer]:
    """The classes that one may enrol in today."""
    return await list_offers(today(context))


def _is_a_question(context: Context, words: str) -> bool:
    """Of policy, or near some; whoever says that they want to learn something is not asking one,
    however much of the measures is about it."""
    if wants_to_learn(words):
        return False
    kind = context.route(words).kind
    return kind == "policy" or (kind == "clarify" and asks(words))


def _words(step: Step) -> str:
    return step.reply.content if isinstance(step.reply, Text) else ""
