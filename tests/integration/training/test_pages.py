"""The console's pages of classes, as a browser without scripts gets them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from content.schema import Content
from domain.actor import Role, Staff
from domain.training import actions
from models.columns import new_id
from models.institutions import Institution
from models.training import ClassSession, TrainingClass
from tests.consoles import TOKEN, let_in, make_console
from tests.integration.training.conftest import (
    COUNTY,
    NOW,
    OTHER_COUNTY,
    Trial,
    enrol,
    write_record,
)

Client = TestClient[web.Request, web.Application]

HTML = {"Accept": "text/html"}
TYPED: dict[str, Any] = {
    "title": "育婴员（初级）第1期",
    "programme": "elderly-care",
    "occupation": "育婴员",
    "county": COUNTY,
    "capacity": "30",
}


@asynccontextmanager
async def opened(staff: Staff, now: Any = NOW) -> AsyncIterator[Client]:
    app = make_console(let_in(staff), clock=lambda: now)
    async with TestClient(TestServer(app)) as client:
        yield client


async def read(client: Client, path: str = "", status: int = 200) -> str:
    answer = await client.get(f"/console/classes{path}", headers=HTML)
    assert answer.status == status, await answer.text()
    return await answer.text()


async def send(client: Client, path: str, status: int = 303, **fields: str) -> str:
    answer = await client.post(
        f"/console/classes{path}",
        data={"csrf": TOKEN, **fields},
        headers=HTML,
        allow_redirects=False,
    )
    text = await answer.text()
    assert answer.status == status, text
    return answer.headers["Location"] if status == 303 else text


def words_of(page: str) -> str:
    """What is read on the page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def version_of(trial: Trial) -> str:
    return str((await TrainingClass.get(id=trial.id)).version)


async def test_from_a_draft_to_the_first_day(
    clerk: Staff, officer: Staff, content: Content
) -> None:
    """An institution drafts, plans, recruits and files; an officer approves; it opens."""
    async with opened(clerk) as client:
        assert "写一个新班" in await read(client)
        path = (await send(client, "/new", **TYPED)).removeprefix("/console/classes")
        page = words_of(await read(client, path))
        assert "开始招生还差3项 招生对象、上课地点、开班和结业日期" in page
        assert "交备案之前还要补 需求分析、培训计划、授课老师、总课时" in page
        more: dict[str, Any] = {
            **TYPED,
            "version": "1",
            "target_group": "城乡劳动者",
            "address": "演示路1号",
            "latitude": "36.45",
            "longitude": "115.98",
            "starts_on": "2026-12-07",
            "ends_on": "2026-12-09",
            "hours": "9",
        }
        await send(client, f"{path}/edit", **more)
        await send(client, f"{path}/recruit", version="2")
        page = words_of(await read(client, path))
        assert "交备案还差5项 需求分析、培训计划、授课老师、课次安排、至少一个人报名" in page
        row = await TrainingClass.get()
        more |= {"demand_analysis": "缺人", "plan": "讲", "teacher": "演示教师", "version": "3"}
        await send(client, f"{path}/edit", **more)
        lines = "2026-12-07至2026-12-09 08:30-11:30 护理"
        await send(client, f"{path}/sessions", version="4", lines=lines)
        assert await ClassSession.filter(training_class_id=row.id).count() == 3
        await enrol(row.id, 2)
        assert "交备案还差" not in words_of(await read(client, path))
        await send(client, f"{path}/file", version="5")
        page = words_of(await read(client, path))
        assert "已交备案" in page and "定下的名单 2人" in page
        assert "等人社局审核，" in page and "今天交来的" in page
        assert "同意开班</button>" not in page
    async with opened(officer) as client:
        queue = words_of(await read(client))
        assert "等您审核（1个，最早交来的在前）" in queue
        await send(client, f"{path}/approve", version="6")
    async with opened(clerk, now=NOW + timedelta(days=7)) as client:
        await send(client, f"{path}/open", version="7")
        assert "正在上课" in words_of(await read(client, path))


async def test_what_does_not_fit_stands_beside_its_field(clerk: Staff) -> None:
    async with opened(clerk) as client:
        typed: dict[str, Any] = {
            **TYPED,
            "capacity": "0",
            "latitude": "北纬",
            "ends_on": "2026-12-01",
        }
        page = await send(client, "/new", 422, **typed)
        assert 'value="北纬"' in page
        assert "不能小于1" in page and "这里要填数字" in page
        # What only the domain knows stands there too.
        typed = {**TYPED, "latitude": "115.98", "longitude": "36.45"}
        page = words_of(await send(client, "/new", 422, **typed))
        assert "地点的纬度 ：不在可以填的范围里" in page
    assert await TrainingClass.all().count() == 0


async def test_a_form_that_is_sent_twice_makes_one_class(clerk: Staff) -> None:
    async with opened(clerk) as client:
        found = re.search(r'name="once" value="([^"]+)"', await read(client, "/new"))
        assert found
        places = {await send(client, "/new", **TYPED, once=found[1]) for _ in range(2)}
        assert len(places) == 1
    assert await TrainingClass.all().count() == 1


