"""A browser without scripts: follows redirects, keeps cookies, sends forms as they stand."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from aiohttp.test_utils import TestClient

#: What browsers send with a form of the page that they show.
SAME_SITE = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
HTML = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/130 Edg/130"}


@dataclass
class Page:
    """What came back."""

    status: int
    text: str
    path: str
    headers: Any

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.text, re.S)
        return unescape(found[1]).strip() if found else ""

    def hidden(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""


@dataclass
class Browser:
    """One person's browser at the console."""

    client: "TestClient[Any, Any]"
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> Page:
        return await self._ask("GET", path, None, {})

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """Send exactly these fields; `headers` with _ for -, "" to leave one out."""
        sent = SAME_SITE | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._ask("POST", path, fields, {k: v for k, v in sent.items() if v})

    async def send(self, page_path: str, fields: dict[str, str], to: str = "") -> Page:
        """Open a page and send its form with these fields typed in."""
        page = await self.get(page_path)
        return await self.post(to or page_path, {"csrf": page.hidden("csrf"), **fields})

    async def _ask(
        self, method: str, path: str, data: dict[str, str] | None, headers: dict[str, str]
    ) -> Page:
        for _ in range(6):
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            async with self.client.request(
                method,
                path,
                data=data,
                headers=HTML | headers | self.headers | ({"Cookie": cookie} if cookie else {}),
                allow_redirects=False,
            ) as response:
                text = await response.text()
                for name, morsel in response.cookies.items():
                    if morsel.value and morsel["max-age"] != "0":
                        self.cookies[name] = morsel.value
                    else:
                        self.cookies.pop(name, None)
                if response.status not in (302, 303):
                    return Page(response.status, text, path, response.headers)
                method, data, path = "GET", None, response.headers["Location"]
        raise AssertionError("redirected in a circle")


__all__ = ["Browser", "Page"]
