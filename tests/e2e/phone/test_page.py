"""The phone's page: it fits, can be read and touched, prints, and outlives the sandbox."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scripts.pictures.browser import Scheme
from scripts.pictures.phone import Phone
from tests.e2e.conftest import Place
from tests.e2e.phone.watching import QUESTION, Watched, needs_chromium

pytestmark = [pytest.mark.e2e, needs_chromium]

#: Each visible text whose contrast is below WCAG's 4.5, as [contrast, text].
FIND_FAINT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const read = (colour, below) => {
    canvas.fillStyle = `rgb(${below.join(' ')})`;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const ground = (element) => !element ? [255, 255, 255]
    : read(getComputedStyle(element).backgroundColor, ground(element.parentElement));
  const light = (colour) => colour
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest('.hidden, noscript')) continue;
    const below = ground(element);
    const pair = [light(read(getComputedStyle(element).color, below)), light(below)].sort();
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) faint.push([contrast.toFixed(2), texts.currentNode.data.trim()]);
  }
  return faint;
}"""

#: Each visible control that is less than 48 px high; words inside a text are none.
FIND_SMALL = """() => ['button, textarea, input:not([type])', 'summary, label.file, .pills span']
  .flatMap((names) => [...document.querySelectorAll(names)])
  .filter((one) => one.checkVisibility())
  .map((one) => [one.getBoundingClientRect().height, one.ariaLabel ?? one.textContent])
  .filter(([height]) => height < 47.9)"""


def sticks_out(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("width", [320, 390, 640, 768, 1280])
def test_nothing_sticks_out(watched: Watched, people: list[str], width: int) -> None:
    """640 is what 200 % leaves of 1280."""
    page = watched.open(*people[:2], width=width)
    phone = Phone(page)
    phone.ask(QUESTION)
    assert not sticks_out(page)
    drawer = phone.look_at(phone.said.last)
    for tab in ("密文", "明文", "路由"):
        drawer.get_by_role("tab", name=tab).click()
        assert not sticks_out(page)
    page.evaluate("document.documentElement.dataset.type = 'large'")
    assert not sticks_out(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_all_can_be_read_and_touched(
    watched: Watched, people: list[str], width: int, scheme: Scheme
) -> None:
    page = watched.open(people[0], width=width, scheme=scheme)
    phone = Phone(page)
    phone.ask(QUESTION)

    def check() -> None:
        assert page.evaluate(FIND_FAINT) == []
        assert page.evaluate(FIND_SMALL) == []

    check()
    drawer = phone.look_at(phone.said.last)
    for tab in ("投递", "密文", "明文", "路由"):
        drawer.get_by_role("tab", name=tab).click()
        check()
    drawer.get_by_role("button", name="收起").click()
    for name in ("图片", "位置", "扫一扫", "订阅消息", "原始 XML"):
        sheet = phone.open_more(name)
        check()
        sheet.get_by_role("button", name="关闭").click()
    phone.element.get_by_role("button", name="公众号资料").click()
    check()
    page.keyboard.press("Escape")
    phone.element.get_by_role("button", name="换一个人").first.click()
    check()


def test_the_chosen_colours_and_size_stay(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[0])
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_text("字和颜色").click()
    page.get_by_text("深色").click()
    page.get_by_text("大字").click()
    page.reload()
    expect(page.locator(".phone .bar-row").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"


def test_it_prints_what_was_said(watched: Watched, people: list[str], tmp_path: Path) -> None:
    page = watched.open(people[0])
    phone = Phone(page)
    phone.ask(QUESTION)
    page.emulate_media(media="print")
    expect(phone.replies.last).to_be_visible()
    expect(phone.element.locator(".bar")).to_be_hidden()
    expect(phone.replies.last.locator(".look")).to_be_hidden()
    expect(page.locator("#panel")).to_be_hidden()
    # The whole talk, not the part that a screen shows.
    chat = phone.element.locator(".chat")
    assert chat.evaluate("area => area.scrollHeight - area.clientHeight") <= 1


def test_clearing_asks_first_and_empties_the_phones(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[0])
    phone = Phone(page)
    phone.ask(QUESTION)
    page.get_by_text("菜单和清空").click()
    page.get_by_role("button", name="清空…").click()
    page.get_by_role("button", name="不了").click()
    expect(phone.said.first).to_be_visible()
    page.get_by_role("button", name="清空…").click()
    page.get_by_role("button", name="清空", exact=True).click()
    expect(phone.said).to_have_count(0)
    # And can be used at once: three questions to tap.
    assert "依据：" in phone.await_reply(phone.element.locator(".examples button").first.click)


def test_words_that_were_not_taken_are_kept(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[2])
    phone = Phone(page)
    said = phone.said.count()
    page.context.set_offline(True)
    phone.write(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("沙箱没有回应")
    expect(phone.element.get_by_label("写给公众号")).to_have_value(QUESTION)
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    expect(phone.said).to_have_count(said + 1)
    assert watched.wrong, "the browser itself notes what it could not load"
    watched.wrong.clear()


def test_it_says_that_the_sandbox_is_away_and_comes_back(
    watched: Watched, people: list[str], running: Place
) -> None:
    page = watched.open(people[3])
    [sandbox] = [
        pid
        for pid in running.processes()
        if b"sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]
    os.kill(sandbox, signal.SIGKILL)
    expect(page.locator("#away")).to_contain_text("沙箱断开了")
    expect(page.locator("#away")).to_be_hidden()
    assert "依据：" in Phone(page).ask(QUESTION)
    watched.wrong.clear()  # the browser itself notes what it could not load
