"""Health, metrics and the request's log line, through the real application."""

import io
import ipaddress
import json

import pytest

from observing.logs import configure_logging
from observing.metrics import Metrics
from tests.integration.api.applications import make_application

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


async def broken():
    raise OSError("no")


async def fine():
    return True


@pytest.fixture
def log() -> io.StringIO:
    stream = io.StringIO()
    configure_logging(stream=stream)
    return stream


async def test_liveness_asks_nobody(aiohttp_client):
    client = await aiohttp_client(make_application(checks={"database": broken}))
    response = await client.get("/healthz")
    assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_readiness_names_what_is_missing(aiohttp_client):
    checks = {"database": broken, "redis": fine, "migrations": broken}
    client = await aiohttp_client(make_application(checks=checks))
    response = await client.get("/readyz")
    assert response.status == 503
    assert await response.json() == {
        "status": "unavailable",
        "missing": ["database", "migrations"],
    }
    client = await aiohttp_client(make_application(checks={"redis": fine}))
    assert (await client.get("/readyz")).status == 200


async def test_metrics_look_absent_from_outside(aiohttp_client):
    client = await aiohttp_client(make_application(trusted_proxies=LOOPBACK))
    assert (await client.get("/metrics")).status == 200
    outside = {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}
    hidden = await client.get("/metrics", headers=outside)
    absent = await client.get("/metricz", headers=outside)
    assert hidden.status == absent.status == 404
    assert await hidden.read() == await absent.read()
    assert hidden.headers.keys() == absent.headers.keys()


async def test_requests_are_counted_by_template_and_class(aiohttp_client):
    metrics = Metrics()
    client = await aiohttp_client(make_application(metrics=metrics))
    await client.get("/api/v1/policies/L01")
    await client.get("/api/v1/policies/L02")
    await client.get("/api/v1/policies/L99")
    await client.get("/13812345678")
    await client.request("PROPFIND", "/nowhere")

    def count(method: str, route: str, status: str) -> float | None:
        labels = {"method": method, "route": route, "status": status}
        return metrics.registry.get_sample_value("zpt_http_request_seconds_count", labels)

    assert count("GET", "/api/v1/policies/{clause}", "2xx") == 2
    assert count("GET", "/api/v1/policies/{clause}", "4xx") == 1
    assert count("GET", "", "4xx") == 1
    assert count("other", "", "4xx") == 1
    assert b"13812345678" not in metrics.render()


async def test_the_log_line_holds_nothing_of_the_person(aiohttp_client, log):
    client = await aiohttp_client(make_application())
    headers = {"Authorization": "Bearer secret-token", "X-Receipt": "R-13812345678"}
    await client.get("/api/v1/faq?q=我是张三13812345678", headers=headers)
    await client.get("/api/v1/policies/371502199001011234")
    await client.get("/张三/13812345678")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [set(line) for line in lines] == [
        {"time", "level", "event", "request_id", "method", "route", "status", "ms"}
    ] * 3
    assert [line["route"] for line in lines] == ["/api/v1/faq", "/api/v1/policies/{clause}", ""]
    for secret in ("138", "3715", "张", "secret", "127.0.0.1"):
        assert secret not in json.dumps(
            [line | {"time": "", "ms": 0, "request_id": ""} for line in lines], ensure_ascii=False
        )


async def test_the_log_of_a_busy_route_can_be_thinned_or_silenced(aiohttp_client, log):
    client = await aiohttp_client(
        make_application(log_every={"/api/v1/faq": 3, "/api/v1/policies": 0})
    )
    for _ in range(7):
        await client.get("/api/v1/faq?q=a")
        await client.get("/api/v1/policies")
    assert [json.loads(line)["route"] for line in log.getvalue().splitlines()] == [
        "/api/v1/faq"
    ] * 2


@pytest.mark.parametrize(("proxies", "taken"), [((), False), (LOOPBACK, True)])
async def test_a_request_id_is_taken_from_a_trusted_proxy_only(aiohttp_client, proxies, taken):
    client = await aiohttp_client(make_application(trusted_proxies=proxies))
    response = await client.get("/healthz", headers={"X-Request-ID": "from-outside-1"})
    assert (response.headers["X-Request-ID"] == "from-outside-1") is taken
    bad = await client.get("/healthz", headers={"X-Request-ID": "a b"})
    assert bad.headers["X-Request-ID"] != "a b"
    ids = {(await client.get("/healthz")).headers["X-Request-ID"] for _ in range(5)}
    assert len(ids) == 5
