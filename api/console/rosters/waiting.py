"""Who has applied and is not confirmed yet: a line on the first page of whoever holds the class."""

from aiohttp import web

from api.console.home import Waiting
from api.console.page import PREFIX
from api.console.rosters.telling import roster_path
from domain.enrolments.queries import count_applied
from domain.permissions import Permission, may
from web.access import ACTOR


async def count_waiting(request: web.Request) -> Waiting | None:
    """People of all classes; where it is one class, they lead to its roster."""
    if not may(request[ACTOR], Permission.FILE_CLASS):
        return None
    counts = await count_applied(request[ACTOR])
    path = f"{PREFIX}/classes?status=recruiting"
    if len(counts) == 1:
        path = roster_path(next(iter(counts)))
    return Waiting("人报了名，等您确认", sum(counts.values()), path)
