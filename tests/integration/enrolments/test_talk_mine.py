"""One's own classes in the chat: in short, in full, and leaving one."""

from datetime import date, timedelta

import pytest

from domain.actor import Staff, Trainee
from domain.enrolments.actions import enrol_other
from domain.enrolments.notice import Teller
from domain.vault import Vault
from models.enrolments import Enrolment, Informed
from models.training import TrainingClass
from tests.integration.enrolments.conftest import NOW, MakeClass, named
from tests.integration.enrolments.talking import Talker
from tests.integration.enrolments.test_talk import classes, dispatcher, shown, talker

__all__ = ["classes", "dispatcher", "talker"]


async def test_ones_own_classes_and_leaving_one(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    assert "您还没有报过班" in await talker.say("我报了哪些班")
    await talker.say("想学月嫂 阳谷")
    await talker.say("1")
    await talker.say("报名")
    told = await talker.say("我报了哪些班")
    assert told.splitlines() == [
        "月嫂班第1期：已报名，等机构确认",
        "12月7日（周一）开班",
        "阳谷县振兴路1号",
        "更多回复“详情”。要退回复“退班”。",
    ]
    full = await talker.say("详情")
    assert full.splitlines()[:4] == [
        "月嫂班第1期：已报名，等机构确认",
        "阳谷县巧手职业培训学校",
        "阳谷县振兴路1号",
        "12月7日（周一）到12月18日（周五）",
    ]
    assert "补贴规定" in full, "what they were told when they enrolled"
    assert "真的要退出“月嫂班第1期”吗" in await talker.say("退班")
    assert await talker.say("返回") == told
    await talker.say("退班")
    assert (await talker.say("确认")).startswith("已经退出“月嫂班第1期”")
    assert (await Enrolment.get()).status == "withdrawn"
    assert "您还没有报过班" in await talker.say("我的班")


async def test_a_filed_roster_is_left_through_the_institution(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    await talker.say("想学月嫂 阳谷")
    await talker.say("1")
    await talker.say("报名")
    await Enrolment.all().update(status="confirmed")
    await TrainingClass.filter(title="月嫂班第1期").update(status="filed")
    assert (await talker.say("我的班")).splitlines()[-1] == "更多回复“详情”。要退找办班的机构。"
    assert await talker.say("退班") == "名单已经备案，要退找办班的机构登记。"
    assert (await Enrolment.get()).status == "confirmed"


async def test_what_is_owed_is_told_when_they_look(
    talker: Talker,
    classes: dict[str, TrainingClass],
    clerk: Staff,
    teller: Teller,
    vault: Vault,
) -> None:
    row = classes["养老护理员第3期"]
    await enrol_other(clerk, vault, teller, class_id=row.id, named=named(1), now=NOW)
    assert (await Informed.get()).state == "owed"
    told = (await talker.say("我的班")).splitlines()
    assert told[0].startswith("养老护理员第3期：") and told[-1].startswith("更多回复“详情”。")
    assert any(line.startswith("补贴规定：") for line in told), "at once, without being asked"
    assert any("政策咨询12333" in line for line in told)
    informed = await Informed.get()
    assert (informed.state, informed.channel) == ("shown", "chat")
    again = await talker.say("我的班")
    assert "政策咨询" not in again and len(again.splitlines()) == 4, "once"
    assert "政策咨询" in await talker.say("详情"), "as often as they like"


async def test_what_several_classes_owe_is_told_once_each(
    talker: Talker,
    classes: dict[str, TrainingClass],
    make_class: MakeClass,
    clerk: Staff,
    teller: Teller,
    vault: Vault,
) -> None:
    later = await make_class(
        "月嫂班第9期",
        occupation="母婴护理员",
        starts_on=date(2027, 3, 1),
        ends_on=date(2027, 3, 5),
    )
    for row in (classes["养老护理员第3期"], later):
        await enrol_other(clerk, vault, teller, class_id=row.id, named=named(1), now=NOW)
    told = await talker.say("我的班")
    assert told.startswith("您报的班") and told.count("补贴规定：“") == 2
    assert told.count("政策咨询12333") == 1, "what is the same is said once"
    assert {one.state for one in await Informed.all()} == {"shown"}
    assert "补贴规定" not in await talker.say("我的班")


async def test_what_there_is_no_room_for_stays_owed(
    talker: Talker,
    classes: dict[str, TrainingClass],
    clerk: Staff,
    teller: Teller,
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = classes["养老护理员第3期"]
    await enrol_other(clerk, vault, teller, class_id=row.id, named=named(1), now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr("bot.talks.enrol_mine._MOST_TOLD", 300)
        assert "补贴规定" not in await talker.say("我的班")
    assert (await Informed.get()).state == "owed", "nobody has read it"
    assert "补贴规定" in await talker.say("我的班")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("我要报名", "想学什么、在哪儿学"),
        ("全部", "在招的有10个班"),
        ("想学电工", "在招的有7个班"),
        ("巧手学校还能报名吗", "今天在培训机构目录里"),
        ("1", "月嫂班第1期：已报名"),
        ("以工代训补贴一个月多少钱", "接着看您的班"),
    ],
)
async def test_what_else_is_said_at_ones_own_class(
    said: str, told: str, talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    for words in ("想学月嫂 阳谷", "1", "报名", "我的班"):
        await talker.say(words)
    assert told in await talker.say(said)


async def test_ones_own_class_in_the_middle_of_choosing_another(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    for words in ("想学月嫂 阳谷", "1", "报名"):
        await talker.say(words)
    listed = await talker.say("想学蒸馍")
    card = await talker.say("1")
    told = await talker.say("我的班")
    assert told.startswith("月嫂班第1期：") and len(told.splitlines()) == 5
    assert told.endswith("刚才的“中式面点班”还没报：回复“报名”就报。")
    assert await talker.say("返回") == card
    assert await talker.say("返回") == listed
    assert (await talker.say("我的班")).endswith("刚才找的班还在：回复“返回”接着看。")
    assert await talker.say("返回") == listed
    await talker.say("1")
    await talker.say("我的班")
    assert "和已经报的“月嫂班第1期" in await talker.say("报名")


async def test_several_of_ones_own_and_when_each_is_next(
    talker: Talker, make_class: MakeClass
) -> None:
    assert isinstance(talker.actor, Trainee)
    morning = NOW.replace(hour=8, minute=30) + timedelta(days=3)
    held = [
        (morning + timedelta(days=day), morning + timedelta(days=day, hours=3))
        for day in (-9, 0, 1)
    ]
    for title, fields in (
        ("电工班", {"sittings": held, "starts_on": date(2026, 11, 24)}),
        ("焊工班", {"starts_on": date(2027, 1, 4), "ends_on": date(2027, 1, 8)}),
        ("钳工班", {"starts_on": None, "ends_on": None}),
    ):
        row = await make_class(title, **fields)
        await Enrolment.create(
            training_class_id=row.id,
            person_id=talker.actor.id,
            status="confirmed",
            channel="roster",
            made_by="t",
            changed_by="t",
            created_at=NOW,
            changed_at=NOW,
        )
    assert shown(await talker.say("我的班")).splitlines() == [
        "您报的班，回复数字看：",
        "1. 钳工班 已确认",
        "2. 焊工班 已确认，1月4日上课",
        "3. 电工班 已确认，12月3日上课",
    ]
    assert "下次课12月3日（周四）08:30到11:30" in await talker.say("3")
    assert (await talker.say("返回")).startswith("您报的班")
    assert "1月4日（周一）开班" in await talker.say("2")
    assert (await talker.say("返回")).startswith("您报的班")
    assert "上课日期待定" in await talker.say("1")
    await TrainingClass.filter(title="钳工班").update(status="cancelled")
    assert "这个班取消了，不上了" in await talker.say("继续")
