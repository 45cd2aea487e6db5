"""What every page of the console stands on, and what the guard knows of a visit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from jinja2 import Environment

from content.schema import Content
from domain.calendar import LOCAL, Clock
from domain.vault import Vault


@dataclass(frozen=True, slots=True)
class Ground:
    """One for the application; handlers find it by `ground_of(request)`."""

    environment: Environment
    #: Content.texts and the lists of content/ as they are at this moment.
    read_content: Callable[[], Content]
    vault: Vault
    clock: Clock
    #: Whether browsers reach us by https alone: cookies then say so.
    secure: bool
    #: Paths that are served below /console; a place of the rail without its page is not shown.
    served: frozenset[str]


GROUND = web.AppKey("console_ground", Ground)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is signed in, as far as pages need it; what they may is request[ACTOR]'s."""

    #: As the rail calls them: 王敏.
    name: str
    #: What every form of this session carries (forgery.py).
    csrf: str


#: Set by the console's guard beside web.access.ACTOR.
VISIT = web.RequestKey("console_visit", Visit)


def ground_of(request: web.Request) -> Ground:
    """The ground of the console that `request` came to."""
    ground: Ground = request.config_dict[GROUND]
    return ground


def texts_of(request: web.Request) -> Mapping[str, str]:
    """Content.texts as they are now."""
    return ground_of(request).read_content().texts


def now_for(request: web.Request) -> datetime:
    """The time on the city's clocks, for actions and for what a page says of today."""
    return ground_of(request).clock().astimezone(LOCAL)
