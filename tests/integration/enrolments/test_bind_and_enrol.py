"""From a first message of somebody nobody knows to an enrolment, through the whole service."""

from datetime import date
from typing import Any

import pytest

from domain.calendar import local_now
from domain.vault import Vault
from models.enrolments import Enrolment
from models.institutions import Institution
from models.training import TrainingClass
from tests.integration.enrolments.conftest import make_institution
from tests.integration.enrolments.test_api import MakeRow, make_row
from tests.integration.people.conftest import (
    LI,
    WANG,
    make_phone,
    metrics,
    put_on_roster,
    router,
    server,
    session,
    settings,
    stand_in,
    start,
    time,
    vault,
)
from tests.integration.people.test_bind_talk import Chat, make_chat

__all__ = [
    "make_chat",
    "make_phone",
    "make_row",
    "metrics",
    "router",
    "server",
    "session",
    "settings",
    "stand_in",
    "start",
    "time",
    "vault",
]


@pytest.fixture
async def institution(database: str) -> Institution:
    return await make_institution()


async def test_a_stranger_finds_a_class_is_asked_who_they_are_and_enrols(
    make_chat: Any, make_row: MakeRow
) -> None:
    await make_row("月嫂班第1期", occupation="母婴护理员")
    chat: Chat = make_chat(1)
    assert "月嫂班第1期" in await chat.say("想学月嫂 阳谷")
    detail = await chat.say("1")
    assert detail.startswith("月嫂班第1期（母婴护理员）")
    asked = await chat.say("报名")
    assert "姓名" in asked or "名字" in asked or "叫什么" in asked, asked
    told = await chat.say(*WANG, "同意")
    assert told.startswith("绑定好了：王*"), "they had said 报名 already: nothing more is asked"
    assert "\n报上了，等机构确认" in told and "补贴规定" in told
    (one,) = await Enrolment.all()
    assert (one.status, one.channel) == ("applied", "chat")
    assert "月嫂班第1期" in await chat.say("我的班"), "also when no talk is open"


async def test_a_stranger_who_asks_for_their_classes_is_asked_first(
    make_chat: Any, make_row: MakeRow
) -> None:
    await make_row()
    chat: Chat = make_chat(2)
    await chat.say("我要报名")
    await chat.say("我的班")
    told = await chat.say(*LI, "同意")
    assert told.startswith("绑定好了") and "您还没有报过班" in told, "what they have asked for"
    assert "您还没有报过班" in await chat.say("我的班")
    declined: Chat = make_chat(3)
    await declined.say("我要报名", "我的班", *WANG)
    told = await declined.say("不同意")
    assert "想学什么" in told, "and not asked for the name again"


async def test_who_declines_is_not_enrolled(make_chat: Any, make_row: MakeRow) -> None:
    await make_row("月嫂班第1期", occupation="母婴护理员")
    chat: Chat = make_chat(1)
    told = await chat.say("想学月嫂 阳谷", "1", "报名", *WANG, "不同意")
    assert told.endswith("“月嫂班第1期”还没报上，还差一步：回复“报名”。")
    assert not await Enrolment.all()
    assert "叫什么" in await chat.say("报名") or "姓名" in await chat.say("报名")


async def test_a_class_that_is_gone_meanwhile_leaves_the_binding(
    make_chat: Any, make_row: MakeRow
) -> None:
    row = await make_row("月嫂班第1期", occupation="母婴护理员")
    chat: Chat = make_chat(1)
    await chat.say("想学月嫂 阳谷", "1", "报名", *WANG)
    await TrainingClass.filter(id=row.id).update(status="filed")
    told = await chat.say("同意")
    assert told.startswith("绑定好了：王*") and "报上了" not in told
    assert not await Enrolment.all()
    assert (await chat.say("我要绑定身份")).startswith("您已经绑定了")


async def test_back_from_the_first_question_leads_to_the_class(
    make_chat: Any, make_row: MakeRow
) -> None:
    await make_row("月嫂班第1期", occupation="母婴护理员")
    chat: Chat = make_chat(1)
    listed = await chat.say("想学月嫂 阳谷")
    card = await chat.say("1")
    await chat.say("报名")
    assert await chat.say("返回") == card
    assert "身份证号" in await chat.say("报名", "王素梅")
    assert (await chat.say("返回")).startswith("请写姓名"), "elsewhere one question back"
    assert await chat.say("返回") == card
    assert await chat.say("返回") == listed
    assert not await Enrolment.all()


async def test_back_where_nothing_comes_before_says_so(make_chat: Any, make_row: MakeRow) -> None:
    chat: Chat = make_chat(1)
    await chat.say("我要绑定身份")
    assert (await chat.say("返回")).startswith("这是第一步")
    listed: Chat = make_chat(2)
    await make_row("月嫂班第1期", occupation="母婴护理员")
    shown = await listed.say("想学月嫂 阳谷")
    assert "请核对" in await listed.say(" ".join(LI))
    assert await listed.say("返回", "返回", "返回") == shown, "not a step before it"


async def test_ones_own_classes_in_the_middle_keep_the_class(
    make_chat: Any, make_row: MakeRow
) -> None:
    await make_row("月嫂班第1期", occupation="母婴护理员")
    chat: Chat = make_chat(1)
    await chat.say("想学月嫂 阳谷", "1", "报名", *WANG, "不同意", "我的班")
    told = await chat.say(*WANG, "同意")
    assert told.startswith("绑定好了：王*") and "\n您还没有报过班。\n" in told
    assert told.endswith("接着报名：回复“报名”就报“月嫂班第1期”。")
    assert (await chat.say("以工代训补贴一个月多少钱")).endswith("就报“月嫂班第1期”。")
    assert (await chat.say("报名")).startswith("报上了")


async def test_a_question_while_one_is_asked_who_one_is_keeps_the_class(
    make_chat: Any, make_row: MakeRow
) -> None:
    await make_row("月嫂班第1期", occupation="母婴护理员")
    chat: Chat = make_chat(1)
    await chat.say("想学月嫂 阳谷", "1", "报名")
    told = await chat.say("以工代训补贴一个月多少钱")
    assert "500元" in told and told.endswith("接着刚才的实名绑定：请写姓名。")
    assert "\n报上了" in await chat.say(*WANG, "同意")


async def test_who_is_bound_and_then_refused_reads_why_and_what_else_there_is(
    make_chat: Any, make_row: MakeRow, vault: Vault
) -> None:
    """A school has put them on the roster of a class at the same time."""
    days = {"starts_on": date(2030, 1, 7), "ends_on": date(2030, 1, 18)}
    other = await make_row("养老护理班", occupation="养老护理员", **days)
    person = await put_on_roster(vault, *WANG)
    await Enrolment.create(
        training_class_id=other.id,
        person_id=person,
        status="confirmed",
        channel="roster",
        made_by="t",
        changed_by="t",
        created_at=local_now(),
        changed_at=local_now(),
    )
    await make_row("月嫂班第1期", occupation="母婴护理员", **days)
    chat: Chat = make_chat(1)
    card = await chat.say("想学月嫂 阳谷", "1")
    told = await chat.say("报名", *WANG, "同意")
    assert told.startswith("绑定好了：王*"), "bound they stay"
    assert "和已经报的“养老护理班" in told
    assert told.endswith("“月嫂班第1期”没报上。回复“返回”看别的班。")
    assert len(told.splitlines()) <= 6
    assert await Enrolment.all().count() == 1
    assert await chat.say("继续") == card, "not the same refusal again"
    assert "在招的有" in await chat.say("返回")
    assert (await chat.say("取消", "我要绑定身份")).startswith("您已经绑定了")
