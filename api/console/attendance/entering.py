"""Entering people of a session by hand (补签), and what stands on a paper sheet, with its scan."""

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from aiohttp import web

from api.console import fields
from api.console.attendance.ground import (
    attendance_path,
    class_id_of,
    files_of,
    read_for,
    session_of,
    session_path,
    wants_of,
)
from api.console.attendance.words import KINDS, say_session, say_status, say_time
from api.console.form import Form, Trouble, receive_upload
from api.console.ground import ground_of, now_for
from api.console.page import go_to, render
from api.console.paths import uuid_in
from api.console.shown import say_moment
from api.scans import SCAN_KINDS, send_scan
from domain.attendance.for_others import Entered, check_in_by_hand, enter_paper
from domain.attendance.hours import Held
from domain.attendance.queries import Attendance, Attendee
from domain.attendance.rules import CONFIRM_WITHIN, Kind
from domain.attendance.scans import MOST_BYTES, add_scan, find_scan, see_scan
from domain.calendar import LOCAL
from domain.permissions import Permission
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

_TICK = "enter-"
#: Boxes of one form, which has no more fields than web.forms.MOST_FIELDS.
_MOST_TICKS = 80
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_HOLDER = allow(Access.STAFF, Permission.SEE_ATTENDANCE, Permission.ENTER_CHECK_INS)
_UPLOAD = (
    fields.File(
        label="纸质签到表的照片或扫描件",
        accept=".jpg,.jpeg,.png,.pdf",
        help="JPG、PNG 或 PDF，最大10MB。拍清楚整张表：班名、日期、签名都要看得见。",
    ),
)


@_HOLDER
async def show_by_hand(request: web.Request) -> web.Response:
    """GET: whom to enter, when they came, and why by hand."""
    found = await read_for(request)
    session = session_of(request, found)
    form = Form.blank(request, _fields(paper=False), _values(request, session))
    return _render(request, found, session, form, frozenset(), None)


@_HOLDER
@body(most_bytes=64 * 1024, seconds=10)
async def enter_by_hand(request: web.Request) -> web.Response:
    """POST: enter them."""
    return await _enter(request, None)


@_HOLDER
async def show_upload(request: web.Request) -> web.Response:
    """GET: hand in the scan first."""
    found = await read_for(request)
    return _render_upload(request, found, Form.blank(request, _UPLOAD))


@_HOLDER
@body(most_bytes=MOST_BYTES + 64 * 1024, seconds=120, streamed=True)
async def upload(request: web.Request) -> web.Response:
    """POST: keep the scan, then tick who stands on it."""
    found = await read_for(request)
    session = session_of(request, found)
    form = Form.blank(request, _UPLOAD)
    with form.telling_refusals():
        received = await receive_upload(request, most_bytes=MOST_BYTES, kinds=SCAN_KINDS)
        scan = await add_scan(
            request[ACTOR],
            ground_of(request).vault,
            files_of(request),
            class_id=found.of.id,
            content=await asyncio.to_thread(received.path.read_bytes),
            media_type=received.kind.value,
            now=now_for(request),
        )
        path = f"{session_path(found.of.id, session.id)}/paper/{scan.id}"
        return go_to(request, path, done="扫描件存好了。下面勾出表上签了名的人。")
    return _render_upload(request, found, form, status=422)


@_HOLDER
async def show_paper(request: web.Request) -> web.Response:
    """GET: whom to enter, beside the scan."""
    found = await read_for(request)
    session, scan = session_of(request, found), await _find_scan(request)
    form = Form.blank(request, _fields(paper=True), _values(request, session))
    return _render(request, found, session, form, frozenset(), scan)


@_HOLDER
@body(most_bytes=64 * 1024, seconds=10)
async def enter_from_paper(request: web.Request) -> web.Response:
    """POST: enter them."""
    return await _enter(request, await _find_scan(request))


@allow(Access.STAFF, Permission.SEE_ATTENDANCE)
async def show_scan(request: web.Request) -> web.Response:
    """GET: the scan itself, under the kind that we have judged; on record."""
    file, content = await see_scan(
        request[ACTOR],
        ground_of(request).vault,
        files_of(request),
        class_id=class_id_of(request),
        file_id=uuid_in(request, "file_id"),
        now=now_for(request),
    )
    return send_scan(file, content)


async def _enter(request: web.Request, scan: UUID | None) -> web.Response:
    found = await read_for(request)
    session = session_of(request, found)
    sent = await read_form(request)
    form = Form.of(request, _fields(paper=scan is not None), sent)
    ticked = frozenset(_list_ticked(sent, found))
    if not ticked:
        form.trouble = Trouble("还没有选人", "还没有登记。请在名单里勾出要登记的人。")
    at = _read_clock(form, session)
    if form.fits and at is not None:
        with form.telling_refusals():
            entered = await _write(request, session, form, sorted(ticked), at, scan)
            done = _say_entered(entered, Kind(form.text("kind")), now_for(request))
            return go_to(request, session_path(found.of.id, session.id), done=done)
    return _render(request, found, session, form, ticked, scan, status=422)


