"""One's own classes in the talk about enrolling: a list, one of them, leaving it."""

from collections.abc import Sequence
from uuid import UUID

from bot.replies import MOST_TEXT_BYTES, Text
from bot.talks.contract import Context, NotMine, Opens, State, Step
from bot.talks.enrol_saying import (
    EMPTY,
    PAGE,
    Answered,
    ask_who,
    at_step,
    is_one_of,
    keep,
    kept_of,
    say,
    word_kept,
    word_line,
    word_own,
    word_own_in_full,
    word_own_list,
    word_staying,
    word_what_to_do,
)
from domain.actor import Trainee
from domain.enrolments.actions import mark_informed, withdraw
from domain.enrolments.queries import Own, find_own, find_told, list_own
from domain.training.details import Sitting
from domain.training.sittings import find_next_sittings

#: Bytes of what is told at once; above it may stand that one is bound now.
_MOST_TOLD = MOST_TEXT_BYTES - 300


async def show_mine(context: Context, kept: State | None = None) -> Step | Opens:
    """The newest of one's own classes, of those that one has not left; a single one at once.
    `kept`: what one was looking for, and comes back to."""
    if not isinstance(context.actor, Trainee):
        return ask_who(State("mine", {"shown": [], **keep(kept)}))
    page = await list_own(context.actor, None, PAGE, withdrawn=False)
    if not page.rows:
        if kept is None:
            return Step(State("ask", EMPTY), Text(say(context, "mine_none")))
        return Step(kept, Text(f"{say(context, 'mine_none_yet')}\n{word_line(kept, context)}"))
    following = await find_next_sittings([one.class_id for one in page.rows], context.now)
    if len(page.rows) == 1:
        (own,) = page.rows
        return await _show(context, own, following.get(own.class_id), kept, only=True)
    shown = [str(one.class_id) for one in page.rows]
    state = State("mine", {"shown": shown, **keep(kept)})
    return await _tell(state, context, page.rows, [word_own_list(context, page.rows, following)])


async def show_own(
    context: Context, class_id: UUID, kept: State | None = None, *, only: bool = False
) -> Step | Opens:
    """One of them, in short. Raises DomainError not_found. `only`: there is no list behind it."""
    if not isinstance(context.actor, Trainee):
        return ask_who(State("mine", {"shown": [], **keep(kept)}))
    own = await find_own(context.actor, class_id)
    following = await find_next_sittings([class_id], context.now)
    return await _show(context, own, following.get(class_id), kept, only=only)


async def _show(
    context: Context, own: Own, following: Sitting | None, kept: State | None, *, only: bool
) -> Step:
    answers = {
        "class": str(own.class_id),
        "title": own.title,
        "enrolment": str(own.id),
        "only": only,
        **keep(kept),
    }
    lines = [word_own(context, own, following), word_what_to_do(context, own)]
    return await _tell(State("mine_one", answers), context, [own], lines)


async def _tell(state: State, context: Context, own: Sequence[Own], lines: Sequence[str]) -> Step:
    """`lines`, with what everybody in a class is told (L12) below the first where it is owed: to
    whoever was put on a roster by others. What there is no room for stays owed."""
    actor = context.actor
    assert isinstance(actor, Trainee)
    head, below = lines[0].splitlines(), [*lines[1:], *word_kept(state, context).splitlines()]
    told: list[UUID] = []
    for one in own:
        if one.owed:
            words = await find_told(actor, one.id)
            # Of several classes most lines are the same.
            longer = [*head, *(line for line in words.splitlines() if line not in head)]
            if len("\n".join([*longer, *below]).encode()) <= _MOST_TOLD:
                head = longer
                told.append(one.id)
    said = Text("\n".join([*head, *below]))

    async def mark() -> None:
        for enrolment in told:
            await mark_informed(actor, enrolment_id=enrolment, channel="chat", now=context.now)

    return Step(state, said, action=mark if told else None)


async def _show_all(state: State, context: Context) -> Step | None:
    """All that is known of it, with what one was told."""
    own = await _own_of(state, context)
    if own is None or not isinstance(context.actor, Trainee):
        return None
    told = await find_told(context.actor, own.id)
    return Step(state, Text(f"{word_own_in_full(context, own)}\n{told}".strip()))


async def step_mine_one(state: State, words: str, context: Context) -> Answered:
    """Words about one of them: one wants to know more, or to leave it."""
    if is_one_of(context, words, "more_of_mine_words"):
        return await _show_all(state, context) or NotMine.STAYS
    if not is_one_of(context, words, "leave_words"):
        return NotMine.STAYS
    own = await _own_of(state, context)
    if own is None or not own.leaves:
        return NotMine.STAYS if own is None else Step(state, Text(word_staying(context, own)))
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
        done=lambda title: _word_left(state, context, title),
    )


def _word_left(state: State, context: Context, title: str) -> Step:
    words, kept = say(context, "left", title=title), kept_of(state)
    return Step(kept, Text(words if kept is None else f"{words}\n{word_line(kept, context)}"))


async def _own_of(state: State, context: Context) -> Own | None:
    if not isinstance(context.actor, Trainee):
        return None
    return await find_own(context.actor, UUID(state.answers["class"]))
