"""Looking after accounts, and reading the audit log, as a browser without scripts does it."""

import re
from datetime import timedelta

import pytest

from domain.actor import Role, Staff
from domain.audit.verifying import verify_log
from domain.staff.second_factor import code_at
from domain.staff.tools import StaffTools
from models.audit import AuditEntry
from models.staff import StaffAccount
from tests.integration.staff.browser import Browser
from tests.integration.staff.conftest import (
    DONGCHANGFU,
    YANGGU,
    Clock,
    make_account,
    make_institution,
)
from tests.integration.staff.steps import OTHER, OpenBrowser, enrol, enter, secret_on, sign_in


@pytest.fixture
async def boss(open_browser: OpenBrowser, tools: StaffTools, clock: Clock) -> tuple[Browser, Staff]:
    """A supervisor who is signed in."""
    actor = await make_account(tools, "boss.one", Role.SUPERVISOR)
    browser = open_browser()
    await enrol(browser, clock, "boss.one")
    return browser, actor


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
    # It waits for somebody, and not for who asked.
    waits = "个重设等您确认"
    assert waits not in (await browser.get("/console/")).text
    assert waits in (await second.get("/console/")).text
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
    assert waits not in (await second.get("/console/")).text
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
        seen += re.findall(r"number：(\d+)", page.text)
        following = re.search(r'href="([^"]*cursor=[^"]*)" rel="next"', page.text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert sorted(map(int, seen)) == [*range(60)]
    assert (await verify_log()).fault is None
