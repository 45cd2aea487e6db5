"""The class screen in Chromium, before a real service that is killed and started again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.pictures.browser import Scheme, open_page
from tests.e2e.console.looking import find_faint, sideways
from tests.e2e.phone.watching import needs_chromium
from tests.e2e.screen.conftest import PATIENCE_MS, Lesson, Server

pytestmark = needs_chromium

#: A step and what is still good of the one before, and time for a busy machine.
TWO_STEPS_MS = 60_000


def open_screen(
    browser: Browser,
    server: Server,
    lesson: Lesson,
    width: int = 1024,
    height: int = 768,
    scheme: Scheme = "light",
) -> Page:
    page = open_page(browser, width, height, scheme=scheme)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(server.base_url + lesson.do(lesson.make_link()))
    assert page.url == f"{server.base_url}/screen/{lesson.session}"
    expect(page.locator("#code")).to_be_visible()
    return page


def code_on(page: Page) -> str:
    return "".join(re.findall(r"\d", page.locator("#code").inner_text()))


def wait_for_another_code(page: Page) -> str:
    shown = page.locator("#code")
    expect(shown).not_to_have_text(shown.inner_text(), timeout=TWO_STEPS_MS)
    return code_on(page)


def test_a_screen_lives_through_the_server(
    browser: Browser, server: Server, lesson: Lesson
) -> None:
    page = open_screen(browser, server, lesson)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    code = code_on(page)
    assert len(code) == 6
    nobody = page.get_by_text("还没有人签到")
    expect(nobody).to_be_in_viewport()
    # What is on the screen lets people in, and the screen says that they are.
    lesson.do(lesson.check_in(code))
    names = page.locator("#names li")
    expect(names).to_have_text(["王*兰"])
    expect(nobody).to_be_hidden()
    expect(page.locator("#count")).to_have_text("1")
    picture = page.locator("#qr-path").get_attribute("d")
    wait_for_another_code(page)
    assert page.locator("#qr-path").get_attribute("d") != picture
    lost = page.get_by_role("alert")
    expect(lost).to_be_hidden()
    server.kill()
    expect(lost).to_contain_text("连不上服务器", timeout=PATIENCE_MS)
    # What was good stays for as long as it is; then there is nothing to be typed in vain.
    expect(page.locator("#code")).to_be_hidden(timeout=TWO_STEPS_MS)
    expect(page.locator("#qr")).to_be_hidden()
    expect(page.get_by_text("签到码过期了")).to_be_visible()
    expect(names).to_have_count(1)
    server.start()
    expect(page.locator("#code")).to_be_visible(timeout=TWO_STEPS_MS)
    expect(lost).to_be_hidden()
    lesson.do(lesson.check_in(code_on(page)))
    expect(names).to_have_text(["王*兰", "欧*国"])
    lesson.do(lesson.revoke())
    expect(page.locator("#title")).to_have_text("这个大屏链接不能用了")
    expect(page.locator("#code")).to_be_hidden()
    expect(page.get_by_role("link", name="重新打开")).to_be_visible()
    # Whoever may not look any more keeps nothing of what stood there.
    expect(names).to_have_count(0)
    expect(page.locator("#count")).to_be_hidden()
    assert wrong == []
    page.context.close()


#: The lines of the notice that do not fit in beside the code, of as many as there are.
_CUT = """async () => {
  const reader = (await fetch(location.pathname + "/events")).body.getReader();
  let heard = "";
  while (!heard.includes("\\n\\n")) {
    heard += new TextDecoder().decode((await reader.read()).value);
  }
  await reader.cancel();
  const lines = JSON.parse(/data: (.*)/.exec(heard)[1]).notice.split("\\n");
  const box = document.getElementById("notice"), words = document.getElementById("notice-words");
  const tools = document.getElementById("tools").getBoundingClientRect();
  const cut = lines.filter((line) => {
    words.textContent = line;
    const bottom = words.getBoundingClientRect().bottom;
    return box.scrollHeight > box.clientHeight || bottom > box.getBoundingClientRect().bottom;
  });
  return [lines.length, cut, parseFloat(getComputedStyle(words).fontSize)];
}"""


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1366, 768), (1920, 1080)])
def test_what_is_told_before_the_first_session_is_read_beside_the_code(
    browser: Browser, server: Server, lesson: Lesson, width: int, height: int
) -> None:
    """Line by line, as large as names, and none of it cut off (L12)."""
    page = open_screen(browser, server, lesson, width, height)
    expect(page.locator("#notice-place")).to_contain_text("／")
    expect(page.locator("#nobody")).to_be_in_viewport()
    lines, cut, size = page.evaluate(_CUT)
    assert lines >= 3
    assert cut == []
    assert size >= 0.038 * height
    page.context.close()


_BOXES = """
() => ["qr-picture", "code", "title", "detail", "left", "count", "names-box", "full"]
  .map((id) => [id, document.getElementById(id).getBoundingClientRect()])
  .map(([id, box]) => [id, box.left, box.top, box.right, box.bottom])
