"""Signing in and looking after accounts, as a browser without scripts does it."""

import re
from urllib.parse import quote

import pytest

from domain.actor import Role
from domain.staff.second_factor import code_at
from domain.staff.tools import StaffTools
from models.staff import StaffSession
from tests.integration.staff.conftest import (
    PASSWORD,
    Clock,
    make_account,
    serve_console,
)
from tests.integration.staff.steps import OTHER, OpenBrowser, enrol, enter, secret_on, sign_in


async def test_from_a_link_through_all_steps_to_its_page(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min", Role.CITY_OFFICER)
    browser = open_browser()
    page = await browser.get("/console/staff?role=editor")
    assert (page.title, page.status) == ("登录工作台", 200)
    action = re.search(r'action="([^"]*)"', page.text)
    assert action is not None
    page = await browser.post(action[1], {"username": "wang.min", "password": PASSWORD})
    assert page.title == "设置两步验证"
    assert "<svg" in page.text and "otpauth" not in page.text
    code = code_at(secret_on(page), clock.now)
    page = await browser.post(page.path, {"code": code})
    assert page.path == "/console/staff?role=editor" and page.title == "账号"


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/", "//evil.example/console/", "/\\evil.example", "/api/docs"),
        *("/console//../../api", "javascript:alert(1)", "/console/\r\nX: y", "/console/sign-in"),
        *("/console/\\evil", "", "/consolex", "%00"),
    ],
)
async def test_nobody_is_sent_elsewhere(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock, wanted: str
) -> None:
    await make_account(tools, "wang.min")
    browser = open_browser()
    page = await browser.post(
        f"/console/sign-in?next={quote(wanted)}", {"username": "wang.min", "password": PASSWORD}
    )
    assert page.title == "设置两步验证"
    page = await browser.post(page.path, {"code": code_at(secret_on(page), clock.now)})
    assert page.path.startswith("/console/") and page.title == "首页", page.path


