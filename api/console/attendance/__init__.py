"""The console's pages of check-ins (签到): who was where when, and what waits to be confirmed."""

from aiohttp import web

from api.console.attendance import deciding, entering, settings, showing, waiting
from api.console.home import WAITING


def add_routes(app: web.Application) -> None:
    """All of them, below /console/classes/{class_id}/attendance, and what waits on the first
    page."""
    for part in (showing, settings, deciding, entering, waiting):
        part.add_routes(app)
    app[WAITING].append(waiting.count_waiting)
