"""The sign-in sheet, taken from the class screen to be signed."""

import re
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from aiohttp import ClientResponse
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from domain.actor import Role, Staff
from domain.attendance.screens import list_screen_links, make_screen_link, revoke_screen_link
from domain.staff.sessions import csrf_of
from models.audit import AuditEntry
from models.enrolments import Enrolment
from models.people import Person
from models.training import ClassSession, TrainingClass
from tests.integration.attendance.conftest import ENDS, NOW, STARTS, CheckIn, HoldClass, Join
from tests.integration.enrolments.conftest import id_number_of
from tests.integration.screen.conftest import Browser, Service

DAY = timedelta(days=1)
NAME, MASKED = "王秀兰", f"3715**********{id_number_of(1)[-4:]}"


async def take(browser: Browser, session: ClassSession, **fields: str) -> ClientResponse:
    """What the page's button asks for."""
    sent = {"csrf": csrf_of(browser.token or browser.cookies.get("zpt_screen", "")), **fields}
    return await browser.send(f"/screen/{session.id}/signin", **sent)


async def read(answer: ClientResponse) -> list[Worksheet]:
    assert answer.status == 200, await answer.text()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    sheets: list[Worksheet] = load_workbook(BytesIO(await answer.read())).worksheets
    return sheets


def people_on(sheet: Worksheet) -> list[tuple[object, object]]:
    rows = sheet.iter_rows(min_row=8, max_col=3, values_only=True)
    return [(name, number) for count, name, number in rows if isinstance(count, int)]


async def bring_link(service: Service, clerk: Staff, session: ClassSession) -> Browser:
    """A classroom's computer, with a link to the screen."""
    browser = service.browser()
    browser.cookies["zpt_screen"] = await make_screen_link(clerk, session.id, now=service.time())
    return browser


async def last_entry() -> AuditEntry:
    entry = await AuditEntry.filter(event="signin.export").order_by("-id").first()
    assert entry is not None
    return entry


async def test_a_teacher_prints_the_sheet_with_names(
    service: Service, teacher: Browser, foreigner: Browser, hold_class: HoldClass, join: Join
) -> None:
    row, session = await hold_class()
    await ClassSession.create(
        training_class_id=row.id, starts_at=STARTS + 7 * DAY, ends_at=ENDS + 7 * DAY
    )
    await join(row, 1)
    page = await (await teacher.open(f"/screen/{session.id}")).text()
    assert f'data-path="/screen/{session.id}/signin"' in page
    assert f'data-csrf="{csrf_of(teacher.token)}"' in page
    # All weeks of the class, as from the console.
    sheets = await read(await take(teacher, session))
    assert len(sheets) == 2 and people_on(sheets[0]) == [(NAME, MASKED)]
    entry = await last_entry()
    assert (entry.about_id, entry.role) == (row.id, "institution")
    assert entry.facts == {
        "unmasked": True,
        "numbers": False,
        "reason": "课堂上打印出来签字",
        "people": 1,
    }
    assert (await take(foreigner, session)).status == 404
    officer = await service.sign_in(Role.COUNTY_OFFICER)
    assert (await take(officer, session)).status == 403
    assert await AuditEntry.filter(event="signin.export").count() == 1


async def test_a_page_of_another_site_prints_nothing(
    service: Service, teacher: Browser, clerk: Staff, hold_class: HoldClass
) -> None:
    _, session = await hold_class()
    path = f"/screen/{session.id}/signin"
    assert (await take(teacher, session, csrf="")).status == 403
    # The token of one pass is none of another.
    linked = await bring_link(service, clerk, session)
    assert (await take(linked, session, csrf=csrf_of(teacher.token))).status == 403
    elsewhere = await service.client.post(
        path,
        data={"csrf": csrf_of(teacher.token)},
        cookies=teacher.cookies,
        headers={"Sec-Fetch-Site": "same-site"},
    )
    assert elsewhere.status == 403
    assert (await teacher.open(path)).status == 405
    nobody = await service.client.post(path, headers={"Accept": "text/html"})
    assert nobody.status == 401


