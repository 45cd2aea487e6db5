"""The bench and the drawer against the running service: why an answer came, the clock, messages
that nobody asked for, and a sandbox that is started again."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from scripts.pictures.phone import Phone
from tests.e2e.conftest import Place
from tests.e2e.phone.watching import QUESTION, Watched, needs_chromium

pytestmark = [pytest.mark.e2e, needs_chromium]


def see_routing(phone: Phone) -> Locator:
    """The last message's routing tab, once what was answered is recorded."""
    drawer = phone.look_at(phone.said.last)
    drawer.get_by_role("tab", name="路由").click()
    expect(drawer.locator(".how")).to_be_visible()
    expect(drawer.get_by_text("还没有记下来")).to_be_hidden()
    return drawer


def test_the_routing_tells_what_was_really_answered(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[0])
    phone = Phone(page)
    phone.ask(QUESTION)
    drawer = see_routing(phone)
    expect(drawer.locator(".how")).to_have_text("打的字，按问法找")
    expect(drawer.locator(".facts")).to_contain_text("依据聊城通知第2条")
    expect(drawer.locator(".lines li").first).to_contain_text("读作")

    phone.ask("培训要钱吗")
    second = phone.replies.last.get_by_role("button").nth(1).inner_text()
    phone.ask("2")
    drawer = see_routing(phone)
    expect(drawer.locator(".how")).to_have_text("选了上一条里的第2项")
    expect(drawer.locator(".facts")).to_contain_text(f"答的是{second}")
    expect(drawer.locator(".lines")).to_have_count(0)

    thanks = phone.replies.last.get_by_role("button", name="有用", exact=True)
    phone.await_reply(thanks.click)
    drawer = see_routing(phone)
    expect(drawer.locator(".how")).to_have_text("点了“有用”，记下了")

    phone.ask("培训要钱吗")
    phone.await_reply(phone.replies.last.get_by_role("button").first.click)
    expect(see_routing(phone).locator(".facts")).to_contain_text("答的是")

    phone.await_reply(lambda: phone.tap_menu("查政策", "以工代训补贴"))
    phone.element.locator(".line[data-kind] .look").last.click()
    drawer = page.locator(".panel-inner")
    expect(drawer.locator(".how")).to_have_text("点了菜单，直接打开这一条，不用猜")
    expect(drawer.locator(".facts")).to_contain_text("答的是")

    phone.await_reply(phone.open_more("图片").get_by_role("button", name="签到表").click)
    expect(see_routing(phone).locator(".how")).to_have_text("图片不找答案，直接回一句")


def test_a_clock_that_is_ahead_is_told_until_it_is_set_back(
    watched: Watched, people: list[str]
) -> None:
    page = watched.open(*people[:2])
    page.get_by_text("时间快进").click()
    page.get_by_role("button", name="48小时后").click()
    strips = page.locator(".clock-strip")
    for strip in (strips.nth(0), strips.nth(1)):
        expect(strip).to_contain_text("微信那边的钟拨快了48小时，现在是")
    page.reload()
    expect(strips.nth(1)).to_contain_text("拨快了48小时")
    other = watched.open(people[2])
    expect(other.locator(".clock-strip")).to_contain_text("拨快了48小时")
    strips.first.get_by_role("button", name="回到现在").click()
    for strip in (strips.nth(0), strips.nth(1), other.locator(".clock-strip")):
        expect(strip).to_be_hidden()


def test_each_kind_is_sent_in_the_services_place(watched: Watched, people: list[str]) -> None:
    page = watched.open(people[4])
    phone = Phone(page)
    phone.ask(QUESTION)  # opens the window for customer-service messages
    for title in ("开班提醒", "签到提醒"):
        sheet = phone.open_more("订阅消息")
        sheet.get_by_text(title).click()
        sheet.get_by_role("button", name="允许").click()
        expect(sheet).to_be_hidden()
    page.get_by_text("让服务主动发一条").click()
    expect(page.get_by_text("由沙箱代公众号写好")).to_be_visible()
    setup = page.request.get(f"{watched.base_url}/sandbox/phone/setup").json()
    assert len(setup["sends"]) >= 9
    arrived = phone.element.locator(".said.theirs, .said.notice")
    for send in setup["sends"]:
        before = arrived.count()
        page.get_by_role("button", name=send["title"]).click()
        if send["kind"] == "typing":
            expect(phone.element).to_contain_text("对方正在输入…")
            continue
        expect(arrived).to_have_count(before + 1)
        assert send["kind"] not in arrived.last.inner_text()
    card = phone.element.locator("[data-kind=miniprogrampage]")
    expect(card).not_to_contain_text("pages/")
    expect(card.locator("img")).to_have_js_property("complete", value=True)
    notices = phone.element.locator(".said.notice")
    expect(notices.last).to_contain_text("小程序 · 服务通知")


def test_a_restarted_sandbox_says_that_the_talk_is_lost(
    watched: Watched, people: list[str], running: Place
) -> None:
    page = watched.open(people[3])
    phone = Phone(page)
    phone.ask(QUESTION)
    phone.element.get_by_role("button", name="菜单", exact=True).click()
    [sandbox] = [
        pid
        for pid in running.processes()
        if b"sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]
    os.kill(sandbox, signal.SIGKILL)
    away = page.locator("#away")
    expect(away).to_contain_text("沙箱断开了，正在等它回来")
    expect(away).not_to_contain_text("聊天还在")
    lost = phone.element.get_by_text("沙箱重新启动过，之前的聊天没有了")
    expect(lost).to_be_visible()
    expect(phone.said).to_have_count(0)
    expect(phone.element.locator(".menu-three > li").first).to_be_visible()
    phone.ask(QUESTION)
    expect(lost).to_have_count(1)

    # Who empties it knows that the talk is gone.
    page.get_by_text("菜单和清空").click()
    page.get_by_role("button", name="清空…").click()
    page.get_by_role("button", name="清空", exact=True).click()
    expect(phone.said).to_have_count(0)
    expect(lost).to_be_hidden()
    watched.wrong.clear()  # the browser itself notes what it could not load
