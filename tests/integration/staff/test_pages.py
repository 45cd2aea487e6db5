"""Signing in and looking after accounts, as a browser without scripts does it."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest

from domain.actor import Role, Staff
from domain.audit.verifying import verify_log
from domain.staff.second_factor import code_at
from domain.staff.tools import StaffTools
from models.audit import AuditEntry
from models.staff import StaffAccount, StaffSession
from tests.integration.staff.browser import Browser, Page
from tests.integration.staff.conftest import (
    DONGCHANGFU,
    PASSWORD,
    YANGGU,
    Clock,
    make_account,
    make_institution,
)

OpenBrowser = Callable[[], Browser]
OTHER = "从南门走到湖边要半个小时"


async def enter(browser: Browser, username: str, password: str = PASSWORD) -> Page:
    return await browser.send("/console/sign-in", {"username": username, "password": password})


def secret_on(page: Page) -> str:
    found = re.search(r'second-factor-secret">([A-Z2-7 ]+)<', page.text)
    assert found, page.title
    return found[1].replace(" ", "")


async def enrol(browser: Browser, clock: Clock, username: str, password: str = PASSWORD) -> str:
    """Sign in for the first time; the secret of the authenticator."""
    page = await enter(browser, username, password)
    assert page.title == "设置两步验证"
    secret = secret_on(page)
    page = await browser.send(page.path, {"code": code_at(secret, clock.now)})
    assert (page.title, page.path) == ("首页", "/console/")
    return secret


async def sign_in(
    browser: Browser, clock: Clock, username: str, secret: str, password: str = PASSWORD
) -> Page:
    clock.move(seconds=30)
    page = await enter(browser, username, password)
    assert page.title == "输入验证码", page.text
    return await browser.send(page.path, {"code": code_at(secret, clock.now)})


@pytest.fixture
async def boss(open_browser: OpenBrowser, tools: StaffTools, clock: Clock) -> tuple[Browser, Staff]:
    """A supervisor who is signed in."""
    actor = await make_account(tools, "boss.one", Role.SUPERVISOR)
    browser = open_browser()
    await enrol(browser, clock, "boss.one")
    return browser, actor


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


async def test_a_supervisor_adds_somebody_who_makes_it_their_own(
    boss: tuple[Browser, Staff], open_browser: OpenBrowser, clock: Clock
) -> None:
    browser, _ = boss
    page = await browser.send(
        "/console/staff/new",
        {"username": "li.na", "name": "李娜", "role": "county_officer", "county": DONGCHANGFU},
    )
    assert page.title == "临时密码"
    found = re.search(r"<dt>临时密码</dt><dd>([a-z0-9-]+)<", page.text)
    assert found is not None
    theirs = open_browser()
    page = await enter(theirs, "li.na", found[1])
    assert page.title == "换成自己的密码"
    page = await theirs.send(page.path, {"password": "liaocheng2026", "again": "liaocheng2026"})
    assert page.status == 422 and "容易猜" in page.text
    page = await theirs.send(page.path, {"password": OTHER, "again": OTHER})
    assert page.title == "设置两步验证"
    page = await theirs.send(page.path, {"code": code_at(secret_on(page), clock.now)})
    assert page.title == "首页"
    page = await theirs.get("/console/account")
    assert "东昌府区" in page.text and "县级经办" in page.text


async def test_an_institutions_people_belong_to_its_county(
    boss: tuple[Browser, Staff], open_browser: OpenBrowser
) -> None:
    browser, _ = boss
    school = await make_institution(YANGGU, "阳谷县启明职业培训学校")
    assert "阳谷县启明职业培训学校" in (await browser.get("/console/staff/new")).text
    page = await browser.send(
        "/console/staff/new",
        {"username": "school", "name": "刘校长", "role": "institution", "institution": str(school)},
    )
    assert page.title == "临时密码"
    account = await StaffAccount.get(username="school")
    assert (account.county, account.institution_id) == (YANGGU, school)
    page = await browser.send(
        "/console/staff/new", {"username": "school2", "name": "刘", "role": "institution"}
    )
    assert page.status == 422 and "请选是哪一家" in page.text and "school2" in page.text


async def test_another_role_is_another_console_after_signing_in_again(
    boss: tuple[Browser, Staff], open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    browser, _ = boss
    actor = await make_account(tools, "li.na", Role.SUPERVISOR)
    theirs = open_browser()
    secret = await enrol(theirs, clock, "li.na")
    assert (await theirs.get("/console/audit")).title == "审计记录"
    page = await browser.send(
        f"/console/staff/{actor.id}", {"role": "hotline"}, to=f"/console/staff/{actor.id}/post"
    )
    assert "改好了" in page.text
    assert (await theirs.get("/console/audit")).title == "登录工作台"
    await sign_in(theirs, clock, "li.na", secret)
    page = await theirs.get("/console/audit")
    assert page.status == 403 and page.title == "这里不对您开放"


async def test_a_reset_by_two_officers(
    boss: tuple[Browser, Staff], open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    browser, _ = boss
    actor = await make_account(tools, "li.na")
    await make_account(tools, "boss.two", Role.SUPERVISOR)
    theirs, second = open_browser(), open_browser()
    await enrol(theirs, clock, "li.na")
    await enrol(second, clock, "boss.two")
    path = f"/console/staff/{actor.id}"
    page = await browser.send(path, {"what": "both", "reason": ""}, to=f"{path}/reset")
    assert page.status == 422 and "<details" in page.text and " open>" in page.text
    page = await browser.send(
        path, {"what": "both", "reason": "当面核对过工作证"}, to=f"{path}/reset"
    )
    assert "另一位主管" in page.text
    page = await browser.get("/console/staff")
    assert "要由另一位主管确认" in page.text and "确认重设" not in page.text
    page = await second.get("/console/staff")
    assert "当面核对过工作证" in page.text
    reset = re.search(r"/console/staff/resets/([0-9a-f-]+)/confirm", page.text)
    assert reset is not None
    confirm = f"/console/staff/resets/{reset[1]}/confirm"
    # The first one cannot, whatever they send.
    page = await browser.send("/console/staff", {}, to=confirm)
    assert page.status == 403
    assert (await theirs.get("/console/")).title == "首页"
    page = await second.send("/console/staff", {}, to=confirm)
    found = re.search(r"<dt>临时密码</dt><dd>([a-z0-9-]+)<", page.text)
    assert found is not None
    assert (await theirs.get("/console/")).title == "登录工作台"
    assert (await enter(theirs, "li.na", found[1])).title == "换成自己的密码"
    assert (await second.send("/console/staff", {}, to=confirm)).status == 409


async def test_a_disabled_account_is_out(
    boss: tuple[Browser, Staff], open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    browser, me = boss
    actor = await make_account(tools, "li.na")
    theirs = open_browser()
    await enrol(theirs, clock, "li.na")
    path = f"/console/staff/{actor.id}"
    await browser.send(path, {}, to=f"{path}/disable")
    assert (await theirs.get("/console/")).title == "登录工作台"
    assert "用户名或密码不对" in (await enter(theirs, "li.na")).text
    page = await browser.send(path, {}, to=f"{path}/enable")
    assert "在用" in page.text
    own = f"/console/staff/{me.id}"
    assert (await browser.send(own, {}, to=f"{own}/disable")).status == 403


@pytest.mark.parametrize("path", ["/console/staff", "/console/staff/new", "/console/audit"])
async def test_what_a_role_may_not_it_is_not_shown(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock, path: str
) -> None:
    await make_account(tools, "wang.min", Role.HOTLINE)
    browser = open_browser()
    await enrol(browser, clock, "wang.min")
    assert (await browser.get(path)).status == 403
    page = await browser.get("/console/")
    assert "/console/staff" not in page.text and "/console/audit" not in page.text


async def test_a_county_sees_its_own_accounts_and_changes_none(
    open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "officer", Role.COUNTY_OFFICER, DONGCHANGFU)
    other = await make_account(tools, "other", Role.COUNTY_OFFICER, YANGGU)
    own = await make_account(tools, "colleague", Role.COUNTY_OFFICER, DONGCHANGFU)
    browser = open_browser()
    await enrol(browser, clock, "officer")
    page = await browser.get("/console/staff")
    assert "colleague" in page.text and "other" not in page.text and "添加账号" not in page.text
    assert (await browser.get(f"/console/staff/{other.id}")).status == 404
    page = await browser.get(f"/console/staff/{own.id}")
    assert page.status == 200 and "改角色" not in page.text and "停用" not in page.text
    for doing in ("post", "disable", "enable"):
        page = await browser.send(
            f"/console/staff/{own.id}", {"role": "editor"}, to=f"/console/staff/{own.id}/{doing}"
        )
        assert page.status == 403
    page = await browser.send(
        f"/console/staff/{own.id}",
        {"what": "password", "reason": "打过他的电话"},
        to=f"/console/staff/{other.id}/reset",
    )
    assert page.status == 404


async def test_the_audit_log_by_who_what_and_when(
    boss: tuple[Browser, Staff], open_browser: OpenBrowser, tools: StaffTools, clock: Clock
) -> None:
    await make_account(tools, "auditor", Role.AUDITOR)
    browser = open_browser()
    await enrol(browser, clock, "auditor")
    page = await browser.get("/console/audit")
    assert page.title == "审计记录" and "登录" in page.text and "系统（trial）" in page.text

    async def rows(query: str) -> int:
        return (await browser.get(f"/console/audit?{query}")).text.count('<tr role="row"') - 1

    everything = await AuditEntry.all().count()
    assert await rows("") == everything == 6
    assert await rows("who=boss.one") == await rows("who=Boss.One") == 2
    assert await rows("event=session.begin") == 2
    assert await rows("first=2026-11-30&last=2026-11-30") == 6
    assert await rows("last=9999-12-31&first=0001-01-01") == 6
    for nothing in ("who=nobody", "first=2026-12-01", "last=2026-11-29", "about=x"):
        assert await rows(nothing) == -1, nothing
    assert await rows("event=unknown&first=nonsense") == 6
    assert (await browser.get("/console/audit?cursor=nonsense")).status == 422


async def test_the_log_turns_its_pages(
    boss: tuple[Browser, Staff], tools: StaffTools, clock: Clock
) -> None:
    from domain.audit.log import record
    from models.transactions import transaction

    browser, actor = boss
    for number in range(60):
        async with transaction() as connection:
            now = clock.now - timedelta(hours=number)
            facts = {"number": number}
            await record(connection, actor, "class.approve", facts=facts, now=now)
    seen: list[str] = []
    path = "/console/audit"
    while path:
        page = await browser.get(path)
        seen += re.findall(r"number (\d+)", page.text)
        following = re.search(r'href="([^"]*cursor=[^"]*)" rel="next"', page.text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert sorted(map(int, seen)) == [*range(60)]
    assert (await verify_log()).fault is None


@pytest.mark.parametrize(
    "cookie", ["x", "长".encode().decode("latin-1"), "a" * 3000, '"', "../../etc"]
)
async def test_a_strange_cookie_is_nobodys(open_browser: OpenBrowser, cookie: str) -> None:
    browser = open_browser()
    browser.cookies = {"zpt_console": cookie, "zpt_browser": cookie}
    assert (await browser.get("/console/")).title == "登录工作台"
    assert (await enter(browser, "nobody", "x")).status == 422
