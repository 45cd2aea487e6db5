"""Is this school in the directory, has it been stopped, which are there: asked in one's own words.

What stands in the directory is said with its day and its document, and what it means for whoever
thinks of enrolling (L12). That a name is not found is never said to mean more than that.
"""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta

from bot.replies import Text
from bot.talks.clarify import read_number
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from bot.talks.standing_words import name_county, word_standing
from bot.taps import word_options
from domain.calendar import LOCAL
from domain.institutions.asking import (
    MOST_OFFERED,
    Among,
    Meant,
    Near,
    Unclear,
    find_by_id,
    understand,
)
from domain.institutions.names import Named, Places, find_in_sentence, find_spelled
from domain.institutions.queries import Listing, list_listings
from domain.institutions.spotting import wishes_class
from web.words import fill

_LASTS = timedelta(minutes=10)
#: What a tap on an option carries; the id follows.
_TAP = "institution:"
#: Where the classes of a school are.
_ENROL = "intent:enrol"
#: Options that are kept for 更多.
_MOST_KEPT = 60
_NONE_OF_THEM = frozenset({"都不是", "都不对", "没有", "不是", "都没有"})


class InstitutionLookup:
    """States: "name" (which school?), "choose" (one of these), "told" (the answer was given, and
    another name is an answer still; anything else is none of it)."""

    name = "institution_lookup"
    version = 1
    active_for = _LASTS
    kept_for = _LASTS
    private = False
    offline = False
    urgent = False

    async def begin(self, said: Said, context: Context) -> Step | Opens:
        """Answer what was asked in the same breath, else ask."""
        listings = await _read(context)
        if said.command is None and said.words and not said.tapped.startswith("intent:"):
            if wishes_class(said.words) and _find_named(listings, said.words, context):
                return Opens(_ENROL)
            return _answer(listings, said.words, context)
        return _ask(context)

    async def step(self, state: State, said: Said, context: Context) -> Step | Opens | NotMine:
        """An option, a name, a county; what is none of them is a new question."""
        if said.command in ("go_on", "back"):
            return _repeat(state, context) if said.command == "go_on" else _ask(context)
        listings = await _read(context)
        if said.tapped.startswith(_TAP):
            found = find_by_id(listings, [said.tapped.removeprefix(_TAP)])
            return _tell(found[0], context) if found else _ask(context)
        if said.words is None:
            return NotMine.STAYS
        if state.at == "choose":
            picked = _pick(state, said.words, listings, context)
            if picked is not None:
                return picked
        if state.at == "told":
            return _go_on(said.words, listings, context)
        return _follow(said.words, listings, context)

    def remind(self, state: State, context: Context) -> str:
        """The same for both states that ask: a number is as good as a name."""
        return "" if state.at == "told" else context.texts["lookup.ask_again"]

    def upgrade(self, state: State) -> State | None:  # noqa: ARG002
        """There has been one version."""
        return None


async def tell_in_passing(words: str, context: Context) -> str | None:
    """How the one school stands whose name is in `words`, for a talk about something else; None
    where no name is, or several have it."""
    named = await find_named(words, context)
    return word_standing(named[0], context.texts, context.content) if len(named) == 1 else None


async def find_named(words: str, context: Context) -> list[Listing]:
    """The schools whose name is in `words`."""
    return _find_named(await _read(context), words, context)


def _find_named(listings: Sequence[Listing], words: str, context: Context) -> list[Listing]:
    names = [Named(one.id, one.name, one.county, "", "") for one in listings]
    places = _places(context)
    meant = find_in_sentence(names, words, places) or find_spelled(names, words, places)
    return find_by_id(listings, [str(one.id) for one in meant])


async def _read(context: Context) -> list[Listing]:
    return await list_listings(context.now.astimezone(LOCAL).date())


def _places(context: Context) -> Places:
    return Places.of((county.code, county.name) for county in context.content.counties)


def _ask(context: Context) -> Step:
    return Step(State("name"), Text(context.texts["lookup.ask"].strip()))


def _answer(listings: Sequence[Listing], words: str, context: Context) -> Step:
    """What `words` ask, answered."""
    texts = context.texts
    match understand(listings, words, _places(context)):
        case Meant(found) if len(found) == 1:
            return _tell(found[0], context)
        case Meant(found):
            head = fill(texts["lookup.choose_head"], {"count": len(found)})
            return _offer(found, head, 0, context)
        case Near(asked, []):
            missing = fill(texts["lookup.missing"], {"asked": asked}).strip()
            return Step(State("name"), Text(missing))
        case Near(asked, found):
            return _offer(found, fill(texts["lookup.near_head"], {"asked": asked}), 0, context)
        case Among(county, occupation, found):
            return _list(county, occupation, found, context)
        case Unclear(whole=True):
            count = sum(one.standing.status == "listed" for one in listings)
            asking = fill(texts["lookup.ask_county"], {"count": count}).strip()
            return Step(State("name"), Text(asking))
    return _ask(context)


