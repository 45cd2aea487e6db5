"""One phone of the sandbox's page, as a person uses it: for the pictures and the tests."""

from collections.abc import Callable, Iterable

from playwright.sync_api import Locator, Page, expect

#: A reply takes milliseconds; a loaded machine may take longer.
PATIENCE_MS = 20_000
#: As in the page's bar.js, and a little more.
SETTLE_MS = 600


def open_phones(page: Page, base_url: str, openids: Iterable[str] = ()) -> None:
    """The page with a phone for each of `openids`, or for the first demo person."""
    wanted = " ".join(openids)
    page.add_init_script(
        f"localStorage.getItem('phone.people') ?? localStorage.setItem('phone.people', {wanted!r})"
    )
    page.goto(f"{base_url}/sandbox/")
    expect(page.locator(".phone .bar-row").first).to_be_visible(timeout=PATIENCE_MS)


class Phone:
    """What can be done on one phone; `place` counts the phones from the left."""

    def __init__(self, page: Page, place: int = 0) -> None:
        self.page = page
        self.element = page.locator(".phone").nth(place)
        self.said = self.element.locator(".said.mine")
        self.replies = self.element.locator(".said.theirs")

    def write(self, text: str) -> None:
        """Into the input, which a menu may stand before; nothing is sent."""
        keyboard = self.element.get_by_role("button", name="打字")
        if keyboard.is_visible():
            keyboard.click()
        self.element.get_by_label("写给公众号").fill(text)

    def ask(self, text: str) -> str:
        """Send it, and wait for the reply."""
        self.write(text)
        return self.await_reply(lambda: self.page.keyboard.press("Enter"))

    def await_reply(self, act: Callable[[], object]) -> str:
        """The text of the reply that follows `act()`."""
        before = self.replies.count()
        act()
        expect(self.replies.nth(before)).to_be_visible(timeout=PATIENCE_MS)
        return self.replies.nth(before).locator(".bubble").inner_text()

    def tap_menu(self, top: str, below: str) -> None:
        back = self.element.get_by_role("button", name="菜单", exact=True)
        if back.is_visible():
            back.click()
        self.element.get_by_role("button", name=top).click()
        self.element.get_by_role("button", name=below).click()

    def open_more(self, name: str) -> Locator:
        """A sheet of the panel behind the plus."""
        self.write("")
        more = self.element.get_by_role("button", name="更多")
        # So soon after a send it takes a tap for the second one of the button's.
        self.page.wait_for_timeout(SETTLE_MS)
        if more.get_attribute("aria-expanded") == "false":
            more.click()
        self.element.locator(".tiles").get_by_role("button", name=name).click()
        return self.page.get_by_role("dialog")

    def look_at(self, said: Locator) -> Locator:
        """The drawer of one item."""
        said.locator(".look").click()
        return self.page.locator(".panel-inner")