async def test_the_cookie_is_the_servers_alone(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min")
    browser = open_browser()
    async with browser.client.post(
        "/console/sign-in",
        data={"username": "wang.min", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
    ) as response:
        cookie = response.headers["Set-Cookie"]
        assert response.headers["Cache-Control"] == "no-store"
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


async def test_wrong_words_are_the_same_for_everybody(
    open_browser: OpenBrowser, tools: StaffTools
) -> None:
    await make_account(tools, "wang.min")
    texts = []
    for username in ("wang.min", "nobody.here"):
        page = await enter(open_browser(), username, "wrong")
        assert page.status == 422 and "用户名或密码不对" in page.text
        once = page.hidden("once")
        texts.append(page.text.replace(username, "").replace(once, ""))
    assert texts[0] == texts[1]
    for username in ("wang.min", "nobody.here"):
        browser = open_browser()
        for _ in range(4):
            await enter(browser, username, "wrong")
        page = await enter(browser, username, PASSWORD)
        assert "错了好几次，先停一会儿" in page.text


async def test_a_code_that_was_used_is_not_taken_again(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min")
    secret = await enrol(open_browser(), clock, "wang.min")
    assert (await sign_in(open_browser(), clock, "wang.min", secret)).title == "首页"
    browser = open_browser()
    page = await enter(browser, "wang.min")
    page = await browser.send(page.path, {"code": code_at(secret, clock.now)})
    assert page.status == 422 and "这个验证码用过了" in page.text
    assert (await browser.get("/console/account")).title == "登录工作台"


async def test_five_wrong_codes_and_it_begins_again(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min")
    known = open_browser()
    await enrol(known, clock, "wang.min")
    page = await enter(known, "wang.min")
    for _ in range(4):
        page = await known.send("/console/sign-in/code", {"code": "000000"})
        assert page.title == "输入验证码"
    page = await known.send("/console/sign-in/code", {"code": "000000"})
    assert page.title == "登录工作台" and "验证码错了几次" in page.text


async def test_half_an_hour_without_a_word_ends_it(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min")
    browser = open_browser()
    await enrol(browser, clock, "wang.min")
    clock.move(minutes=29)
    assert (await browser.get("/console/account")).title == "我的账号"
    clock.move(minutes=29)
    assert (await browser.get("/console/account")).title == "我的账号"
    clock.move(minutes=30)
    assert (await browser.get("/console/account")).title == "登录工作台"


async def test_eight_hours_end_it_however_busy(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min")
    browser = open_browser()
    await enrol(browser, clock, "wang.min")
    for _ in range(19):
        clock.move(minutes=25)
        assert (await browser.get("/console/")).title == "首页"
    clock.move(minutes=5)
    assert (await browser.get("/console/")).title == "登录工作台"


async def test_what_comes_from_elsewhere_is_refused(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min")
    browser = open_browser()
    await enrol(browser, clock, "wang.min")
    token = (await browser.get("/console/account")).hidden("csrf")
    assert len(token) == 64
    path = "/console/account/sessions/end-others"
    for fields, headers in [
        ({}, {}),
        ({"csrf": ""}, {}),
        ({"csrf": "0" * 64}, {}),
        ({"csrf": token}, {"Sec_Fetch_Site": "cross-site"}),
        ({"csrf": token}, {"Sec_Fetch_Site": "same-site"}),
        ({"csrf": token}, {"Origin": "https://evil.example"}),
    ]:
        page = await browser.post(path, fields, **headers)
        assert page.status == 403, (fields, headers)
    assert (await browser.post(path, {"csrf": token})).status == 200
    # A form of an old session is no form of the new one.
    other = open_browser()
    await make_account(tools, "li.na")
    await enrol(other, clock, "li.na")
    assert (await other.post(path, {"csrf": token})).status == 403
    # Nor does another site sign somebody in.
    page = await open_browser().post(
        "/console/sign-in",
        {"username": "wang.min", "password": PASSWORD},
        Sec_Fetch_Site="cross-site",
    )
    assert page.status == 403


async def test_signing_out_ends_the_session_and_not_only_the_cookie(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min")
    browser = open_browser()
    await enrol(browser, clock, "wang.min")
    kept = dict(browser.cookies)
    page = await browser.send("/console/account", {}, to="/console/sign-out")
    assert page.title == "登录工作台" and "已经退出" in page.text
    browser.cookies = kept
    assert (await browser.get("/console/")).title == "登录工作台"
    assert await StaffSession.all().count() == 0
    # Something that was to be done is refused, not sent elsewhere.
    assert (await browser.post("/console/sign-out", {})).status == 401


async def test_one_changes_ones_password_and_ends_ones_sessions(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "wang.min")
    here, there, elsewhere = open_browser(), open_browser(), open_browser()
    secret = await enrol(here, clock, "wang.min")
    await sign_in(there, clock, "wang.min", secret)
    await sign_in(elsewhere, clock, "wang.min", secret)
    page = await here.get("/console/account")
    assert page.text.count("Edge · Windows") == 3
    session = page.hidden("session")
    page = await here.post(
        "/console/account/sessions/end", {"csrf": page.hidden("csrf"), "session": session}
    )
    assert page.text.count("Edge · Windows") == 2
    page = await here.send(
        "/console/account/password", {"current": "wrong", "password": OTHER, "again": OTHER}
    )
    assert page.status == 422 and "现在用的密码" in page.text
    page = await here.send(
        "/console/account/password", {"current": PASSWORD, "password": OTHER, "again": "x"}
    )
    assert page.status == 422 and "两遍" in page.text and OTHER not in page.text
    page = await here.send(
        "/console/account/password", {"current": PASSWORD, "password": OTHER, "again": OTHER}
    )
    assert page.title == "我的账号" and "密码改好了" in page.text
    assert (await there.get("/console/")).title == "登录工作台"
    assert (await elsewhere.get("/console/")).title == "登录工作台"


@pytest.mark.parametrize(
    "cookie", ["x", "长".encode().decode("latin-1"), "a" * 3000, '"', "../../etc"]
)
async def test_a_strange_cookie_is_nobodys(open_browser: OpenBrowser, cookie: str) -> None:
    browser = open_browser()
    browser.cookies = {"zpt_console": cookie, "zpt_browser": cookie}
    assert (await browser.get("/console/")).title == "登录工作台"
    assert (await enter(browser, "nobody", "x")).status == 422


async def test_by_https_the_cookie_is_bound_to_this_host(
    tools: StaffTools, clock: Clock, database: str
) -> None:
    await make_account(tools, "wang.min")
    async with (
        serve_console(tools, clock, secure=True) as client,
        client.post(
            "/console/sign-in",
            data={"username": "wang.min", "password": PASSWORD},
            headers={"Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
        ) as response,
    ):
        cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-zpt_console=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
