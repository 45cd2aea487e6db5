"""The page at the service's address, as a citizen who typed it in meets it."""

from tests.integration.api.applications import make_application, read_texts
from web.home import add_home_page
from web.pages import make_environment


async def test_the_page_says_where_one_is_and_how_to_ask(aiohttp_client) -> None:
    app = make_application()
    add_home_page(app, make_environment(), read_texts())
    client = await aiohttp_client(app)
    response = await client.get("/")
    page = await response.text()
    assert (response.status, response.content_type) == (200, "text/html")
    assert "<title>职培通</title>" in page
    for word in ("聊城", "搜公众号", "12333", "12345"):
        assert word in page
    # What machines read is nothing for a citizen.
    for link in ("/readyz", "/metrics", ".json"):
        assert link not in page
