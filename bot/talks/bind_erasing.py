"""Erasure (注销) in the talk about being known by name: what goes, what stays and until when, a yes
in so many words."""

from collections.abc import Sequence

from bot.replies import SILENCE, Text
from bot.talks.contract import Context, NotMine, Opens, Said, State, Step
from bot.talks.standing_words import word_day
from domain.actor import Trainee, Visitor
from domain.holdings import Holding, periods_of
from domain.privacy.in_chat import erase_in_chat, list_staying

#: Where it stands while the yes is waited for.
ERASE = "erase"
_AROUND = ' 。.！!～~“”"'
#: What is no answer, but meant as one.
_HALF_A_YES = frozenset(
    {"确认", "确定", "是", "是的", "好", "好的", "可以", "行", "嗯", "对", "同意"}
)
#: Says of whose a record is, and is said apart.
_NAMES = frozenset({"person", "consent"})


async def ask_whether_to_erase(context: Context) -> Step:
    """What would go, and what would stay."""
    actor, texts = _actor_of(context), context.texts
    if isinstance(actor, Visitor):
        return Step(State(ERASE), Text(texts["bind.erase_visitor"].strip()))
    staying = await list_staying(actor, periods_of(context.content), context.now)
    if not staying:
        return Step(State(ERASE), Text(texts["bind.erase"].strip()))
    asked = texts["bind.erase_some"].strip().format(**_word_staying(staying, context))
    return Step(State(ERASE), Text(asked))


async def step_erase(state: State, said: Said, context: Context) -> Step | Opens | NotMine:
    """The yes; anything else is none."""
    texts = context.texts
    if said.command == "go_on":
        return await ask_whether_to_erase(context)
    words = (said.words or "").strip(_AROUND)
    if said.command == "back" or words in texts["bind.erase_no_words"].split():
        not_done = SILENCE if state.after is not None else Text(texts["bind.erase_not"])
        return Step(None, not_done)
    if words in _HALF_A_YES or words in texts["bind.leave_words"].split():
        return Step(state, Text(texts["bind.remind_erase"]))
    if words not in texts["bind.erase_yes_words"].split():
        return NotMine.ENDS
    actor = _actor_of(context)
    periods, now = periods_of(context.content), context.now

    def tell(kept: Sequence[Holding]) -> Step:
        if isinstance(actor, Visitor):
            return Step(None, Text(texts["bind.erased_visitor"].strip()))
        if not kept:
            return Step(None, Text(texts["bind.erased"].strip()))
        words = texts["bind.erased_some"].strip().format(**_word_staying(kept, context))
        return Step(None, Text(words))

    return Step(
        None,
        Text(texts["bind.erase_unsure"]),
        forgets=lambda: erase_in_chat(actor, context.vault, periods, now=now),
        done=tell,
    )


def _actor_of(context: Context) -> Visitor | Trainee:
    actor = context.actor
    assert isinstance(actor, (Visitor, Trainee))
    return actor


def _word_staying(staying: Sequence[Holding], context: Context) -> dict[str, str]:
    """What stays, by its names, and the day on which the last of it goes."""
    periods = periods_of(context.content)
    names = [periods[one.kind].name for one in staying if one.kind not in _NAMES]
    days = [one.until for one in staying]
    known = [day for day in days if day is not None]
    until = word_day(max(known)) if len(known) == len(days) else context.texts["bind.erase_open"]
    return {"records": "、".join(names), "until": until}
