"""One class in the talk about enrolling: read about it, ask in between, enrol."""

from uuid import UUID

from bot.refusals import word_refusal
from bot.replies import Text
from bot.talks.clarify import read_number
from bot.talks.contract import Context, NotMine, Opens, State, Step
from bot.talks.enrol_finding import list_all, pick, read_words, step_list
from bot.talks.enrol_reading import asks_for_classes, is_beyond_card, wants_to_learn
from bot.talks.enrol_saying import (
    Answered,
    ask_who,
    at_step,
    back_from_asking,
    hints,
    is_one_of,
    say,
    teller_of,
)
from domain.actor import Trainee
from domain.enrolments.actions import Enrolled, enrol_oneself
from domain.enrolments.rules import Status
from domain.errors import DomainError
from domain.faq.wording import Sources


async def step_one(state: State, words: str, context: Context) -> Answered:
    """Enrol, or something else about the class."""
    if not is_one_of(context, words, "enrol_words"):
        return await _step_aside(state, words, context)
    return enrol(state, context, told=False)


async def step_beyond(state: State, words: str, context: Context) -> Answered:
    """Enrol nonetheless."""
    if not is_one_of(context, words, "still_words"):
        return NotMine.STAYS
    return enrol(state, context, told=True)


async def _step_aside(state: State, words: str, context: Context) -> Answered:
    """Words that are no answer about one class: another number or wish, else a question, beside
    which the class stays."""
    at_list = at_step(state, "list")
    leads_on = read_number(words) is not None or any(
        is_one_of(context, words, key) for key in ("more_words", "all_words")
    )
    if leads_on:
        return await step_list(at_list, words, context)
    wish = read_words(context, words, await list_all(context))
    wants = wants_to_learn(words)
    if wish.county or wish.terms:
        is_wish = wants or asks_for_classes(words) or context.route(words).kind != "policy"
    else:
        is_wish = wants and wish.unknown != ""
    if is_wish:
        return await step_list(at_list, words, context)
    if hints(context, words, "card_hints") and not is_beyond_card(words):
        return await pick(state, state.answers["class"], context)
    return NotMine.STAYS


def enrol(state: State, context: Context, *, told: bool) -> Step | Opens:
    """Enrol in the class that is looked at. `told`: the person knows that it is beyond what is
    subsidised in a year."""
    actor = context.actor
    if not isinstance(actor, Trainee):
        # They come back to be enrolled (`wants`), not to the card that they have read.
        return ask_who(at_step(state, "one"), wants=True)

    def tell(done: Enrolled) -> Step:
        if not done.fresh:
            key = "already"
        else:
            key = "done_confirmed" if done.status is Status.CONFIRMED else "done"
        return Step(None, Text(f"{say(context, key)}\n{done.notice}"))

    def refuse(refusal: DomainError) -> Step | None:
        if refusal.code != "trainings_used_up":
            return _offer_others(refusal, state, context)
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


def _offer_others(refusal: DomainError, state: State, context: Context) -> Step | None:
    """Why not, and that there are other classes: 继续 shows the class, and does not try again."""
    words = word_refusal(context.texts, refusal)
    if words is None:
        return None
    offered = say(context, "refused", title=state.answers["title"])
    return Step(at_step(back_from_asking(state), "one"), Text(f"{words.strip()}\n{offered}"))
