"""Slips while checking in in the chat: half a code, leaving by mistake, somebody else's name; and
what was refused afterwards."""

from datetime import timedelta

import pytest

from domain.actor import Staff
from domain.attendance.for_others import decide_check_in
from models.attendance import CheckIn
from tests.integration.attendance.chatting import PhoneOf, dispatcher, phone_of, want
from tests.integration.attendance.conftest import ENDS, NOW, STARTS, HoldClass, Join, Screen

__all__ = ["dispatcher", "phone_of"]

SHORT = [
    "还没签上。签到码是6位数字，刚才收到{count}位。",
    "请看教室大屏，把6位数字写在一条消息里发过来，中间不用停。",
]


async def test_half_a_code_is_no_choice_of_a_menu(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone, code = phone_of(await join(row)), screen.code(session)
    await phone.say("签到")
    for words, count in ((code[:3], 3), (code[3:], 3), ("6", 1), ("61", 2), ("签到613", 3)):
        told = (await phone.say(words)).splitlines()
        assert told == [line.format(count=count) for line in SHORT], words
    assert "还差一步" in await phone.say(f"{code[:3]} {code[3:]}")


async def test_who_signs_out_of_a_class_that_goes_on_is_asked(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    await want(row, wants_place=False)
    early = STARTS + timedelta(hours=1)
    phone = phone_of(await join(row), NOW)
    await phone.say(f"签到 {screen.code(session)}")
    phone.now = early
    told = await phone.say(f"签退 {screen.code(session, early)}")
    assert told.splitlines() == [
        "还没签退。“养老护理员第1期”课到11:30，您现在走吗？",
        "这个班下课不用签退；现在签退，课时只算到现在。",
        "回复1：现在走，签退",
        "回复2：不走，先不签",
    ]
    assert await phone.say("继续") == await phone.be_there() == told
    assert await phone.say("3") == "接着签退：现在走，回复1；不走，回复2。"
    assert await phone.say("2") == "没有签退，您接着上课。这个班下课不用签退。"
    assert phone.state is None and await CheckIn.filter(kind="out").count() == 0
    await phone.say(f"签退 {screen.code(session, early)}")
    assert "码过了10分钟" not in (told := await phone.say("现在走")), told
    assert told.startswith("签退成功") and "下课再回复“签退”，按后一次算。" in told
    phone.now = ENDS
    told = await phone.say(f"签退 {screen.code(session, ENDS)}")
    assert told.startswith("签退成功"), "nothing is lost any more"


async def test_who_stays_on_signs_out_again(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    await want(row, wants_out=True)
    early = STARTS + timedelta(hours=1)
    phone = phone_of(await join(row), early)
    assert (await phone.say("签退")).startswith("还没签退。“养老护理员第1期”")
    told = await phone.say(screen.code(session, early))
    assert "现在签退，课时只算到现在。" in told and "不用签退" not in told
    assert "还差一步" in await phone.say("1")
    assert (await phone.say("在哪发位置")).startswith("还没签退，没有收到您的位置")
    assert (await phone.be_there()).startswith("签退成功")
    assert "09:30已经签过" in await phone.say("签退"), "a second press"
    phone.now = near = ENDS - timedelta(minutes=15)
    told = await phone.say("签退")
    assert told.startswith("您09:30签退过，课到11:30。") and "回复“取消”" in told
    assert "还差一步" in await phone.say(screen.code(session, near)), "that near it is not asked"
    assert (await phone.be_there()).startswith("签退成功")
    rows = await CheckIn.filter(kind="out").order_by("at").values_list("at", "state")
    assert rows == [(early, "replaced"), (near, "counted")]
    phone.now = ENDS
    await phone.say(f"签退 {screen.code(session, ENDS)}")
    await phone.be_there()
    phone.now = ENDS + timedelta(minutes=5)
    assert "11:30已经签过" in await phone.say("签退"), "there is nothing to be won"


@pytest.mark.parametrize("words", ["俺来教室咧", "我到了教室", "簽到", "老师让俺签到"])
async def test_as_people_say_it(
    words: str, hold_class: HoldClass, join: Join, phone_of: PhoneOf
) -> None:
    row, _ = await hold_class()
    told = await phone_of(await join(row)).say(words)
    assert told.startswith("还没签上。“养老护理员第1期”08:30到11:30的课，正在签到。")


@pytest.mark.parametrize("words", ["替俺媳妇签到", "能替俺媳妇签到吗"])
async def test_nobody_checks_in_for_another(
    words: str, hold_class: HoldClass, join: Join, phone_of: PhoneOf
) -> None:
    row, _ = await hold_class()
    phone = phone_of(await join(row))
    told = await phone.say(words)
    assert told.startswith("没有签，谁也不能替别人签。") and phone.state is None


async def test_who_was_refused_afterwards_reads_why(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf, officer: Staff
) -> None:
    row, session = await hold_class()
    await want(row, wants_place=False)
    phone = phone_of(await join(row))
    assert (await phone.say(f"签到 {screen.code(session)}")).startswith("签到成功")
    kept = await CheckIn.get()
    reason = "本人不在教室"
    await decide_check_in(officer, check_in_id=kept.id, accept=False, reason=reason, now=STARTS)
    phone.now = ENDS
    told = await phone.say("我的签到")
    assert "12月7日 签到被退回了：本人不在教室" in told.splitlines(), told
