"""`make pictures`: what a newcomer sees, as PNG files of at most 150 KB each."""

import argparse
import io
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from scripts.pictures.browser import Scheme, open_browser, open_page
from scripts.pictures.console import take_console
from scripts.pictures.demo import Demo, read_demo, run_demo
from scripts.pictures.lesson import take_lesson
from scripts.pictures.phone import Phone, open_phones

_ROOT = Path(__file__).parents[2]
_MOST_BYTES = 150_000
#: High enough for a question and the whole of its answer.
_WIDE = (1280, 980)
_LOW = (1280, 800)
_NARROW = (390, 844)
#: Sharp on the screens of phones, and still small.
_NARROW_SCALE = 1.5

_QUESTION = "外地户口能领补贴吗"
_UNCLEAR = "补贴"
Pages = Callable[..., Page]


def save(page: Page, path: Path) -> None:
    """The page as it is now, in at most 256 colours. Raises ValueError where it is too big."""
    # What has the focus is right to show it, but a picture has no keyboard.
    page.evaluate("document.activeElement?.blur()")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.name}  {size // 1000} KB")
    if size > _MOST_BYTES:
        raise ValueError(f"{path.name} 太大：{size} 字节")


def take_wide(demo: Demo, pages: Pages, folder: Path) -> None:
    """One phone beside the bench, in both colours; the drawer; three deliveries of one message."""
    light = pages(_WIDE)
    open_phones(light, demo.base_url, demo.openids[:1])
    phone = Phone(light)
    phone.ask(_QUESTION)
    light.get_by_text("网络状况").click()
    save(light, folder / "phone-light.png")
    dark = pages(_WIDE, scheme="dark")
    open_phones(dark, demo.base_url, demo.openids[:1])
    expect(Phone(dark).replies.last).to_be_visible()
    dark.get_by_text("微信接口的故障").click()
    save(dark, folder / "phone-dark.png")

    drawer = phone.look_at(phone.said.last)
    drawer.get_by_role("tab", name="路由").click()
    expect(drawer.locator(".lines")).to_be_visible()
    save(light, folder / "drawer-routing.png")
    drawer.get_by_role("tab", name="明文").click()
    save(light, folder / "drawer-open.png")
    drawer.get_by_role("button", name="收起").click()

    light.get_by_text("回应丢1次").click()
    phone.ask("学校说包过，能信吗")
    phone.look_at(phone.said.last).get_by_role("tab", name="投递").click()
    save(light, folder / "drawer-retry.png")


def take_two(demo: Demo, pages: Pages, folder: Path) -> None:
    """Two people side by side."""
    page = pages(_LOW)
    open_phones(page, demo.base_url, demo.openids[1:3])
    one, other = Phone(page, 0), Phone(page, 1)
    one.ask("您好")
    one.ask(_UNCLEAR)
    other.await_reply(other.open_more("图片").get_by_role("button", name="招生广告").click)
    other.await_reply(other.open_more("位置").get_by_role("button", name="火车站").click)
    other.write("")
    save(page, folder / "side-by-side.png")


def take_narrow(demo: Demo, pages: Pages, folder: Path) -> None:
    """A phone on a phone, in both colours, and the sheet of the menu."""
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for place, scheme in enumerate(schemes, 3):
        page = pages(_NARROW, scheme=scheme, scale=_NARROW_SCALE, touch=True)
        open_phones(page, demo.base_url, demo.openids[place : place + 1])
        phone = Phone(page)
        phone.ask(_UNCLEAR)
        phone.await_reply(phone.replies.last.get_by_role("button").nth(1).click)
        phone.element.get_by_role("button", name="菜单", exact=True).click()
        save(page, folder / f"narrow-{scheme}.png")


def take_sends(demo: Demo, pages: Pages, folder: Path) -> None:
    """What the service sends by itself: a customer-service, a template and a subscribe message."""
    page = pages(_WIDE)
    open_phones(page, demo.base_url, demo.openids[5:6])
    phone = Phone(page)
    phone.ask("您好")
    sheet = phone.open_more("订阅消息")
    sheet.get_by_text("开班提醒").click()
    sheet.get_by_role("button", name="允许").click()
    page.get_by_text("让服务主动发一条").click()
    arrived = phone.element.locator(".said.theirs, .said.notice")
    for kind in ("客服消息（文字）", "模板消息", "订阅通知"):
        before = arrived.count()
        page.get_by_role("button", name=kind).click()
        expect(arrived).to_have_count(before + 1)
    page.evaluate("document.getElementById('said').hidePopover()")
    save(page, folder / "sends.png")


def take_all(demo: Demo, browser: Browser, folder: Path) -> None:
    def pages(
        size: tuple[int, int], *, scheme: Scheme = "light", scale: float = 1.0, touch: bool = False
    ) -> Page:
        return open_page(browser, *size, scheme=scheme, scale=scale, touch=touch)

    folder.mkdir(parents=True, exist_ok=True)
    for take in (take_wide, take_two, take_narrow, take_sends):
        take(demo, pages, folder)
    for take_named in (take_console, take_lesson):
        take_named(demo, pages, lambda page, name: save(page, folder / name))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make pictures", description=__doc__)
    parser.add_argument("--url", help="一个正在运行的演示；不写就另外启动一个")
    parser.add_argument("--var", type=Path, default=_ROOT / "var", help="那个演示的数据目录")
    parser.add_argument("--out", type=Path, default=_ROOT / "docs" / "pictures")
    chosen = parser.parse_args()
    try:
        with open_browser() as browser:
            if chosen.url:
                take_all(read_demo(chosen.url.rstrip("/"), chosen.var), browser, chosen.out)
                return
            with run_demo() as demo:
                take_all(demo, browser, chosen.out)
    except (FileNotFoundError, RuntimeError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
