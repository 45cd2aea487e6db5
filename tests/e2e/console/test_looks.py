"""Every part of the console in every state: to be read, to be hit, and never wider than the window.

Opening the reveal and an unfolded form shows what stands closed at first.
"""

import pytest
from playwright.sync_api import Page, expect

from scripts.pictures.browser import Scheme
from tests.e2e.console.conftest import Opener
from tests.e2e.console.looking import find_faint, find_small_targets, sideways, walk_by_tab
from tests.e2e.phone.watching import needs_chromium

pytestmark = needs_chromium

PAGES = (
    "/",
    "/help",
    "/gallery",
    "/gallery?none=1",
    "/gallery?q=zzz",
    "/gallery/parts",
    "/gallery/form",
    "/gallery/forbidden",
)
#: WCAG 2.2 AA asks for 24; ours are made for fingers.
FINGER = 44


def unfold(page: Page) -> None:
    """Open whatever stands closed."""
    for closed in page.locator("details").all():
        closed.locator("summary").click()


def fail_form(page: Page) -> None:
    """Send the form as it is, so that it comes back with its faults."""
    page.get_by_label("一次能教").fill("很多")
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everything_can_be_read(opener: Opener, width: int, scheme: Scheme) -> None:
    page = opener.open("/", width=width, scheme=scheme)
    for path in PAGES:
        opener.go(page, path)
        unfold(page)
        assert find_faint(page) == [], path
    opener.go(page, "/gallery/form")
    fail_form(page)
    assert find_faint(page) == []


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_nothing_is_wider_than_its_window(opener: Opener, width: int) -> None:
    """640 is 1280 at 200 %, 320 what WCAG 1.4.10 asks for."""
    page = opener.open("/", width=width)
    for path in PAGES:
        opener.go(page, path)
        unfold(page)
        assert sideways(page) <= 0, path
    opener.go(page, "/gallery/form")
    fail_form(page)
    assert sideways(page) <= 0


def test_large_type_reflows(opener: Opener) -> None:
    page = opener.open("/gallery/parts", width=390)
    before = page.get_by_role("heading", level=1).evaluate("one => getComputedStyle(one).fontSize")
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("button", name="大字").click()
    for path in PAGES:
        opener.go(page, path)
        unfold(page)
        assert sideways(page) <= 0, path
    after = page.get_by_role("heading", level=1).evaluate("one => getComputedStyle(one).fontSize")
    assert float(after[:-2]) == pytest.approx(float(before[:-2]) * 1.25)


def test_everything_can_be_hit(opener: Opener) -> None:
    page = opener.open("/")
    for path in PAGES:
        opener.go(page, path)
        unfold(page)
        assert find_small_targets(page, 24) == [], path


def test_buttons_are_made_for_fingers_on_a_phone(opener: Opener) -> None:
    page = opener.open("/gallery/form", width=390)
    small = find_small_targets(page, FINGER)
    assert [one for one in small if not one[0].startswith("<a")] == []


@pytest.mark.parametrize("path", ["/gallery", "/gallery/parts", "/gallery/form"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_keyboard_goes_through_a_page_in_its_order(
    opener: Opener, path: str, width: int
) -> None:
    page = opener.open(path, width=width)
    stops = walk_by_tab(page)
    assert stops[0]["text"] == "跳到正文"
    assert [stop["index"] for stop in stops] == sorted(stop["index"] for stop in stops)
    for stop in stops:
        assert stop["ring"] >= 2, stop
        assert stop["bottom"] > 0 and stop["top"] < stop["height"], stop


def test_one_comes_past_the_rail_with_one_key(opener: Opener) -> None:
    page = opener.open("/gallery")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="打印")).to_be_focused()


def test_what_has_the_focus_is_not_below_the_head_of_the_table(opener: Opener) -> None:
    page = opener.open("/gallery", height=400)
    for _ in range(12):
        page.keyboard.press("j")
    for _ in range(9):
        page.keyboard.press("k")
        head, row = (
            page.locator(".list thead").bounding_box(),
            page.locator(".list tr:focus-within").bounding_box(),
        )
        assert head and row and row["y"] >= head["y"] + head["height"] - 1


def test_a_point_in_time_stands_on_one_line(opener: Opener) -> None:
    """Where a long cell beside it wants all the room, as in the audit log."""
    page = opener.open("/gallery", width=1280)
    page.locator(".list td.first").first.evaluate("one => one.append('很长的细节'.repeat(80))")
    moments = page.locator(".list time").all()
    assert moments
    assert {one.evaluate("one => one.getClientRects().length") for one in moments} == {1}


def test_the_filters_of_a_log_stand_in_one_line(opener: Opener) -> None:
    page = opener.open("/gallery/log", width=1280)
    boxes = [one.bounding_box() for one in page.locator(".filters > *").all()]
    assert len({round(box["y"] + box["height"]) for box in boxes if box}) == 1


def test_a_printed_rate_stays_within_its_column(opener: Opener) -> None:
    """With the word behind it, where the cells beside it want all the room."""
    page = opener.open("/gallery", width=700)
    page.emulate_media(media="print")
    page.locator(".list td.first").first.evaluate("one => one.append('很长的细节'.repeat(80))")
    over = page.locator(".list td.number").first.evaluate(
        """one => {
            one.innerHTML = '49% <span class="state state-bad">不够</span>';
            const inner = one.firstElementChild.getBoundingClientRect();
            return inner.right - one.getBoundingClientRect().right;
        }"""
    )
    assert over <= 0
