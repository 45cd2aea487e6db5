"""The sign-in sheet (学员签到表) as whoever stands before a class screen takes it, to be signed.

It has names, for without them nobody can sign; numbers are masked. What a link may have of it, and
why: docs/decisions/0030-check-in.md.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from content.schema import Content
from domain.actor import Actor, System
from domain.attendance.classes import find_session
from domain.attendance.queries import TAKEN, Attendance, Attendee, read_attendance
from domain.attendance.rules import HELD, Kind, Sitting, Wants, Window, window_of
from domain.attendance.screens import find_good_link
from domain.attendance.sheets import Sheet, Shown, export_signin, take_out
from domain.attendance.wanting import usual_wants
from domain.errors import DomainError
from domain.permissions import Permission
from domain.vault import Vault

#: Nobody has said who they are that have a link: the log names the link, and who made it.
_BEARER = System("class screen")


async def export_from_screen(
    actor: Actor,
    vault: Vault,
    content: Content,
    session_id: UUID,
    *,
    reason: str,
    now: datetime,
) -> Sheet:
    """The whole class's sheet for who shows the screen of one of its sessions, by being signed in;
    `reason` is kept, as wherever names leave the house.

    Raises DomainError: no_permission, not_found; as export_signin.
    """
    asked = (Permission.SHOW_SCREEN, Wants(), session_id)
    session = await find_session(get_connection("default"), actor, *asked)
    return await export_signin(
        actor,
        vault,
        content,
        class_id=session.sitting.class_id,
        shown=Shown.NAMES,
        reason=reason,
        now=now,
    )


async def export_from_link(
    token: str, vault: Vault, content: Content, *, reason: str, now: datetime
) -> Sheet:
    """The sheet of one session for whoever has a link to its screen, while it goes on.

    Raises DomainError: not_found for a link that shows nothing (any more); screen_sheet_closed
    before one may come to the session, and from half an hour after its end.
    """
    link = await find_good_link(token, now=now)
    if link is None:
        raise DomainError("not_found", about="screen_link")
    asked = (Permission.SHOW_SCREEN, usual_wants(content), link.session_id)
    sitting = (await find_session(get_connection("default"), None, *asked)).sitting
    if sitting.class_status not in HELD or not time_to_print(sitting).holds(now):
        raise DomainError("screen_sheet_closed")
    attendance = await read_attendance(_BEARER, vault, content, sitting.class_id, now=now)
    return await take_out(
        _BEARER,
        vault,
        content,
        cut_to_session(attendance, sitting.id),
        Shown.NAMES,
        erased=False,
        facts={"reason": reason, "session": str(sitting.id), "link": str(link.id)},
        now=now,
    )


def time_to_print(sitting: Sitting) -> Window:
    """When a link gives out the sheet: as long as people come to the session or leave it. Its
    cookie stays in the classroom's browser for a day, where others sit down in the afternoon."""
    coming, leaving = window_of(sitting, Kind.IN), window_of(sitting, Kind.OUT)
    return replace(leaving, opens_at=coming.opens_at)


def cut_to_session(attendance: Attendance, session_id: UUID) -> Attendance:
    """One session of a class, and who is to sign in it: of those who have left the class whoever
    came to it before. Hours and rates stay those of the class."""
    sessions = [one for one in attendance.sessions if one.id == session_id]
    people = [one for one in attendance.people if _signs(one, session_id)]
    return replace(attendance, sessions=sessions, people=people)


def _signs(one: Attendee, session_id: UUID) -> bool:
    presence = one.presences.get(session_id)
    came = presence is not None and (presence.came or presence.left) is not None
    return one.status in TAKEN or came
