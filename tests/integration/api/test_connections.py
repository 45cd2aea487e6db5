"""What fails below the middleware, under the runner that the service really has."""

import asyncio
import io
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from observing.logs import configure_logging
from observing.metrics import Metrics
from tests.integration.api.applications import make_application
from web.access import Access, allow
from web.body_limits import body
from web.serving import make_runner

JSON_HEADERS = b"Host: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\n"


@allow(Access.ANYONE)
@body(most_bytes=64 * 1024, seconds=10)
async def take_body(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@allow(Access.ANYONE)
async def fail_beyond_the_middleware(_request: web.Request) -> web.StreamResponse:
    return None  # type: ignore[return-value]


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logging(stream=stream)
    return stream


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def port(log: io.StringIO, metrics: Metrics) -> AsyncIterator[int]:
    """aiohttp's test server has a runner of its own, and cancels handlers; this is ours."""

    def extend(api: web.Application) -> None:
        api.router.add_post("/v1/trial", take_body)
        api.router.add_get("/v1/nothing", fail_beyond_the_middleware)

    runner = make_runner(make_application(metrics=metrics, extend=extend))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def ask(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; status, headers in lower case, body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers["content-length"]))
    writer.close()
    await writer.wait_closed()
    return int(head[0].split(" ")[1]), headers, body


def events(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


UNREADABLE = [
    (b"POST /api/v1/trial HTTP/1.1\r\nContent-Encoding: br\r\n" + JSON_HEADERS + b"\r\nabcd", 415),
    (b"GET /api/v1/faq?q=" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    (b"GET /api/v1/faq?q=1 HTTP/1.1\r\nX-A: " + b"a" * 9000 + b"\r\n\r\n", 431),
    (b"GET /api/v1/faq HTTP/1.1\r\n" + b"X-A: a\r\n" * 300 + b"\r\n", 400),
    (b"GET /api/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET http://x/api/\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /api/v1/faq?q=13812345678 HTTP/1.1\r\nBad Header\r\n\r\n", 400),
]


@pytest.mark.parametrize(("request_bytes", "status"), UNREADABLE, ids=lambda v: str(v)[:30])
async def test_a_request_that_cannot_be_read_is_told_like_every_failure(
    port: int, log: io.StringIO, metrics: Metrics, request_bytes: bytes, status: int
) -> None:
    answered, headers, body = await ask(port, request_bytes)
    assert (answered, headers["content-type"]) == (status, "application/problem+json")
    problem = json.loads(body)
    assert problem["status"] == status
    assert problem["detail"]
    assert "server" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    (line,) = events(log)
    assert (line["level"], line["event"]) == ("info", "malformed_http")
    assert line["request_id"] == headers["x-request-id"]
    assert "exception" not in line
    for told in (log.getvalue(), body.decode()):
        assert "1381234" not in told
        assert "aaaa" not in told
    labels = {"method": request_bytes.split()[0].decode(), "route": "", "status": "4xx"}
    assert metrics.registry.get_sample_value("zpt_http_request_seconds_count", labels) == 1


@pytest.mark.parametrize(
    "request_bytes", [b"GET /x HTTP/1.1\r\nBad Header\r\n\r\n", b"\x16\x03\x01"]
)
async def test_elsewhere_it_is_a_short_text_in_chinese(port: int, request_bytes: bytes) -> None:
    status, headers, body = await ask(port, request_bytes)
    assert (status, headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert body.decode().startswith("这次请求没看懂")
    assert "server" not in headers
    assert headers["x-request-id"]


@pytest.mark.parametrize(
    ("path", "status"), [(b"/api/v1/trial", 400), (b"/api/v1/faq", 400), (b"/healthz", 405)]
)
async def test_a_body_that_is_not_gzip_leaves_no_trace_of_an_exception(
    port: int, log: io.StringIO, path: bytes, status: int
) -> None:
    request = b"POST " + path + b" HTTP/1.1\r\nContent-Encoding: gzip\r\n" + JSON_HEADERS
    answered, _, body = await ask(port, request + b"\r\nabcd")
    assert answered == status
    if status == 400:
        problem = json.loads(body)
        assert problem["code"] == "bad_request"
        assert "压缩" in problem["detail"]
    # aiohttp throws away the rest of the body behind the answer, and fails there once more.
    await asyncio.sleep(0.05)
    assert {line["level"] for line in events(log)} == {"info"}


async def test_a_failure_beyond_the_middleware_is_an_alarm_too(
    port: int, log: io.StringIO, metrics: Metrics
) -> None:
    status, headers, body = await ask(port, b"GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status, json.loads(body)["code"]) == (500, "unexpected")
    assert "server" not in headers
    assert metrics.registry.get_sample_value("zpt_unexpected_errors_total", {"door": "web"}) == 1


async def test_a_client_that_goes_away_is_no_alarm(
    port: int, metrics: Metrics, log: io.StringIO
) -> None:
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /api/v1/trial HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100\r\n\r\n{"
    )
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    for _ in range(100):
        if log.getvalue():
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert [line["event"] for line in events(log)] == ["request"]
    assert '"status": 499' in log.getvalue()
    assert not metrics.registry.get_sample_value("zpt_unexpected_errors_total", {"door": "web"})
