"""What those who acted are called on a page."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from aiohttp import web

from api.console.guard import DOOR
from domain.staff.queries import name_accounts

_STAFF, _SYSTEM = "staff ", "system "
#: What jobs and seeding are called.
SYSTEM_NAME = "系统"


async def name_actors(request: web.Request, keys: Iterable[str]) -> Mapping[str, str]:
    """The names of accounts by Actor.key: 王敏（wang.min）; 系统 for jobs and seeding.

    Of people and firms nothing is told here: whoever may see them finds them on their own page.
    """
    keys = set(keys)
    names = name_systems(keys)
    staff = {UUID(key.removeprefix(_STAFF)) for key in keys if key.startswith(_STAFF)}
    door = request.config_dict.get(DOOR)
    if door is None or not staff:
        return names
    named = await name_accounts(door.tools, staff)
    return {**names} | {f"{_STAFF}{id}": name for id, name in named.items()}


def name_systems(keys: Iterable[str]) -> Mapping[str, str]:
    """Of these the jobs alone: for whoever is not told which officer it was."""
    return {key: SYSTEM_NAME for key in keys if key.startswith(_SYSTEM)}
