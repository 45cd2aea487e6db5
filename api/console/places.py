"""The city's counties, and those of who is signed in."""

from aiohttp import web

from api.console.ground import ground_of
from domain.actor import Staff
from domain.permissions import Permission, Reach, reach_of
from web.access import ACTOR


def county_names(request: web.Request) -> dict[str, str]:
    """The counties of content/counties.yaml: code -> name."""
    return {county.code: county.name for county in ground_of(request).read_content().counties}


def counties_within(request: web.Request, permission: Permission) -> dict[str, str]:
    """Those in which who is signed in may do this."""
    counties, actor = county_names(request), request[ACTOR]
    if reach_of(actor, permission) is Reach.ALL:
        return counties
    own = actor.county if isinstance(actor, Staff) else None
    return {code: name for code, name in counties.items() if code == own}