async def test_a_firms_programme_is_not_offered(clerk: Staff) -> None:
    async with opened(clerk) as client:
        page = await read(client, "/new")
        assert 'value="elderly-care"' in page and 'value="work-training"' not in page
        await send(client, "/new", 422, **{**TYPED, "programme": "work-training"})


async def test_an_officer_gives_a_class_back_with_a_reason(
    trial: Trial, clerk: Staff, officer: Staff
) -> None:
    await trial.lead_to("filed")
    version = await version_of(trial)
    async with opened(officer) as client:
        page = await send(client, f"/{trial.id}/return", 422, version=version, reason=" ")
        assert "请写明原因" in page
        await send(client, f"/{trial.id}/return", version=version, reason="缺两人的<b>合同</b>")
    async with opened(clerk) as client:
        page = await read(client, f"/{trial.id}")
        assert "缺两人的&lt;b&gt;合同&lt;/b&gt;" in page
        assert "人社局退回，要改的是" in page
        assert "退回修改" in page and "等办班单位改好再交" in page


async def test_who_was_slower_sees_what_was_done(trial: Trial, officer: Staff) -> None:
    await trial.lead_to("filed")
    version = await version_of(trial)
    await trial.take(actions.return_class, "名单不全")
    async with opened(officer) as client:
        page = words_of(await send(client, f"/{trial.id}/approve", 409, version=version))
        assert "别人刚刚改过" in page and "刚才有人：退回修改。" in page


async def test_who_edits_what_was_changed_keeps_what_they_typed(trial: Trial, clerk: Staff) -> None:
    await trial.lead_to("recruiting")
    typed: dict[str, Any] = {
        **TYPED,
        "title": "我写的新名字",
        "occupation": "养老护理员",
        "version": "1",
    }
    async with opened(clerk) as client:
        page = await send(client, f"/{trial.id}/edit", 422, **typed)
        assert "别人刚刚改过" in page and 'value="我写的新名字"' in page
    assert (await TrainingClass.get(id=trial.id)).title != "我写的新名字"


async def test_a_step_out_of_turn_is_refused_in_words(trial: Trial, clerk: Staff) -> None:
    await trial.draft()
    async with opened(clerk) as client:
        page = await send(client, f"/{trial.id}/open", 409, version=await version_of(trial))
        assert "现在不能这样办" in page
        assert (await client.post(f"/console/classes/{trial.id}/win")).status == 404
        for version in ("", "x", "-1"):
            await send(client, f"/{trial.id}/recruit", 422, version=version)


async def test_nobody_sees_another_institutions_classes(trial: Trial, stranger: Staff) -> None:
    await trial.lead_to("filed")
    async with opened(stranger) as client:
        assert trial.row.title not in await read(client)
        for path in ("", "/edit", "/sessions", "/video"):
            await read(client, f"/{trial.id}{path}", 404)
        for path in ("/edit", "/sessions", "/video", "/cancel", "/file"):
            await send(client, f"/{trial.id}{path}", 404, version="1", reason="x")


@pytest.mark.parametrize(
    ("role", "county", "status"),
    [
        (Role.COUNTY_OFFICER, COUNTY, 200),
        (Role.COUNTY_OFFICER, OTHER_COUNTY, 404),
        (Role.CITY_OFFICER, None, 200),
        (Role.SUPERVISOR, None, 200),
        (Role.HOTLINE, None, 200),
        (Role.EDITOR, None, 403),
        (Role.AUDITOR, None, 403),
        (Role.INSPECTOR, None, 404),
    ],
)
async def test_who_sees_a_filed_class(
    trial: Trial, role: Role, county: str | None, status: int
) -> None:
    await trial.lead_to("filed")
    async with opened(Staff(new_id(), role, county)) as client:
        await read(client, f"/{trial.id}", status)
        page = await client.get("/console/classes", headers=HTML)
        assert page.status == (403 if status == 403 else 200)
        assert (trial.row.title in await page.text()) is (status == 200)


async def test_nobody_but_its_holder_sees_a_draft(trial: Trial, officer: Staff) -> None:
    await trial.draft()
    async with opened(officer) as client:
        assert trial.row.title not in await read(client)
        await read(client, f"/{trial.id}", 404)


async def test_an_office_writes_no_classes(trial: Trial, officer: Staff) -> None:
    await trial.lead_to("recruiting")
    async with opened(officer) as client:
        assert "写一个新班" not in await read(client)
        for path in ("/new", f"/{trial.id}/edit"):
            await read(client, path, 403)


async def test_a_suspended_institution_is_told_why_nothing_goes_on(
    trial: Trial, institution: Institution, officer: Staff
) -> None:
    await trial.lead_to("filed")
    await write_record(institution.id, "suspended", NOW.date())
    async with opened(officer) as client:
        page = words_of(await read(client, f"/{trial.id}"))
        assert "办班单位今天不能办班" in page and "被暂停了" in page
        assert "同意开班还差1项" in page
        version = await version_of(trial)
        page = words_of(await send(client, f"/{trial.id}/approve", 409, version=version))
        assert "机构现在不能办班" in page


