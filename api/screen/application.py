"""The screen's sub-application."""

from pathlib import Path

from aiohttp import web

from api.screen import pages, sheet
from api.screen.ground import GROUND, Ground
from api.screen.watching import WATCH, Watch, at_work

TEMPLATES = Path(__file__).parent / "templates"


def create(ground: Ground) -> web.Application:
    """The sub-application; the composition root adds it below PREFIX, and the guard of
    Access.SCREEN to the whole."""
    app = web.Application()
    app[GROUND] = ground
    app[WATCH] = watch = Watch(ground)
    pages.add_routes(app)
    sheet.add_routes(app)
    app.cleanup_ctx.append(at_work)

    async def close(_app: web.Application) -> None:
        await watch.close()

    # Before the last requests are waited for, of which the streams are some.
    app.on_shutdown.append(close)
    return app
