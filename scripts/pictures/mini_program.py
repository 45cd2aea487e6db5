"""The mini-program on one phone of the sandbox's page, as a person uses it: for the tests."""

from playwright.sync_api import Locator, Page, expect

from scripts.pictures.phone import Phone


class MiniProgram:
    """What can be done in it; `place` counts the phones from the left."""

    def __init__(self, page: Page, place: int = 0) -> None:
        self.page = page
        self.phone = Phone(page, place).element
        self.element = self.phone.locator(".mini")
        #: What became of the last check-ins, as cards.
        self.results = self.element.locator(".mini-result .mini-card")
        #: Of the page that is open.
        self.cards = self.element.locator(".mini-body > .mini-card")

    def open(self, tab: str = "") -> None:
        """Turn the phone to it, and to one of its pages."""
        self.phone.get_by_role("button", name="小程序", exact=True).click()
        if tab:
            nav = self.element.get_by_role("navigation")
            nav.get_by_role("button", name=tab, exact=True).click()
            expect(self.element).not_to_contain_text("正在读")

    def sign_in(self, name: str) -> None:
        """Somebody else takes the phone."""
        self.element.get_by_role("button", name="换人登录").click()
        self.page.get_by_role("dialog").get_by_role("button").filter(has_text=name).first.click()
        expect(self.element).to_contain_text(f"{name}登录着")

    def say_where(self, place: str) -> None:
        self.element.get_by_label("手机说我在").select_option(place)

    def scan(self, title: str) -> Locator:
        """The screen of the class of this title; what became of it."""
        self.element.get_by_role("button", name="扫一扫").click()
        sheet = self.page.get_by_role("dialog")
        sheet.get_by_role("button").filter(has_text=title).first.click()
        return self._await_result()

    def type(self, code: str) -> Locator:
        """A code that was read off a screen; what became of it."""
        self.element.get_by_label("扫不了，就打签到码").fill(code)
        self.element.get_by_role("button", name="用码签").click()
        return self._await_result()

    def set_network(self, on: bool) -> None:
        self.element.get_by_role("switch").set_checked(not on)

    def _await_result(self) -> Locator:
        expect(self.results.first).to_be_visible()
        return self.results.first