def _tell(listing: Listing, context: Context) -> Step:
    return Step(State("told"), Text(word_standing(listing, context.texts, context.content)))


def _list(county: str | None, occupation: str, found: Sequence[Listing], context: Context) -> Step:
    texts = context.texts
    where = texts["lookup.anywhere"] if county is None else name_county(county, context.content)
    facts = {"county": where, "occupation": occupation, "count": len(found)}
    if not found:
        key = "lookup.none_there" if occupation else "lookup.none_in_county"
        return Step(State("name"), Text(fill(texts[key], facts).strip()))
    key = "lookup.occupation_head" if occupation else "lookup.county_head"
    return _offer(found, fill(texts[key], facts), 0, context)


def _offer(found: Sequence[Listing], head: str, start: int, context: Context) -> Step:
    """Up to three options below `head`, from `start` on."""
    kept = found[:_MOST_KEPT]
    answers = {
        "ids": [str(one.id) for one in kept],
        "titles": [one.name for one in kept],
        "head": head,
        "start": start,
    }
    state = State("choose", answers)
    return Step(state, Text(_word_options(state, context)))


def _word_options(state: State, context: Context) -> str:
    answers, texts = state.answers, context.texts
    start = answers["start"]
    end = start + MOST_OFFERED
    titles, ids = answers["titles"][start:end], answers["ids"][start:end]
    options = word_options((title, _TAP + one) for title, one in zip(titles, ids, strict=True))
    foot = "more_foot" if end < len(answers["ids"]) else "choose_foot"
    return "\n".join([answers["head"], *options, texts[f"lookup.{foot}"]])


def _pick(state: State, words: str, listings: Sequence[Listing], context: Context) -> Step | None:
    """What `words` do with the options; None where they are about something else."""
    answers, texts = state.answers, context.texts
    bare = words.strip(" 。.！!")
    start = answers["start"]
    offered = answers["ids"][start : start + MOST_OFFERED]
    if bare in _NONE_OF_THEM:
        return Step(State("name"), Text(texts["lookup.none_of_them"]))
    if bare in texts["lookup.more_words"].split():
        following = start + MOST_OFFERED
        if following >= len(answers["ids"]):
            return Step(state, Text(texts["lookup.no_more"]))
        moved = dataclasses.replace(state, answers={**answers, "start": following})
        return Step(moved, Text(_word_options(moved, context)))
    if bare in answers["titles"]:
        chosen = answers["ids"][answers["titles"].index(bare)]
    else:
        number = read_number(words)
        if number is None:
            return None
        if not 0 < number <= len(offered):
            return Step(state, Text(fill(texts["lookup.beyond"], {"most": len(offered)})))
        chosen = offered[number - 1]
    found = find_by_id(listings, [chosen])
    return _tell(found[0], context) if found else _ask(context)


def _follow(words: str, listings: Sequence[Listing], context: Context) -> Step | NotMine:
    """Words that pick nothing: a school or a county, or something else altogether."""
    asked = understand(listings, words, _places(context))
    routing = context.route(words)
    is_ours = routing.kind == "service" and routing.intent == InstitutionLookup.name
    if is_ours or isinstance(asked, Meant) or _is_list(asked):
        return _answer(listings, words, context)
    is_other = routing.kind in ("policy", "service")
    # What has an answer of its own though nothing is known of it: greetings, thanks, abuse.
    is_small_talk = routing.kind == "none" and routing.answer != context.texts["faq.none"]
    if is_other or is_small_talk or isinstance(asked, Unclear):
        return NotMine.ENDS
    return _answer(listings, words, context)


def _go_on(words: str, listings: Sequence[Listing], context: Context) -> Step | NotMine:
    """Words after an answer: another school by its name, or by one that is near."""
    asked = understand(listings, words, _places(context))
    routing = context.route(words)
    is_other = routing.kind in ("policy", "service") and routing.intent != InstitutionLookup.name
    if isinstance(asked, Meant) or (isinstance(asked, Near) and asked.found and not is_other):
        return _answer(listings, words, context)
    return NotMine.ENDS


def _is_list(asked: object) -> bool:
    return isinstance(asked, Among) and bool(asked.county)


def _repeat(state: State, context: Context) -> Step:
    if state.at != "choose":
        return _ask(context)
    return Step(state, Text(_word_options(state, context)))