async def test_a_link_prints_its_own_session_alone(
    service: Service,
    clerk: Staff,
    hold_class: HoldClass,
    join: Join,
    come: CheckIn,
) -> None:
    row, session = await hold_class()
    yesterday = await ClassSession.create(
        training_class_id=row.id, starts_at=STARTS - DAY, ends_at=ENDS - DAY
    )
    first, gone, left = [await join(row, number) for number in (1, 2, 3)]
    for who, lesson in ((gone, yesterday), (left, session)):
        await come(who, lesson, now=lesson.starts_at - timedelta(minutes=10))
    await Enrolment.filter(person_id__in=[gone.id, left.id]).update(status="withdrawn")
    browser = await bring_link(service, clerk, session)
    (sheet,) = await read(await take(browser, session))
    # Who has left the class is on it where they were there today.
    assert [number for _, number in people_on(sheet)] == [
        MASKED,
        f"3715**********{id_number_of(3)[-4:]}",
    ]
    assert people_on(sheet)[0] == (NAME, MASKED)
    titles = [cell.value for cell in sheet[6] if cell.value]
    assert titles[3:] == ["12月7日（周一）\n08:30—11:30", "累计课时", "出勤率", "学员签名"]
    # Who it was nobody can say; whose link it was, everybody who reads the log.
    (link,) = await list_screen_links(clerk, row.id, now=service.time())
    entry = await last_entry()
    assert entry.actor == "system class screen"
    assert entry.facts == {
        "unmasked": True,
        "numbers": False,
        "reason": "课堂上打印出来签字",
        "session": str(session.id),
        "link": str(link.id),
        "people": 2,
    }
    # Who is erased is named to nobody who held the class.
    await Person.filter(id=first.id).update(erased_at=NOW)
    (sheet,) = await read(await take(browser, session))
    assert people_on(sheet)[0] == ("王*", MASKED)


@pytest.mark.parametrize(
    ("now", "printed"),
    [
        (STARTS - timedelta(minutes=31), False),
        (STARTS - timedelta(minutes=30), True),
        (ENDS + timedelta(minutes=30), True),
        (ENDS + timedelta(minutes=31), False),
    ],
)
async def test_a_link_prints_while_people_come_and_go(
    service: Service,
    clerk: Staff,
    hold_class: HoldClass,
    now: datetime,
    printed: bool,
) -> None:
    """Its cookie stays in the classroom's browser, where others sit down next."""
    _, session = await hold_class()
    service.time.at = STARTS - timedelta(hours=1)
    browser = await bring_link(service, clerk, session)
    service.time.at = now
    answer = await take(browser, session)
    assert answer.status == (200 if printed else 409)
    if not printed:
        assert "请办班单位下载" in await answer.text()
        assert not await AuditEntry.exists(event="signin.export")


async def test_a_link_that_shows_nothing_prints_nothing(
    service: Service, clerk: Staff, officer: Staff, hold_class: HoldClass
) -> None:
    row, session = await hold_class()
    _, other = await hold_class("育婴员第1期")
    browser = await bring_link(service, clerk, session)
    assert (await take(browser, other)).status == 401
    await TrainingClass.filter(id=row.id).update(status="cancelled")
    assert (await take(browser, session)).status == 409
    await TrainingClass.filter(id=row.id).update(status="open")
    (link,) = await list_screen_links(officer, row.id, now=service.time())
    await revoke_screen_link(officer, link.id, now=service.time())
    assert (await take(browser, session)).status == 401


async def test_the_button_stands_on_the_page(teacher: Browser, hold_class: HoldClass) -> None:
    _, session = await hold_class("养老<护理>第1期")
    page = await (await teacher.open(f"/screen/{session.id}")).text()
    button = re.search(r'<button[^>]*id="sheet"[^>]*>([^<]*)<', page)
    assert button is not None and button[1] == "打印签到表"
    assert 'data-file="学员签到表-养老&lt;护理&gt;第1期.xlsx"' in button[0]
