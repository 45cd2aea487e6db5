"""Looking which session a code is for, and checking in to it: what comes of either, in words."""

from datetime import timedelta

from bot.refusals import word_refusal
from bot.replies import Text
from bot.talks.check_in_saying import (
    Wish,
    say,
    word_done,
    word_leave_question,
    word_place_question,
    write_wish,
)
from bot.talks.contract import Context, State, Step
from domain.actor import Trainee
from domain.attendance.actions import Sent, check_in, find_session_of
from domain.attendance.own import list_sittings_of_day
from domain.attendance.rules import TYPED_WITHIN, Channel, Kind, Place, window_of
from domain.attendance.wanting import usual_wants
from domain.attendance.writing import CheckedIn
from domain.errors import DomainError

#: So long an answer is awaited: longer than a code is good for, so that one is told that it is not.
LASTS = TYPED_WITHIN + timedelta(minutes=5)
#: The session was moved meanwhile, or is another's altogether.
_MOVED = ("not_found", "sitting")
#: Refusals after which another code may do.
_ANOTHER_CODE = frozenset(
    {
        ("check_in_wrong_code", "left"),
        ("check_in_window_closed", "typed"),
        ("check_in_changed", ""),
        _MOVED,
    }
)


async def look_for(actor: Trainee, wish: Wish, context: Context) -> Step:
    """The session that the code is of; then where one is, where the class wants to know, or the
    check-in itself."""
    usual = usual_wants(context.content)
    try:
        # Not as the step's action: a refusal would undo that it has counted a wrong code.
        sitting = await find_session_of(
            actor, context.vault, usual, _send(wish, None, context), now=context.now
        )
    except DomainError as refusal:
        return await tell(refusal, actor, wish, context)
    wish = wish.of(sitting)
    if wish.leaves_early(context.now):
        return ask_leave(wish, context)
    return go_on_with(wish, context)


def ask_leave(wish: Wish, context: Context) -> Step:
    """Ask whether they really leave: what is signed out early costs hours."""
    return Step(State("leave", write_wish(wish)), Text(word_leave_question(wish, context)))


def go_on_with(wish: Wish, context: Context) -> Step:
    """A session is known: where one is, or the check-in itself."""
    return ask_place(wish, context) if wish.asks_place else check_in_here(wish, None, context)


def ask_place(wish: Wish, context: Context) -> Step:
    """Ask where one is."""
    return Step(State("place", write_wish(wish)), Text(word_place_question(wish, context)))


def check_in_here(wish: Wish, place: Place | None, context: Context) -> Step:
    """Check in, with the place or without one."""
    actor = context.actor
    assert isinstance(actor, Trainee)

    async def do() -> CheckedIn:
        sent = _send(wish, place, context)
        usual = usual_wants(context.content)
        return await check_in(actor, context.vault, usual, sent, now=context.now)

    return Step(
        None,
        Text(""),
        action=do,
        done=lambda done: Step(None, Text(word_done(done, wish, context))),
        refused=lambda refusal: _word_refused(refusal, wish, context),
    )


async def has_class(actor: Trainee, context: Context) -> bool:
    """Whether one has a class today."""
    try:
        return bool(
            await list_sittings_of_day(actor, usual_wants(context.content), now=context.now)
        )
    except DomainError:
        # They are paused, which is said.
        return True


async def tell(refusal: DomainError, actor: Trainee, wish: Wish, context: Context) -> Step:
    """What was refused before anything was done, in words. It is written down as refused, and that
    the message was answered: coming again it counts no second wrong code."""
    more = ""
    if refusal.code == "check_in_already" and wish.kind is Kind.IN:
        more = await _word_leaving(actor, context)
    nobody_knows = refusal.code == "check_in_wrong_code" and not await has_class(actor, context)

    async def refuse() -> None:
        raise refusal

    def word(_refusal: DomainError) -> Step | None:
        if nobody_knows:
            return Step(None, Text(say(context, "none_today")))
        step = _word_refused(refusal, wish, context)
        if step is None or not more or not isinstance(step.reply, Text):
            return step
        return Step(step.state, Text(f"{step.reply.content}\n{more}"))

    return Step(None, Text(""), action=refuse, refused=word)


def _word_refused(refusal: DomainError, wish: Wish, context: Context) -> Step | None:
    kind = (refusal.code, str(refusal.facts.get("about", "")))
    if kind == _MOVED:
        # The door's usual words are about names and numbers.
        words: str | None = context.texts["errors.not_found.about.sitting"]
    else:
        words = word_refusal(context.texts, refusal)
    if words is None:
        return None
    state = None
    if kind in _ANOTHER_CODE:
        state = State("code", write_wish(wish.without_code()))
    elif refusal.code == "check_in_too_far":
        state = State("place", write_wish(wish))
    return Step(state, Text(words.strip()))


def _send(wish: Wish, place: Place | None, context: Context) -> Sent:
    return Sent(
        wish.code,
        Channel.CHAT,
        wish.kind,
        session_id=wish.session,
        place=place,
        client_id=f"chat:{context.key.hex()}",
        typed_at=wish.typed_at,
    )


async def _word_leaving(actor: Trainee, context: Context) -> str:
    """How one leaves, for whoever is in already and in a class that wants to know."""
    usual = usual_wants(context.content)
    sittings = await list_sittings_of_day(actor, usual, now=context.now)
    leaving = [
        one
        for one in sittings
        if one.came and one.wants.wants_out and window_of(one, Kind.OUT).holds(context.now)
    ]
    return say(context, "out_later") if leaving else ""
