"""Who may enter the console: whoever holds the cookie of a session (Access.STAFF)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from api.console.ground import VISIT, Visit
from api.console.page import PREFIX
from domain.actor import Staff
from domain.calendar import Clock
from domain.errors import DomainError
from domain.staff.browsers import KNOWN_FOR, Whence
from domain.staff.sessions import csrf_of, find_signed_in
from domain.staff.tools import StaffTools
from settings import IPNetwork
from web.access import ACTOR, Guard
from web.clients_address import client_address

SIGN_IN = f"{PREFIX}/sign-in"


@dataclass(frozen=True, slots=True)
class StaffDoor:
    """What signing in and the guard work with; the composition root puts it into the
    application."""

    tools: StaffTools
    trusted_proxies: Sequence[IPNetwork]
    #: Browsers come by https alone.
    secure: bool


DOOR = web.AppKey("console_staff_door", StaffDoor)

#: Which of the account's sessions this is; set by the guard.
SESSION: web.RequestKey[UUID] = web.RequestKey("console_session")


def door_of(request: web.Request) -> StaffDoor:
    """The door of the console that `request` came to."""
    door: StaffDoor = request.config_dict[DOOR]
    return door


def tools_of(request: web.Request) -> StaffTools:
    """What actions of the staff area are given."""
    return door_of(request).tools


def guard_staff(door: StaffDoor, clock: Clock) -> Guard:
    """Guard: sets ACTOR, VISIT and SESSION. Who only looks is sent to sign in and comes back;
    raises DomainError sign_in_required where something was to be done."""

    async def guard(request: web.Request) -> None:
        token = read_token(request, door.secure)
        signed_in = await find_signed_in(door.tools, token, clock())
        if signed_in is None:
            if request.method not in ("GET", "HEAD"):
                raise DomainError("sign_in_required")
            raise web.HTTPSeeOther(
                f"{SIGN_IN}?next={quote(request.path_qs)}", headers={"Cache-Control": "no-store"}
            )
        request[ACTOR] = signed_in.actor
        request[SESSION] = signed_in.session_id
        request[VISIT] = Visit(signed_in.name, csrf_of(token))

    return guard


def staff_of(request: web.Request) -> Staff:
    """Who is signed in, behind the guard."""
    actor = request[ACTOR]
    assert isinstance(actor, Staff)
    return actor


def whence_of(request: web.Request) -> Whence:
    """Where somebody who is not signed in yet comes from."""
    door = door_of(request)
    address = client_address(request, door.trusted_proxies)
    return Whence(str(address), request.cookies.get(_mark_name(door.secure), ""))


def cookie_name(secure: bool) -> str:
    """By https no other name of this domain, and no page without it, can set such a cookie."""
    return "__Host-zpt_console" if secure else "zpt_console"


def read_token(request: web.Request, secure: bool) -> str:
    """The token of the cookie; "" where there is none."""
    return request.cookies.get(cookie_name(secure), "")


def write_token(response: web.StreamResponse, token: str, secure: bool) -> None:
    """Put the token into the cookie, until the browser is closed; the session itself ends sooner.

    Lax: a link in a message opens its page, and no form of another site sends it along.
    """
    response.set_cookie(
        cookie_name(secure), token, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def forget_token(response: web.StreamResponse, secure: bool) -> None:
    """Take the cookie back."""
    response.del_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="Lax")


def write_mark(response: web.StreamResponse, mark: str, secure: bool) -> None:
    """Leave the mark."""
    response.set_cookie(
        _mark_name(secure),
        mark,
        max_age=int(KNOWN_FOR.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def _mark_name(secure: bool) -> str:
    return "__Host-zpt_browser" if secure else "zpt_browser"
