"""A page of the console as a browser without scripts gets it."""

import re
from uuid import UUID

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from domain.actor import Role, Staff
from tests.consoles import CITY_OFFICER, FRAME, TOKEN, let_in, make_console
from tests.e2e.console import gallery

Client = TestClient[web.Request, web.Application]

FILLED = {
    "csrf": TOKEN,
    "name": " 鲁西学校 ",
    "county": "371502",
    "kind": "school",
    "capacity": "40",
    "amount": "1,234.5",
    "since": "2026-12-01",
    "agreed": "1",
}
HTML = {"Accept": "text/html"}


@pytest.fixture
async def client():
    app = make_console(
        let_in(CITY_OFFICER), own=FRAME, areas=[gallery.add_routes], templates=[gallery.TEMPLATES]
    )
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def post(client: Client, **changed: str) -> ClientResponse:
    fields = {**FILLED, **changed}
    return await client.post(
        "/console/gallery/form", data=fields, headers=HTML, allow_redirects=False
    )


async def test_the_rail_holds_what_the_role_may_and_what_is_served(client: Client) -> None:
    page = await (await client.get("/console/")).text()
    page, _, _ = page.partition("</nav>")
    places = re.findall(r'<li><a href="(/console/[^"]*)"([^>]*)>', page)
    assert [path for path, _ in places] == [
        "/console/",
        *(f"/console/{name}" for name in ("requests", "classes", "people", "institutions")),
        *(f"/console/{name}" for name in ("employers", "standards")),
    ]
    assert [path for path, more in places if "aria-current" in more] == ["/console/"]


async def test_a_page_is_kept_by_nobody_and_runs_no_script_of_its_own(client: Client) -> None:
    answer = await client.get("/console/gallery/parts")
    assert answer.headers["Cache-Control"] == "no-store"
    page = await answer.text()
    assert " style=" not in page and "<style" not in page and " onclick" not in page
    assert re.findall(r"<script(?![^>]*src=)", page) == []


async def test_without_the_slash_one_comes_to_the_first_page(client: Client) -> None:
    answer = await client.get("/console", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/console/")


async def test_what_was_done_is_said_once(client: Client) -> None:
    answer = await post(client)
    assert (answer.status, answer.headers["Location"]) == (303, "/console/gallery")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "鲁西" not in cookie
    assert "已添加“鲁西学校”。" in await (await client.get("/console/gallery")).text()
    assert "已添加" not in await (await client.get("/console/gallery")).text()


async def test_a_word_for_one_account_is_told_to_no_other() -> None:
    other = Staff(CITY_OFFICER.id, Role.CITY_OFFICER)
    first = make_console(
        let_in(CITY_OFFICER), own=FRAME, areas=[gallery.add_routes], templates=[gallery.TEMPLATES]
    )
    async with TestClient(TestServer(first)) as client:
        cookie = (await post(client)).cookies["zpt_console_flash"].value
    for staff, told in ((other, True), (Staff(UUID(int=99), Role.CITY_OFFICER), False)):
        app = make_console(
            let_in(staff), own=FRAME, areas=[gallery.add_routes], templates=[gallery.TEMPLATES]
        )
        async with TestClient(TestServer(app)) as client:
            headers = {"Cookie": f"zpt_console_flash={cookie}"}
            page = await (await client.get("/console/gallery", headers=headers)).text()
            assert ("已添加" in page) is told


async def test_nothing_typed_is_lost_and_each_fault_stands_by_its_field(
    client: Client,
) -> None:
    answer = await post(client, capacity="很多", amount="三千", code="geheim", once="x")
    page = await answer.text()
    assert answer.status == 422
    assert "有2处要改一下" in page
    assert '<a href="#field-capacity">一次能教</a>：这里要填整数' in page
    assert 'id="error-amount">金额要像 3000' in page
    assert 'value="鲁西学校"' in page.replace(" 鲁西学校 ", "鲁西学校")
    assert 'value="很多"' in page
    assert 'value="371502" selected' in page and 'value="school" checked' in page
    assert "geheim" not in page


async def test_a_form_keeps_its_key_through_faults(client: Client) -> None:
    key = "0b2d7f9e-0000-4000-8000-000000000001"
    page = await (await post(client, capacity="", once=key)).text()
    assert f'name="once" value="{key}"' in page


async def test_a_refusal_of_the_domain_stands_on_the_form(client: Client) -> None:
    answer = await post(client, name="太快")
    page = await answer.text()
    assert answer.status == 422
    assert "操作太快了" in page and "请等3秒再试" in page and 'value="40"' in page

    page = await (await post(client, name="重名")).text()
    assert 'id="error-name">这里不收这种格式' in page


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"csrf": "another"}, {}),
        ({"csrf": ""}, {}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
        ({}, {"Origin": "https://elsewhere.example"}),
    ],
)
async def test_what_another_page_sends_is_refused(
    client: Client, fields: dict[str, str], headers: dict[str, str]
) -> None:
    answer = await client.post(
        "/console/gallery/form", data=FILLED | fields, headers=HTML | headers, allow_redirects=False
    )
    assert answer.status == 403
    assert "没有办理" in await answer.text()


