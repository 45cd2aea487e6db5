"""Checking in in the chat, with the dispatcher as it is."""

from datetime import timedelta

import pytest

from bot.talks import TALKS
from bot.talks.check_in import CheckIn as Talk
from domain.actor import Visitor
from models.attendance import CheckIn, CodeMisses
from tests.integration.attendance.chatting import PhoneOf, dispatcher, phone_of, want
from tests.integration.attendance.conftest import (
    CLASSROOM,
    ENDS,
    NOW,
    STARTS,
    HoldClass,
    Join,
    Screen,
)
from tests.integration.enrolments.conftest import MakePerson

__all__ = ["dispatcher", "phone_of"]


def test_it_is_part_of_the_product() -> None:
    assert isinstance(TALKS["checkin"], Talk)


async def test_code_and_place_and_in(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    who = await join(row)
    phone = phone_of(who)
    told = await phone.say(f"签到 {screen.code(session)}")
    assert told.splitlines() == [
        "码对了，还差一步：发您现在的位置，08:30以前发都算。",
        "先点左下角的小键盘，没有就不用点。",
        "再点右下角“＋”，点“位置”，点“发送位置”。",
        "发不了，就回复“发不了位置”，一样能签，老师会核对。",
    ]
    assert not await CheckIn.all(), "nothing is done before the place has come"
    told = await phone.be_there()
    assert told.splitlines() == [
        "签到成功：养老护理员第1期",
        "12月7日08:30到11:30的课，您08:20签到，没有迟到。",
        "以前签过的，回复“我的签到”看。",
    ]
    assert phone.state is None
    (kept,) = await CheckIn.all()
    assert (kept.person_id, kept.session_id, kept.channel) == (who.id, session.id, "chat")
    assert (kept.at, kept.state, kept.flags, kept.distance_m) == (NOW, "counted", [], 0)
    again = await phone.say(f"签到 {screen.code(session)}")
    assert again == "您08:20已经签过，记下了，不用再签。"
    assert await phone.say("签到") == again and phone.state is None


@pytest.mark.parametrize("asks", ["签到", "我到教室了", "到了", "签道", "menu"])
async def test_asked_for_the_code_when_it_is_missing(
    asks: str, hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone = phone_of(await join(row))
    told = await (phone.tap_menu() if asks == "menu" else phone.say(asks))
    assert told.splitlines() == [
        "还没签上。“养老护理员第1期”08:30到11:30的课，正在签到。",
        "请看教室大屏，把上面的6位数字发过来。",
        "打字不方便的，点菜单“上课签到”，扫一下大屏。",
        "都不行，请老师帮您登记。",
    ]
    assert await phone.say("看不清啊") == told
    spoken = "".join("零一二三四五六七八九"[int(digit)] for digit in screen.code(session))
    assert "还差一步" in await phone.say(f"{spoken}。")
    assert (await phone.be_there()).startswith("签到成功")


async def test_six_digits_alone_where_a_session_is_open(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf, make_trainee: MakePerson
) -> None:
    row, session = await hold_class()
    phone, code = phone_of(await join(row)), screen.code(session)
    assert "还差一步" in await phone.say(code)
    assert (await phone.be_there()).startswith("签到成功")
    elsewhere = phone_of(await make_trainee(2))
    told = await elsewhere.say(code)
    assert "签" not in told and elsewhere.state is None, "a number that says nothing here"
    stranger = phone_of(Visitor(b"p" * 16))
    told = await stranger.say(code)
    assert f"请回复“签到 {code}”" in told and "还没签上" in told
    assert not await CodeMisses.all()


async def test_a_class_that_wants_no_place_is_done_at_once(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    await want(row, wants_place=False)
    phone = phone_of(await join(row))
    assert (await phone.say(f"签到码是{screen.code(session)}")).startswith("签到成功")
    bare, other = await hold_class("无地点班", latitude=None, longitude=None)
    assert (await phone_of(await join(bare, 2)).say(screen.code(other))).startswith("签到成功")


@pytest.mark.parametrize("refused", ["发不了位置", "手机不让发", "没有定位权限", "定位打不开"])
async def test_without_a_place(
    refused: str, hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone = phone_of(await join(row))
    await phone.say(f"签到 {screen.code(session)}")
    aside = await phone.say("中午管饭吗")
    assert aside.endswith("接着签到，还差位置：点右下角“＋”，点“位置”，点“发送位置”。")
    told = await phone.say("在哪发位置呀")
    assert told.splitlines() == [
        "还没签上，没有收到您的位置。",
        "没有“＋”：先点左下角的小键盘。",
        "有“＋”：点它，点“位置”，点“发送位置”。",
        "手机问让不让用位置：点“允许”。",
        "发不了，就回复“发不了位置”，一样能签，老师会核对。",
    ]
    assert {await phone.say(trouble) for trouble in ("发了", "没有＋", "地图是空的")} == {told}
    told = await phone.say(refused)
    assert "签到成功" in told and "没有位置，已经记下，老师会核对。" in told
    assert len(told.splitlines()) <= 5
    assert (await CheckIn.get()).flags == ["no_place"]


async def test_a_class_that_lets_nobody_in_from_afar(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    await want(row, refuses_far=True)
    phone = phone_of(await join(row))
    told = await phone.say(f"签到 {screen.code(session)}")
    assert "一定要位置" in told and "发不了位置" not in told
    told = await phone.say("发不了位置")
    assert told.startswith("还没签上，没有收到您的位置") and "点“允许”" in told
    assert told.endswith("一定要位置。发不了，请老师帮您登记。")
    told = await phone.send_place(CLASSROOM.latitude + 0.01, CLASSROOM.longitude)
    assert told.startswith("没有签上，您的位置离教室大约1.1公里") and "请老师帮您登记" in told
    assert not await CheckIn.all()
    assert (await phone.be_there()).startswith("签到成功"), "and it may be sent again"


async def test_far_and_late_is_said(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    await want(row, wants_out=True)
    now = STARTS + timedelta(minutes=20)
    phone = phone_of(await join(row), now)
    await phone.say(f"签到 {screen.code(session, now)}")
    told = await phone.send_place(CLASSROOM.latitude + 0.01, CLASSROOM.longitude)
    assert told.splitlines() == [
        "签到成功：养老护理员第1期",
        "12月7日08:30到11:30的课，您08:50签到，算迟到。",
        "您的位置离教室大约1.1公里，已经记下，老师会核对。",
        "下课还要签退：回复“签退”两个字，我告诉您怎么做。",
    ]
    assert "下课要签退，回复“签退”两个字" in await phone.say("签到")
    phone.now = ENDS
    assert "正在签退" in await phone.say("签退")
    assert "还差一步" in await phone.say(screen.code(session, ENDS))
    told = await phone.be_there()
    assert told.splitlines()[:2] == [
        "签退成功：养老护理员第1期",
        "12月7日08:30到11:30的课，您11:30签退。",
    ]
    assert await CheckIn.all().count() == 2


async def test_who_leaves_early_reads_what_counts(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    await want(row, wants_place=False, wants_out=True)
    early = STARTS + timedelta(hours=1)
    phone = phone_of(await join(row), early)
    await phone.say(f"签退 {screen.code(session, early)}")
    assert (await phone.say("1")).splitlines()[2:] == [
        "这节课没有您的签到，请找老师补登记，不然不算课时。",
        "课到11:30才下，课时只算到09:30。没走的，下课再回复“签退”，按后一次算。",
        "以前签过的，回复“我的签到”看。",
    ]


async def test_scanned_from_the_menu(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    code = f"zpt:{session.id}:{screen.code(session)}"
    for number, event in enumerate(("scancode_waitmsg", "scancode_push")):
        phone = phone_of(await join(row, number))
        assert "还差一步" in await phone.scan(code, event)
        assert (await phone.be_there()).startswith("签到成功")
    waiting = phone_of(await join(row, 5))
    await waiting.say("签到")
    assert "还差一步" in await waiting.scan(code), "where one was asked for it"
    typed = phone_of(await join(row, 6))
    assert "还差一步" in await typed.say(code), "what another scanner has shown as words"
    other = phone_of(await join(row, 7))
    told = await other.scan("https://example.com")
    assert told.splitlines() == [
        "没有签上，扫到的不是签到的二维码。",
        "请再点一次菜单“上课签到”，扫教室大屏上的二维码。",
        "还是扫不了，就回复“签到”，改成打数字。",
    ]
    assert "把上面的6位数字发过来" in await other.say("签到")
    assert "还差一步" in await other.scan(code), "and the camera will do as well, then"
    old = await phone_of(await join(row, 8)).scan(f"zpt:{session.id}:{screen.wrong(session)}")
    assert "请再扫一次大屏，或者打大屏上现在的6位数字" in old and "还能再试4次" in old
    assert await other.scan("https://example.com", "scancode_push") == ""


async def test_wrong_codes_are_counted_and_a_pause_says_until_when(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone, wrong = phone_of(await join(row)), screen.wrong(session)
    told = await phone.say(f"签到 {wrong}")
    assert "没有签上" in told and "还能再试4次" in told
    assert "还能再试3次" in await phone.say(wrong), "the talk waits for another"
    assert "还能再试2次" in await phone.say(f"是{wrong}")
    assert "6位数字，刚才收到5位" in await phone.say("48291")
    assert "还能再试1次" in await phone.say(wrong)
    assert "请等15分钟再试" in await phone.say(wrong)
    phone.now += timedelta(minutes=1)
    for words in (f"签到 {screen.code(session, phone.now)}", "签到"):
        told = await phone.say(words)
        assert "请到08:35以后再试" in told and phone.state is None
    assert not await CheckIn.all()


async def test_refusals_say_what_to_do(
    hold_class: HoldClass,
    join: Join,
    screen: Screen,
    phone_of: PhoneOf,
    make_trainee: MakePerson,
) -> None:
    row, session = await hold_class()
    stranger = phone_of(await make_trainee(30))
    told = await stranger.say(f"签到 {screen.code(session)}")
    assert "“养老护理员第1期”的名单里没有您" in told and "请老师查一查" in told
    assert "您今天没有课" in await stranger.say("签到")
    assert "您今天没有课" in await stranger.say(f"签到 {screen.wrong(session)}")
    early = phone_of(await join(row, 31), STARTS - timedelta(minutes=45))
    assert "08:00开始可以签" in await early.say("签到")
    assert "08:00开始可以签" in await early.say(screen.code(session, early.now))
    over = phone_of(await join(row, 32), ENDS - timedelta(minutes=5))
    told = await over.say(f"签到 {screen.code(session, over.now)}")
    assert "已经在10:00结束" in told and "请老师帮您登记" in told
    applied = phone_of(await join(row, 33, "applied"))
    told = await applied.say(f"签到 {screen.code(session)}")
    assert "没有签上" in told
    for phone in (stranger, early, over, applied):
        assert phone.state is None or phone.state.at == "code"
    assert not await CheckIn.all()


async def test_nobody_is_let_in_under_another_name(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    await want(row, wants_place=False)
    phone, code = phone_of(await join(row)), screen.code(session)
    told = await phone.say(f"王秀兰 签到 {code}")
    assert told.startswith("还没签上。一个微信只能签本人") and not await CheckIn.all()
    assert await phone.say(f"王秀兰签到{code}") == told
    assert (await phone.say(code)).startswith("签到成功")


async def test_a_place_that_comes_too_late(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, session = await hold_class()
    phone = phone_of(await join(row))
    await phone.say(f"签到 {screen.code(session)}")
    phone.now += timedelta(minutes=11)
    told = await phone.be_there()
    assert told.startswith("没有签上，刚才的码过了10分钟")
    assert "还差一步" in await phone.say(screen.code(session, phone.now))
    phone.now += timedelta(minutes=3)
    assert (await phone.be_there()).startswith("签到成功")
    assert (await CheckIn.get()).at == NOW + timedelta(minutes=11), "when the code came"


async def test_a_place_before_the_code(
    hold_class: HoldClass, join: Join, screen: Screen, phone_of: PhoneOf
) -> None:
    row, _ = await hold_class()
    phone = phone_of(await join(row))
    await phone.say("签到")
    assert (await phone.be_there()).startswith("还没签上")
    assert not await CheckIn.all()
