"""The phone in a real browser: a conversation, what the drawer tells of it, and hard times."""

import json
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect

from scripts.pictures.phone import Phone
from tests.e2e.conftest import Place
from tests.e2e.phone.watching import QUESTION, Watched, act, needs_chromium

pytestmark = [pytest.mark.e2e, needs_chromium]


def test_a_newcomer_follows_asks_and_sends_all_kinds(watched: Watched) -> None:
    page = watched.open()
    phone = Phone(page)
    phone.element.get_by_role("button", name="换一个人").click()
    page.get_by_label("新的人").fill("小田")
    page.get_by_role("button", name="加进来").click()
    expect(phone.element).to_have_attribute("aria-label", "小田的手机")

    follow = phone.element.get_by_role("button", name="关注", exact=True)
    assert "补贴培训" in phone.await_reply(follow.click)
    expect(follow).to_be_hidden()

    assert "依据：" in phone.ask(QUESTION)
    expect(phone.said.last.locator(".bubble")).to_have_text(QUESTION)

    unclear = phone.ask("补贴")
    assert "1. " in unclear and "2. " in unclear
    option = phone.replies.last.get_by_role("button").first
    words = option.inner_text()
    chosen = phone.await_reply(option.click)
    assert chosen != unclear
    expect(phone.said.last.locator(".bubble")).to_have_text(words)

    assert "以工代训" in phone.await_reply(lambda: phone.tap_menu("查政策", "以工代训补贴"))
    expect(phone.element.get_by_text("点了菜单“以工代训补贴”")).to_be_visible()

    def speak() -> None:
        phone.write("")
        phone.element.get_by_role("button", name="语音").click()
        page.get_by_label("说了什么").fill(QUESTION)
        page.get_by_role("button", name="发送语音").click()

    assert "发票" in phone.await_reply(speak)
    expect(phone.said.last).to_contain_text(f"听到的是：{QUESTION}")

    picture = phone.open_more("图片").get_by_role("button", name="签到表")
    assert "图片收到了" in phone.await_reply(picture.click)
    sent = phone.said.last.get_by_role("img", name="图片")
    expect(sent).to_be_visible()
    page.wait_for_function("image => image.naturalWidth > 0", arg=sent.element_handle())

    sheet = phone.open_more("位置")
    sheet.get_by_text("200米").click()
    assert "位置收到了" in phone.await_reply(sheet.get_by_role("button", name="火车站").click)
    expect(phone.said.last).to_contain_text("东经115.9")

    unfollow = phone.open_more("取消关注")
    unfollow.get_by_role("button", name="取消关注").click()
    expect(follow).to_be_visible()


def test_the_drawer_tells_what_happened(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[1])
    phone = Phone(page)
    answer = phone.ask("外地户口能领补贴吗")
    drawer = phone.look_at(phone.said.last)
    expect(drawer.locator(".delivery")).to_have_count(1)
    expect(drawer.locator(".delivery")).to_contain_text("有回复")
    expect(drawer.locator(".delivery")).to_contain_text("200")

    drawer.get_by_role("tab", name="密文").click()
    sealed = drawer.locator("pre").first.inner_text()
    assert "<Encrypt>" in sealed and "外地户口" not in sealed

    drawer.get_by_role("tab", name="明文").click()
    message, reply = drawer.locator("pre").all_inner_texts()
    assert "  <Content>外地户口能领补贴吗</Content>\n" in message
    assert answer.splitlines()[0] in reply

    # From tab to tab by the keyboard, as screen readers expect it.
    page.keyboard.press("ArrowRight")
    expect(drawer.get_by_role("tab", name="路由")).to_have_attribute("aria-selected", "true")
    expect(drawer).to_contain_text("答政策（policy）")
    expect(drawer.locator(".lines li").first).to_contain_text("读作")

    # The same drawer by the keyboard alone, from the reply.
    drawer.get_by_role("button", name="收起").click()
    phone.replies.last.locator(".look").focus()
    page.keyboard.press("Enter")
    expect(drawer.locator(".looked-at")).to_have_text("外地户口能领补贴吗")


def test_a_lost_answer_comes_again_and_is_shown_once(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[2])
    phone = Phone(page)
    page.get_by_text("网络状况").click()
    page.get_by_text("回应丢1次").click()
    expect(phone.element).to_contain_text("网络：回应丢1次")
    phone.ask(QUESTION)
    expect(phone.said.last).to_contain_text("投递了2次")
    drawer = phone.look_at(phone.said.last)
    deliveries = drawer.locator(".delivery")
    expect(deliveries.first).to_contain_text("回应丢了")
    expect(deliveries.last).to_contain_text("回复与第1次相同")

    drawer.get_by_role("button", name="再投递一次").click()
    expect(deliveries).to_have_count(3)
    expect(deliveries.last).to_contain_text("回复与第1次相同")
    expect(phone.replies).to_have_count(1)


def test_faults_are_told_on_a_banner_until_they_are_off(
    watched: Watched, people: list[str]
) -> None:
    page = watched.open(people[0])
    page.get_by_text("微信接口的故障").click()
    page.get_by_role("switch", name="令牌失效").click()
    banner = page.locator("#fault")
    expect(banner).to_contain_text("令牌失效")
    page.reload()
    expect(banner).to_contain_text("令牌失效")
    banner.get_by_role("button", name="全部关掉").click()
    expect(banner).to_be_hidden()


