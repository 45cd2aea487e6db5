"""The directory over HTTP: found, filtered, paged, and nobody's name but the institutions'."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app import create_app
from domain.calendar import local_now
from domain.faq.routing import Router
from domain.institutions.actions import remove_institution, suspend_institution
from domain.institutions.writing import Dated
from settings import Settings
from tests.integration.institutions.conftest import CITY, NOW, AddOne, make_entry
from tests.support import make_settings

TODAY = local_now().date()


@pytest.fixture
async def client(package_router: Router, database: str, redis_url: str, tmp_path, aiohttp_client):
    settings: Settings = make_settings(database, redis_url, tmp_path)
    return await aiohttp_client(create_app(settings, router=package_router))


@pytest.fixture
async def directory(add_one: AddOne) -> dict[str, str]:
    """Four institutions of two counties, one suspended and one removed."""
    ids = {
        name: await add_one(make_entry(number, name, county=county, contact="王建国 13800000000"))
        for number, (name, county) in enumerate(
            [
                ("阳谷县鸿翔职业培训学校", "371521"),
                ("阳谷县启明职业培训学校", "371521"),
                ("东阿县鸿翔技工学校", "371524"),
                ("东阿县未来职业培训学校", "371524"),
            ]
        )
    }
    stop = Dated(TODAY, TODAY + timedelta(days=9), "虚假宣传", "聊人社字〔2026〕9号")
    await suspend_institution(CITY, institution_id=ids["东阿县鸿翔技工学校"], dated=stop, now=NOW)
    await remove_institution(
        CITY, institution_id=ids["东阿县未来职业培训学校"], dated=Dated(TODAY), now=NOW
    )
    return {name: str(one) for name, one in ids.items()}


async def names(client: Any, **query: Any) -> list[str]:
    response = await client.get("/api/v1/institutions", params=query)
    assert response.status == 200, await response.text()
    return [item["name"] for item in (await response.json())["items"]]


async def test_search_and_filters(client: Any, directory: dict[str, str]) -> None:
    assert len(await names(client)) == 4
    assert await names(client, q="鸿翔") == ["东阿县鸿翔技工学校", "阳谷县鸿翔职业培训学校"]
    assert await names(client, q="红翔培训", county="371521") == ["阳谷县鸿翔职业培训学校"]
    assert await names(client, county="阳谷县", q="qm") == ["阳谷县启明职业培训学校"]
    assert await names(client, county="聊城市阳谷县") == []
    assert await names(client, status="suspended") == ["东阿县鸿翔技工学校"]
    assert await names(client, status="removed", county="371524") == ["东阿县未来职业培训学校"]
    assert await names(client, county="999999") == []
    assert await names(client, q="没有这家") == []


async def test_an_institution_with_its_records(client: Any, directory: dict[str, str]) -> None:
    response = await client.get(f"/api/v1/institutions/{directory['东阿县鸿翔技工学校']}")
    found = await response.json()
    assert (found["status"], found["county_name"], found["reason"]) == (
        *("suspended", "东阿县", "虚假宣传"),
    )
    assert found["until"] == (TODAY + timedelta(days=9)).isoformat()
    assert [record["kind"] for record in found["records"]] == ["suspended", "listed"]
    assert "13800000000" not in await response.text() and "王建国" not in await response.text()
    assert CITY.key not in await response.text()


async def test_pages(client: Any, directory: dict[str, str]) -> None:
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        query = {"limit": 2, "q": "学校"} | ({"cursor": cursor} if cursor else {})
        page = await (await client.get("/api/v1/institutions", params=query)).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 4 == len(set(seen))
    first = await (await client.get("/api/v1/institutions", params={"limit": 1})).json()
    other = {"limit": 1, "cursor": first["next"], "county": "371521"}
    refused = await client.get("/api/v1/institutions", params=other)
    assert refused.status == 422, "a cursor is for its own list"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?status=closed", 422),
        ("?limit=0", 422),
        ("?q=" + "a" * 101, 422),
        ("?name=x", 422),
        ("?cursor=abc", 422),
        ("?q=%00", 200),
        ("?q=%F0%9F%98%80", 200),
        (f"/{UUID(int=7)}", 404),
        ("/not-an-id", 422),
    ],
)
async def test_what_does_not_fit(client: Any, path: str, status: int) -> None:
    assert (await client.get(f"/api/v1/institutions{path}")).status == status