def _write(
    request: web.Request,
    session: Held,
    form: Form,
    enrolments: Sequence[UUID],
    at: datetime,
    scan: UUID | None,
) -> Awaitable[Entered]:
    actor, wants, now = request[ACTOR], wants_of(request), now_for(request)
    kind, reason = Kind(form.text("kind")), form.text("reason")
    if scan is None:
        return check_in_by_hand(
            *(actor, wants),
            session_id=session.id,
            enrolments=enrolments,
            kind=kind,
            at=at,
            reason=reason,
            now=now,
        )
    return enter_paper(
        *(actor, wants),
        session_id=session.id,
        enrolments=enrolments,
        kind=kind,
        at=at,
        document=scan,
        reason=reason,
        now=now,
    )


def _say_entered(entered: Entered, kind: Kind, now: datetime) -> str:
    count = len(entered.check_ins)
    already = f"{entered.already}人已经有{KINDS[kind]}，没有再登记。" if entered.already else ""
    if not count:
        return f"一个也没有登记。{already}"
    until = say_moment(now + CONFIRM_WITHIN, now)
    return f"登记了{count}人的{KINDS[kind]}，要由另一个人在{until}以前确认才算。{already}"


def _fields(*, paper: bool) -> tuple[fields.Field, ...]:
    kinds = {kind.value: words for kind, words in KINDS.items()}
    return (
        fields.Choice(name="kind", label="登记签到还是签退", options=kinds),
        fields.Text(
            name="at",
            label="几点到的（签退写几点走的）",
            most=5,
            help="写成 08:30。要在这次课的时间里，也不能比现在晚。",
        ),
        fields.Text(
            name="reason",
            label="说明" if paper else "为什么由老师登记",
            most=200,
            required=not paper,
            help="" if paper else "如：手机没电、没带手机、不会用。确认的人会看到。",
        ),
    )


def _values(request: web.Request, session: Held) -> Mapping[str, object]:
    kind = Kind.OUT if request.query.get("kind") == Kind.OUT.value else Kind.IN
    at = session.ends_at if kind is Kind.OUT else session.starts_at
    return {"kind": kind.value, "at": say_time(at)}


def _read_clock(form: Form, session: Held) -> datetime | None:
    """The moment that was typed, on the session's day; of one that goes past midnight on the
    next where it is before the start."""
    if "at" in form.errors:
        return None
    found = _CLOCK.fullmatch(form.text("at"))
    if found is None:
        form.errors["at"] = "没有看懂，请写成 08:30。"
        return None
    starts = session.starts_at.astimezone(LOCAL)
    at = starts.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    ends = session.ends_at.astimezone(LOCAL)
    if ends.date() > starts.date() and at < starts - timedelta(hours=3):
        at += timedelta(days=1)
    return at


def _list_ticked(sent: Mapping[str, str], found: Attendance) -> list[UUID]:
    known = {str(one.enrolment): one.enrolment for one in found.people}
    names = (name.removeprefix(_TICK) for name in sent if name.startswith(_TICK))
    return [known[name] for name in names if name in known]


async def _find_scan(request: web.Request) -> UUID:
    scan = await find_scan(request[ACTOR], class_id_of(request), uuid_in(request, "file_id"))
    return scan.id


def _list_people(found: Attendance, session: Held) -> Sequence[tuple[Attendee, str]]:
    """Who is in the class, and how they stand in the session; who has nothing comes first."""
    told = [
        (one, _say_standing(one, session)) for one in found.people if not say_status(one.status)
    ]
    return sorted(told, key=lambda pair: bool(pair[1]))


def _say_standing(one: Attendee, session: Held) -> str:
    presence = one.presences[session.id]
    records = [record for record in (presence.came, presence.left) if record is not None]
    return "，".join(f"{say_time(record.at)}{KINDS[record.kind]}" for record in records)


def _render(
    request: web.Request,
    found: Attendance,
    session: Held,
    form: Form,
    ticked: frozenset[UUID],
    scan: UUID | None,
    *,
    status: int = 200,
) -> web.Response:
    people = _list_people(found, session)
    path = session_path(found.of.id, session.id)
    return render(
        request,
        "attendance/enter",
        status=status,
        found=found,
        form=form,
        words=say_session(session),
        people=people[:_MOST_TICKS],
        more=max(0, len(people) - _MOST_TICKS),
        ticked=ticked,
        scan=f"{attendance_path(found.of.id)}/scans/{scan}" if scan else "",
        action=f"{path}/paper/{scan}" if scan else f"{path}/by-hand",
        back=path,
    )


def _render_upload(
    request: web.Request, found: Attendance, form: Form, *, status: int = 200
) -> web.Response:
    session = session_of(request, found)
    return render(
        request,
        "attendance/upload",
        status=status,
        form=form,
        words=say_session(session),
        path=session_path(found.of.id, session.id),
    )


def add_routes(app: web.Application) -> None:
    """By hand, from paper, and the scan."""
    root = "/classes/{class_id}/attendance"
    one = f"{root}/sessions/{{session_id}}"
    app.router.add_get(f"{one}/by-hand", show_by_hand)
    app.router.add_post(f"{one}/by-hand", enter_by_hand)
    app.router.add_get(f"{one}/scan", show_upload)
    app.router.add_post(f"{one}/scan", upload)
    app.router.add_get(f"{one}/paper/{{file_id}}", show_paper)
    app.router.add_post(f"{one}/paper/{{file_id}}", enter_from_paper)
    app.router.add_get(f"{root}/scans/{{file_id}}", show_scan)
