"""A lesson of the demo, for the pictures: its screen, a phone that scans it, and who was there."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from scripts.pictures.console import open_class, sign_in
from scripts.pictures.demo import Demo
from scripts.pictures.mini_program import MiniProgram
from scripts.pictures.phone import Phone, open_phones

#: The school of the class that sits, and the officer of its county.
SCHOOL, OFFICER, TITLE = "school04", "dongchangfu", "养老护理员（五级）第1期"
_CLASSROOM = "正在上课的教室"
#: So many come before the picture is taken.
_COME = 5


def take_lesson(demo: Demo, pages: Callable[..., Page], save: Callable[[Page, str], None]) -> None:
    """The class screen with some who are in; a phone that has scanned it; an officer's page."""
    screen = pages((1366, 768))
    sign_in(screen, demo, SCHOOL)
    screen.goto(f"{demo.base_url}/screen/{demo.session}")
    expect(screen.locator("#code")).to_be_visible()
    for openid in demo.mates[-_COME:]:
        phone = pages((390, 844), scale=1.5, touch=True)
        open_phones(phone, demo.base_url, [openid])
        mini = MiniProgram(phone)
        mini.open()
        mini.say_where(_CLASSROOM)
        expect(mini.scan(TITLE)).to_contain_text("签上了")
    save(phone, "mini-program.png")
    expect(screen.locator("#names li").nth(_COME - 1)).to_be_visible()
    # The tools are for whoever touches something.
    expect(screen.locator("#tools")).to_have_class("tools idle", timeout=20_000)
    save(screen, "class-screen.png")
    page = pages((1280, 900))
    sign_in(page, demo, OFFICER)
    open_class(page, demo, TITLE, "/attendance")
    save(page, "attendance.png")
    page = pages((390, 844), scheme="dark", scale=1.5, touch=True)
    open_phones(page, demo.base_url, [demo.mates[-_COME - 1]])
    chat = Phone(page)
    chat.ask("我到教室了")
    code = "".join(screen.locator(f"#code-{part}").inner_text() for part in ("first", "last"))
    chat.ask(code)
    place = chat.open_more("位置").get_by_role("button", name=_CLASSROOM)
    chat.await_reply(place.click)
    save(page, "check-in-chat.png")
