"""One's own check-ins and hours, in at most six lines."""

from bot.talks.check_in_saying import say, word_day
from bot.talks.contract import Context
from domain.actor import Trainee
from domain.attendance.hours import Gap, Held
from domain.attendance.own_hours import OwnAttendance, read_own_attendance
from domain.attendance.rules import State, show_time
from domain.attendance.wanting import usual_wants

#: The newest sessions: with two lines above and one below it is what a phone shows.
_SHOWN = 3
_MINUTES = 60


async def word_mine(context: Context) -> str:
    """How often one was there, what hours that makes, and the newest sessions."""
    actor = context.actor
    assert isinstance(actor, Trainee)
    own = await read_own_attendance(actor, usual_wants(context.content), now=context.now)
    if own is None:
        return say(context, "mine_no_class")
    if not own.sessions:
        return say(context, "mine_none")
    shown = [_word_session(session, own, context) for session in reversed(own.sessions[-_SHOWN:])]
    return "\n".join([*_word_sums(own, context), *shown, say(context, "mine_foot")])


def _word_sums(own: OwnAttendance, context: Context) -> list[str]:
    over = own.list_over(context.now)
    if not over:
        return [say(context, "mine_before", title=own.title)]
    there = sum(1 for one in over if own.presences[one.id].minutes > 0)
    percent = own.share.percent or 0.0
    return [
        say(context, "mine_head", title=own.title, held=len(over), came=there),
        say(
            context,
            "mine_hours",
            had=_word_hours(own.share.had),
            all=_word_hours(own.share.held),
            percent=f"{percent:.0f}",
        ),
    ]


def _word_session(session: Held, own: OwnAttendance, context: Context) -> str:
    presence = own.presences[session.id]
    came, left = presence.came, presence.left
    if came is None and left is None:
        absent = _word_absence(session, own.refusals.get(session.id), context)
        return say(context, "mine_item", day=word_day(session.starts_at), records=absent)
    records = []
    if came is not None:
        key = "mine_came_late" if came.late else "mine_came"
        records.append(say(context, key, time=show_time(came.at)))
    if left is not None:
        records.append(say(context, "mine_left", time=show_time(left.at)))
    waits = any(one is not None and one.state is State.PENDING for one in (came, left))
    if waits:
        records.append(say(context, "mine_waits"))
    elif presence.gap in (Gap.NO_OUT, Gap.NO_IN):
        records.append(say(context, f"mine_{presence.gap.value}"))
    return say(context, "mine_item", day=word_day(session.starts_at), records="，".join(records))


def _word_absence(session: Held, refusal: str | None, context: Context) -> str:
    """Whoever was told that they were in, and is not any more, is told why."""
    if refusal is not None:
        return say(context, "mine_refused", reason=refusal)
    return say(context, "mine_absent" if session.ends_at <= context.now else "mine_absent_yet")


def _word_hours(minutes: int) -> str:
    """9小时, 2小时30分钟."""
    hours, rest = divmod(minutes, _MINUTES)
    if not rest:
        return f"{hours}小时"
    return f"{hours}小时{rest}分钟" if hours else f"{rest}分钟"
