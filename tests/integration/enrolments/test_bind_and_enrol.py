"""From a first message of somebody nobody knows to an enrolment, through the whole service."""

from typing import Any

import pytest

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
    router,
    server,
    session,
    settings,
    stand_in,
    start,
    time,
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
    assert "回复“我的班”看报过的" in told
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
