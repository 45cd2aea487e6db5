"""The page at the service's address, as a citizen who typed it in meets it."""

from pathlib import Path

import yaml

from sandbox.phone.door import ACCOUNT_NAME
from tests.integration.api.applications import make_application, read_texts
from web.home import add_home_page
from web.pages import make_environment

CONTENT = Path(__file__).parents[3] / "content"


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


async def test_in_the_sandbox_it_leads_to_the_phone(aiohttp_client) -> None:
    app = make_application()
    add_home_page(app, make_environment(), read_texts(), sandbox=True)
    page = await (await (await aiohttp_client(app)).get("/")).text()
    assert '<a href="/sandbox/">在浏览器里试：打开沙箱手机</a>' in page
    assert "搜公众号" not in page


def test_the_phone_shows_the_account_by_the_name_the_service_gives_itself() -> None:
    assert read_texts()["home.title"] == ACCOUNT_NAME
    welcome = yaml.safe_load((CONTENT / "texts" / "bot.yaml").read_text(encoding="utf-8"))
    assert f"这里是{ACCOUNT_NAME}，" in welcome["welcome"]