def test_two_people_side_by_side_do_not_mix(
    watched: Watched, people: list[str], running: Place
) -> None:
    page = watched.open(people[3])
    page.get_by_role("button", name="加一部手机").click()
    name = running.read_demo()["people"][4]["name"]
    page.get_by_role("dialog").get_by_role("button", name=name).click()
    one, other = Phone(page, 0), Phone(page, 1)
    expect(other.element).to_be_visible()
    assert "发票" in one.ask(QUESTION)
    expect(other.said).to_have_count(0)
    other.ask("学校说包过，能信吗")
    expect(one.said).to_have_count(1)
    expect(other.said).to_have_count(1)
    page.reload()
    expect(one.said).to_have_count(1)
    expect(other.said.locator(".bubble")).to_have_text("学校说包过，能信吗")


def test_what_comes_for_others_is_counted_until_it_is_seen(
    watched: Watched, people: list[str], base_url: str
) -> None:
    page = watched.open(people[0], width=390, height=844)
    act(page, base_url, people[5], QUESTION)
    back = page.get_by_role("button", name="换一个人，别人有1条没看")
    back.click()
    row = page.get_by_role("dialog").get_by_role("button", name="1条没看")
    row.click()
    expect(Phone(page).replies.last).to_contain_text("发票")
    expect(page.get_by_role("button", name="换一个人", exact=True)).to_be_visible()


def test_who_reads_above_stays_there_and_is_told(
    watched: Watched, people: list[str], base_url: str
) -> None:
    page = watched.open(people[4], width=390, height=500)
    phone = Phone(page)
    for _ in range(3):
        phone.ask(QUESTION)
    chat = phone.element.locator(".chat")
    chat.evaluate("area => { area.scrollTop = 0; }")
    before = phone.replies.count()
    act(page, base_url, people[4], "学校说包过，能信吗")
    act(page, base_url, people[4], "外地户口能领补贴吗")
    expect(phone.replies).to_have_count(before + 2)
    chip = phone.element.get_by_role("button", name="有2条新消息")
    expect(chip).to_be_visible()
    assert chat.evaluate("area => area.scrollTop") == 0
    chip.click()
    expect(chip).to_be_hidden()
    expect(phone.replies.last).to_be_in_viewport()


def test_words_stay_words(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[1])
    phone = Phone(page)
    hostile = '<img src=x onerror=alert(1)> <a href="javascript:alert(1)">补贴</a>'
    phone.ask(hostile)
    expect(phone.said.last.locator(".bubble")).to_have_text(hostile)
    assert phone.said.last.locator("img, a").count() == 0
    drawer = phone.look_at(phone.said.last)
    drawer.get_by_role("tab", name="明文").click()
    expect(drawer.locator("pre").first).to_contain_text("<img src=x")
    assert drawer.locator("img").count() == 0


def test_an_input_method_may_use_the_enter_key(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[0])
    phone = Phone(page)
    said = phone.said.count()
    phone.write("butie")
    phone.element.get_by_label("写给公众号").evaluate(
        "input => input.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    page.keyboard.press("Shift+Enter")
    expect(phone.element.get_by_label("写给公众号")).to_have_value("butie\n")
    assert phone.said.count() == said
    page.keyboard.press("Enter")
    expect(phone.said).to_have_count(said + 1)


def call_platform(running: Place, page: Page, path: str, message: Mapping[str, object]) -> None:
    """What the service itself would call, with a token of its account."""
    account = json.loads((running.var / "sandbox.json").read_text(encoding="utf-8"))
    sandbox_url = running.read_demo()["sandbox_url"]
    asked = {"grant_type": "client_credential", "appid": account["app_id"]}
    given = page.request.post(
        f"{sandbox_url}/cgi-bin/stable_token", data=asked | {"secret": account["secret"]}
    ).json()
    answer = page.request.post(
        f"{sandbox_url}{path}?access_token={given['access_token']}", data=dict(message)
    )
    assert answer.json()["errcode"] == 0, answer.text()


def test_what_the_service_sends_by_itself_is_drawn_and_explained(
    watched: Watched, people: list[str], running: Place
) -> None:
    openid = people[5]
    page = watched.open(openid)
    phone = Phone(page)
    sheet = phone.open_more("订阅消息")
    sheet.get_by_text("开班提醒").click()
    sheet.get_by_role("button", name="允许").click()
    expect(phone.element.get_by_text("同意接收一次订阅通知")).to_be_visible()

    setup = page.request.get(f"{watched.base_url}/sandbox/phone/setup").json()
    [template] = [one for one in setup["templates"] if one["title"] == "开班提醒"]
    data = {"thing1": {"value": "电工三班"}, "thing3": {"value": "三楼教室"}}
    message = {"touser": openid, "template_id": template["id"], "data": data}
    call_platform(running, page, "/cgi-bin/message/subscribe/bizsend", message)
    notice = phone.element.locator(".notice-card")
    expect(notice).to_contain_text("开班提醒")
    expect(notice.locator("dl > div").first).to_have_text("班级电工三班")
    drawer = phone.look_at(phone.element.locator(".said.notice"))
    expect(drawer).to_contain_text("/cgi-bin/message/subscribe/bizsend")
    expect(drawer.get_by_label("请求", exact=True)).to_contain_text("电工三班")

    phone.ask(QUESTION)  # opens the window for what follows
    menu = {
        "head_content": "这次答得好不好？",
        "list": [{"id": "s:1", "content": "好"}, {"id": "s:2", "content": "不好"}],
        "tail_content": "谢谢",
    }
    asking = {"touser": openid, "msgtype": "msgmenu", "msgmenu": menu}
    call_platform(running, page, "/cgi-bin/message/custom/send", asking)
    phone.replies.last.get_by_role("button", name="不好").click()
    expect(phone.said.last.locator(".bubble")).to_have_text("不好")
    drawer = phone.look_at(phone.said.last)
    drawer.get_by_role("tab", name="明文").click()
    expect(drawer.locator("pre").first).to_contain_text("<bizmsgmenuid>s:2</bizmsgmenuid>")
