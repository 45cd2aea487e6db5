"""A form that is sent twice makes one thing."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.console.fields import Text
from api.console.form import Form
from api.console.once import once
from api.console.page import go_to, render
from domain.permissions import Permission
from models.transactions import transaction
from tests.consoles import CITY_OFFICER, FRAME, TOKEN, let_in, make_console
from tests.e2e.console import gallery
from web.access import Access, allow
from web.body_limits import body

Client = TestClient[web.Request, web.Application]
FIELDS = (Text(name="name", label="名称"),)


class Things:
    """Makes things whose number is how many there were before."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/things", self.add)

    @allow(Access.STAFF, Permission.USE_CONSOLE)
    @body(most_bytes=1024, seconds=5)
    @once
    async def add(self, request: web.Request) -> web.Response:
        form = await Form.read(request, FIELDS)
        if not form.fits:
            return render(request, "gallery_form", form=form, status=422)
        async with transaction():
            await asyncio.sleep(0.05)
            self.made.append(form.text("name"))
        return go_to(request, f"/console/gallery?n={len(self.made)}", done="已添加。")


@pytest.fixture
def things() -> Things:
    return Things()


@pytest.fixture
async def client(things: Things, database: str) -> AsyncIterator[Client]:
    app = make_console(
        let_in(CITY_OFFICER),
        own=FRAME,
        areas=[gallery.add_routes, things.add_routes],
        templates=[gallery.TEMPLATES],
    )
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def post(client: Client, key: str, name: str = "甲") -> tuple[int, str]:
    fields = {"csrf": TOKEN, "once": key, "name": name}
    answer = await client.post(
        "/console/things", data=fields, headers={"Accept": "text/html"}, allow_redirects=False
    )
    return answer.status, answer.headers.get("Location", "")


async def test_a_second_click_goes_where_the_first_went(client: Client, things: Things) -> None:
    key = str(uuid4())
    assert [await post(client, key), await post(client, key)] == [
        (303, "/console/gallery?n=1"),
        (303, "/console/gallery?n=1"),
    ]
    assert things.made == ["甲"]
    assert "已添加。" in await (await client.get("/console/gallery")).text()


async def test_two_at_the_same_time_make_one(client: Client, things: Things) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(post(client, key) for _ in range(5)))
    assert set(answers) == {(303, "/console/gallery?n=1")}
    assert things.made == ["甲"]


async def test_a_form_of_its_own_makes_another(client: Client, things: Things) -> None:
    await post(client, str(uuid4()))
    await post(client, str(uuid4()))
    await post(client, "")
    await post(client, "x" * 37)
    assert things.made == ["甲"] * 4


async def test_what_did_not_fit_is_sent_again_under_its_key(client: Client, things: Things) -> None:
    key = str(uuid4())
    assert (await post(client, key, ""))[0] == 422
    assert things.made == []
    assert (await post(client, key, "乙"))[0] == 303
    assert things.made == ["乙"]


async def test_another_content_under_the_key_is_refused(client: Client, things: Things) -> None:
    key = str(uuid4())
    await post(client, key)
    assert (await post(client, key, "乙"))[0] == 422
    assert things.made == ["甲"]
