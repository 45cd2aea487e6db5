"""`/console/classes/{class_id}/screens`: the class screens of its sessions, and links to them.

A link shows one session's screen for a day to whoever has it; its token is told once. Whoever
decides on the class may take it back, and the screens that it has opened go dark.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from aiohttp import web

from api.console.acting import name_actors
from api.console.ground import ground_of, now_for
from api.console.page import PREFIX, go_to, render
from api.console.paths import uuid_in
from api.screen.ground import PREFIX as SCREENS
from api.screen.guard import link_to
from domain.attendance.rules import HELD, LEAVES_UNTIL
from domain.attendance.screens import (
    LINK_FOR,
    LiveLink,
    list_screen_links,
    make_screen_link,
    revoke_screen_link,
)
from domain.calendar import LOCAL
from domain.errors import DomainError
from domain.permissions import Permission, may
from domain.training.queries import ClassFile, find_class
from web.access import ACTOR, Access, allow
from web.body_limits import body

#: Where browsers find us; the composition root puts it there.
PUBLIC_URL = web.AppKey("console_public_url", str)

#: Sessions that are shown at once; later ones are folded away.
_AT_ONCE = 6
_BODY = body(most_bytes=4096, seconds=10)


@allow(Access.STAFF, Permission.REVOKE_SCREEN)
async def show_screens(request: web.Request) -> web.Response:
    """GET: the sessions that are not over, and the links that are good."""
    return await _render(request)


@allow(Access.STAFF, Permission.SHOW_SCREEN)
@_BODY
async def make_link(request: web.Request) -> web.Response:
    """POST: a link to one session's screen, which the page that comes back shows once."""
    found, session = await _find(request), uuid_in(request, "session")
    if session not in {one.id for one in found.sessions}:
        raise DomainError("not_found")
    token = await make_screen_link(request[ACTOR], session, now=now_for(request))
    base = request.config_dict.get(PUBLIC_URL) or str(request.url.origin())
    return await _render(request, made=link_to(base, session, token), made_for=session)


@allow(Access.STAFF, Permission.REVOKE_SCREEN)
@_BODY
async def revoke_link(request: web.Request) -> web.Response:
    """POST: take a link of this class back."""
    found, link = await _find(request), uuid_in(request, "link")
    await revoke_screen_link(request[ACTOR], link, now=now_for(request))
    return go_to(
        request,
        screens_path(found.row.id),
        done="链接已经收回。用它打开的大屏，几秒钟内就会停下。",
    )


def screens_path(class_id: UUID) -> str:
    """The page of a class's screens."""
    return f"{PREFIX}/classes/{class_id}/screens"


def find_screens(request: web.Request, class_id: UUID, status: str) -> str:
    """The page of the screens of a class that stands so; "" for who has nothing to do there, and
    while it is not held."""
    held = status in HELD and may(request[ACTOR], Permission.REVOKE_SCREEN)
    return screens_path(class_id) if held else ""


def find_screen(request: web.Request, session_id: UUID, ends_at: datetime, status: str) -> str:
    """The screen of a session of a class that stands so; "" for who may not show it, and where
    nobody checks in any more."""
    held = status in HELD and ends_at + LEAVES_UNTIL > now_for(request)
    shows = held and may(request[ACTOR], Permission.SHOW_SCREEN)
    return f"{SCREENS}/{session_id}" if shows else ""


async def _find(request: web.Request) -> ClassFile:
    class_id, content = uuid_in(request, "class_id"), ground_of(request).read_content()
    return await find_class(request[ACTOR], content, class_id, now=now_for(request))


async def _render(
    request: web.Request, *, made: str = "", made_for: UUID | None = None
) -> web.Response:
    now, actor = now_for(request), request[ACTOR]
    found = await _find(request)
    links = await list_screen_links(actor, found.row.id, now=now)
    coming = [one for one in found.sessions if one.ends_at + LEAVES_UNTIL > now]
    held = found.row.status in HELD
    return render(
        request,
        "classes/screens",
        found=found,
        path=screens_path(found.row.id),
        held=held,
        shows=held and may(actor, Permission.SHOW_SCREEN),
        screens=SCREENS,
        soon=coming[:_AT_ONCE],
        later=coming[_AT_ONCE:],
        # A link would be over before any other.
        linkable={one.id for one in coming if one.starts_at < now + LINK_FOR},
        links=_describe(links, await name_actors(request, {one.made_by for one in links})),
        made=made,
        made_for=next((one.starts_at for one in found.sessions if one.id == made_for), None),
    )


def _describe(
    links: Sequence[LiveLink], names: Mapping[str, str]
) -> Sequence[Mapping[str, object]]:
    return [
        {
            "id": link.id,
            "session": _say_session(link.starts_at),
            "made_at": link.made_at,
            "until": link.until,
            "by": names.get(link.made_by, ""),
        }
        for link in links
    ]


def _say_session(starts_at: datetime) -> str:
    starts = starts_at.astimezone(LOCAL)
    return f"{starts.month}月{starts.day}日{starts:%H:%M}的课"


def add_routes(app: web.Application) -> None:
    """The page, and what is done on it."""
    path = "/classes/{class_id}/screens"
    app.router.add_get(path, show_screens)
    app.router.add_post(path + "/{session}/links", make_link)
    app.router.add_post(path + "/links/{link}/revoke", revoke_link)