"""


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [(1024, 768, "light"), (1920, 1080, "dark")],
)
def test_a_screen_is_read_from_the_back_row(
    browser: Browser, server: Server, lesson: Lesson, width: int, height: int, scheme: Scheme
) -> None:
    page = open_screen(browser, server, lesson, width, height, scheme)
    for _ in range(46):
        lesson.do(lesson.check_in(code_on(page)))
    expect(page.locator("#count")).to_have_text("46", timeout=TWO_STEPS_MS)
    for name, left, top, right, bottom in page.evaluate(_BOXES):
        assert left >= 0 and top >= 0 and right <= width and bottom <= height, name
    size = page.evaluate(
        "() => parseFloat(getComputedStyle(document.getElementById('code')).fontSize)"
    )
    assert size >= 0.199 * height
    picture = page.locator("#qr-picture").bounding_box()
    modules = page.evaluate("() => document.getElementById('qr-picture').viewBox.baseVal.width")
    assert picture is not None
    # Without the light modules around it.
    assert picture["height"] * (modules - 4) / modules >= 0.45 * height
    assert sideways(page) <= 0
    assert find_faint(page) == []
    # Nobody's name is cut off: those that have no room are counted.
    shown = page.locator("#names li").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().bottom"
        " <= document.getElementById('names-box').getBoundingClientRect().bottom + 1).length"
    )
    assert shown == page.locator("#names li").count()
    for button in ("sheet", "full"):
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.id") == button
    # On paper: who is in, and no code that is long gone.
    page.emulate_media(media="print")
    expect(page.locator("#qr")).to_be_hidden()
    expect(page.locator("#names li").last).to_be_visible()
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (768, "dark")])
def test_a_narrow_screen_is_scrolled(
    browser: Browser, server: Server, lesson: Lesson, width: int, scheme: Scheme
) -> None:
    page = open_screen(browser, server, lesson, width, 1024 if width > 500 else 844, scheme)
    for _ in range(20):
        lesson.do(lesson.check_in(code_on(page)))
    expect(page.locator("#names li")).to_have_count(20)
    assert sideways(page) <= 0
    assert find_faint(page) == []
    page.context.close()


def test_who_came_stands_there_until_the_end(
    browser: Browser, server: Server, lesson: Lesson
) -> None:
    """Where nobody may come any more the names have the room that the code had."""
    page = open_screen(browser, server, lesson, 1366, 768)
    for _ in range(30):
        lesson.do(lesson.check_in(code_on(page)))
    lesson.do(lesson.begin(-100))
    expect(page.locator("#title")).to_contain_text("签到已经在", timeout=TWO_STEPS_MS)
    # As it comes up for who opens it now.
    page.reload()
    expect(page.locator("#title")).to_contain_text("签到已经在")
    expect(page.locator("#names li")).to_have_count(30)
    expect(page.locator("#names .earlier")).to_have_count(0)
    size = "() => parseFloat(getComputedStyle(document.getElementById('names')).fontSize)"
    assert page.evaluate(size) >= 0.04 * 768
    # Eight names among thirty: those that are alike are counted.
    expect(page.locator("#names li").first).to_have_text("王*兰1")
    expect(page.locator("#names .nth")).to_have_count(30)
    page.context.close()


def test_the_sheet_is_printed_beside_the_code(
    browser: Browser, server: Server, lesson: Lesson
) -> None:
    page = open_screen(browser, server, lesson, 1366, 768)
    tools, told = page.locator("#tools"), page.locator("#sheet-told")
    # Nobody touches anything: they are out of the back row's way.
    expect(tools).to_have_css("opacity", "0")
    page.mouse.move(200, 200)
    expect(tools).to_have_css("opacity", "1")
    with page.expect_download() as taken:
        page.get_by_role("button", name="打印签到表").click()
    assert taken.value.suggested_filename == "学员签到表-养老护理员（初级）第3期.xlsx"
    assert Path(taken.value.path()).read_bytes().startswith(b"PK")
    expect(told).to_contain_text("签到表下载好了")
    expect(page.locator("#code")).to_be_visible()
    # What is refused is told in its place, and the screen stays.
    lesson.do(lesson.begin(60))
    page.get_by_role("button", name="打印签到表").click()
    expect(told).to_contain_text("请办班单位下载")
    server.kill()
    page.get_by_role("button", name="打印签到表").click()
    expect(told).to_contain_text("签到表没有下载下来")
    assert page.url == f"{server.base_url}/screen/{lesson.session}"
    page.context.close()
