"""What of the classes waits for who is signed in: a line each on the console's first page."""

from aiohttp import web

from api.console.classes.words import say_age
from api.console.ground import now_for
from api.console.home import Waiting
from domain.permissions import Permission, may
from domain.training.life import Status
from domain.training.queries import count_by_status, list_filed
from domain.training.queries import count_due as count_classes_due
from domain.training.queries import count_stopped as count_classes_stopped
from web.access import ACTOR

_LIST = "/console/classes"


async def count_filed(request: web.Request) -> Waiting | None:
    """For the office: filed, and not decided."""
    if not may(request[ACTOR], Permission.DECIDE_CLASS):
        return None
    count = (await count_by_status(request[ACTOR])).get(Status.FILED, 0)
    now = now_for(request)
    oldest = await list_filed(request[ACTOR], now=now, most=1)
    age = say_age(oldest[0].row.filed_at, now) if oldest else ""
    detail = "最早的一个今天交来" if age == "今天" else f"最早的一个已交来{age}"
    return Waiting("个班等您审核", count, _LIST, detail)


async def count_ended(request: web.Request) -> Waiting | None:
    """For the office: ended, and not put away."""
    if not may(request[ACTOR], Permission.DECIDE_CLASS):
        return None
    count = (await count_by_status(request[ACTOR])).get(Status.ENDED, 0)
    return Waiting("个班已结业，还没归档", count, f"{_LIST}?status={Status.ENDED.value}")


async def count_stopped(request: web.Request) -> Waiting | None:
    """For the office: current, and the institution may not train any more (L12)."""
    if not may(request[ACTOR], Permission.DECIDE_CLASS):
        return None
    count = await count_classes_stopped(request[ACTOR], now=now_for(request))
    return Waiting("个班的机构被停，等您看怎么办", count, f"{_LIST}?holder=stopped")


async def count_returned(request: web.Request) -> Waiting | None:
    """For the holder: given back, to be put right."""
    if not may(request[ACTOR], Permission.FILE_CLASS):
        return None
    count = (await count_by_status(request[ACTOR])).get(Status.RETURNED, 0)
    return Waiting("个班被退回，等您改好再交", count, f"{_LIST}?status={Status.RETURNED.value}")


async def count_due(request: web.Request) -> Waiting | None:
    """For the holder: approved, and the day has come."""
    if not may(request[ACTOR], Permission.FILE_CLASS):
        return None
    count = await count_classes_due(request[ACTOR], now_for(request).date())
    return Waiting("个班到日子了，等您点开班", count, f"{_LIST}?status={Status.APPROVED.value}")
