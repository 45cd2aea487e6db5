"""The console's page of a class's screens: opened by the school, links taken back by officers."""

import re
from datetime import timedelta

from domain.actor import Role
from tests.integration.attendance.conftest import ENDS, STARTS, HoldClass
from tests.integration.screen.conftest import Browser, Service


async def test_a_teacher_makes_a_link_that_is_shown_once(
    service: Service, teacher: Browser, foreigner: Browser, hold_class: HoldClass
) -> None:
    row, session = await hold_class()
    path = f"/console/classes/{row.id}/screens"
    assert f'href="{path}"' in await (await teacher.open(f"/console/classes/{row.id}")).text()
    page = await (await teacher.open(path)).text()
    assert f'href="/screen/{session.id}"' in page and "08:30—11:30" in page
    made = await (await teacher.send(f"{path}/{session.id}/links")).text()
    found = re.search(r'value="http://[^"/]+(/screen/[^"]+)"', made)
    assert found is not None
    led = await service.browser().open(found[1])
    assert (led.status, led.headers["Location"]) == (303, f"/screen/{session.id}")
    again = await (await teacher.open(path)).text()
    assert found[1].partition("link=")[2] not in again
    assert "12月7日08:30的课" in again and "王敏（staff.1）" in again
    assert (await foreigner.open(path)).status == 404
    assert (await foreigner.send(f"{path}/{session.id}/links")).status == 404
    # A session of another class is none of this one.
    _, other = await hold_class("育婴员第1期")
    assert (await teacher.send(f"{path}/{other.id}/links")).status == 404


async def test_an_officer_takes_a_link_back_and_makes_none(
    service: Service, teacher: Browser, hold_class: HoldClass
) -> None:
    row, session = await hold_class(recruiting_since=service.time())
    path = f"/console/classes/{row.id}/screens"
    await teacher.send(f"{path}/{session.id}/links")
    officer = await service.sign_in(Role.COUNTY_OFFICER)
    page = await (await officer.open(path)).text()
    assert "打开大屏" not in page and "做一个链接" not in page
    assert (await officer.send(f"{path}/{session.id}/links")).status == 403
    found = re.search(rf'action="({path}/links/[^"]+/revoke)"', page)
    assert found is not None
    done = await officer.send(found[1])
    assert (done.status, done.headers["Location"]) == (303, path)
    assert "/revoke" not in await (await officer.open(path)).text()
    supervisor = await service.sign_in(Role.SUPERVISOR)
    assert await supervisor.status_of(path) == 403


async def test_sessions_that_are_over_have_no_screen(
    service: Service, teacher: Browser, hold_class: HoldClass
) -> None:
    row, _ = await hold_class(sittings=[(STARTS - timedelta(days=1), ENDS - timedelta(days=1))])
    path = f"/console/classes/{row.id}/screens"
    assert "课都上完了" in await (await teacher.open(path)).text()
    waiting, _ = await hold_class(title="育婴员第1期", status="filed")
    page = await (await teacher.open(f"/console/classes/{waiting.id}/screens")).text()
    assert "这个班现在没有大屏" in page
    shown = await (await teacher.open(f"/console/classes/{waiting.id}")).text()
    assert "班级大屏" not in shown


async def test_a_link_is_made_for_what_comes_within_a_day(
    teacher: Browser, hold_class: HoldClass
) -> None:
    week = timedelta(days=7)
    row, _ = await hold_class(starts=STARTS + week, ends=ENDS + week)
    page = await (await teacher.open(f"/console/classes/{row.id}/screens")).text()
    assert "打开大屏" in page and "/links" not in page
