"""The limits of bodies: JSON, forms of pages, and views that forgot to state any."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from aiohttp import web

from api.views import View, send
from domain.actor import Role, Staff
from domain.permissions import Permission
from tests.integration.api.applications import make_application
from web.access import ACTOR, Access, allow
from web.body_limits import body
from web.forms import read_form

OFFICER = Staff(UUID(int=1), Role.CITY_OFFICER)
HTML = {"Accept": "text/html"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@allow(Access.STAFF, Permission.SEE_ROSTER)
@body(most_bytes=20_000, seconds=0.3)
async def take_form(request: web.Request) -> web.Response:
    form = await read_form(request)
    return web.json_response({"form": dict(form), "actor": request[ACTOR].key})


@allow(Access.ANYONE)
@body(most_bytes=100, seconds=0.3)
async def take_json(request: web.Request) -> web.Response:
    return web.json_response({"bytes": len(await request.read())})


async def let_in(request: web.Request) -> None:
    request[ACTOR] = OFFICER


@pytest.fixture
async def client(aiohttp_client):
    def extend(api: web.Application) -> None:
        api.router.add_post("/v1/small", take_json)

    app = make_application(guards={Access.STAFF: let_in}, extend=extend)
    app.router.add_post("/console/form", take_form)
    return await aiohttp_client(app)


async def trickle(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(1)


async def refused(response, status: int, title: str) -> None:
    assert (response.status, response.content_type) == (status, "text/html")
    text = await response.text()
    assert title in text
    assert "12333" in text


async def test_a_form_is_read(client):
    sent = {"name": "王秀兰", "note": "", "a b": "c&d=e+f%"}
    response = await client.post("/console/form", data=sent)
    assert (response.status, await response.json()) == (200, {"form": sent, "actor": OFFICER.key})
    empty = await client.post("/console/form", data=b"", headers=FORM)
    assert (await empty.json())["form"] == {}


@pytest.mark.parametrize(
    ("sent", "headers", "status", "title"),
    [
        (b"a=" + b"x" * 20_000, FORM, 413, "内容太大了"),
        (
            gzip.compress(b"a" * 30_000, mtime=0),
            {**FORM, "Content-Encoding": "gzip"},
            413,
            "内容太大了",
        ),
        ("&".join(f"f{n}=1" for n in range(1000)).encode(), FORM, 413, "内容太大了"),
        (b"a=%ff%fe", FORM, 400, "文字编码不对"),
        ("a=张".encode("gb18030"), FORM, 400, "文字编码不对"),
        (b"a=1", {"Content-Type": FORM["Content-Type"] + "; charset=gbk"}, 400, "文字编码不对"),
        (b"a=1%00", FORM, 400, "这次请求没看懂"),
        (b"a=1&a=2", FORM, 422, "有几处要改一下"),
        (b'{"a": 1}', JSON, 415, "不收这种格式"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_form_that_cannot_be_taken(client, sent, headers, status, title):
    response = await client.post("/console/form", data=sent, headers={**HTML, **headers})
    await refused(response, status, title)


async def test_a_form_without_a_length_is_cut_off_at_the_same_size(client):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"a" * 1000

    response = await client.post("/console/form", data=endless(), headers={**HTML, **FORM})
    await refused(response, 413, "内容太大了")


async def test_a_form_that_trickles_in_is_cut_off(client):
    response = await client.post(
        "/console/form", data=trickle(b"a=", b"1"), headers={**HTML, **FORM}
    )
    await refused(response, 408, "等得太久了")


async def test_the_api_tells_the_same_as_problems(client):
    for data, status, code in (
        (b'"' + b"x" * 100 + b'"', 413, "too_large"),
        (trickle(b'"a', b'"'), 408, "too_slow"),
    ):
        response = await client.post("/api/v1/small", data=data, headers=JSON)
        assert (response.status, response.content_type) == (status, "application/problem+json")
        assert json.loads(await response.read())["code"] == code
    response = await client.post("/api/v1/small", data=b'"a"', headers=JSON)
    assert await response.json() == {"bytes": 3}


@allow(Access.ANYONE)
async def take_anything(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@allow(Access.ANYONE)
class HalfLimited(View):
    @body(most_bytes=100, seconds=1)
    async def post(self):
        return send({})

    async def delete(self):
        return send({})


async def test_a_view_that_states_no_limit_keeps_the_application_from_starting():
    def extend(api: web.Application) -> None:
        api.router.add_put("/v1/anything", take_anything)
        api.router.add_view("/v1/half", HalfLimited)
        api.router.add_route("*", "/v1/all", take_anything)

    app = make_application(extend=extend)
    app.freeze()
    with pytest.raises(RuntimeError) as caught:
        await app.startup()
    message = str(caught.value)
    for named in ("PUT /api/v1/anything", "DELETE /api/v1/half", "POST /api/v1/all"):
        assert named in message
    assert "POST /api/v1/half" not in message
    await app.cleanup()


def test_a_limit_must_be_one():
    for most_bytes, seconds in ((0, 1), (1, 0)):
        with pytest.raises(ValueError):
            body(most_bytes=most_bytes, seconds=seconds)
