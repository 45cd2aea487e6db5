"""Short answers in the talk about enrolling that mean the same at several of its steps: stopping,
a bare yes, whether one is enrolled."""

import re

from bot.replies import Text
from bot.talks.contract import Context, State, Step
from bot.talks.enrol_mine import show_mine
from bot.talks.enrol_saying import (
    Answered,
    at_step,
    is_one_of,
    kept_of,
    say,
    word_line,
    word_missing_step,
)
from domain.actor import Trainee
from domain.enrolments.queries import list_own

#: Steps at which a class is looked for.
_LOOKING = frozenset({"ask", "list", "one", "beyond"})
#: A longer message that holds a hint is about more than that.
_LONGEST_HINT = 12
_POINTS = re.compile(r"[\s,，.。、!！~～…]+")


async def answer_shortly(state: State, said: str, context: Context) -> Answered | None:
    """The answer to words that mean the same wherever a class is looked for, and to 不退了 where
    one of one's own is left; None where `said` is no such word."""
    words = _POINTS.sub("", said)
    if state.at in ("mine_one", "leave"):
        if is_one_of(context, words, "stay_words"):
            return Step(at_step(state, "mine_one"), Text(say(context, "stayed")))
        return None
    if state.at not in _LOOKING:
        return None
    if is_one_of(context, words, "stop_words"):
        return _stop(context)
    if is_one_of(context, words, "leave_words") and not await _has_own(context):
        return _stop(context)
    hinted = len(words) <= _LONGEST_HINT and any(
        hint in words for hint in context.texts["enrol.chat.mine_hints"].split()
    )
    if hinted:
        if state.at == "one" and not await _has_own(context):
            return Step(state, Text(word_missing_step(state, context)))
        return await show_mine(context, kept_of(state))
    if state.at in ("ask", "list") and is_one_of(context, words, "enrol_words"):
        return Step(state, Text(word_line(state, context)))
    return None


def _stop(context: Context) -> Step:
    return Step(None, Text(say(context, "stopped")))


async def _has_own(context: Context) -> bool:
    if not isinstance(context.actor, Trainee):
        return False
    return bool((await list_own(context.actor, None, 1, withdrawn=False)).rows)
