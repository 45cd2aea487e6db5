"""The console's pages of classes (班期): a holder's own, and what an office decides."""

from aiohttp import web

from api.console.classes import listing, planning, proving, showing, stepping, writing


def add_routes(app: web.Application) -> None:
    """All of them, below /console/classes."""
    for part in (listing, writing, showing, planning, proving, stepping):
        part.add_routes(app)
