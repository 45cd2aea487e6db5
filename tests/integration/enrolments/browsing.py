"""The console as one of the staff has it open, in a browser without scripts."""

from aiohttp import web
from aiohttp.test_utils import TestClient

from tests.consoles import TOKEN

_HTML = {"Accept": "text/html"}


class Browser:
    """Shows pages, and sends forms."""

    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self._client = client

    async def see(self, path: str) -> str:
        """A page that is there."""
        async with self._client.get(path, headers=_HTML) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def send(self, path: str, **fields: str) -> tuple[int, str]:
        """Status of a form's answer, and where it leads to, else the page."""
        async with self._client.post(
            path, data={"csrf": TOKEN, **fields}, headers=_HTML, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()
