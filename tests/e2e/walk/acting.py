"""Those who take part: staff at the console without JavaScript, people with the sandbox's phone."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from scripts.pictures.browser import open_page
from scripts.pictures.phone import PATIENCE_MS, Phone, open_phones


class Desk:
    """Somebody of the staff, signed in in a window of their own."""

    def __init__(self, browser: Browser, base_url: str, username: str, password: str) -> None:
        context = browser.new_context(java_script_enabled=False, locale="zh-CN")
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self._base_url = base_url
        self.go("/console/")
        self.fill({"用户名": username, "密码": password})
        self.press("下一步")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("首页")

    def go(self, path: str) -> None:
        """Another page in the same window."""
        self.page.goto(self._base_url + path)

    def fill(self, answers: Mapping[str, str]) -> None:
        """By the words beside the fields; of a list, what it calls the choice."""
        for label, answer in answers.items():
            field = self.page.get_by_label(
                re.compile(f"^{re.escape(label)}(（(现在)?可以不填）)?$")
            )
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(label=answer)
            else:
                field.fill(answer)

    def press(self, words: str) -> None:
        """A button."""
        self.page.get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        """A link whose words begin so."""
        self.page.get_by_role("link", name=words).first.click()

    def tick(self, words: str) -> None:
        """A box."""
        self.page.get_by_label(words).check()

    def download(self, words: str) -> bytes:
        """The file behind a link."""
        with self.page.expect_download() as file:
            self.follow(words)
        return Path(file.value.path()).read_bytes()

    def unfold(self, words: str) -> None:
        """What needs a second thought."""
        self.page.locator("summary", has_text=words).first.click()

    def sees(self, *words: str) -> None:
        """All of these stand on the page."""
        for one in words:
            expect(self.page.locator("main")).to_contain_text(one)

    def sees_soon(self, words: str) -> None:
        """They stand on the page as soon as the worker has done its part."""
        until = time.monotonic() + PATIENCE_MS / 1000 * 3
        while time.monotonic() < until:
            if words in self.page.locator("main").inner_text():
                return
            self.page.wait_for_timeout(500)
            self.page.reload()
        self.sees(words)

    def sees_not(self, *words: str) -> None:
        """None of these stands on the page."""
        for one in words:
            expect(self.page.locator("main")).not_to_contain_text(one)

    def is_told(self, words: str) -> None:
        """What the page says of what was just done."""
        expect(self.page.get_by_role("status")).to_contain_text(words)

    def offers(self, words: str) -> bool:
        """Whether there is such a button."""
        return self.page.get_by_role("button", name=words, exact=True).count() > 0


class Town:
    """All who are in demo.json, and what the API says to everybody."""

    def __init__(self, browser: Browser, base_url: str, demo: Mapping[str, Any]) -> None:
        self._browser = browser
        self.base_url = base_url
        self.demo = demo
        self._pages: list[Page] = []
        #: Without a page: the mini-program's calls.
        self._outside = browser.new_context()
        self.request = self._outside.request

    def sign_in(self, username: str) -> Desk:
        """The desk of this account of the demo."""
        account = next(one for one in self.demo["staff"] if one["username"] == username)
        desk = Desk(self._browser, self.base_url, username, account["password"])
        self._pages.append(desk.page)
        return desk

    def take_phone(self, number: int) -> Phone:
        """The phone of this one of the people."""
        page = open_page(self._browser, 1280, 900)
        page.set_default_timeout(PATIENCE_MS)
        self._pages.append(page)
        open_phones(page, self.base_url, [self.person(number)["openid"]])
        return Phone(page)

    def open_page(self, address: str) -> Page:
        """A window with scripts in which nobody is signed in."""
        page = open_page(self._browser, 1280, 720)
        page.set_default_timeout(PATIENCE_MS)
        self._pages.append(page)
        page.goto(address)
        return page

    def person(self, number: int) -> Mapping[str, str]:
        """Openid, name and citizen ID."""
        person: Mapping[str, str] = self.demo["people"][number]
        return person

    def find_bound(self) -> int:
        """Somebody who is known by name and in no class."""
        return next(
            number
            for number, one in enumerate(self.demo["people"])
            if one["bound"] and not one["enrolled"]
        )

    def institution(self, name: str) -> str:
        """The id of the institution of this name."""
        return next(str(one["id"]) for one in self.demo["institutions"] if one["name"] == name)

    def ask_api(self, path: str, status: int = 200) -> Any:
        """What everybody may know."""
        answer = self.request.get(self.base_url + path)
        assert answer.status == status, answer.text()
        return answer.json()

    def close(self) -> None:
        """Close all windows."""
        self._outside.close()
        for page in self._pages:
            page.context.close()
