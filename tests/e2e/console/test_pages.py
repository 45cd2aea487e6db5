"""The console's own pages over a database, as Chromium shows them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from stdnum.cn import uscc

from scripts.pictures.browser import Scheme
from tests.conftest import Servers
from tests.e2e.console.conftest import Opener
from tests.e2e.console.looking import find_faint, find_small_targets, sideways
from tests.e2e.console.serving import serving
from tests.e2e.console.test_looks import unfold
from tests.e2e.console.world import World, open_world
from tests.e2e.phone.watching import needs_chromium

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def base_url(servers: Servers, template_database: str, world: World) -> Iterator[str]:
    with serving(lambda: open_world(servers.database_url, template_database, world)) as address:
        yield f"{address}/console"


def paths_of(world: World) -> list[str]:
    institution = f"/institutions/{world.institution}"
    attendance = f"/classes/{world.attended}/attendance"
    return [
        "/",
        "/requests",
        f"/requests/{world.request}",
        "/people",
        f"/people/{world.person}",
        "/institutions",
        "/institutions?q=zzz",
        "/institutions/new",
        "/institutions/import",
        institution,
        f"{institution}/edit",
        f"{institution}/suspend",
        "/standards",
        "/standards/import",
        "/standards?on=2020-01-01",
        "/employers",
        f"/employers/{world.employer}",
        "/employers/new",
        "/classes",
        "/check-ins",
        attendance,
        f"{attendance}?day=all",
        f"{attendance}/waiting",
        f"{attendance}/sessions/{world.session}",
    ]


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (320, "dark")]
)
def test_every_page_is_shown_as_it_should_be(
    opener: Opener, world: World, width: int, scheme: Scheme
) -> None:
    page = opener.open("/", width=width, scheme=scheme)
    for path in paths_of(world):
        opener.go(page, path)
        unfold(page)
        assert page.get_by_role("heading", level=1).count() == 1, path
        assert find_faint(page) == [], path
        assert sideways(page) <= 0, path
        assert find_small_targets(page, 24) == [], path


@pytest.mark.parametrize("script", [True, False])
def test_a_person_is_found_and_seen(opener: Opener, world: World, script: bool) -> None:
    page = opener.open("/people", script=script)
    page.get_by_label("姓名").fill("王素梅")
    page.get_by_role("button", name="找人").click()
    page.get_by_role("link", name="王*").click()
    page.get_by_text("查看姓名").click()
    page.get_by_label("打电话联系本人").check()
    page.get_by_role("button", name="记下并查看").click()
    expect(page.get_by_text("王素梅")).to_be_visible()


def test_a_request_is_decided(opener: Opener, world: World) -> None:
    page = opener.open("/")
    page.get_by_role("link", name="件申请等您定").click()
    page.get_by_role("link", name="更正姓名或身份证号").click()
    page.get_by_role("button", name="打开看内容").click()
    expect(page.get_by_text("王素芹")).to_be_visible()
    page.locator("summary", has_text="退回").click()
    page.get_by_label("为什么退回").fill("照片看不清，请到窗口补一张")
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_role("status")).to_have_text("已退回，对方会收到原因。")


def test_a_sheet_is_looked_at_and_taken_over(opener: Opener) -> None:
    titles = "机构名称,统一社会信用代码,县市区,列入日期\n"
    rows = (
        "莘县巧手家政培训学校,91371522MA3C0DE08{},莘县,2026-01-01\n"
        "阳谷县某校,12,阳谷县,2026-01-01\n"
    )
    content = titles + rows.format(uscc.calc_check_digit("91371522MA3C0DE08"))
    page = opener.open("/institutions/import")
    page.set_input_files(
        "input[type=file]",
        {"name": "a.csv", "mimeType": "text/csv", "buffer": content.encode("gbk")},
    )
    page.get_by_role("button", name="检查这张表").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("检查好了，还没有导入")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载这些行").click()
    assert download.value.suggested_filename == "没有收下的行.xlsx"
    page.get_by_role("button", name="导入能收下的行").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("导入好了")
    opener.go(page, "/institutions")
    expect(page.get_by_role("cell", name="莘县巧手家政培训学校")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_second_person_confirms_a_check_in(opener: Opener, world: World, script: bool) -> None:
    """Without a script too; what was decided is gone from the first page."""
    page = opener.open("/", script=script)
    if script:
        page.get_by_role("link", name="条签到等确认").click()
        expect(page.get_by_text("原因：手机没电。")).to_be_visible()
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="确认选中的").click()
        expect(page.get_by_role("status")).to_have_text("确认了1条。")
    else:
        expect(page.get_by_text("条签到等确认")).to_have_count(0)
        opener.go(page, f"/classes/{world.attended}/attendance/sessions/{world.session}")
        page.get_by_role("checkbox").first.check()
        page.locator("summary", has_text="退回选中的").click()
        page.get_by_label("为什么退回").fill("替人签的")
        page.get_by_role("button", name="退回选中的").click()
        expect(page.get_by_role("status")).to_have_text("退回了1条。")
