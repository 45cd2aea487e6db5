"""A class from its draft to its first day, and its institution stopped: at the running demo, each
step by those whose it is."""

from datetime import datetime, timedelta

import pytest

from domain.calendar import LOCAL
from scripts.pictures.phone import Phone
from tests.e2e.phone.watching import needs_chromium
from tests.e2e.walk.acting import Desk, Town

pytestmark = [pytest.mark.e2e, needs_chromium]

SCHOOL = "聊城市东昌府区百姓家职业培训学校"
TITLE, LATER = "育婴员（五级）腊月班", "育婴员（五级）正月班"
#: Not yet known in the official account by name, and in no class.
TRAINEE = 4
REASON = "授课老师没有写职业资格，请补上"
STOPPED = "招生时许诺补贴"


def test_a_class_from_its_draft_to_its_first_day(town: Town) -> None:
    school, officer = town.sign_in("school04"), town.sign_in("dongchangfu")
    path = draft(town, school)
    recruit(town, school, path)
    phone = town.take_phone(TRAINEE)
    enrol(town, phone, path)
    confirm_and_file(town, school, path)
    send_back(town, officer, path)
    correct_and_file_again(town, school, path)
    approve(town, officer, path)
    open_today(town, school, path)
    later = write_class(school, LATER)
    recruit(town, school, later)
    hesitating = town.take_phone(town.find_bound())
    pick(hesitating, LATER)
    stop(town, officer, path)
    is_kept_out(town, hesitating, later)
    cannot_go_on(school, later)


# --- the institution ----------------------------------------------------------------------------


def draft(town: Town, school: Desk) -> str:
    """Write all of it down; the class's page. Nobody else sees it yet."""
    path = write_class(school, TITLE)
    school.sees("草稿", "等办班单位开始招生")
    town.ask_api(api_path(path), status=404)
    return path


def write_class(school: Desk, title: str, today_at: str = "") -> str:
    """Four days from tomorrow on; `today_at`, 08:30-10:30 say, is a session before them."""
    today = datetime.now(LOCAL).date()
    school.go("/console/classes")
    school.follow("写一个新班")
    school.fill(
        {
            "班名": title,
            "培训项目": "家政服务培训",
            "职业（工种）": "育婴员",
            "等级": "五级",
            "在哪个县区备案": "东昌府区",
            "招生对象": "想做育婴员的城乡劳动者，带身份证",
            "名额": "20",
            "总课时": "16",
            "开班日期": today.isoformat(),
            "结业日期": (today + timedelta(days=4)).isoformat(),
            "上课地点": "柳园北路55号二楼",
            "地点的纬度": "36.46",
            "地点的经度": "115.98",
            "授课老师": "王老师",
            "需求分析": "东昌府区十几位妇女想学育婴，学完能到家政公司上岗。",
            "培训计划": "四天，上午理论，下午实操。",
        }
    )
    school.press("存成草稿")
    school.is_told("草稿已保存")
    path = "/" + school.page.url.split("/", 3)[3].partition("?")[0]
    school.follow("排课次")
    first, last = today + timedelta(days=1), today + timedelta(days=4)
    sessions = [f"{first}至{last} 08:30-12:30 育婴实操"]
    if today_at:
        sessions.insert(0, f"{today_at} 开班第一课")
    school.fill({"课次": "\n".join(sessions)})
    school.press("保存课次")
    school.is_told(f"已排{3 + len(sessions)}个课次")
    return path


def recruit(town: Town, school: Desk, path: str) -> None:
    school.go(path)
    school.press("开始招生")
    school.is_told("开始招生了")
    known = town.ask_api(api_path(path))
    assert (known["status"], known["enrolling"], known["places_left"]) == ("recruiting", True, 20)
    assert len(known["sessions"]) >= 4


def confirm_and_file(town: Town, school: Desk, path: str) -> None:
    school.go("/console/")
    school.follow("人报了名，等您确认")
    name = town.person(TRAINEE)["name"]
    school.sees(f"{name[0]}*", "等确认", "公众号", "已告知")
    school.sees_not(name, town.person(TRAINEE)["id_number"])
    school.press("确认全部1人")
    school.is_told("确认了1人")
    school.go(path)
    school.press("交备案")
    school.is_told("已交备案，名单定下了")
    known = town.ask_api(api_path(path))
    assert (known["status"], known["enrolling"]) == ("filed", False)


