"""`/console/classes/{class_id}/attendance`: who of a class was where when, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from api.console import filters
from api.console.attendance.ground import (
    attendance_path,
    read_for,
    session_of,
    session_path,
)
from api.console.attendance.words import (
    KINDS,
    PATTERNS,
    STANDS,
    Cell,
    list_marks,
    make_cell,
    say_minutes,
    say_people,
    say_percent,
    say_session,
    say_short,
    say_start,
    say_status,
    say_threshold,
    say_time,
    say_until,
)
from api.console.classes.screens import find_screen, find_screens
from api.console.ground import now_for
from api.console.page import render
from api.console.sheets.signin import find_signin
from api.console.shown import State, say_day
from domain.attendance.entering import may_enter
from domain.attendance.hours import Held, Record
from domain.attendance.queries import Attendance, Attendee
from domain.attendance.rules import Channel, Kind
from domain.attendance.rules import State as Stands
from domain.attendance.sights import note_look
from domain.permissions import Permission, may
from domain.reasons import LEAST_REASON, MOST_REASON
from web.access import ACTOR, Access, allow

_ALL_DAYS = "all"
#: More sessions than these have no columns of their own: each says when it was.
_MOST_COLUMNS = 4
_WHO = {
    "under": "出勤率不够的",
    "absent": "有没到的",
    "marked": "有要看一眼的",
    "waits": "有等确认的",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One person in the table."""

    of: Attendee
    status: str
    cells: Sequence[tuple[str, Cell]]
    minutes: str
    percent: str


@allow(Access.STAFF, Permission.SEE_ATTENDANCE)
async def show_attendance(request: web.Request) -> web.Response:
    """GET: the people of a class in its sessions, of the day and of the kind that the URL names."""
    found, now = await read_for(request), now_for(request)
    await note_look(request[ACTOR], found.of.id, now=now)
    days = sorted({one.day for one in found.sessions})
    fields = (
        filters.Choice(
            name="day",
            label="哪一天",
            options={one.isoformat(): say_day(one, now.date()) for one in days}
            | {_ALL_DAYS: "所有的课"},
            all="最近一次上课",
        ),
        filters.Choice(name="who", label="哪些人", options=_WHO),
    )
    chosen = filters.Filters.from_query(request.query, fields)
    sessions = _choose_sessions(found, chosen.text("day"), now)
    under = [one for one in found.people if one.under]
    return render(
        request,
        "attendance/show",
        found=found,
        table=_FilterTable(chosen, attendance_path(found.of.id)),
        path=attendance_path(found.of.id),
        sessions=_head_columns(found, sessions),
        all_sessions=[
            (one, say_session(one), session_path(found.of.id, one.id), *_count_in(found, one))
            for one in found.sessions
        ],
        folded=len(sessions) > _MOST_COLUMNS,
        lines=[
            _make_line(one, sessions, now)
            for one in found.people
            if _fits(one, chosen.text("who"), found)
        ],
        days=[
            (day, f"{share.had}／{share.held}人次", say_percent(share))
            for day, share in sorted(found.days.items())
        ],
        threshold=say_threshold(found),
        under=say_people(under),
        under_count=len(under),
        patterns=_list_patterns(found),
        enters=may(request[ACTOR], Permission.ENTER_CHECK_INS),
        screens=find_screens(request, found.of.id, found.of.status),
        signin=find_signin(request, found.of.id, found.of.status),
    )


@allow(Access.STAFF, Permission.SEE_ATTENDANCE)
async def show_session(request: web.Request) -> web.Response:
    """GET: one session with all that stands of it, to be looked at and to be refused."""
    found, now = await read_for(request), now_for(request)
    session = session_of(request, found)
    await note_look(request[ACTOR], found.of.id, now=now)
    enters = may(request[ACTOR], Permission.ENTER_CHECK_INS) and session.starts_at <= now
    rows = [
        {"of": one, "status": say_status(one.status), "records": records}
        for one in found.people
        if (records := _list_records(one, session)) or not say_status(one.status)
    ]
    return render(
        request,
        "attendance/session",
        found=found,
        session=session,
        words=say_session(session),
        rows=rows,
        path=session_path(found.of.id, session.id),
        back=attendance_path(found.of.id),
        decides=may(request[ACTOR], Permission.DECIDE_CHECK_IN),
        missing=_say_missing(session, now),
        by_hand=enters and may_enter(session.ends_at, Channel.TEACHER, now),
        paper=enters and may_enter(session.ends_at, Channel.PAPER, now),
        until=say_until(session, now) if enters else "",
        least=LEAST_REASON,
        most=MOST_REASON,
        screen=find_screen(request, session.id, session.ends_at, found.of.status),
        screens=find_screens(request, found.of.id, found.of.status),
        signin=find_signin(request, found.of.id, found.of.status),
    )


