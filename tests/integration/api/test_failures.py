"""Every way in which a request can fail, over a real connection: always problem+json."""

import asyncio
import gzip
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from pydantic import Field
from yarl import URL

from api.views import Shape, View, send
from domain.errors import DomainError
from observing.logs import configure_logging
from observing.metrics import Metrics
from tests.integration.api.applications import make_application, read_texts
from web.access import Access, allow
from web.body_limits import body

MEMBERS = {"type", "title", "status", "code", "detail", "facts"}


class Trainee(Shape):
    name: str = Field(max_length=10)
    age: int = Field(ge=16)


@allow(Access.ANYONE)
@body(most_bytes=1_000_000, seconds=0.3)
class TrialView(View):
    async def post(self, body: Trainee):
        return send({"name": body.name})

    @allow(Access.SIGNED_IN)
    async def delete(self):
        return send({})


def failing(error: Exception):
    @allow(Access.ANYONE)
    async def handler(_request: web.Request) -> web.Response:
        raise error

    return handler


async def unmarked(_request: web.Request) -> web.Response:
    return web.Response(text="secret")


@allow(Access.ANYONE)
async def returns_failure(_request: web.Request) -> web.Response:
    return web.json_response({"error": "19900101"}, status=409)


@allow(Access.ANYONE)
async def response_bug(_request: web.Request) -> web.Response:
    return send(Trainee.model_validate({"name": "x"}))


def add_trial_routes(app: web.Application) -> None:
    app.router.add_view("/v1/trial", TrialView)
    app.router.add_get("/v1/unmarked", unmarked)
    app.router.add_get("/v1/returns", returns_failure)
    app.router.add_get("/v1/validation", response_bug)
    app.router.add_get("/v1/known", failing(DomainError("slow_down", retry_after=7)))
    app.router.add_get("/v1/unknown", failing(DomainError("no_such_code", name="张三")))
    app.router.add_get("/v1/broken", failing(RuntimeError("身份证 371502199001011234")))
    app.router.add_get("/v1/busy", failing(web.HTTPServiceUnavailable()))
    app.router.add_get("/v1/teapot", failing(web.HTTPConflict()))
    app.router.add_get("/v1/backend", failing(ConnectionRefusedError("redis")))
    app.router.add_get("/v1/moved", failing(web.HTTPFound("/api/docs")))


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logging(stream=stream)
    return stream


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def client(aiohttp_client, log, metrics):
    app = make_application(metrics=metrics, extend=add_trial_routes)
    return await aiohttp_client(app)


async def assert_problem(response, status: int, code: str) -> dict[str, Any]:
    assert response.content_type == "application/problem+json"
    assert response.status == status
    problem: dict[str, Any] = json.loads(await response.read())
    assert set(problem) == MEMBERS
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert "{" not in problem["detail"]
    assert "Server" not in response.headers
    return problem


