"""`POST /screen/{session}/signin`: the sign-in sheet (学员签到表), to be printed and signed."""

import hmac

from aiohttp import web

from api.console.forgery import TOKEN, require_same_site
from api.screen.ground import PASS, Pass, ground_of
from api.sheets import send_sheet
from domain.attendance.screen_sheets import export_from_link, export_from_screen
from domain.errors import DomainError
from domain.staff.sessions import csrf_of
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form
from web.limits import By, Limit, limited

#: Drawing one takes the machine up to a second; a school's screens all come from one address.
PRINTED = Limit("sheets of class screens", calls=30, seconds=60, by=By.ADDRESS)


@allow(Access.SCREEN)
@limited(PRINTED)
@body(most_bytes=4096, seconds=5)
async def export(request: web.Request) -> web.Response:
    """POST {"csrf"}: the sheet with names and masked numbers; by a link that of this session
    alone. On the record."""
    given, ground = request[PASS], ground_of(request)
    require_same_site(request)
    sent = (await read_form(request)).get(TOKEN, "").encode()
    if not hmac.compare_digest(sent, token_for(given).encode()):
        raise DomainError("foreign_form")
    content, now = ground.read_content(), ground.clock()
    asked = (ground.vault, content)
    reason = content.texts["screen.sheet.reason"]
    if given.link:
        sheet = await export_from_link(given.link, *asked, reason=reason, now=now)
    else:
        sheet = await export_from_screen(
            request[ACTOR], *asked, given.session, reason=reason, now=now
        )
    return send_sheet(f"学员签到表-{sheet.title}", sheet.content)


def token_for(given: Pass) -> str:
    """What the page sends along, so that no page of another site asks."""
    return csrf_of(given.link or given.staff)


def add_routes(app: web.Application) -> None:
    """It."""
    app.router.add_post("/{session}/signin", export)
