"""The rosters of classes (学员名单) in the console: a holder's own, what an office sees, and the
hotline's enrolling for whoever calls."""

from aiohttp import web

from api.console.home import WAITING
from api.console.rosters import (
    amending,
    calling,
    changing,
    completing,
    informing,
    sheets,
    showing,
    waiting,
)


def add_routes(app: web.Application) -> None:
    """All of them, below /console/classes/{class_id}, and who waits, on the first page."""
    for part in (showing, changing, sheets, calling, informing, completing, amending):
        part.add_routes(app)
    app[WAITING] += [waiting.count_waiting, waiting.count_changes]