def correct_and_file_again(town: Town, school: Desk, path: str) -> None:
    school.go("/console/")
    school.sees("个班被退回，等您改好再交")
    school.go(path)
    school.sees("人社局退回，要改的是", REASON)
    school.follow("改内容")
    school.fill({"授课老师": "王老师（高级育婴师）"})
    school.press("保存")
    school.is_told("已保存")
    school.sees("王老师（高级育婴师）")
    school.press("交备案")
    school.is_told("已交备案")
    assert town.ask_api(api_path(path))["status"] == "filed"


def open_today(town: Town, school: Desk, path: str, title: str = TITLE) -> None:
    school.go("/console/")
    school.follow("个班到日子了，等您点开班")
    school.follow(title)
    school.press("开班")
    school.is_told("已开班")
    assert town.ask_api(api_path(path))["status"] == "open"


def cannot_go_on(school: Desk, path: str) -> None:
    """The institution sees why its other class stands still."""
    school.go(path)
    school.sees("办班单位今天不能办班", "机构要在培训机构目录里，没有被暂停")
    assert not school.offers("交备案")


# --- somebody who wants to learn ----------------------------------------------------------------


def enrol(town: Town, phone: Phone, path: str) -> None:
    """By county and occupation; bound on the way; with what the notices ask to be told (L12)."""
    person = town.person(TRAINEE)
    pick(phone, TITLE)
    asked = phone.ask("报名")
    assert "姓名" in asked, asked
    phone.ask(person["name"])
    agreed = phone.ask(person["id_number"])
    assert "同意" in agreed and person["id_number"] not in agreed, agreed
    told = phone.ask("同意")
    assert "报上了，等机构确认" in told, told
    for words in ("补贴规定", "依据", "政策咨询12333", "投诉举报12345"):
        assert words in told, told
    assert town.ask_api(api_path(path))["places_left"] == 19


def pick(phone: Phone, title: str) -> None:
    """Of the classes that recruit: first by words, then by the number in the list."""
    phone.ask("我要报名")
    found = phone.ask("东昌府 育婴员")
    [line] = [line for line in found.splitlines() if title in line]
    shown = phone.ask(line.split(".")[0].strip())
    assert SCHOOL in shown and "柳园北路55号二楼" in shown, shown


def is_kept_out(town: Town, phone: Phone, path: str) -> None:
    """Whoever had the class open when the institution was stopped is told, and not enrolled."""
    refused = phone.ask("报名")
    assert "办这个班的机构被暂停承担培训" in refused and "12345" in refused, refused
    assert TITLE not in phone.ask("我的班")
    known = town.ask_api(api_path(path))
    assert (known["enrolling"], known["places_left"]) == (False, 20)


# --- the office ---------------------------------------------------------------------------------


def send_back(town: Town, officer: Desk, path: str) -> None:
    officer.go("/console/")
    officer.sees("个班等您审核")
    officer.follow("个班等您审核")
    officer.follow(TITLE)
    officer.unfold("退回修改")
    officer.fill({"为什么退回修改？": REASON})
    officer.press("退回修改")
    officer.is_told("已退回")
    assert town.ask_api(api_path(path))["status"] == "returned"


def approve(town: Town, officer: Desk, path: str) -> None:
    officer.go(path)
    officer.press("同意开班")
    officer.is_told("已同意开班")
    assert town.ask_api(api_path(path))["status"] == "approved"


def stop(town: Town, officer: Desk, path: str) -> None:
    """The institution is suspended: nobody can enrol from now on, and what runs is flagged."""
    institution = f"/console/institutions/{town.institution(SCHOOL)}"
    officer.go(f"{institution}/suspend")
    officer.fill({"原因": STOPPED, "文号": "演示文件第99号"})
    officer.press("暂停")
    officer.is_told("已暂停")
    officer.go(path)
    officer.sees("办班单位今天不能办班")
    officer.sees_soon("机构被暂停承训资格")
    officer.go("/console/classes?status=open")
    officer.sees("开班中，机构暂停承训")
    known = town.ask_api(api_path(path))
    assert known["holder"]["standing"] == "suspended"
    assert not known["enrolling"]


def api_path(path: str) -> str:
    """/api/v1/classes/{id} of the page of a class."""
    return f"/api/v1/classes/{path.rsplit('/', 1)[1]}"
