"""To whom a refusal is told, by the path it comes from."""

import re

from web.words import EVERYBODY, FOR_OTHERS, STAFF, Audience

_CONSOLE = re.compile(r"/console(?:/|$)")
#: A firm names its people, amends the rosters of its classes, and says who was there.
_FIRMS_PEOPLE = re.compile(
    r"/api/v1/employers/[^/]+/(?:classes|people|sessions|check-ins|screen-links)(?:/|$)"
)


def audience_of(path: str) -> Audience:
    """Who reads what is refused at `path`."""
    if _CONSOLE.match(path):
        return STAFF
    return FOR_OTHERS if _FIRMS_PEOPLE.match(path) else EVERYBODY
