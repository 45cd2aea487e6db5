"""Three more ways onto a roster, at the running demo: by the hotline, by a firm, as a sheet."""

import io

import pytest
from openpyxl import load_workbook
from playwright.sync_api import APIResponse

from tests.e2e.phone.watching import needs_chromium
from tests.e2e.walk.acting import Town

pytestmark = [pytest.mark.e2e, needs_chromium]

CLASS = "家政服务第1期"
#: A person of the demo who has called, and two more; none of them is in this class.
CALLER, LISTED, MISTYPED = 200, 201, 202


def test_the_hotline_enrols_who_calls(town: Town) -> None:
    hotline, caller = town.sign_in("hotline"), town.person(CALLER)
    before = places_left(town)
    hotline.go(class_path(town))
    hotline.follow("替来电人报名")
    hotline.fill({"姓名": caller["name"], "身份证号": caller["id_number"]})
    hotline.press("报名")
    hotline.sees("有1处要改一下，填的都还在")
    assert places_left(town) == before
    hotline.tick("上面这段已经念给来电人听，本人同意")
    hotline.press("报名")
    hotline.sees("念给来电人听", "补贴规定", "政策咨询12333", "投诉举报12345")
    assert places_left(town) == before - 1


def test_a_firm_reserves_places(town: Town) -> None:
    firm = town.demo["employers"][0]
    contact = next(one for one in town.demo["people"] if one["openid"] == firm["contact_openid"])
    told = call(town, "POST", "login", body={"code": contact["login_code_hint"]})
    token = told.json()["token"]
    firms = call(town, "GET", "employers", token).json()["items"]
    own = next(one for one in firms if one["uscc"] == firm["uscc"])
    before = places_left(town)
    path = f"employers/{own['id']}/classes/{class_id(town)}/places"
    reserved = call(town, "PUT", path, token, {"places": 3}).json()
    assert (reserved["places"], reserved["named"]) == (3, 0)
    assert places_left(town) == before - 3
    school = town.sign_in("school02")
    school.go(class_path(town))
    school.sees("企业另占着3个名额")
    assert call(town, "PUT", path, token, {"places": 0}).status == 200
    assert places_left(town) == before


def test_a_sheet_brings_people_in_and_gives_back_what_it_cannot(town: Town) -> None:
    school, before = town.sign_in("school02"), places_left(town)
    listed, mistyped = town.person(LISTED), town.person(MISTYPED)
    wrong = mistyped["id_number"][:-1] + ("1" if mistyped["id_number"][-1] != "1" else "2")
    rows = [
        "姓名,身份证号,手机号",
        f"{listed['name']},{listed['id_number']},{listed['phone']}",
        f"{mistyped['name']},{wrong},",
    ]
    school.go(f"{class_path(town)}/roster")
    school.follow("导入名单")
    content = "\n".join(rows).encode("gb18030")
    school.page.set_input_files(
        "input[type=file]", {"name": "名单.csv", "mimeType": "text/csv", "buffer": content}
    )
    school.press("检查这张表")
    school.sees("检查好了，还没有导入", "1人加进名单", "1行收不下", "第3行", "身份证号")
    assert places_left(town) == before
    assert refused_rows(school.download("下载这些行")) == [mistyped["name"]]
    school.press("导入能收下的行")
    school.sees("导入好了")
    assert places_left(town) == before - 1
    school.go(f"{class_path(town)}/roster")
    school.sees(f"{listed['name'][0]}*", "名单导入", "还没告知")


def refused_rows(content: bytes) -> list[object]:
    """The names in the sheet that is to be put right."""
    page = load_workbook(io.BytesIO(content)).active
    assert page is not None
    titles, *rows = page.iter_rows(values_only=True)
    place = titles.index("姓名")
    return [row[place] for row in rows]


def class_id(town: Town) -> str:
    return next(str(one["id"]) for one in town.demo["classes"] if one["title"] == CLASS)


def class_path(town: Town) -> str:
    return f"/console/classes/{class_id(town)}"


def places_left(town: Town) -> int:
    return int(town.ask_api(f"/api/v1/classes/{class_id(town)}")["places_left"])


def call(town: Town, method: str, path: str, token: str = "", body: object = None) -> APIResponse:
    """The mini-program's API."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return town.request.fetch(
        f"{town.base_url}/api/v1/{path}", method=method, data=body, headers=headers
    )
