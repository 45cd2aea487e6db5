"""The mini-program on the sandbox's phone, in a real browser, with the product behind it."""

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scripts.pictures.browser import Scheme
from scripts.pictures.mini_program import MiniProgram
from scripts.pictures.phone import Phone
from tests.e2e.conftest import Place
from tests.e2e.phone.test_page import FIND_FAINT, FIND_SMALL, sticks_out
from tests.e2e.phone.watching import Watched, needs_chromium

pytestmark = [pytest.mark.e2e, needs_chromium]

CLASSROOM, FAR = "正在上课的教室", "很远的地方"
#: The page offers the first of the demo's people.
SHOWN = 24


class Lesson:
    """The demo's open session, and the people whom the page offers."""

    def __init__(self, running: Place) -> None:
        self._running = running
        demo = running.read_demo()
        self.id = demo["open_session"]["id"]
        class_id = demo["open_session"]["class_id"]
        self.title = next(one["title"] for one in demo["classes"] if one["id"] == class_id)
        people = demo["people"][:SHOWN]
        bound = [one for one in people if one["bound"]]
        #: In its class, and not in it.
        self.mates = [one for one in bound if class_id in one["enrolled"]]
        self.strangers = [one for one in bound if class_id not in one["enrolled"]]
        self.unbound = [one for one in people if not one["bound"]]

    def read_code(self) -> str:
        """What stands on its screen."""
        said = self._running.run("demo", "code", self.id)
        assert said.returncode == 0, said.stderr
        return said.stdout.strip()


@pytest.fixture(scope="module")
def lesson(running: Place) -> Lesson:
    found = Lesson(running)
    assert len(found.mates) >= 6, "as many as the tests below check in"
    return found


def open_mini(watched: Watched, person: Mapping[str, Any], **look: Any) -> tuple[Page, MiniProgram]:
    page = watched.open(person["openid"], **look)
    mini = MiniProgram(page)
    mini.open()
    return page, mini


def count_own(mini: MiniProgram) -> int:
    """How many check-ins somebody has: the demo has let people in before."""
    mini.open("我的签到")
    return mini.cards.count()


def test_one_tap_of_the_menu_scans_the_screen(watched: Watched, lesson: Lesson) -> None:
    """In the official account: no digit is typed."""
    page = watched.open(lesson.mates[-1]["openid"])
    phone = Phone(page)
    phone.tap_menu("我要办", "上课签到")
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("或者贴上二维码里的字").fill("https://example.com/")
    told = phone.await_reply(sheet.get_by_role("button", name="读出来").click)
    assert "扫到的不是签到的二维码" in told
    phone.tap_menu("我要办", "上课签到")
    screen = page.get_by_role("dialog").get_by_role("button").filter(has_text=lesson.title)
    assert "还差一步" in phone.await_reply(screen.first.click)
    place = phone.open_more("位置").get_by_role("button", name=CLASSROOM)
    assert "签到成功" in phone.await_reply(place.click)


def test_one_sees_the_class_scans_the_screen_and_is_in(watched: Watched, lesson: Lesson) -> None:
    person = lesson.mates[0]
    page, mini = open_mini(watched, person)
    expect(mini.element).to_contain_text(f"{person['name']}登录着")
    mini.open("我的班")
    card = mini.cards.filter(has_text=lesson.title)
    expect(card).to_contain_text("正在上课")
    expect(card).to_contain_text("这节课：")
    before = count_own(mini)
    mini.open("签到")
    mini.say_where(CLASSROOM)
    result = mini.scan(lesson.title)
    expect(result).to_contain_text("签上了")
    expect(result).to_contain_text("离教室约0米")
    mini.open("我的签到")
    expect(mini.cards).to_have_count(before + 1)
    expect(mini.cards.first).to_contain_text(lesson.title)
    expect(mini.cards.first).to_contain_text("算数")
    # It is there on another day, and the official account is where it was.
    page.reload()
    expect(mini.element).to_be_visible()
    mini.phone.get_by_role("button", name="公众号", exact=True).click()
    expect(mini.phone.locator(".bar-row").first).to_be_visible()