async def test_a_new_class_is_filed_in_the_institutions_county(clerk: Staff) -> None:
    async with opened(clerk) as client:
        page = await read(client, "/new")
    assert f'value="{COUNTY}" selected' in page
    assert '授课老师<span class="soft">（现在可以不填）' in page


async def test_a_line_of_the_plan_that_cannot_be_is_named(trial: Trial, clerk: Staff) -> None:
    await trial.draft()
    async with opened(clerk) as client:
        assert "2026-12-07 08:30-11:30 护理基础" in await read(client, f"/{trial.id}/sessions")
        version = await version_of(trial)
        for lines, words in (
            ("2026-12-07 08:30-11:30\n明天", "第2行没有看懂"),
            ("2026-12-07 08:30-11:30\n2026-12-07 09:00-10:00", "第2行：和别的课次时间重叠"),
            ("2026-12-10 08:30-11:30", "第1行：不在开班和结业日期之间"),
        ):
            page = await send(client, f"/{trial.id}/sessions", 422, version=version, lines=lines)
            assert words in page and lines in page


async def test_the_video_is_noted_and_shown(trial: Trial, clerk: Staff) -> None:
    await trial.lead_to("ended")
    version = await version_of(trial)
    async with opened(clerk, now=trial.now) as client:
        page = words_of(await read(client, f"/{trial.id}"))
        assert "归档之前还要补 结业考核、每个学员的考核结果、培训视频存在哪里" in page
        fields: dict[str, Any] = {
            "version": version,
            "video_location": "市局存储",
            "video_holder": "教务处",
        }
        page = await send(client, f"/{trial.id}/video", 422, **fields, video_sha256="12")
        assert "要写64位小写的十六进制数字" in page
        await send(client, f"/{trial.id}/video", **fields, video_sha256="A" * 64)
        page = words_of(await read(client, f"/{trial.id}"))
        assert "存在 市局存储" in page and "aaaaaaaaaaaaaaaa…" in page


async def test_the_final_test_is_noted_by_the_rosters_numbers(
    trial: Trial, clerk: Staff, stranger: Staff, officer: Staff
) -> None:
    await trial.lead_to("ended")
    version = await version_of(trial)
    typed: dict[str, Any] = {"version": version, "kind": "level", "held_on": "2026-12-09"}
    path = f"/{trial.id}/test"
    async with opened(stranger, now=trial.now) as client:
        await read(client, path, 404)
        await send(client, path, 404, **typed, results="1-3 通过")
    async with opened(clerk, now=trial.now) as client:
        page = await send(client, path, 422, **typed, results="1-4 通过")
        assert "第1行没有看懂" in page and "名单只到3号" in page
        typed |= {"kind": "certificate"}
        page = words_of(await send(client, path, 422, **typed, results="1-3 通过"))
        assert "巡考 ：这一项要填" in page
        typed |= {"kind": "level"}
        await send(client, path, **typed, results="1-2 通过")
        page = words_of(await read(client, f"/{trial.id}"))
        assert "职业技能等级认定" in page and "通过 2人" in page
        assert "归档之前还要补 每个学员的考核结果" in page
    async with opened(officer, now=trial.now) as client:
        page = await read(client, path)
        assert re.search(r"2 \S+ 通过\n3 \S+\n?</textarea>", page), page
        typed |= {"version": await version_of(trial)}
        await send(client, path, **typed, results="1-2 通过\n3 缺考")
    async with opened(clerk, now=trial.now) as client:
        assert "每个学员的考核结果" not in words_of(await read(client, f"/{trial.id}"))


async def test_a_teacher_is_replaced_while_the_class_is_held(trial: Trial, clerk: Staff) -> None:
    await trial.lead_to("approved")
    version = await version_of(trial)
    async with opened(clerk) as client:
        page = await read(client, f"/{trial.id}/edit")
        assert 'name="teacher"' in page and 'name="address"' not in page
        await send(client, f"/{trial.id}/edit", 422, version=version, teacher="另一位")
        await send(client, f"/{trial.id}/edit", version=version, teacher="另一位", reason="病了")
        page = words_of(await read(client, f"/{trial.id}"))
        assert "授课老师；病了" in page
    row = await TrainingClass.get(id=trial.id)
    assert (row.teacher, row.starts_on) == ("另一位", date(2026, 12, 7))


async def test_what_is_no_id_is_not_found(clerk: Staff) -> None:
    async with opened(clerk) as client:
        for path in ("/x", "/x/edit", f"/{new_id()}"):
            await read(client, path, 404)
        await send(client, "/x/file", 404, version="1")


async def test_the_list_is_narrowed_by_the_address(trial: Trial, officer: Staff) -> None:
    await trial.lead_to("recruiting")
    async with opened(officer) as client:
        for query, there in (
            ("status=recruiting", True),
            ("status=open", False),
            ("occupation=护", True),
            (f"q={trial.row.title[1:4]}", True),
            ("q=演示职业", True),
            ("q=纺织厂", False),
            ("q=%25", False),
        ):
            assert (trial.row.title in await read(client, f"?{query}")) is there