@pytest.mark.parametrize("body", [b"", b"{}"])
async def test_what_is_no_form_has_no_token(client: Client, body: bytes) -> None:
    headers = HTML | {"Content-Type": "application/json"}
    answer = await client.post("/console/gallery/form", data=body, headers=headers)
    assert answer.status == 403


async def test_our_own_forms_say_origin_null(client: Client) -> None:
    headers = HTML | {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    answer = await client.post(
        "/console/gallery/form", data=FILLED, headers=headers, allow_redirects=False
    )
    assert answer.status == 303


async def test_what_one_may_not_see_is_said_in_the_frame(client: Client) -> None:
    answer = await client.get("/console/gallery/forbidden", headers=HTML)
    page = await answer.text()
    assert answer.status == 403
    assert "这里不对您开放" in page and "王敏" in page and 'href="/console/people"' in page


async def test_who_is_not_signed_in_sees_no_rail() -> None:
    async with TestClient(TestServer(make_console(let_in(None), own=FRAME))) as client:
        answer = await client.get("/console/", headers=HTML)
        page = await answer.text()
    assert answer.status == 401
    assert "请先登录" in page and "<nav" not in page


async def test_a_list_keeps_its_filters_in_the_url(client: Client) -> None:
    address = "/console/gallery?q=莘县&county=371522&status=nonsense&since=2026-99-99"
    page = await (await client.get(address)).text()
    assert 'value="莘县"' in page and 'value="371522" selected' in page
    assert page.count('<td role="cell" data-label="机构"') == 4
    # What means nothing is left out, also of the links on.
    assert "nonsense" not in page[page.index("<main") :]
    assert "?q=%E8%8E%98%E5%8E%BF&amp;county=371522&amp;sort=since" in page


async def test_a_cursor_opens_for_its_list_alone(client: Client) -> None:
    page = await (await client.get("/console/gallery")).text()
    found = re.search(r'href="/console/gallery\?sort=-since&amp;cursor=([^"]+)" rel="next"', page)
    assert found
    next_page = await client.get(f"/console/gallery?sort=-since&cursor={found[1]}")
    assert next_page.status == 200 and "回到第一页" in await next_page.text()
    other = await client.get(f"/console/gallery?sort=name&cursor={found[1]}", headers=HTML)
    assert other.status == 422


async def test_a_cursor_opens_for_its_account_alone(client: Client) -> None:
    page = await (await client.get("/console/gallery")).text()
    found = re.search(r'href="(/console/gallery\?[^"]+)" rel="next"', page)
    assert found
    address = found[1].replace("&amp;", "&")
    assert (await client.get(address)).status == 200
    other = make_console(
        let_in(Staff(UUID(int=99), Role.CITY_OFFICER)),
        own=FRAME,
        areas=[gallery.add_routes],
        templates=[gallery.TEMPLATES],
    )
    async with TestClient(TestServer(other)) as theirs:
        assert (await theirs.get(address)).status == 422


async def test_an_empty_list_says_what_to_do(client: Client) -> None:
    page = await (await client.get("/console/gallery?none=1")).text()
    assert "目录里还没有机构" in page and "<table" not in page
    page = await (await client.get("/console/gallery?q=zzz")).text()
    assert "没有符合条件的机构" in page and "清除筛选" in page


async def test_what_waits_stands_on_the_first_page(client: Client) -> None:
    page = await (await client.get("/console/")).text()
    assert "件申请等您定" in page and "最早的一件还剩2个工作日" in page
    assert page.index("件申请等您定") < page.index("个班等审批")
    async with TestClient(TestServer(make_console(let_in(CITY_OFFICER), own=FRAME))) as quiet:
        assert "现在没有等您办的事" in await (await quiet.get("/console/")).text()


async def test_large_type_is_kept_by_the_browser(client: Client) -> None:
    fields = {"csrf": TOKEN, "type": "large", "back": "/console/gallery?q=莘"}
    answer = await client.post("/console/display", data=fields, allow_redirects=False)
    assert answer.status == 303
    page = await (await client.get("/console/gallery")).text()
    assert '<html lang="zh-CN" data-type="large">' in page
    forbidden = await client.get("/console/gallery/forbidden", headers=HTML)
    assert 'data-type="large"' in await forbidden.text()
    await client.post("/console/display", data={**fields, "type": ""}, allow_redirects=False)
    assert "data-type" not in await (await client.get("/console/gallery")).text()


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/console/\r\nX: y", ""]
)
async def test_no_page_of_ours_leads_elsewhere(client: Client, back: str) -> None:
    fields = {"csrf": TOKEN, "type": "", "back": back}
    answer = await client.post("/console/display", data=fields, allow_redirects=False)
    assert answer.headers["Location"] == "/console/"
