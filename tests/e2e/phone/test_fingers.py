"""What fingers and keys do on the phone's page: twice, too much, back, and away."""

import pytest
from playwright.sync_api import expect

from scripts.pictures.phone import Phone
from tests.e2e.phone.watching import QUESTION, Watched, needs_chromium

pytestmark = [pytest.mark.e2e, needs_chromium]

#: As many marks on one letter as some people find funny.
STACKED = "补" + "\u0335\u0489\u0301" * 200 + "贴" * 3


def test_a_double_tap_is_one(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[0], width=390, height=844)
    phone = Phone(page)
    said = phone.said.count()
    phone.write("补贴")
    # The second tap meets the plus that has taken the button's place.
    box = phone.element.get_by_role("button", name="发送").bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
    expect(phone.said).to_have_count(said + 1)
    expect(phone.element.locator(".tiles")).to_be_hidden()
    option = phone.replies.last.get_by_role("button").first
    expect(option).to_be_visible()
    phone.await_reply(option.dblclick)
    expect(phone.said).to_have_count(said + 2)
    # And the plus works again.
    expect(phone.open_more("图片")).to_be_visible()


def test_going_back_closes_what_is_open_and_stays(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[1], width=390, height=844)
    phone = Phone(page)
    for _ in range(2):
        sheet = phone.open_more("位置")
        expect(sheet).to_be_visible()
        page.go_back()
        expect(sheet).to_be_hidden()
    phone.ask(QUESTION)
    drawer = phone.look_at(phone.said.last)
    expect(drawer).to_be_visible()
    page.go_back()
    expect(drawer).to_be_hidden()
    # Closed by its button and opened again at once: one step is still enough.
    phone.open_more("图片").get_by_role("button", name="关闭").click()
    phone.element.get_by_role("button", name="公众号资料").click()
    page.get_by_role("button", name="打开试验台").click()
    bench = page.get_by_role("dialog", name="试验台")
    expect(bench).to_be_visible()
    page.go_back()
    expect(bench).to_be_hidden()
    expect(phone.said.last).to_be_visible()
    # Nothing is open, and no step is left that only closes something.
    page.wait_for_function("history.state === null")


def test_escape_closes_the_drawer_and_leads_back(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[1])
    phone = Phone(page)
    phone.ask(QUESTION)
    look = phone.said.last.locator(".look")
    look.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text("看看发生了什么")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-title")).to_have_text("试验台")
    expect(look).to_be_focused()


def test_a_long_answer_is_read_from_its_beginning(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[2], width=390, height=560)
    phone = Phone(page)
    phone.ask("您好")
    phone.ask(QUESTION)
    chat, answer, question = (
        one.bounding_box()
        for one in (phone.element.locator(".chat"), phone.replies.last, phone.said.last)
    )
    assert chat and answer and question
    assert answer["height"] > chat["height"]
    assert chat["y"] <= question["y"] < answer["y"] < chat["y"] + chat["height"] / 3


def test_numbers_to_call_can_be_tapped_and_sums_cannot(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[3])
    phone = Phone(page)
    phone.ask(QUESTION)
    calls = phone.replies.last.locator("a[href^='tel:']")
    assert calls.all_inner_texts() == ["12333", "12345"]
    assert calls.first.get_attribute("href") == "tel:12333"
    phone.ask("每人12000元，2021年10月，0635-8421234，文号123456，13500000000个")
    mine = phone.said.last.locator("a")
    assert mine.all_inner_texts() == ["0635-8421234"]
    assert mine.first.get_attribute("href") == "tel:06358421234"


def test_following_is_said_once(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[4])
    phone = Phone(page)
    phone.open_more("取消关注")
    page.get_by_role("dialog").get_by_role("button", name="取消关注").click()
    follow = phone.element.get_by_role("button", name="关注", exact=True)
    phone.await_reply(follow.click)
    expect(phone.element.get_by_text("取消关注了公众号")).to_have_count(1)
    expect(phone.element.get_by_text("已取消关注")).to_have_count(0)
    expect(phone.element.get_by_text("已关注", exact=True)).to_have_count(0)


@pytest.mark.parametrize("width", [320, 1280])
def test_the_chat_never_scrolls_sideways(watched: Watched, people: list[str], width: int) -> None:
    page = watched.open(people[5], width=width)
    phone = Phone(page)
    expect(phone.element.locator(".bar-row")).to_be_visible()
    phone.ask(STACKED)
    phone.ask("贴" * 40 + "w" * 300)
    assert (
        phone.element.locator(".chat").evaluate("area => area.scrollWidth - area.clientWidth") == 0
    )
    # What stands in the empty input is seen whole.
    field = phone.element.get_by_label("写给公众号")
    assert field.evaluate("input => input.scrollHeight - input.clientHeight") <= 0


def test_the_question_before_clearing_is_small_and_says_what_goes(
    watched: Watched, people: list[str]
) -> None:
    page = watched.open(people[0])
    page.get_by_text("菜单和清空").click()
    page.get_by_role("button", name="清空…").click()
    question = page.get_by_role("dialog")
    box = question.bounding_box()
    assert box and box["width"] <= 400 and box["x"] > 100
    for word in ("聊天", "故障", "快进的时间", "加进来的人", "菜单"):
        expect(question).to_contain_text(word)
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()


def test_what_is_said_in_passing_leaves_the_bar_free(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[0], width=390, height=844)
    phone = Phone(page)
    page.context.set_offline(True)
    phone.write(QUESTION)
    page.keyboard.press("Enter")
    said = page.locator("#said")
    expect(said).to_contain_text("沙箱没有回应")
    line, bar = said.bounding_box(), phone.element.locator(".bar").bounding_box()
    assert line and bar and line["y"] + line["height"] < bar["y"]
    watched.wrong.clear()  # the browser itself notes what it could not load


def test_a_text_that_is_too_long_stays_and_is_told_beside_it(
    watched: Watched, people: list[str]
) -> None:
    page = watched.open(people[0], width=390, height=844)
    phone = Phone(page)
    page.route(
        "**/sandbox/phone/acts",
        lambda route: route.fulfill(status=413, json={"error": "最多 2000 个字"}),
    )
    phone.write(QUESTION)
    page.keyboard.press("Enter")
    expect(phone.element.locator(".input-note")).to_have_text("最多2000个字。")
    expect(phone.element.get_by_label("写给公众号")).to_have_value(QUESTION)
    page.unroute("**/sandbox/phone/acts")
    phone.write(QUESTION + "？")
    expect(phone.element.locator(".input-note")).to_be_hidden()
    watched.wrong.clear()  # the browser itself notes what it could not load
