"""A route lets in who has the permissions that it names, and nobody else."""

from uuid import UUID

import pytest
from aiohttp import web

from domain.actor import Actor, Role, Staff, Trainee
from domain.permissions import Permission
from tests.integration.api.applications import make_application
from web.access import ACTOR, Access, allow

OFFICER = Staff(UUID(int=1), Role.CITY_OFFICER)
ACTORS: dict[str, Actor] = {
    "officer": OFFICER,
    "editor": Staff(UUID(int=2), Role.EDITOR),
    "trainee": Trainee(UUID(int=3)),
}


@allow(Access.STAFF, Permission.USE_CONSOLE, Permission.DECIDE_CLASS)
async def decide(request: web.Request) -> web.Response:
    return web.json_response({"actor": request[ACTOR].key})


async def let_in(request: web.Request) -> None:
    if name := request.headers.get("X-Trial-Actor"):
        request[ACTOR] = ACTORS[name]


@pytest.mark.parametrize(
    ("name", "status"), [("officer", 200), ("editor", 403), ("trainee", 403), ("", 403)]
)
async def test_a_role_without_the_permission_is_refused(aiohttp_client, name: str, status: int):
    app = make_application(guards={Access.STAFF: let_in})
    app.router.add_get("/api/v1/decide", decide)
    client = await aiohttp_client(app)
    response = await client.get("/api/v1/decide", headers={"X-Trial-Actor": name})
    assert response.status == status
    answer = await response.json()
    assert answer["actor" if status == 200 else "code"] in (OFFICER.key, "no_permission")
