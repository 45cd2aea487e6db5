"""Check-in as a class lives it, at the running demo: three people enrol, the office approves, the
screen is opened in the classroom; one scans it, one writes to the account, one is entered by the
teacher and confirmed by somebody else; and all of it stands on the sheet."""

import io
from datetime import datetime, timedelta

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from domain.calendar import LOCAL
from scripts.pictures.mini_program import MiniProgram
from scripts.pictures.phone import Phone
from tests.e2e.phone.watching import needs_chromium
from tests.e2e.walk.acting import Desk, Town
from tests.e2e.walk.test_class import api_path, approve, open_today, pick, recruit, write_class
from tests.e2e.walk.test_rosters import call

pytestmark = [pytest.mark.e2e, needs_chromium]

TITLE = "育婴员（五级）签到班"
#: The first session begins so long after it was planned: its window is open by then.
BEGINS_IN, LASTS = timedelta(minutes=15), timedelta(hours=2)
NEAR = "市政府一带"
REASON = "手机没电了，人在教室"


def test_a_class_checks_in_in_three_ways(town: Town) -> None:
    school, officer = town.sign_in("school04"), town.sign_in("dongchangfu")
    scans, writes, entered = find_free(town, 3)
    path = write_class(school, TITLE, plan_today())
    recruit(town, school, path)
    scanning, writing = town.take_phone(scans), town.take_phone(writes)
    for phone in (scanning, writing):
        pick(phone, TITLE)
        assert "报上了，等机构确认" in phone.ask("报名")
    enrol_by_api(town, entered, path)
    confirm_and_file(school, path)
    approve(town, officer, path)
    open_today(town, school, path, TITLE)
    screen = open_screen(town, school, path)
    scan(scanning, screen, town.person(scans)["name"])
    write(writing, screen, town.person(writes)["name"])
    enter_by_hand(town, school, path, town.person(entered)["name"])
    confirm(officer, path, town.person(entered)["name"])
    names = [town.person(one)["name"] for one in (scans, writes, entered)]
    shows(screen, [f"{name[0]}*" for name in names])
    stand_on_the_sheet(school, path, [name[0] for name in names])


# --- before the class ---------------------------------------------------------------------------


def find_free(town: Town, count: int) -> list[int]:
    """People who are known by name and in no class."""
    people = town.demo["people"]
    free = [n for n, one in enumerate(people) if one["bound"] and not one["enrolled"]]
    assert len(free) >= count
    return free[:count]


def plan_today() -> str:
    begins = datetime.now(LOCAL) + BEGINS_IN
    return f"{begins.date()} {begins:%H:%M}-{begins + LASTS:%H:%M}"


def enrol_by_api(town: Town, number: int, path: str) -> None:
    """By the mini-program, which the sandbox has no page for yet."""
    code = town.person(number)["login_code_hint"]
    token = call(town, "POST", "login", body={"code": code}).json()["token"]
    answer = call(town, "POST", f"{api_path(path)[8:]}/enrolments", token, {})
    assert answer.status == 201, answer.text()


def confirm_and_file(school: Desk, path: str) -> None:
    school.go(f"{path}/roster")
    school.press("确认全部3人")
    school.is_told("确认了3人")
    school.go(path)
    school.press("交备案")
    school.is_told("已交备案，名单定下了")


# --- in the classroom ---------------------------------------------------------------------------


def open_screen(town: Town, school: Desk, path: str) -> Page:
    """By a link, on the classroom's computer, where nobody has signed in."""
    school.go(path)
    school.follow("班级大屏")
    school.page.get_by_role("button", name="做一个链接").first.click()
    link = school.page.get_by_label("链接", exact=True).input_value()
    page = town.open_page(link)
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("#code")).to_be_visible()
    expect(page.locator("#expected")).to_have_text("3")
    # The first session of a class: what everybody is told (L12).
    expect(page.locator("#notice")).to_contain_text("12333")
    return page


def read_code(screen: Page) -> str:
    return "".join(screen.locator(f"#code-{part}").inner_text() for part in ("first", "last"))


def scan(phone: Phone, screen: Page, name: str) -> None:
    mini = MiniProgram(phone.page)
    mini.open()
    mini.say_where(NEAR)
    expect(mini.scan(TITLE)).to_contain_text("签上了")
    expect(screen.locator("#names")).to_contain_text(f"{name[0]}*")


def write(phone: Phone, screen: Page, name: str) -> None:
    """The code that stands there, then where one is."""
    assert "还差一步" in phone.ask(f"签到 {read_code(screen)}")
    sheet = phone.open_more("位置")
    place = sheet.get_by_role("button", name=NEAR)
    assert "签到成功" in phone.await_reply(place.click)
    expect(screen.locator("#names")).to_contain_text(f"{name[0]}*")


def enter_by_hand(town: Town, school: Desk, path: str, name: str) -> None:
    """The session is about to begin; its page offers it from then on."""
    session = town.ask_api(api_path(path))["sessions"][0]["id"]
    school.go(f"{path}/attendance/sessions/{session}/by-hand")
    school.page.get_by_label(f"{name[0]}*").check()
    school.fill(
        {"几点到的（签退写几点走的）": f"{datetime.now(LOCAL):%H:%M}", "为什么由老师登记": REASON}
    )
    school.press("登记选中的人")
    school.sees("等确认")
    school.go(f"{path}/attendance/waiting")
    school.sees(REASON, "等另一个人确认")
    assert not school.offers("确认选中的"), "whoever entered it does not confirm it"


def confirm(officer: Desk, path: str, name: str) -> None:
    officer.go(f"{path}/attendance")
    officer.follow("1条签到等确认")
    officer.sees(REASON, f"{name[0]}*")
    officer.page.get_by_label(f"{name[0]}*").check()
    officer.press("确认选中的")
    officer.go(f"{path}/attendance/waiting")
    officer.sees("没有等确认的签到")


def shows(screen: Page, names: list[str]) -> None:
    expect(screen.locator("#count")).to_have_text("3")
    for name in names:
        expect(screen.locator("#names")).to_contain_text(name)


def stand_on_the_sheet(school: Desk, path: str, surnames: list[str]) -> None:
    """Masked; how it looks is tests/integration/attendance/test_sheets.py's."""
    school.go(path)
    with school.page.expect_download() as file:
        school.press("下载签到表")
    workbook = load_workbook(io.BytesIO(file.value.path().read_bytes()))
    rows = [
        [str(cell) for cell in row if cell is not None]
        for row in workbook.worksheets[0].iter_rows(values_only=True)
    ]
    for surname in surnames:
        assert any(f"{surname}*" in row for row in rows), (surname, rows)
