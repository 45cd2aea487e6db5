"""The pages of rosters, as Chromium shows them: an institution's clerk, and the hotline."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

import asyncpg
import pytest
from aiohttp import web
from playwright.sync_api import Page, expect

from api.console.ground import VISIT, Visit
from domain.actor import Role, Staff, System
from domain.enrolments.actions import enrol_other
from domain.enrolments.amendments import amend_roster
from domain.enrolments.notice import Teller
from domain.faq.wording import Contact
from domain.people.naming import Named
from models.columns import new_id
from models.database import close_database, open_database
from models.enrolments import Enrolment
from models.training import TrainingClass
from scripts.pictures.browser import Scheme
from tests.conftest import Servers, replace_database
from tests.consoles import NOW, TOKEN, VAULT, make_console
from tests.e2e.console.conftest import Opener
from tests.e2e.console.looking import find_faint, find_small_targets, sideways
from tests.e2e.console.serving import serving
from tests.e2e.console.test_looks import unfold
from tests.e2e.phone.watching import needs_chromium
from tests.integration.enrolments.conftest import id_number_of, make_institution
from tests.support import package_content
from tests.unit.sheets.building import workbook
from web.access import ACTOR

pytestmark = needs_chromium

NAMES = ("王秀兰", "欧阳建国", "买买提·艾山", "张晓雨", "赵文博", "孙桂兰", "周立新")


@dataclass(slots=True)
class Rosters:
    """What the tests open by its id."""

    recruiting: str = ""
    filed: str = ""
    leaver: str = ""
    applied: str = ""
    empty: str = ""


@pytest.fixture(scope="module")
def rosters() -> Rosters:
    return Rosters()


@pytest.fixture(scope="module")
def base_url(servers: Servers, template_database: str, rosters: Rosters) -> Iterator[str]:
    with serving(lambda: open_world(servers.database_url, template_database, rosters)) as address:
        yield f"{address}/console"


@asynccontextmanager
async def open_world(
    server_url: str, template: str, rosters: Rosters
) -> AsyncIterator[web.Application]:
    name = f"zpt_test_{secrets.token_hex(6)}"
    server = await asyncpg.connect(server_url)
    await server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    await open_database(replace_database(server_url, name))
    try:
        clerk = await fill(rosters)
        operator = Staff(new_id(), Role.HOTLINE)

        async def guard(request: web.Request) -> None:
            """The hotline has pages of its own, all others are the institution's."""
            request[ACTOR] = operator if is_call(request.path) else clerk
            request[VISIT] = Visit("王敏", TOKEN)

        yield make_console(guard)
    finally:
        await close_database()
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()


async def fill(rosters: Rosters) -> Staff:
    institution = await make_institution()
    clerk = Staff(new_id(), Role.INSTITUTION, institution=institution.id)
    teller = Teller(package_content(), Contact("12333", "12345"))

    async def make(title: str, month: int) -> TrainingClass:
        return await TrainingClass.create(
            title=title,
            institution_id=institution.id,
            programme="elderly-care",
            occupation="养老护理员",
            county="371521",
            address="阳谷县振兴路1号",
            capacity=30,
            starts_on=date(2027, month, 7),
            ends_on=date(2027, month, 18),
            status="recruiting",
            recruiting_since=NOW,
            created_at=NOW,
        )

    recruiting = await make("养老护理员（初级）第3期", 1)
    filed = await make("养老护理员（初级）第2期", 3)
    empty = await make("养老护理员（初级）第4期", 5)
    for row in (recruiting, filed):
        for number, name in enumerate(NAMES):
            made = await enrol_other(
                clerk if number % 2 else System("tests"),
                VAULT,
                teller,
                class_id=row.id,
                named=Named(name, id_number_of(number), f"1690000{number:04}"),
                now=NOW,
            )
            if row is recruiting and number < 4:
                await Enrolment.filter(id=made.id).update(status="applied", channel="chat")
                rosters.applied = str(made.id)
            rosters.leaver = str(made.id)
    await TrainingClass.filter(id=filed.id).update(status="filed")
    await amend_roster(
        clerk,
        VAULT,
        teller,
        class_id=filed.id,
        joins=Named("郑国强", id_number_of(50), "16900000050"),
        allowed_by="阳谷县人社局 李科长",
        reason="厂里新招的，县里同意补进来",
        now=NOW,
    )
    rosters.recruiting, rosters.filed, rosters.empty = (
        str(row.id) for row in (recruiting, filed, empty)
    )
    return clerk