@dataclass(frozen=True, slots=True)
class _FilterTable:
    """What the form of filters needs of a table."""

    filters: filters.Filters
    path: str


def _choose_sessions(found: Attendance, day: str | None, now: datetime) -> Sequence[Held]:
    """Those of the day that was chosen; else of the last day on which one has begun, or the
    first."""
    if day == _ALL_DAYS or not found.sessions:
        return found.sessions
    if day is None:
        begun = [one.day for one in found.sessions if one.starts_at <= now]
        wanted = begun[-1] if begun else found.sessions[0].day
    else:
        wanted = date.fromisoformat(day)
    return [one for one in found.sessions if one.day == wanted]


def _head_columns(found: Attendance, sessions: Sequence[Held]) -> Sequence[Mapping[str, str]]:
    """What stands above each session's column, and beside its cell on a phone: the day, or the hour
    where all are of one day."""
    one_day = len({session.day for session in sessions}) == 1 < len(sessions)
    return [
        {
            "words": say_session(session),
            "path": session_path(found.of.id, session.id),
            "short": say_start(session) if one_day else say_short(session),
        }
        for session in sessions
    ]


def _make_line(one: Attendee, sessions: Sequence[Held], now: datetime) -> Line:
    return Line(
        one,
        say_status(one.status),
        [
            (say_short(session), make_cell(session, one.presences[session.id], now))
            for session in sessions
        ],
        f"{say_minutes(one.share.had)}／{say_minutes(one.share.held)}" if one.share.held else "",
        say_percent(one.share),
    )


def _fits(one: Attendee, who: str | None, found: Attendance) -> bool:
    if who is None:
        return True
    if who == "under":
        return one.under
    if who == "waits":
        return any(record.person == one.person for record in found.waiting)
    presences = one.presences.values()
    if who == "absent":
        return any(presence.gap is not None for presence in presences)
    records = (record for each in presences for record in (each.came, each.left))
    return any(record is not None and list_marks(record) for record in records)


def _say_missing(session: Held, now: datetime) -> State | None:
    """Of who has nothing in a session: nothing before it, and no blame while it lasts."""
    if session.starts_at > now:
        return None
    return State("还没到") if now < session.ends_at else State("没有签到", "bad")


def _count_in(found: Attendance, session: Held) -> tuple[int, int]:
    """How many check-ins of it count, and how much waits to be confirmed beside them."""
    came = [record for one in found.people if (record := one.presences[session.id].came)]
    counted = [record for record in came if record.state is Stands.COUNTED]
    return len(counted), sum(1 for one in found.waiting if one.session == session.id)


def _list_records(one: Attendee, session: Held) -> list[Mapping[str, object]]:
    presence = one.presences[session.id]
    records = [record for record in (presence.came, presence.left) if record is not None]
    return [_describe(record) for record in records]


def _describe(record: Record) -> Mapping[str, object]:
    return {
        "id": record.id,
        "kind": KINDS[record.kind],
        "at": say_time(record.at),
        "marks": list_marks(record),
        "reason": record.reason,
        "state": STANDS[record.state],
        "leaves": record.kind is Kind.OUT,
    }


def _list_patterns(found: Attendance) -> Sequence[Mapping[str, object]] | None:
    """None for who is not to see them."""
    if found.patterns is None:
        return None
    by_id = {one.id: one for one in found.sessions}
    named = {one.person: one for one in found.people}
    shown: list[Mapping[str, object]] = []
    for pattern in found.patterns:
        people = [named[person] for person in pattern.people if person in named]
        session = by_id.get(pattern.session) if pattern.session else None
        shown.append(
            {
                "what": State(PATTERNS[pattern.alike], "warn"),
                "where": say_session(session) if session else "不同的课次里",
                "people": say_people(people),
                "count": len(people),
            }
        )
    return shown


def add_routes(app: web.Application) -> None:
    """The class's page, and one for each session."""
    app.router.add_get("/classes/{class_id}/attendance", show_attendance)
    app.router.add_get("/classes/{class_id}/attendance/sessions/{session_id}", show_session)
