"""What the one script adds, and that all works without it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.conftest import Opener
from tests.e2e.console.looking import find_faint
from tests.e2e.phone.watching import needs_chromium

pytestmark = needs_chromium


def test_keys_go_through_a_list(opener: Opener) -> None:
    page = opener.open("/gallery")
    page.keyboard.press("j")
    page.keyboard.press("j")
    links = page.locator(".list tbody .first a")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("/")
    search = page.get_by_label("搜索")
    expect(search).to_be_focused()
    # Where one types, a letter is a letter.
    page.keyboard.type("j?/n")
    expect(search).to_have_value("j?/n")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"q=j%3F%2Fn"))


def test_the_keys_are_told_over_the_page(opener: Opener) -> None:
    page = opener.open("/gallery")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="快捷键").click()
    expect(dialog).to_be_visible()


def test_who_does_not_want_letters_turns_them_off(opener: Opener) -> None:
    """WCAG 2.1.4: a key of one letter can be turned off, and stays so."""
    page = opener.open("/gallery")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_label("不用单个字母的快捷键").check()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.locator(".list a:focus")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_n_goes_to_the_next_page(opener: Opener) -> None:
    page = opener.open("/gallery")
    page.keyboard.press("n")
    expect(page.get_by_role("link", name="回到第一页")).to_be_visible()


def test_a_click_anywhere_on_a_row_opens_it(opener: Opener) -> None:
    page = opener.open("/gallery")
    page.get_by_role("cell", name="137", exact=True).click()
    expect(page).to_have_url(re.compile("/gallery/schools/1$"))
    opener.wrong.clear()  # The gallery's schools have no page.


def test_a_second_click_sends_nothing(opener: Opener) -> None:
    page = opener.open("/gallery/form")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.evaluate(
        "() => { const button = document.querySelector('.form button');"
        " button.click(); button.click(); }"
    )
    expect(page.get_by_role("alert")).to_be_visible()
    assert sent.count("POST") == 1
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link", name="一次能教").click()
    expect(page.get_by_label("一次能教")).to_be_in_viewport()


def fill_form(page: Page) -> None:
    page.get_by_label("机构名称").fill("鲁西学校")
    page.get_by_label("县区").select_option("阳谷县")
    page.get_by_label("学校", exact=True).check()
    page.get_by_label("一次能教").fill("40")
    page.get_by_label("从哪天起").fill("2026-12-01")
    page.get_by_label("已经核对过许可证原件").check()


@pytest.mark.parametrize("width", [1280, 390])
def test_all_works_without_a_script(opener: Opener, width: int) -> None:
    page = opener.open("/gallery", width=width, script=False)
    if width < 960:
        expect(page.get_by_role("link", name="人员")).to_be_hidden()
        page.get_by_role("button", name="菜单").click()
    expect(page.get_by_role("link", name="人员")).to_be_visible()
    page.get_by_role("link", name="快捷键").click()
    expect(page.get_by_role("heading", name="快捷键")).to_be_visible()

    page = opener.open("/gallery", width=width, script=False)
    page.get_by_label("搜索").fill("莘县")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator(".list tbody tr")).to_have_count(4)
    page.get_by_role("link", name="添加机构").click()
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("alert")).to_contain_text("处要改一下")
    fill_form(page)
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("status")).to_have_text("已添加“鲁西学校”。")

    page = opener.open("/gallery/parts", width=width, script=False)
    page.get_by_text("查看身份证号").click()
    page.get_by_label("打电话联系本人").check()
    page.get_by_role("button", name="记下并查看").click()
    expect(page.get_by_text("371502199001011234")).to_be_visible()
    expect(page.get_by_role("button", name="打印")).to_be_hidden()


def test_a_page_prints_without_what_is_pressed(opener: Opener) -> None:
    page = opener.open("/gallery?county=371522", scheme="dark")
    page.emulate_media(media="print")
    for gone in (page.locator(".rail"), page.locator(".button").first, page.locator(".pages")):
        expect(gone).to_be_hidden()
    expect(page.get_by_role("heading", name="机构")).to_be_visible()
    expect(page.get_by_role("columnheader", name="状态")).to_be_visible()
    expect(page.get_by_text("条件：县区 莘县")).to_be_visible()
    expect(page.get_by_text("王敏打印于")).to_be_visible()
    body = page.locator("body")
    expect(body).to_have_css("color", "rgb(0, 0, 0)")
    assert find_faint(page) == []
    # On paper a row is a row, however narrow the page.
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator(".list tbody tr").first).to_have_css("display", "table-row")
    assert page.pdf().startswith(b"%PDF")
