"""One's own classes in the talk about enrolling: a list, one of them, leaving it."""

from uuid import UUID

from bot.replies import Text
from bot.talks.contract import Context, NotMine, Opens, State, Step
from bot.talks.enrol_saying import (
    BIND,
    EMPTY,
    PAGE,
    Answered,
    at_step,
    is_one_of,
    say,
    word_own,
    word_own_list,
)
from domain.actor import Trainee
from domain.enrolments.actions import mark_informed, withdraw
from domain.enrolments.queries import Own, find_own, list_own


async def show_mine(context: Context) -> Step | Opens:
    """The newest of one's own classes, of those that one has not left."""
    if not isinstance(context.actor, Trainee):
        return Opens(BIND, after=State("ask", EMPTY))
    page = await list_own(context.actor, None, PAGE, withdrawn=False)
    if not page.rows:
        return Step(State("ask", EMPTY), Text(say(context, "mine_none")))
    shown = [str(one.class_id) for one in page.rows]
    return Step(State("mine", {"shown": shown}), Text(word_own_list(context, page.rows)))


async def show_own(context: Context, class_id: UUID) -> Step | Opens:
    """One of them, with the notice where it is still owed. Raises DomainError not_found."""
    if not isinstance(context.actor, Trainee):
        return Opens(BIND, after=State("ask", EMPTY))
    actor, own = context.actor, await find_own(context.actor, class_id)
    answers = {"class": str(own.class_id), "title": own.title, "enrolment": str(own.id)}
    at, words = State("mine_one", answers), word_own(context, own)
    if not own.owed:
        return Step(at, Text(words))
    # Put on a roster by others: now they hear what they were owed.
    return Step(
        at,
        Text(words),
        action=lambda: mark_informed(actor, enrolment_id=own.id, channel="chat", now=context.now),
        done=lambda notice: Step(at, Text(f"{words}\n{notice}")),
    )


async def step_mine_one(state: State, words: str, context: Context) -> Answered:
    """Words about one of them: one wants to leave it."""
    if not is_one_of(context, words, "leave_words"):
        return NotMine.STAYS
    own = await _own_of(state, context)
    if own is None or not own.leaves:
        return NotMine.STAYS if own is None else Step(state, Text(word_own(context, own)))
    asked = say(context, "leave", title=own.title)
    return Step(at_step(state, "leave"), Text(asked))


async def step_leave(state: State, words: str, context: Context) -> Answered:
    """Yes, or something else."""
    if not is_one_of(context, words, "yes_words"):
        return NotMine.STAYS
    actor = context.actor
    return Step(
        state,
        Text(""),
        action=lambda: withdraw(
            actor, enrolment_id=UUID(state.answers["enrolment"]), now=context.now
        ),
        done=lambda title: Step(None, Text(say(context, "left", title=title))),
    )


async def _own_of(state: State, context: Context) -> Own | None:
    if not isinstance(context.actor, Trainee):
        return None
    return await find_own(context.actor, UUID(state.answers["class"]))
