"""What the API's views work with, given once by the composition root (`app[TOOLS]`)."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from redis.asyncio import Redis

from content.schema import Content
from domain.calendar import Clock
from domain.faq.wording import Contact
from domain.files.store import FileStore
from domain.people.platform import MiniProgram
from domain.vault import Vault


@dataclass(frozen=True, slots=True)
class Tools:
    """Handed to views as they are; actions get of it what they name.

    content: what is said now; it may be another at the next request.
    mini_program: the platform as the mini-program reaches it, None where none is configured.
    contact: whom people may ask, and where they complain; None where nobody has said.
    public_url: where browsers find us.
    files: where what people hand in lies; None where nowhere does.
    """

    vault: Vault
    redis: Redis
    clock: Clock
    content: Callable[[], Content]
    mini_program: MiniProgram | None
    contact: Callable[[], Contact | None] = lambda: None
    public_url: str = ""
    files: FileStore | None = None


TOOLS = web.AppKey("tools", Tools)
