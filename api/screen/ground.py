"""What the screen's pages stand on."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web
from jinja2 import Environment

from content.schema import Content
from domain.calendar import Clock
from domain.faq.wording import Contact
from domain.staff.tools import StaffTools
from domain.vault import Vault

PREFIX = "/screen"


@dataclass(frozen=True, slots=True)
class Ground:
    """One for the application; handlers find it by `ground_of(request)`."""

    environment: Environment
    #: The content and the numbers that people are given, as they are at this moment.
    read_content: Callable[[], Content]
    read_contact: Callable[[], Contact | None]
    vault: Vault
    staff: StaffTools
    clock: Clock
    #: Whether browsers reach us by https alone: cookies then say so.
    secure: bool


GROUND = web.AppKey("screen_ground", Ground)


@dataclass(frozen=True, slots=True)
class Pass:
    """By what somebody looks at the screen of `session`: a link's token, or that of a session of
    the console; the other one is ""."""

    session: UUID
    link: str = ""
    staff: str = ""


#: Set by the guard.
PASS = web.RequestKey("screen_pass", Pass)


def ground_of(request: web.Request) -> Ground:
    """The ground of the screen that `request` came to."""
    ground: Ground = request.config_dict[GROUND]
    return ground
