"""The console as its people have it, for the pictures: signed in with an account of the demo."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from scripts.pictures.demo import Demo

#: A county officer with a filed class to decide on, and the institution of a class that recruits.
OFFICER, FILED = "gaotang", "数控车工（三级）第1期"
SCHOOL, RECRUITING = "school02", "家政服务第1期"


def sign_in(page: Page, demo: Demo, username: str) -> None:
    """Up to the console's first page."""
    page.goto(f"{demo.base_url}/console/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(demo.passwords[username])
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("首页")


def open_class(page: Page, demo: Demo, title: str, part: str = "") -> None:
    """A class's page, or a part of it."""
    page.goto(f"{demo.base_url}/console/classes/{demo.classes[title]}{part}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def take_console(demo: Demo, pages: Callable[..., Page], save: Callable[[Page, str], None]) -> None:
    """What an officer decides on, a roster with its masks, and the first page on a phone."""
    page = pages((1280, 900))
    sign_in(page, demo, OFFICER)
    open_class(page, demo, FILED)
    save(page, "console-class.png")
    page = pages((1280, 720))
    sign_in(page, demo, SCHOOL)
    open_class(page, demo, RECRUITING, "/roster")
    save(page, "console-roster.png")
    page = pages((390, 844), scheme="dark", scale=1.5, touch=True)
    sign_in(page, demo, OFFICER)
    save(page, "console-narrow.png")
