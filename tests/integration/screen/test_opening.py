"""Who may open a class screen, and by what."""

from datetime import timedelta

from domain.actor import Role, Staff
from domain.attendance.screens import make_screen_link
from tests.integration.attendance.conftest import HoldClass
from tests.integration.screen.conftest import Browser, Service


async def test_a_teacher_opens_the_screen_of_their_own_class(
    service: Service, teacher: Browser, foreigner: Browser, hold_class: HoldClass
) -> None:
    row, session = await hold_class(title="养老护理员<第1期>")
    page = await teacher.open(f"/screen/{session.id}")
    text = await page.text()
    assert page.status == 200
    assert "养老护理员&lt;第1期&gt;" in text and "12月7日（周一）08:30—11:30" in text
    # Nothing of ours is inline, and nobody else may be.
    assert "<style" not in text and " style=" not in text and "<script>" not in text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert await foreigner.status_of(f"/screen/{session.id}") == 404
    assert (await foreigner.listen(session.id)).status == 404
    assert await teacher.status_of(f"/screen/{row.id}") == 404
    assert await teacher.status_of("/screen/nothing") == 404
    officer = await service.sign_in(Role.COUNTY_OFFICER)
    assert await officer.status_of(f"/screen/{session.id}") == 403


async def test_who_has_not_signed_in_is_led_there_and_back(
    service: Service, teacher: Browser, hold_class: HoldClass
) -> None:
    assert teacher.token
    _, session = await hold_class()
    nobody = service.browser()
    led = await nobody.open(f"/screen/{session.id}")
    assert (led.status, led.headers["Location"]) == (
        303,
        f"/console/sign-in?next=/screen/{session.id}",
    )
    assert (await nobody.listen(session.id)).status == 401
    given = {"username": "staff.1", "password": "雨后南山有一只白鹭飞过水面1"}
    entered = await nobody.send(led.headers["Location"], **given)
    assert (entered.status, entered.headers["Location"]) == (303, f"/screen/{session.id}")
    elsewhere = await nobody.send("/console/sign-in?next=/screen/../sandbox/", **given)
    assert elsewhere.headers["Location"] == "/console/"


async def test_a_link_becomes_a_cookie_for_its_screen_alone(
    service: Service, clerk: Staff, hold_class: HoldClass
) -> None:
    _, session = await hold_class()
    _, other = await hold_class("育婴员第1期")
    token = await make_screen_link(clerk, session.id, now=service.time())
    browser = service.browser()
    led = await browser.open(f"/screen/{session.id}?link={token}")
    assert (led.status, led.headers["Location"]) == (303, f"/screen/{session.id}")
    cookie = led.cookies["zpt_screen"]
    assert (cookie.value, cookie["path"]) == (token, f"/screen/{session.id}")
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == "86400"
    browser.cookies["zpt_screen"] = token
    page = await browser.open(f"/screen/{session.id}")
    assert page.status == 200 and token not in await page.text()
    # Whatever browser it was put into, it opens nothing else.
    assert await browser.status_of(f"/screen/{other.id}") == 303
    assert await browser.status_of(f"/screen/{other.id}?link={token}") == 404
    assert (await browser.listen(other.id)).status == 401
    assert await browser.status_of("/console/classes") == 303
    service.time.pass_by(days=1)
    assert await browser.status_of(f"/screen/{session.id}") == 303


async def test_a_link_that_is_no_longer_good_says_so(
    service: Service, clerk: Staff, teacher: Browser, hold_class: HoldClass
) -> None:
    _, session = await hold_class()
    token = await make_screen_link(clerk, session.id, now=service.time() - timedelta(days=1))
    answer = await service.browser().open(f"/screen/{session.id}?link={token}")
    assert answer.status == 404 and "这个大屏链接不能用了" in await answer.text()
    # Who is signed in needs none.
    led = await teacher.open(f"/screen/{session.id}?link={token}")
    assert (led.status, led.headers["Location"]) == (303, f"/screen/{session.id}")
    assert "zpt_screen" not in led.cookies


async def test_a_class_that_is_not_held_has_no_code(
    teacher: Browser, hold_class: HoldClass
) -> None:
    _, session = await hold_class(status="filed")
    stream = await teacher.listen(session.id)
    told = (await stream.content.readuntil(b"\n\n")).decode()
    stream.close()
    assert '"phase":"idle"' in told and '"code":""' in told
