"""Door 3, the staff console below /console/, put together."""

from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web

from api.console.application import create, make_refusal_page
from api.console.attendance.ground import FILES
from api.console.classes.screens import PUBLIC_URL
from api.console.ground import GROUND
from api.console.guard import DOOR, StaffDoor, guard_staff
from api.console.rosters.ground import CONTACT
from content.schema import Content
from domain.calendar import Clock
from domain.faq.wording import Contact
from domain.files.store import FileStore
from domain.staff.passwords import Hasher
from domain.staff.tools import StaffTools
from domain.vault import Vault
from settings import Settings
from web.access import Guard
from web.problems import RenderFramedPage


def make_hasher() -> Hasher:
    """Hashes passwords; to be closed."""
    return Hasher()


class Console:
    """The sub-application, and what the application around it needs: the guard of Access.STAFF,
    and the frame for refusals."""

    def __init__(
        self,
        settings: Settings,
        vault: Vault,
        read_content: Callable[[], Content],
        clock: Clock,
        read_contact: Callable[[], Contact | None] = lambda: None,
        files: FileStore | None = None,
    ) -> None:
        hasher = make_hasher()
        # Behind a proxy that speaks https the cookies say so, whatever the proxy speaks with us.
        secure = urlsplit(settings.public_url).scheme == "https"
        tools = StaffTools(
            vault,
            hasher,
            lambda: {county.code for county in read_content().counties},
            settings.sandbox,
        )
        door = StaffDoor(tools, settings.trusted_proxies, secure)
        self.application: web.Application = create(
            read_content=read_content, vault=vault, clock=clock, secure=secure
        )
        self.application[DOOR] = door
        self.application[CONTACT] = read_contact
        self.application[PUBLIC_URL] = settings.public_url
        if files is not None:
            self.application[FILES] = files
        self.guard: Guard = guard_staff(door, clock)
        self.render_refusal: RenderFramedPage = make_refusal_page(self.application[GROUND])

        async def close(_app: web.Application) -> None:
            hasher.close()

        self.application.on_cleanup.append(close)
