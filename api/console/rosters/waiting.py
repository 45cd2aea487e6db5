"""Rosters on the first page: who waits to be confirmed, for whoever holds the class; what was
changed after filing, for the office."""

from aiohttp import web

from api.console.home import Waiting
from api.console.page import PREFIX
from api.console.rosters.ground import roster_path
from domain.enrolments.amendments import count_unseen
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


async def count_changes(request: web.Request) -> Waiting | None:
    """For the office: amendments of filed rosters, which somebody else allowed, until somebody has
    looked at them."""
    if not may(request[ACTOR], Permission.DECIDE_CLASS):
        return None
    counts = await count_unseen(request[ACTOR])
    path = f"{PREFIX}/classes?changes=unseen"
    if len(counts) == 1:
        path = roster_path(next(iter(counts)))
    detail = (
        f"在{len(counts)}个班，看过了在名单里点一下" if len(counts) > 1 else "看过了在名单里点一下"
    )
    return Waiting("处备案后的变更还没看", sum(counts.values()), path, detail)
