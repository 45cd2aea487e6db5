"""What the pages of rosters share: who tells people what, and the words for how things stand."""

from collections.abc import Callable
from uuid import UUID

from aiohttp import web

from api.console.ground import ground_of, texts_of
from api.console.page import PREFIX
from api.console.paths import uuid_in
from api.console.shown import State
from domain.enrolments.notice import Teller
from domain.faq.wording import Contact

#: Whom people may ask, and where they complain; the composition root puts it there.
CONTACT: web.AppKey[Callable[[], Contact | None]] = web.AppKey("console_contact")

STATES = {
    "applied": State("等确认", "warn"),
    "confirmed": State("已确认", "good"),
    "completed": State("已学完", "good"),
    "withdrawn": State("已退出"),
}


def teller_of(request: web.Request) -> Teller:
    """What is said at the moment, for actions."""
    read_contact = request.config_dict.get(CONTACT)
    return Teller(ground_of(request).read_content(), read_contact() if read_contact else None)


def class_id_of(request: web.Request) -> UUID:
    """The class in the path. Raises DomainError not_found."""
    return uuid_in(request, "class_id")


def roster_path(class_id: UUID) -> str:
    """The page of a class's roster."""
    return f"{PREFIX}/classes/{class_id}/roster"


def channels_of(request: web.Request) -> dict[str, str]:
    """How people come into a class, in words."""
    beginning = "enrol.sheet.channels."
    return {
        key.removeprefix(beginning): words
        for key, words in texts_of(request).items()
        if key.startswith(beginning)
    }
