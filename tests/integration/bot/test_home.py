"""The page at the service's address."""

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer


async def test_the_address_shows_a_page_that_says_how_to_ask(
    server: TestServer, session: ClientSession
) -> None:
    async with session.get(server.make_url("/")) as response:
        page = await response.text()
        assert response.status == 200
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "公众号" in page
    assert 'href="/api/docs"' in page
