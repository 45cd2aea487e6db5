"""The console's pages of check-ins, as a browser without scripts gets them."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient, TestServer

from clients.files import Files
from domain.actor import Role, Staff
from domain.vault import Vault
from models.attendance import AttendanceSettings, CheckIn
from models.audit import AuditEntry
from models.columns import new_id
from models.enrolments import Enrolment
from models.files import StoredFile
from models.training import ClassSession, TrainingClass
from tests.consoles import let_in, make_console
from tests.integration.attendance.conftest import ENDS, NOW, STARTS, HoldClass, Join
from tests.integration.attendance.conftest import CheckIn as Come
from tests.integration.console.conftest import Visitor

Open = Callable[..., Awaitable[Visitor]]
LATER = ENDS + timedelta(minutes=5)
SHEET = b"\xff\xd8\xff\xe0 a photo of a sheet with names"


@pytest.fixture
async def open_console(database: str, vault: Vault, store: Files) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def open_for(staff: Staff, now: datetime = LATER) -> Visitor:
            app = make_console(let_in(staff), vault=vault, clock=lambda: now, files=store)
            return Visitor(await stack.enter_async_context(TestClient(TestServer(app))))

        yield open_for


@pytest.fixture
async def held(hold_class: HoldClass) -> tuple[TrainingClass, ClassSession]:
    return await hold_class()


def page_of(row: TrainingClass) -> str:
    return f"/classes/{row.id}/attendance"


def page_in(row: TrainingClass, session: ClassSession) -> str:
    return f"{page_of(row)}/sessions/{session.id}"


async def enrolment_of(person: UUID) -> UUID:
    return (await Enrolment.get(person_id=person)).id


async def test_a_class_shows_who_was_there_and_who_was_not(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    come: Come,
    clerk: Staff,
    open_console: Open,
) -> None:
    row, session = held
    there, late, _absent = [await join(row, number) for number in (1, 2, 3)]
    await come(there, session)
    await come(late, session, now=STARTS + timedelta(minutes=20), place=None)
    visitor = await open_console(clerk)
    page = await visitor.get(page_of(row))
    assert visitor.status == 200
    assert "08:20" in page and "08:50" in page
    for words in ("迟到", "没有位置", "没到", "本地设置，不是文件规定", "1人出勤率低于80%"):
        assert words in page, words
    # 180 of 180; 160 of 180; nothing.
    for words in ("3小时／3小时", "2小时40分／3小时", "0分／3小时", "88%", "2／3人次", "66%"):
        assert words in page, words


async def test_the_screen_and_the_sheet_are_a_tap_away(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    clerk: Staff,
    officer: Staff,
    open_console: Open,
) -> None:
    row, session = held
    await join(row)
    screens, sheet = (
        f'href="/console/classes/{row.id}/screens"',
        f"/console/classes/{row.id}/signin",
    )
    own = f'href="/screen/{session.id}"'
    for path in (page_of(row), page_in(row, session)):
        theirs = await (await open_console(clerk)).get(path)
        assert screens in theirs and f'action="{sheet}"' in theirs and "有姓名的签到表" in theirs
        office = await (await open_console(officer)).get(path)
        assert screens in office and f'action="{sheet}"' in office and own not in office
        # Who may look alone takes the masked sheet.
        looking = await (await open_console(Staff(new_id(), Role.SUPERVISOR))).get(path)
        assert screens not in looking and f'action="{sheet}"' in looking
        assert "有姓名的签到表" not in looking
    # One session's own screen, until nobody leaves it any more.
    assert own in await (await open_console(clerk)).get(page_in(row, session))
    later = await open_console(clerk, ENDS + timedelta(minutes=31))
    assert own not in await later.get(page_in(row, session))
    await TrainingClass.filter(id=row.id).update(status="archived")
    over = await (await open_console(clerk)).get(page_in(row, session))
    assert screens not in over and own not in over and f'action="{sheet}"' in over


async def test_what_is_under_is_counted_in_words(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    come: Come,
    clerk: Staff,
    open_console: Open,
) -> None:
    row, session = held
    await come(await join(row), session)
    page = await (await open_console(clerk)).get(page_of(row))
    assert "没有人低于这个数" in page
    # Before the session is over nothing has been held.
    page = await (await open_console(clerk, NOW)).get(page_of(row))
    assert ">没到<" not in page and "／3小时" not in page


async def test_the_url_narrows_the_people(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    come: Come,
    clerk: Staff,
    open_console: Open,
) -> None:
    row, session = held
    there, _absent = await join(row, 1), await join(row, 2)
    await come(there, session)
    visitor = await open_console(clerk)
    rows = r'data-label="姓名"'
    assert len(re.findall(rows, await visitor.get(page_of(row)))) == 2
    assert len(re.findall(rows, await visitor.get(f"{page_of(row)}?who=under"))) == 1
    assert "没有这样的人" in await visitor.get(f"{page_of(row)}?who=waits")
    assert (
        len(re.findall(rows, await visitor.get(f"{page_of(row)}?day=2026-12-07&who=absent"))) == 1
    )


async def test_what_looks_alike_is_for_officers(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    come: Come,
    clerk: Staff,
    officer: Staff,
    open_console: Open,
) -> None:
    row, session = held
    for number in range(1, 5):
        await come(await join(row, number), session)
    page = await (await open_console(officer)).get(page_of(row))
    assert "看着像的地方" in page and "同一秒签的" in page and "位置完全一样" in page
    assert "看着像的地方" not in await (await open_console(clerk)).get(page_of(row))


async def test_a_teacher_enters_several_and_an_officer_confirms(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    clerk: Staff,
    officer: Staff,
    open_console: Open,
) -> None:
    row, session = held
    people = [await join(row, number) for number in (1, 2, 3)]
    ids = [await enrolment_of(one.id) for one in people]
    teacher = await open_console(clerk)
    form = f"{page_in(row, session)}/by-hand"
    assert "登记哪些人" in await teacher.get(form)
    sent = {"kind": "in", "at": "08:35", "reason": "手机没电"}
    page = await teacher.post(form, **sent)
    assert teacher.status == 422 and "还没有选人" in page and "手机没电" in page
    ticks = {f"enter-{one}": "1" for one in ids[:2]}
    page = await teacher.post(form, **(sent | {"at": "25:99"}), **ticks)
    assert teacher.status == 422 and "请写成 08:30" in page and page.count(" checked> ") == 3
    page = await teacher.post(form, **(sent | {"at": "06:00"}), **ticks)
    assert teacher.status == 422 and await CheckIn.all().count() == 0
    page = await teacher.post(form, **sent, **ticks)
    assert "登记了2人的签到，要由另一个人在明天11:35以前确认才算" in page
    assert await CheckIn.filter(state="pending", channel="teacher").count() == 2
    assert "条签到等确认" not in await teacher.get("/")
    # To whoever entered it nothing is offered but to take it back.
    page = await teacher.get(f"{page_of(row)}/waiting")
    assert "等另一个人确认" in page and "确认选中的</button>" not in page and "收回选中的" in page
    checks = {f"check-{one.id}": "1" for one in await CheckIn.all()}
    page = await teacher.post(f"{page_of(row)}/waiting/confirm", **checks)
    assert "2条是您登记的，要由另一个人确认" in page
    # Whoever decides finds it on the first page.
    office = await open_console(officer)
    assert "条签到等确认" in await office.get("/")
    page = await office.get("/check-ins")
    assert row.title in page and "2条" in page and f"{page_of(row)}/waiting" in page
    page = await office.get(f"{page_of(row)}/waiting")
    assert "手机没电" in page and "等您确认" in page
    # Nobody is confirmed who was not ticked.
    assert "勾上核对过的人，再点确认" in page and " checked>" not in page
    first, second = [one.id for one in await CheckIn.all().order_by("id")]
    page = await office.post(f"{page_of(row)}/waiting/confirm", **{f"check-{first}": "1"})
    assert "确认了1条" in page
    page = await office.post(f"{page_of(row)}/waiting/refuse", **{f"check-{second}": "1"})
    assert "要写明为什么退回，4到200个字" in page
    page = await office.post(
        f"{page_of(row)}/waiting/refuse", reason=" 没来 ", **{f"check-{second}": "1"}
    )
    assert office.status == 200 and "要写明为什么退回，4到200个字" in page
    assert (await CheckIn.get(id=second)).state == "pending"
    await office.post(
        f"{page_of(row)}/waiting/refuse", reason="人没有到", **{f"check-{second}": "1"}
    )
    states = {one.id: one.state for one in await CheckIn.all()}
    assert states == {first: "counted", second: "refused"}
    assert "条签到等确认" not in await office.get("/")
    # By hand is shown as such.
    assert "老师登记" in await teacher.get(page_of(row))


async def test_a_paper_sheet_is_entered_beside_its_scan(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    clerk: Staff,
    officer: Staff,
    open_console: Open,
    hold_class: HoldClass,
) -> None:
    row, session = held
    who = await join(row)
    teacher = await open_console(clerk)
    form = f"{page_in(row, session)}/scan"
    page = await teacher.hand_in(form, b"PK\x03\x04 a workbook")
    assert teacher.status == 422 and await StoredFile.all().count() == 0
    page = await teacher.hand_in(form, SHEET)
    scan = await StoredFile.get()
    assert teacher.path == f"/console{page_in(row, session)}/paper/{scan.id}"
    assert "扫描件存好了" in page
    ticks = {f"enter-{await enrolment_of(who.id)}": "1"}
    sent = {"kind": "in", "at": "08:30"}
    other, _ = await hold_class("育婴员第1期")
    await teacher.post(f"{page_in(row, session)}/paper/{new_id()}", **sent, **ticks)
    assert teacher.status == 404
    page = await teacher.post(f"{page_in(row, session)}/paper/{scan.id}", **sent, **ticks)
    assert "登记了1人的签到" in page
    entered = await CheckIn.get()
    assert (entered.channel, entered.document_id) == ("paper", scan.id)
    office = await open_console(officer)
    assert f"scans/{scan.id}" in await office.get(f"{page_of(row)}/waiting")
    answer = await office.fetch(f"{page_of(row)}/scans/{scan.id}")
    assert (answer.status, await answer.read()) == (200, SHEET)
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    await office.get(f"{page_of(other)}/scans/{scan.id}")
    assert office.status == 404
    assert await AuditEntry.filter(event="scan.see", actor=officer.key).count() == 1


async def test_what_counts_is_refused_with_a_reason(
    held: tuple[TrainingClass, ClassSession],
    join: Join,
    come: Come,
    officer: Staff,
    open_console: Open,
) -> None:
    row, session = held
    done = await come(await join(row), session)
    office = await open_console(officer)
    page = await office.get(page_in(row, session))
    assert "08:20" in page and "补签" not in page
    path = f"{page_in(row, session)}/refuse"
    await office.post(path, **{f"check-{done.id}": "1"})
    page = await office.post(path, reason="替人签", **{f"check-{done.id}": "1"})
    assert office.status == 200 and "没有退回：要写明为什么退回，4到200个字" in page
    assert (await CheckIn.get()).state == "counted"
    page = await office.post(path, reason="替人签的", **{f"check-{done.id}": "1"})
    assert "退回了1条" in page and "没有签到" in page
    assert (await CheckIn.get()).state == "refused"


async def test_the_settings_of_a_class(
    held: tuple[TrainingClass, ClassSession], clerk: Staff, officer: Staff, open_console: Open
) -> None:
    row, _ = held
    teacher = await open_console(clerk)
    form = f"{page_of(row)}/settings"
    page = await teacher.get(form)
    assert 'value="30"' in page and 'name="version" value="0"' in page
    sent = {
        "opens_before_min": "45",
        "closes_after_min": "10",
        "late_until_percent": "30",
        "wants_out": "1",
        "version": "0",
    }
    page = await teacher.post(form, **(sent | {"opens_before_min": "999"}))
    assert teacher.status == 422 and "有1处要改一下" in page
    assert "已保存" in await teacher.post(form, **sent)
    kept = await AttendanceSettings.get()
    assert (kept.opens_before_min, kept.wants_out, kept.wants_place) == (45, True, False)
    page = await teacher.post(form, **sent)
    assert teacher.status == 422 and "别人刚刚改过" in page
    office = await open_console(officer)
    await office.get(form)
    assert office.status == 403


async def test_others_see_nothing(
    held: tuple[TrainingClass, ClassSession], clerk: Staff, open_console: Open
) -> None:
    row, session = held
    stranger = await open_console(replace(clerk, institution=new_id()))
    other_county = await open_console(Staff(new_id(), Role.COUNTY_OFFICER, county="371502"))
    hotline = await open_console(Staff(new_id(), Role.HOTLINE))
    for path in (page_of(row), page_in(row, session), f"{page_of(row)}/waiting"):
        for visitor, status in ((stranger, 404), (other_county, 404), (hotline, 403)):
            await visitor.get(path)
            assert visitor.status == status, path


async def test_who_looked_is_on_record_once(
    held: tuple[TrainingClass, ClassSession], officer: Staff, open_console: Open
) -> None:
    row, session = held
    office = await open_console(officer)
    for path in (page_of(row), page_of(row), page_in(row, session)):
        await office.get(path)
    assert await AuditEntry.filter(event="attendance.see", about_id=row.id).count() == 1


async def test_a_class_leads_to_its_check_ins(
    held: tuple[TrainingClass, ClassSession], officer: Staff, open_console: Open
) -> None:
    row, _ = held
    await TrainingClass.filter(id=row.id).update(recruiting_since=NOW)
    office = await open_console(officer)
    assert page_of(row) in await office.get(f"/classes/{row.id}")
    await TrainingClass.filter(id=row.id).update(status="recruiting")
    assert page_of(row) not in await office.get(f"/classes/{row.id}")