def alarms(metrics: Metrics) -> float:
    return metrics.registry.get_sample_value("zpt_unexpected_errors_total", {"door": "web"}) or 0


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"name": "x"', JSON, 400, "malformed_json"),
        (b"", JSON, 400, "malformed_json"),
        (b"\xef\xbb\xbf{}", JSON, 400, "malformed_json"),
        (b'{"name": "a", "age": NaN}', JSON, 400, "malformed_json"),
        (b'{"name": "a", "age": 20, "age": 21}', JSON, 400, "malformed_json"),
        (b'{"name": "a", "age": ' + b"9" * 5000 + b"}", JSON, 400, "malformed_json"),
        (b"[" * 100_000, JSON, 400, "malformed_json"),
        (b"[" * 40 + b"]" * 40, JSON, 400, "malformed_json"),
        ('{"name": "张"}'.encode("gb18030"), JSON, 400, "wrong_encoding"),
        (b"\xff\xfe{\x00}\x00", JSON, 400, "wrong_encoding"),
        (b"{}", {"Content-Type": "application/json; charset=gbk"}, 400, "wrong_encoding"),
        (b"{}", {"Content-Type": "application/json; charset=klingon"}, 400, "wrong_encoding"),
        (b"not gzip", {**JSON, "Content-Encoding": "gzip"}, 400, "bad_request"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415, None),
        (b"{}", {"Content-Type": "application/octet-stream"}, 415, None),
        (b"[1, 2]", JSON, 422, "invalid_input"),
        (b'[["name", "a"], ["age", 20]]', JSON, 422, "invalid_input"),
        (b'{"name": 5, "age": "old"}', JSON, 422, "invalid_input"),
        (b'{"name": "\\ud800", "age": 20}', JSON, 422, "invalid_input"),
        (b'{"name": "a", "age": 20, "more": 1}', JSON, 422, "invalid_input"),
        (b'"' + b"x" * 1_100_000 + b'"', JSON, 413, "too_large"),
        (
            gzip.compress(b" " * 3_000_000, mtime=0),
            {**JSON, "Content-Encoding": "gzip"},
            413,
            "too_large",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_body_that_cannot_be_taken(client, metrics, body, headers, status, code):
    response = await client.post("/api/v1/trial", data=io.BytesIO(body), headers=headers)
    await assert_problem(response, status, code or "unsupported_media_type")
    assert alarms(metrics) == 0


async def test_a_body_that_fits_is_taken(client):
    response = await client.post("/api/v1/trial", json={"name": "王芳", "age": 30})
    assert (response.status, await response.json()) == (200, {"name": "王芳"})
    utf8 = {"Content-Type": 'application/json; charset="UTF-8"'}
    assert (await client.post("/api/v1/trial", data=b'{"name":"a","age":16}', headers=utf8)).ok


async def test_fields_that_do_not_fit_are_named_without_what_was_sent(client):
    response = await client.post("/api/v1/trial", json={"name": "371502199001011234", "age": 3})
    problem = await assert_problem(response, 422, "invalid_input")
    assert problem["facts"]["fields"] == [
        {"field": "name", "in": "body", "reason": "string_too_long", "text": "太长了，最多10个字"},
        {"field": "age", "in": "body", "reason": "greater_than_equal", "text": "不能小于16"},
    ]
    assert "371502" not in json.dumps(problem)


async def test_a_path_that_is_not_there(client):
    await assert_problem(await client.get("/api/v1/nowhere"), 404, "not_found")
    await assert_problem(await client.get("/api/"), 404, "not_found")
    await assert_problem(await client.get("/api"), 404, "not_found")
    unknown = await assert_problem(await client.get("/api/v1/policies/L99"), 404, "not_found")
    assert "没有编号是“L99”的条款" in unknown["detail"]


async def test_a_query_parameter_that_is_not_there_is_named(client):
    response = await client.get("/api/v1/faq?q=a&as_of=2021-01-01")
    problem = await assert_problem(response, 422, "invalid_input")
    assert problem["facts"]["fields"] == [
        {"field": "as_of", "in": "query", "reason": "extra_forbidden", "text": "不需要这一项"}
    ]
    for path in ("/api/v1/policies?page=2", "/api/v1/policies/L01?x=1"):
        await assert_problem(await client.get(path), 422, "invalid_input")
    assert (await client.get("/api/v1/policies?limit=1")).status == 200


@pytest.mark.parametrize("target", ["faq?q=%ff%fe", "faq?q=%E4%BD", "faq?%ff=1", "policies/%ff"])
async def test_an_address_that_is_not_utf8(client, target):
    response = await client.get(URL(f"/api/v1/{target}", encoded=True))
    await assert_problem(response, 400, "wrong_encoding")


async def test_who_only_looks_is_not_told_of_handing_in(client):
    paths = ("faq", "faq?q=", "policies?limit=0", "policies?cursor=x", "known", "busy", "broken")
    for path in paths:
        detail = (await (await client.get(f"/api/v1/{path}")).json(content_type=None))["detail"]
        for word in ("提交", "交一次", "没有办理", "之前交的", "资料"):
            assert word not in detail, path
    handed_in = await client.post("/api/v1/trial", json={"name": 5})
    assert "还没有提交" in (await handed_in.json(content_type=None))["detail"]


async def test_nobody_is_promised_an_alarm_that_nobody_gets(client):
    for method in ("GET", "POST"):
        response = await client.request(method, "/api/v1/broken")
        detail = (await response.json(content_type=None))["detail"]
        assert "提醒" not in detail
    assert "记下了这次出错" in read_texts()["errors.unexpected.detail"]


async def test_a_method_that_is_not_there_keeps_allow(client):
    for method, path in (
        ("PUT", "/api/v1/trial"),
        ("POST", "/api/v1/known"),
        ("PROPFIND", "/api/docs"),
    ):
        response = await client.request(method, path)
        await assert_problem(response, 405, "method_not_allowed")
        assert response.headers["Allow"]
    assert (await client.put("/api/v1/trial")).headers["Allow"] == "DELETE,POST"


async def test_too_many_requests_say_when_to_come_back(client):
    response = await client.get("/api/v1/known")
    problem = await assert_problem(response, 429, "slow_down")
    assert response.headers["Retry-After"] == "7"
    assert "7秒" in problem["detail"]


async def test_a_route_without_a_mark_is_shut(client, log):
    response = await client.get("/api/v1/unmarked")
    await assert_problem(response, 403, "no_permission")
    assert "route_without_access" in log.getvalue()
    assert "secret" not in await response.text()


async def test_an_access_without_a_guard_is_shut(client):
    await assert_problem(await client.delete("/api/v1/trial"), 403, "no_permission")


@pytest.mark.parametrize("path", ["broken", "unknown", "backend"])
async def test_the_unexpected_is_an_alarm_and_tells_nothing(client, metrics, log, path):
    response = await client.get(f"/api/v1/{path}")
    problem = await assert_problem(response, 500, "unexpected")
    assert alarms(metrics) == 1
    assert problem["facts"] == {"request_id": response.headers["X-Request-ID"]}
    assert response.headers["X-Request-ID"] in problem["detail"]
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    error = next(line for line in lines if line["event"] == "unexpected_error")
    assert error["request_id"] == response.headers["X-Request-ID"]
    assert error["exception"]["at"][-1].endswith(" handler")
    for secret in ("371502", "身份证", "张三", "redis"):
        assert secret not in json.dumps([problem, lines], ensure_ascii=False)


async def test_other_statuses_keep_theirs(client):
    await assert_problem(await client.get("/api/v1/busy"), 503, "unavailable")
    await assert_problem(await client.get("/api/v1/teapot"), 409, "bad_request")


async def test_a_failure_that_a_handler_returns_is_put_right(client):
    response = await client.get("/api/v1/returns")
    await assert_problem(response, 409, "bad_request")
    assert "19900101" not in await response.text()


async def test_a_validation_error_from_inside_a_handler(client, log):
    await assert_problem(await client.get("/api/v1/validation"), 422, "invalid_input")
    assert "validation_outside_a_view" in log.getvalue()


async def test_redirects_pass(client):
    response = await client.get("/api/v1/moved", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (302, "/api/docs")


async def test_a_body_that_trickles_in_is_cut_off(client):
    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"name": '
        await asyncio.sleep(1)
        yield b'"a"}'

    response = await client.post("/api/v1/trial", data=trickle(), headers=JSON)
    await assert_problem(response, 408, "too_slow")


async def test_outside_the_api_people_get_words(client):
    page = await client.get("/nowhere", headers={"Accept": "text/html,*/*"})
    assert (page.status, page.content_type) == (404, "text/html")
    text = await page.text()
    assert "没有找到" in text
    assert '<a href="/">' in text
    assert "12333" in text
    assert "12345" in text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    plain = await client.get("/nowhere")
    assert (plain.status, plain.content_type, plain.charset) == (404, "text/plain", "utf-8")
    assert (await plain.text()).startswith("没有找到")
