"""What waits to be confirmed in a class, and refusing what counts: each by a word of its own."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from aiohttp import web

from api.console.acting import name_actors
from api.console.attendance.ground import (
    attendance_path,
    read_for,
    session_of,
    session_path,
)
from api.console.attendance.words import (
    KINDS,
    list_marks,
    say_channel,
    say_person,
    say_session,
    say_time,
)
from api.console.ground import now_for
from api.console.page import go_to, render
from api.console.shown import say_moment
from domain.attendance.entering import require_reason
from domain.attendance.for_others import decide_check_in
from domain.attendance.hours import Held, Record
from domain.attendance.queries import Attendance
from domain.attendance.rules import FOR_OTHERS, Kind
from domain.errors import DomainError
from domain.permissions import Permission, may
from domain.reasons import LEAST_REASON, MOST_REASON
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

TICK = "check-"
#: Boxes of one form, which has no more fields than web.forms.MOST_FIELDS.
MOST_TICKS = 80

#: Why some of what was ticked was not done, in one line.
_LEFT: Mapping[str, str] = {
    "check_in_needs_another": "{count}条是您登记的，要由另一个人确认",
    "check_in_lapsed": "{count}条过了24小时没有人确认，已经不算；人确实到了的，请重新登记",
    "check_in_decided": "{count}条别人刚才办过了",
}


@dataclass(frozen=True, slots=True)
class _Batch:
    """What was entered at one moment for several people of one session, or came from phones."""

    session: Held
    first: Record
    records: list[Record] = field(default_factory=list)


@allow(Access.STAFF, Permission.SEE_ATTENDANCE)
async def show_waiting(request: web.Request) -> web.Response:
    """GET: what waits, as it was entered."""
    found, actor, now = await read_for(request), request[ACTOR], now_for(request)
    batches = _collect(found)
    names = await name_actors(request, {one.first.made_by for one in batches})
    people = {one.person: say_person(one) for one in found.people}
    shown = []
    for batch in batches:
        first, until = batch.first, batch.first.lapses_at
        for_others = first.channel in FOR_OTHERS
        own = for_others and first.made_by == actor.key
        shown.append(
            {
                "title": f"{say_session(batch.session)}的{KINDS[first.kind]}",
                "how": say_channel(first) if for_others else "没网时签的，后来补交",
                "by": names.get(first.made_by, "") if for_others else "",
                "made_at": first.made_at,
                "reason": first.reason,
                "document": first.document,
                "until": say_moment(until, now) if until else "",
                "own": own,
                "people": [
                    (one.id, people.get(one.person, "—"), say_time(one.at), _say_marks(one))
                    for one in batch.records[:MOST_TICKS]
                ],
                "more": max(0, len(batch.records) - MOST_TICKS),
            }
        )
    return render(
        request,
        "attendance/waiting",
        found=found,
        batches=shown,
        path=attendance_path(found.of.id),
        decides=may(actor, Permission.DECIDE_CHECK_IN),
        least=LEAST_REASON,
        most=MOST_REASON,
    )


@allow(Access.STAFF, Permission.DECIDE_CHECK_IN)
@body(most_bytes=64 * 1024, seconds=10)
async def confirm(request: web.Request) -> web.Response:
    """POST: those that were ticked count."""
    found, sent = await read_for(request), await read_form(request)
    ids = _ticked(sent, {one.id for one in found.waiting})
    done = await _decide(request, ids, accept=True)
    return go_to(request, f"{attendance_path(found.of.id)}/waiting", done=done)


@allow(Access.STAFF, Permission.DECIDE_CHECK_IN)
@body(most_bytes=64 * 1024, seconds=10)
async def refuse_waiting(request: web.Request) -> web.Response:
    """POST: those that were ticked do not count, with a reason."""
    found, sent = await read_for(request), await read_form(request)
    ids = _ticked(sent, {one.id for one in found.waiting})
    done = await _decide(request, ids, accept=False, reason=sent.get("reason", ""))
    return go_to(request, f"{attendance_path(found.of.id)}/waiting", done=done)


@allow(Access.STAFF, Permission.DECIDE_CHECK_IN)
@body(most_bytes=64 * 1024, seconds=10)
async def refuse_in_session(request: web.Request) -> web.Response:
    """POST: the same for what stands in one session, whether it counts or waits."""
    found, sent = await read_for(request), await read_form(request)
    session = session_of(request, found)
    presences = [one.presences[session.id] for one in found.people]
    standing = {one.id for each in presences for one in (each.came, each.left) if one}
    done = await _decide(
        request, _ticked(sent, standing), accept=False, reason=sent.get("reason", "")
    )
    return go_to(request, session_path(found.of.id, session.id), done=done)


def _collect(found: Attendance) -> Sequence[_Batch]:
    sessions = {one.id: one for one in found.sessions}
    batches: dict[tuple[object, ...], _Batch] = {}
    for one in found.waiting:
        by_hand = one.channel in FOR_OTHERS
        of = (one.made_by, one.made_at, one.reason, one.document) if by_hand else ()
        key = (one.session, one.kind, by_hand, *of)
        batch = batches.setdefault(key, _Batch(sessions[one.session], one))
        batch.records.append(one)
    return list(batches.values())


def _say_marks(record: Record) -> str:
    """Beside a name what its batch does not say already."""
    late = ["迟到"] if record.late and record.kind is Kind.IN else []
    said = {say_channel(record), "没网时签的，后来补交", "迟到"}
    return "，".join([*late, *(mark for mark in list_marks(record) if mark not in said)])


def _ticked(sent: Mapping[str, str], known: Collection[UUID]) -> list[UUID]:
    """The ids that were ticked, of those that are there."""
    by_text = {str(one): one for one in known}
    names = (name.removeprefix(TICK) for name in sent if name.startswith(TICK))
    return [by_text[name] for name in names if name in by_text]


def _is_reason(reason: str) -> bool:
    try:
        return bool(require_reason(reason))
    except DomainError:
        return False


async def _decide(
    request: web.Request, ids: Iterable[UUID], *, accept: bool, reason: str = ""
) -> str:
    """Decide on each; what became of it, in a sentence."""
    ids = list(ids)
    if not ids:
        return "没有选中还能办的签到，先选再点。"
    if not accept and not _is_reason(reason):
        return f"没有退回：要写明为什么退回，{LEAST_REASON}到{MOST_REASON}个字。"
    done, left = 0, Counter[str]()
    for one in ids:
        try:
            await decide_check_in(
                request[ACTOR], check_in_id=one, accept=accept, reason=reason, now=now_for(request)
            )
            done += 1
        except DomainError as error:
            if error.code not in _LEFT:
                raise
            left[error.code] += 1
    words = f"{'确认' if accept else '退回'}了{done}条" if done else "一条也没有办"
    parts = [words, *(_LEFT[code].format(count=count) for code, count in left.items())]
    return "；".join(parts) + "。"


def add_routes(app: web.Application) -> None:
    """The list, and the decisions."""
    root = "/classes/{class_id}/attendance"
    app.router.add_get(f"{root}/waiting", show_waiting)
    app.router.add_post(f"{root}/waiting/confirm", confirm)
    app.router.add_post(f"{root}/waiting/refuse", refuse_waiting)
    app.router.add_post(f"{root}/sessions/{{session_id}}/refuse", refuse_in_session)
