"""The class screen below /screen/, put together beside the console whose staff open it."""

from aiohttp import web

from api.console.ground import GROUND as CONSOLE_GROUND
from api.console.guard import DOOR
from api.console.rosters.ground import CONTACT
from api.screen.application import TEMPLATES, create
from api.screen.ground import Ground
from api.screen.guard import guard_screens
from assembly.console import Console
from web.access import Guard
from web.pages import make_environment


class Screens:
    """The sub-application, and the guard of Access.SCREEN; both on what the console stands on."""

    def __init__(self, console: Console) -> None:
        door, ground = console.application[DOOR], console.application[CONSOLE_GROUND]
        self.application: web.Application = create(
            Ground(
                environment=make_environment([TEMPLATES]),
                read_content=ground.read_content,
                read_contact=console.application[CONTACT],
                vault=ground.vault,
                staff=door.tools,
                clock=ground.clock,
                secure=door.secure,
            )
        )
        self.guard: Guard = guard_screens(door, ground.clock)
