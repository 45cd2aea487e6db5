"""Fictional firms and people with phones, and an application that lets them in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from aiohttp import web
from stdnum.cn import uscc

from api.tools import Tools
from domain.actor import Actor, Role, Staff, System, Trainee
from domain.calendar import LOCAL
from domain.employers.actions import bind_employer, register_employer
from domain.files.store import FileStore
from domain.sealed import seal_columns
from models.columns import new_id
from models.people import Identity, Person
from tests.integration.api.applications import VAULT, make_application
from tests.support import package_content
from web.access import ACTOR, Access

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=LOCAL)
CONTENT = package_content()
COUNTIES = [county.code for county in CONTENT.counties]
DONGCHANGFU, YANGGU = "371502", "371521"

OFFICER = Staff(UUID(int=101), Role.COUNTY_OFFICER, county=DONGCHANGFU)
OTHER_OFFICER = Staff(UUID(int=102), Role.COUNTY_OFFICER, county=DONGCHANGFU)
YANGGU_OFFICER = Staff(UUID(int=103), Role.COUNTY_OFFICER, county=YANGGU)
CITY_OFFICER = Staff(UUID(int=104), Role.CITY_OFFICER)

PHONE = "16900000001"


def make_uscc(number: int) -> str:
    """A valid code for each number."""
    first = f"91371502MA{number:07d}"
    return first + uscc.calc_check_digit(first)


CODE = make_uscc(1)


async def make_firm(number: int = 1, county: str = DONGCHANGFU, phone: str = PHONE) -> UUID:
    """A firm of the register."""
    return await register_employer(
        *(System("trial"), VAULT),
        uscc=make_uscc(number),
        name=f"聊城示例第{number}家政服务有限公司",
        county=county,
        phone=phone,
        now=NOW,
    )


async def make_person(
    name: str = "王素梅", verified: str | None = None, *, number: str = "", county: str = ""
) -> Trainee:
    """A person who is bound, with a phone that WeChat has verified, or none."""
    id, identity = new_id(), new_id()
    await Person.create(
        id=id,
        county=county,
        source="bound",
        created_at=NOW,
        bound_at=NOW,
        **seal_columns(VAULT, Person, id, name=name, id_number=number or str(id.int)[:18]),
    )
    await Identity.create(
        id=identity,
        account="mini",
        person_id=id,
        created_at=NOW,
        bound_at=NOW,
        **seal_columns(VAULT, Identity, identity, phone=verified),
    )
    return Trainee(id)


async def bind(actor: Trainee, code: str = CODE, name: str = "", county: str = "") -> Any:
    """As the door does it."""
    return await bind_employer(
        *(actor, VAULT),
        uscc=code,
        name=name,
        county=county,
        counties=COUNTIES,
        note="",
        now=NOW,
    )


class Entrance:
    """Lets in whom a test names in a header."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}

    async def guard(self, request: web.Request) -> None:
        request[ACTOR] = self.actors[request.headers["X-Trial-Actor"]]

    def header(self, actor: Actor) -> dict[str, str]:
        """What makes a request come from `actor`."""
        self.actors[actor.key] = actor
        return {"X-Trial-Actor": actor.key}


def make_api(
    entrance: Entrance,
    clock: Callable[[], datetime] = lambda: NOW,
    files: FileStore | None = None,
) -> web.Application:
    """The served API, with its real words."""
    redis: Any = None
    tools = Tools(VAULT, redis, clock, lambda: CONTENT, None, files=files)
    return make_application(guards={Access.SIGNED_IN: entrance.guard}, tools=tools)
