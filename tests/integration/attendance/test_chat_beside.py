"""Checking in in the chat beside all else: who one is, other talks, questions, one's own record,
others at the same moment."""

import asyncio
from datetime import timedelta

from domain.actor import Trainee, Visitor
from domain.vault import Vault
from models.attendance import CheckIn
from models.columns import new_id
from models.training import ClassSession
from tests.integration.attendance.chatting import PhoneOf, dispatcher, phone_of, want
from tests.integration.attendance.conftest import (
    NOW,
    STARTS,
    HoldClass,
    Join,
    Screen,
)
from tests.integration.enrolments.conftest import MakePerson

__all__ = ["dispatcher", "phone_of"]

QUESTION = "以工代训补贴一个月多少钱"
#: What never stands in a refusal.
SUCCESS = ("签到成功", "签退成功")


async def test_who_is_not_known_binds_and_comes_back(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    who = await join(row)
    phone = phone_of(Visitor(b"p" * 16))
    told = await phone.say(f"签到 {screen.code(session)}")
    assert told.startswith("还没签上。签到先要知道您是谁") and told.endswith("\n您叫什么？")
    phone.actor, phone.now = who, NOW + timedelta(minutes=6)
    told = await phone.say("王秀兰")
    assert told.startswith("认好了。\n码对了，还差一步"), told
    assert (await phone.be_there()).startswith("签到成功")
    assert (await CheckIn.get()).at == NOW, "the code counts by when it was typed"


async def test_who_binds_too_slowly_is_asked_for_a_new_code(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone = phone_of(Visitor(b"p" * 16))
    await phone.say(f"签到 {screen.code(session)}")
    phone.actor, phone.now = await join(row), NOW + timedelta(minutes=11)
    told = await phone.say("王秀兰")
    assert "没有签上，刚才的码过了10分钟" in told
    assert "还差一步" in await phone.say(screen.code(session, phone.now))


async def test_who_will_not_be_known_is_not_in(hold_class: HoldClass, phone_of: PhoneOf) -> None:
    await hold_class()
    phone = phone_of(Visitor(b"p" * 16))
    await phone.say("签到")
    told = await phone.say("王秀兰")
    assert "没有绑定，也没有签上" in told and phone.state is None
    await phone.say("我的签到")
    assert "没有绑定，看不了签到" in await phone.say("王秀兰")


async def test_in_the_middle_of_something_else(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone, code = phone_of(await join(row)), screen.code(session)
    await phone.say("我要报名")
    assert "还差一步" in await phone.say(f"签到 {code}")
    told = await phone.be_there()
    assert told.startswith("签到成功") and told.endswith("回复“取消”就放下。")
    assert len(told.splitlines()) <= 6
    assert "想学什么" in await phone.say("继续"), "that still waits"
    other = phone_of(await join(row, 2))
    await other.say("我要报名")
    assert "还差一步" in await other.say(code), "six digits alone"
    assert "500元" in (told := await other.say(QUESTION)) and "接着签到，还差位置" in told
    assert "放下" in await other.say("取消") and other.state is None
    away = phone_of(await join(row, 3), NOW + timedelta(days=1))
    await away.say("我要报名")
    assert "没找到" in await away.say(code), "no class that day: it is an answer there"


async def test_questions_about_it_are_answered(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone = phone_of(await join(row))
    told = await phone.say("怎么签到")
    assert told.startswith("上课签到在公众号里办") and "请老师登记" in told
    assert "还差一步" in await phone.say(screen.code(session)), "and a code is awaited"
    stranger = phone_of(Visitor(b"p" * 16))
    assert await stranger.say("怎么签到") in told and stranger.state is None


async def test_back_and_again(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone = phone_of(await join(row))
    asked = await phone.say("签到")
    place = await phone.say(screen.code(session))
    assert await phone.say("返回") == asked
    assert (await phone.say("返回")).startswith("这是第一步")
    assert await phone.say(screen.code(session)) == place
    assert await phone.say("继续") == place
    assert await phone.say("重来") == asked


async def test_ones_own_record(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf, make_trainee: MakePerson
) -> None:
    row, session = await hold_class()
    who = await join(row)
    later = STARTS + timedelta(days=1)
    await ClassSession.create(
        id=new_id(), training_class_id=row.id, starts_at=later, ends_at=later + timedelta(hours=2)
    )
    phone = phone_of(who)
    assert (await phone.say("我的签到")).startswith("还没有您的签到")
    late = STARTS + timedelta(minutes=30)
    phone.now = late
    await phone.say(f"签到 {screen.code(session, late)}")
    await phone.be_there()
    assert (await phone.say("我的签到")).splitlines() == [
        "养老护理员第1期：还没有上完的课。",
        "12月7日 09:00签到（迟到）",
        "哪条不对、哪天漏了，请老师核对。",
    ]
    phone.now = later + timedelta(hours=3)
    assert (await phone.say("查查我签到次数")).splitlines() == [
        "养老护理员第1期：上过2节课，您到了1节。",
        "您的课时2小时30分钟，全班上过5小时，出勤50%。",
        "12月8日 没有签到",
        "12月7日 09:00签到（迟到）",
        "哪条不对、哪天漏了，请老师核对。",
    ]
    for asks in (
        "我学了多少课时",
        "我上了几节课？",
        "我的课时",
        "我的出勤率是多少",
        "我落下几节课了",
    ):
        assert "上过2节课，您到了1节" in await phone.say(asks), asks
    assert "这几份通知都没写" in await phone.say("培训要多少课时"), "that is asked of the policy"
    assert "没有定下来的班" in await phone_of(await make_trainee(9)).say("我的签到")
    stranger = phone_of(Visitor(b"p" * 16))
    assert (await stranger.say("我的签到")).endswith("您叫什么？")
    stranger.actor, stranger.now = who, phone.now
    assert "养老护理员第1期：上过2节课" in await stranger.say("王秀兰")


async def test_two_people_are_two(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    one, other = phone_of(await join(row, 1)), phone_of(await join(row, 2))
    code = screen.code(session)
    await asyncio.gather(one.say(f"签到 {code}"), other.say(f"签到 {code}"))
    told = await asyncio.gather(one.be_there(), other.say("发不了位置"))
    assert all(text.startswith("签到成功") for text in told)
    flags = {row.person_id: row.flags for row in await CheckIn.all()}
    assert flags == {one.actor.id: [], other.actor.id: ["no_place"]}
    assert "08:20签到" in await one.say("我的签到")


async def test_one_person_at_two_doors_at_one_moment(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf, vault: Vault
) -> None:
    row, session = await hold_class()
    await want(row, wants_place=False)
    who = await join(row)
    phones = [phone_of(who) for _ in range(4)]
    words = f"签到 {screen.code(session)}"
    told = sorted(await asyncio.gather(*(phone.say(words) for phone in phones)))
    assert await CheckIn.all().count() == 1
    assert [text.startswith("签到成功") for text in told] == [False, False, False, True]
    assert {text.partition("，")[0] for text in told[:3]} == {"您08:20已经签过"}


async def test_one_message_that_comes_twice_is_one_check_in(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    await want(row, wants_place=False)
    who = await join(row)
    words = f"签到 {screen.code(session)}"
    told = await asyncio.gather(*(phone_of(who).say(words, b"m" * 16) for _ in range(4)))
    assert await CheckIn.all().count() == 1
    assert set(told) == {told[0]} and told[0].startswith("签到成功")


async def test_a_session_that_moves_while_the_place_is_awaited(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    who: Trainee = await join(row)
    phone = phone_of(who)
    await phone.say(f"签到 {screen.code(session)}")
    await ClassSession.filter(id=session.id).delete()
    told = await phone.be_there()
    assert "没有这节课，可能课表刚刚改过" in told
    assert not await CheckIn.all() and not any(word in told for word in SUCCESS)
