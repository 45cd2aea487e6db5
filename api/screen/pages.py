"""`/screen/{session}` and its stream."""

from aiohttp import web

from api.screen.ground import PASS, PREFIX, ground_of
from api.screen.guard import LINK, write_link
from api.screen.sheet import token_for
from api.screen.watching import TooManyViewersError, Viewer, watch_of
from domain.attendance.showing import show_screen
from domain.attendance.wanting import usual_wants
from domain.calendar import LOCAL
from domain.errors import DomainError
from web.access import Access, allow
from web.limits import By, Limit, limited

#: A school's screens all come from one address, and all come again after a restart.
OPENED = Limit("class screens", calls=300, seconds=60, by=By.ADDRESS)

_NO_STORE = {"Cache-Control": "no-store"}
_STREAM = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


@allow(Access.SCREEN)
@limited(OPENED)
async def show_page(request: web.Request) -> web.Response:
    """GET: the page, which its stream fills. With a link's token in the address: lead on without
    it, the token being in a cookie from now on."""
    given, ground = request[PASS], ground_of(request)
    if LINK in request.query:
        response = web.Response(
            status=303, headers={"Location": f"{PREFIX}/{given.session}", **_NO_STORE}
        )
        if given.link:
            write_link(response, given, ground.secure)
        return response
    content, now = ground.read_content(), ground.clock()
    screen = await show_screen(ground.vault, usual_wants(content), given.session, now=now)
    text = ground.environment.get_template("screen.html.j2").render(
        texts=content.texts,
        screen=screen,
        starts=screen.sitting.starts_at.astimezone(LOCAL),
        ends=screen.sitting.ends_at.astimezone(LOCAL),
        weekday="一二三四五六日"[screen.sitting.starts_at.astimezone(LOCAL).weekday()],
        path=f"{PREFIX}/{given.session}",
        csrf=token_for(given),
    )
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=_NO_STORE)


@allow(Access.SCREEN)
@limited(OPENED)
async def send_events(request: web.Request) -> web.StreamResponse:
    """GET: server-sent events, until either side goes.

    state: everything, at first. code: the words, the code and the times, with each step. people:
    who is in. beat: once a second, as long as somebody may check in. end: not to come again.
    """
    watch = watch_of(request)
    viewer = Viewer(request[PASS], request.transport)
    try:
        await watch.join(viewer)
    except TooManyViewersError:
        raise DomainError("unavailable") from None
    response = web.StreamResponse(headers=_STREAM)
    try:
        await response.prepare(request)
        while not viewer.ended or viewer.has_more:
            await response.write(await viewer.take())
    except ConnectionError:
        pass  # the reader has gone
    finally:
        watch.leave(viewer)
    return response


def add_routes(app: web.Application) -> None:
    """The page and its stream."""
    app.router.add_get("/{session}", show_page)
    app.router.add_get("/{session}/events", send_events, allow_head=False)