def paths_of(rosters: Rosters) -> list[str]:
    recruiting, filed = (f"/classes/{id}/roster" for id in (rosters.recruiting, rosters.filed))
    return [
        recruiting,
        f"{recruiting}?status=withdrawn",
        f"{recruiting}/add",
        f"{recruiting}/import",
        filed,
        f"{filed}/join",
        f"{filed}/{rosters.leaver}",
        f"{recruiting}/{rosters.applied}",
        f"/classes/{rosters.empty}/roster",
        f"/classes/{rosters.recruiting}/enrol",
        f"/classes/{rosters.recruiting}/leave",
    ]


def is_call(path: str) -> bool:
    """The hotline's own pages: below the class or the enrolment, not below its roster."""
    return "/roster" not in path and path.endswith(("/enrol", "/leave", "/told"))


def check(page: Page, path: str) -> None:
    assert page.get_by_role("heading", level=1).count() == 1, path
    assert find_faint(page) == [], path
    assert sideways(page) <= 0, path
    assert find_small_targets(page, 24) == [], path


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (320, "dark")]
)
def test_every_page_is_shown_as_it_should_be(
    opener: Opener, rosters: Rosters, width: int, scheme: Scheme
) -> None:
    page = opener.open("/", width=width, scheme=scheme)
    for path in paths_of(rosters):
        opener.go(page, path)
        unfold(page)
        check(page, path)


@pytest.mark.parametrize("script", [True, False])
def test_a_roster_is_printed_masked_and_for_a_reason_with_names(
    opener: Opener, rosters: Rosters, script: bool
) -> None:
    page = opener.open(f"/classes/{rosters.filed}/roster", script=script)
    expect(page.get_by_text("王秀兰")).to_have_count(0)
    page.get_by_role("button", name="打印花名册").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("学员花名册")
    expect(page.get_by_text("王秀兰")).to_have_count(0)
    check(page, "print masked")
    page = opener.open(f"/classes/{rosters.filed}/roster", script=script)
    page.get_by_text("打印、导出完整的").click()
    page.get_by_label("交备案、补贴的材料").check()
    page.get_by_role("button", name="记下并打印").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("学员花名册")
    expect(page.get_by_role("cell", name="王秀兰")).to_be_visible()
    check(page, "print")


def test_some_are_confirmed_and_a_sheet_is_taken_over(opener: Opener, rosters: Rosters) -> None:
    page = opener.open(f"/classes/{rosters.empty}/roster")
    page.get_by_role("link", name="导入名单").click()
    sheet = workbook(
        [("姓名", "身份证号"), ("吴明", id_number_of(60)), ("吴明", "371521197001010011")]
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files(
        "input[type=file]", {"name": "名单.xlsx", "mimeType": kind, "buffer": sheet}
    )
    page.get_by_role("button", name="检查这张表").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("检查好了，还没有导入")
    check(page, "report")
    page.get_by_role("button", name="导入能收下的行").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("导入好了")
    opener.go(page, f"/classes/{rosters.empty}/roster")
    expect(page.get_by_role("cell", name="吴*")).to_be_visible()
    opener.go(page, f"/classes/{rosters.recruiting}/roster")
    boxes = page.get_by_role("checkbox")
    before = boxes.count()
    boxes.first.check()
    page.get_by_role("button", name="确认选中的人").click()
    expect(page.get_by_role("status")).to_have_text("确认了1人。")
    assert page.get_by_role("checkbox").count() == before - 1


def test_an_operator_reads_the_notice_out(opener: Opener, rosters: Rosters) -> None:
    page = opener.open(f"/classes/{rosters.recruiting}/enrol")
    page.get_by_label("姓名").fill("何国庆")
    page.get_by_label("身份证号").fill(id_number_of(70))
    page.get_by_role("button", name="报名").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("本人同意").check()
    page.get_by_role("button", name="报名").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("报上了")
    expect(page.get_by_text("谁都不能先许诺")).to_be_visible()
    check(page, "called")
    page.get_by_role("button", name="念完了").click()
    # What is said above the list is said to the operator; here the clerk looks at it.
    expect(page.get_by_role("heading", level=1)).to_have_text("班期")
    opener.go(page, f"/classes/{rosters.recruiting}/roster")
    page.get_by_role("link", name="何*").click()
    expect(page.get_by_text("在电话里念过")).to_be_visible()
