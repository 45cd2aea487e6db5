"""What the pages of rosters share: who tells people what, and the words for how things stand."""

from collections.abc import Callable
from uuid import UUID

from aiohttp import web

from api.console.ground import ground_of, texts_of
from api.console.page import PREFIX
from api.console.paths import uuid_in
from api.console.shown import State
from domain.enrolments.lines import RosterLine
from domain.enrolments.notice import Teller
from domain.faq.wording import Contact

#: Whom people may ask, and where they complain; the composition root puts it there.
CONTACT: web.AppKey[Callable[[], Contact | None]] = web.AppKey("console_contact")

STATES = {
    "applied": State("等确认", "warn"),
    "confirmed": State("已确认", "good"),
    "completed": State("已学完", "good"),
    "withdrawn": State("已退出"),
    # Of a class that has ended; still confirmed.
    "unfinished": State("没学完", "warn"),
}

#: How somebody was told (models.enrolments.Informed.channel); of old records nothing is known.
_WAYS = {
    "mini": "本人在小程序里看过",
    "chat": "本人在公众号里看过",
    "hotline": "在电话里念过",
    "face": "当面告知",
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


def say_told(line: RosterLine) -> str:
    """已告知，11月30日09:00，当面告知: whether somebody was told (L12), when and how."""
    if not line.told:
        return "还没告知"
    when = [f"{line.told_at:%Y年%-m月%-d日%H:%M}"] if line.told_at else []
    way = _WAYS.get(line.told_by)
    return "，".join(["已告知", *when, *([way] if way else [])])
