"""Who may look at a class screen: staff of its holder by the console's cookie, or by a link.

A link carries its token in the address once. The page answers with a cookie for this one screen
and leads on to the address without it, so that nobody reads it off the projector.
"""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from api.console.guard import SIGN_IN, StaffDoor, read_token
from api.console.paths import uuid_in
from api.screen.ground import PASS, PREFIX, Pass
from domain.attendance.screens import LINK_FOR, find_linked_session, require_screen
from domain.calendar import Clock
from domain.errors import DomainError
from domain.staff.sessions import find_signed_in
from web.access import ACTOR, Guard

#: The field of the address in which a link's token comes.
LINK = "link"


def link_to(base: str, session: UUID, token: str) -> str:
    """The address that shows a session's screen to whoever has it; `base` is where browsers find
    us."""
    return f"{base.rstrip('/')}{PREFIX}/{session}?{LINK}={token}"


def guard_screens(door: StaffDoor, clock: Clock) -> Guard:
    """Guard: sets PASS, and ACTOR of staff. Who only has come without anything is sent to sign in;
    raises DomainError sign_in_required for the stream and the sheet, not_found for the screens of
    others."""

    async def guard(request: web.Request) -> None:
        session, now = uuid_in(request, "session"), clock()
        given = request.query.get(LINK, "")
        for token in (given, read_link(request, door.secure)):
            if token and await find_linked_session(token, now=now) == session:
                request[PASS] = Pass(session, link=token)
                return
        await _admit_staff(request, door, session, now)

    return guard


async def _admit_staff(request: web.Request, door: StaffDoor, session: UUID, now: datetime) -> None:
    token = read_token(request, door.secure)
    signed_in = await find_signed_in(door.tools, token, now)
    if signed_in is None:
        if LINK in request.query:
            raise DomainError("not_found", about="screen_link")
        looks = request.method in ("GET", "HEAD")
        if not looks or "text/html" not in request.headers.get("Accept", ""):
            raise DomainError("sign_in_required")
        raise web.HTTPSeeOther(
            f"{SIGN_IN}?next={quote(f'{PREFIX}/{session}')}", headers={"Cache-Control": "no-store"}
        )
    await require_screen(signed_in.actor, session)
    request[ACTOR] = signed_in.actor
    request[PASS] = Pass(session, staff=token)


def read_link(request: web.Request, secure: bool) -> str:
    """The token of a link in this screen's cookie; "" where there is none."""
    return request.cookies.get(_cookie_name(secure), "")


def write_link(response: web.StreamResponse, given: Pass, secure: bool) -> None:
    """Put the link's token into a cookie that goes to this one screen alone.

    Lax: who follows a link in a message is led on to the screen with it.
    """
    response.set_cookie(
        _cookie_name(secure),
        given.link,
        max_age=int(LINK_FOR.total_seconds()),
        path=f"{PREFIX}/{given.session}",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def _cookie_name(secure: bool) -> str:
    return "__Secure-zpt_screen" if secure else "zpt_screen"