def test_refusals_are_told_in_words(watched: Watched, lesson: Lesson) -> None:
    """A second time, on a phone that was somebody else's, with a wrong code, in the wrong class."""
    first, second = lesson.mates[1:3]
    _, mini = open_mini(watched, first)
    wrong = "000000" if lesson.read_code() != "000000" else "000001"
    expect(mini.type(wrong)).to_contain_text("签到码不对")
    mini.say_where(CLASSROOM)
    expect(mini.scan(lesson.title)).to_contain_text("签上了")
    again = mini.scan(lesson.title)
    expect(again).to_contain_text("已经签过了")
    expect(again).to_contain_text("check_in_already")
    mini.sign_in(second["name"])
    expect(mini.results).to_have_count(0)
    expect(mini.type(lesson.read_code())).to_contain_text("这部手机签过别人了")
    mini.sign_in(lesson.strangers[0]["name"])
    expect(mini.scan(lesson.title)).to_contain_text("您不在这个班的名单里")
    watched.wrong.clear()  # the browser itself notes what was refused


def test_somebody_who_is_not_known_by_name_is_told_so(watched: Watched, lesson: Lesson) -> None:
    _, mini = open_mini(watched, lesson.unbound[0])
    mini.open("我的班")
    expect(mini.element).to_contain_text("实名")
    watched.wrong.clear()  # the browser itself notes what was refused


def test_from_far_away_it_is_kept_and_pointed_out(watched: Watched, lesson: Lesson) -> None:
    _, mini = open_mini(watched, lesson.mates[3])
    mini.say_where(FAR)
    result = mini.type(lesson.read_code())
    expect(result).to_contain_text("签上了")
    expect(result).to_contain_text("公里")
    expect(result).to_contain_text("离教室远，老师会看到")


def test_without_a_network_it_is_kept_and_sent_later(watched: Watched, lesson: Lesson) -> None:
    page, mini = open_mini(watched, lesson.mates[4])
    before = count_own(mini)
    mini.open("签到")
    mini.say_where(CLASSROOM)
    mini.set_network(False)
    expect(mini.element).to_contain_text("没有网络：签到先存在这部手机里")
    expect(mini.scan(lesson.title)).to_contain_text("先存在手机里了")
    expect(mini.element).to_contain_text("还没有交：1条")
    mini.open("我的签到")
    expect(mini.element).to_contain_text("读不到")
    # The phone is switched off and on again.
    page.reload()
    expect(mini.element).to_contain_text("还没有交：1条")
    mini.set_network(False)
    mini.set_network(True)
    expect(mini.results).to_contain_text("签到交上了，等老师确认")
    expect(mini.element).not_to_contain_text("还没有交")
    mini.open("我的签到")
    expect(mini.cards).to_have_count(before + 1)
    expect(mini.cards.first).to_contain_text("等老师确认")


def test_an_answer_that_was_lost_is_asked_for_again(watched: Watched, lesson: Lesson) -> None:
    """The service has taken it, and nobody told the phone: it is one check-in all the same."""
    page, mini = open_mini(watched, lesson.mates[2])
    before = count_own(mini)
    mini.open("签到")
    mini.say_where(CLASSROOM)

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/v1/check-ins", lose)
    expect(mini.scan(lesson.title)).to_contain_text("先存在手机里了")
    page.unroute("**/api/v1/check-ins")
    mini.element.get_by_role("button", name="现在交").click()
    expect(mini.results).to_contain_text("签上了")
    mini.open("我的签到")
    expect(mini.cards).to_have_count(before + 1)
    expect(mini.cards.first).to_contain_text("算数")
    watched.wrong.clear()  # the browser itself notes what it could not load


@pytest.mark.parametrize("width", [320, 390, 640, 768, 1280])
def test_nothing_sticks_out_of_it(watched: Watched, lesson: Lesson, width: int) -> None:
    page, mini = open_mini(watched, lesson.mates[0], width=width)
    for large in (False, True):
        if large:
            page.evaluate("document.documentElement.dataset.type = 'large'")
        for tab in ("签到", "我的班", "我的签到"):
            mini.open(tab)
            assert not sticks_out(page), (tab, large)
            body = mini.element.locator(".mini-body")
            assert body.evaluate("one => one.scrollWidth <= one.clientWidth"), (tab, large)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_all_of_it_can_be_read_and_touched(
    watched: Watched, lesson: Lesson, width: int, scheme: Scheme
) -> None:
    page, mini = open_mini(watched, lesson.mates[0], width=width, scheme=scheme)

    def check() -> None:
        assert page.evaluate(FIND_FAINT) == []
        assert page.evaluate(FIND_SMALL) == []

    for tab in ("我的签到", "我的班", "签到"):
        mini.open(tab)
        check()
    mini.set_network(False)
    mini.type("482913")
    check()
    mini.set_network(True)
    expect(mini.results).to_contain_text("没有成")
    check()
    mini.element.get_by_role("button", name="扫一扫").click()
    expect(page.get_by_role("dialog")).to_contain_text(lesson.title)
    check()
    watched.wrong.clear()  # the browser itself notes what was refused
