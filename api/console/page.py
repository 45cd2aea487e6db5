"""Answering with a page, or going on to another one with a word on what was done."""

from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from api.console.ground import VISIT, Ground, Visit, ground_of, now_for
from api.console.navigation import place_of, places_for
from domain.actor import Actor, Role
from domain.vault import SealBroken
from web.access import ACTOR

#: How people call the roles of the console.
ROLE_NAMES: Mapping[Role, str] = {
    Role.INSTITUTION: "培训机构",
    Role.HOTLINE: "热线话务员",
    Role.COUNTY_OFFICER: "县级经办",
    Role.CITY_OFFICER: "市级经办",
    Role.SUPERVISOR: "主管",
    Role.EDITOR: "内容编辑",
    Role.AUDITOR: "审计员",
    Role.INSPECTOR: "第三方检查员",
}

PREFIX = "/console"
#: Pages of who is signed in, at the foot of the rail, once they are served.
_OWN_PAGES = {"account": "/console/account", "sign_out": "/console/sign-out"}
#: Whether this browser wants large type (display.py).
TYPE_COOKIE = "zpt_console_type"
LARGE = "large"
#: What `go_to` has been told, on its response.
DONE = web.ResponseKey("console_done", str)
_FLASH = "zpt_console_flash"
_FLASH_SECONDS = 60
_PLACE = b"console flash"
#: A page of the console holds what only this person may see.
_HEADERS = {"Cache-Control": "no-store"}


def render(
    request: web.Request, template: str, *, status: int = 200, **values: object
) -> web.Response:
    """The page `template` ("institutions/list" is templates/institutions/list.html.j2).

    Beside `values` it finds `page` (frame_of), `now`, and what was left by `go_to` as a flash.
    """
    ground = ground_of(request)
    flash = _read_flash(request, ground)
    frame = frame_of(ground, request.path, request.get(ACTOR), request.get(VISIT))
    text = ground.environment.get_template(f"{template}.html.j2").render(
        page=frame,
        now=now_for(request),
        flash=flash,
        type_size=type_size_of(request),
        back_here=request.path_qs if request.method == "GET" else request.path,
        **values,
    )
    response = web.Response(
        text=text, status=status, content_type="text/html", charset="utf-8", headers=_HEADERS
    )
    if _FLASH in request.cookies:
        response.del_cookie(_FLASH, path=PREFIX)
    return response


def go_to(request: web.Request, path: str, *, done: str = "") -> web.Response:
    """After a POST: 303 to `path`, where `done` ("已保存。") stands at the top, once."""
    response = web.Response(status=303, headers={"Location": path, **_HEADERS})
    response[DONE] = done
    if done:
        ground = ground_of(request)
        sealed = ground.vault.seal(done.encode(), _PLACE, _row(request))
        response.set_cookie(
            _FLASH,
            sealed.hex(),
            max_age=_FLASH_SECONDS,
            path=PREFIX,
            httponly=True,
            samesite="Lax",
            secure=ground.secure,
        )
    return response


def frame_of(
    ground: Ground, path: str, actor: Actor | None, visit: Visit | None
) -> Mapping[str, object]:
    """What the layout needs of who is signed in: the rail, the name, the token of forms."""
    places = [] if actor is None else places_for(actor, ground.served)
    return {
        "places": places,
        "place": place_of(path, places),
        "name": "" if visit is None else visit.name,
        "role": "" if actor is None else ROLE_NAMES.get(actor.role, ""),
        "csrf": "" if visit is None else visit.csrf,
        **{key: path if path in ground.served else "" for key, path in _OWN_PAGES.items()},
    }


def type_size_of(request: web.BaseRequest) -> str:
    """What `data-type` of a page is: large, or "" for the standard size."""
    return LARGE if request.cookies.get(TYPE_COOKIE) == LARGE else ""


def _read_flash(request: web.Request, ground: Ground) -> str:
    """The word that `go_to` left for this account; of anybody else's nothing."""
    with suppress(SealBroken, ValueError):
        sealed = bytes.fromhex(request.cookies.get(_FLASH, ""))
        return ground.vault.open(sealed, _PLACE, _row(request)).decode()
    return ""


def _row(request: web.Request) -> bytes:
    actor = request.get(ACTOR)
    return b"" if actor is None else actor.key.encode()
