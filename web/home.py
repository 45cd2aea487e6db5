"""`/`: what stands at the service's address, for whoever types it in."""

from collections.abc import Mapping

from aiohttp import web
from jinja2 import Environment

from web.access import Access, allow


def add_home_page(
    app: web.Application,
    environment: Environment,
    texts: Mapping[str, str],
    *,
    sandbox: bool = False,
) -> None:
    """Serve the page; its words are `home.*` of Content.texts.

    In the sandbox there is no account to be found in WeChat: the page leads to the phone.
    """
    template = environment.get_template("home.html.j2")

    @allow(Access.ANYONE)
    async def show_home(_request: web.Request) -> web.Response:
        page = template.render(text=lambda key: texts[f"home.{key}"], type_size="", sandbox=sandbox)
        return web.Response(text=page, content_type="text/html")

    app.router.add_get("/", show_home)
