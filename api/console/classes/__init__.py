"""The console's pages of classes (班期): a holder's own, and what an office decides."""

from aiohttp import web

from api.console.classes import (
    correcting,
    listing,
    planning,
    proving,
    screens,
    showing,
    stepping,
    testing,
    waiting,
    writing,
)
from api.console.home import WAITING


def add_routes(app: web.Application) -> None:
    """All of them, below /console/classes, and what of it waits on the first page."""
    steps = (planning, proving, testing, stepping, correcting)
    for part in (listing, writing, showing, screens, *steps):
        part.add_routes(app)
    app[WAITING] += [
        waiting.count_filed,
        waiting.count_stopped,
        waiting.count_ended,
        waiting.count_returned,
        waiting.count_due,
    ]
