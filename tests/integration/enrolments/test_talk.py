"""Enrolling in the chat."""

import re
from typing import Any

import pytest

from bot.dispatch import Dispatcher
from bot.talks import TALKS
from bot.talks.clarify import Clarify
from bot.talks.enrol import Enrol
from bot.talks.institution_lookup import InstitutionLookup
from domain.actor import Trainee, Visitor
from domain.faq.live import LiveRouter
from domain.faq.routing.router import Router
from domain.vault import Vault
from models.enrolments import Enrolment, Informed
from models.institutions import Institution
from models.training import TrainingClass
from tests.integration.enrolments.conftest import (
    NOW,
    MakeClass,
    MakePerson,
    make_institution,
    write_record,
)
from tests.integration.enrolments.talking import Bind, Talker

QUESTION = "以工代训补贴一个月多少钱"


@pytest.fixture
def dispatcher(package_router: Router, vault: Vault) -> Dispatcher:
    talks: dict[str, Any] = {
        talk.name: talk for talk in (Clarify(), Enrol(), Bind(), InstitutionLookup())
    }
    return Dispatcher(LiveRouter(package_router), vault, talks=talks)


@pytest.fixture
async def talker(dispatcher: Dispatcher, vault: Vault, make_trainee: MakePerson) -> Talker:
    return Talker(dispatcher, vault, await make_trainee(), NOW)


def shown(told: str) -> str:
    """As the phone shows it."""
    return re.sub("<[^>]+>", "", told)


@pytest.fixture
async def classes(make_class: MakeClass) -> dict[str, TrainingClass]:
    """Some that recruit, in two counties, and some that do not."""
    rows = [
        await make_class(
            "月嫂班第1期", occupation="母婴护理员", capacity=2, hours=80, address="阳谷县振兴路1号"
        ),
        await make_class("养老护理员第3期"),
        await make_class("中式面点班", occupation="中式面点师", county="371581"),
        await make_class("备了案的月嫂班", status="filed"),
        await make_class("草稿月嫂班", status="draft"),
        *[await make_class(f"电工班{number}", occupation="电工") for number in range(7)],
    ]
    return {row.title: row for row in rows}


def test_it_is_part_of_the_product() -> None:
    assert isinstance(TALKS["enrol"], Enrol)


async def test_from_one_message_to_the_enrolment(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    told = shown(await talker.say("想学月嫂，阳谷"))
    assert told == "在招的有1个班，回复数字看：\n1. 月嫂班第1期 阳谷县 12月7日起 剩2个"
    told = shown(await talker.say("1"))
    assert told.splitlines() == [
        "月嫂班第1期（母婴护理员）",
        "阳谷县巧手职业培训学校",
        "阳谷县振兴路1号",
        "12月7日（周一）到12月18日（周五），80课时，一共2人，还剩2个名额",
        "回复“报名”，用您本人的名字报；回复“返回”看别的班。",
    ]
    told = await talker.say("报名")
    assert told.splitlines()[0] == "报上了，等机构确认；说“我的班”能看、能退。"
    for wanted in ("聊城通知第3条", "12333", "12345"):
        assert wanted in told
    assert "我要投诉" not in told, "complaints cannot be taken here yet"
    assert len(told.splitlines()) <= 6
    assert talker.state is None
    (one,) = await Enrolment.all()
    assert (one.status, one.channel) == ("applied", "chat")
    assert (await Informed.get()).state == "shown"
    await talker.say("想学月嫂 阳谷")
    await talker.say("1")
    assert (await talker.say("报名")).startswith("这个班您已经报过了")
    assert await Enrolment.all().count() == 1


async def test_pages_of_five_and_words_that_narrow(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    assert "想学什么、在哪儿学" in await talker.say("我要报名")
    told = shown(await talker.say("全部"))
    assert told.startswith("在招的有10个班") and len(told.splitlines()) == 6
    assert "备了案" not in told and "草稿" not in told
    second = shown(await talker.say("更多"))
    assert len(second.splitlines()) == 6 and second != told
    assert "后面没有了" in await talker.say("更多")
    assert "这里只有1到5" in await talker.say("8")
    assert shown(await talker.say("电工")).startswith("在招的有7个班")
    assert "没找到临清市教“电工”的班" in await talker.say("临清")
    assert "中式面点班 临清市" in shown(await talker.say("蒸馍"))
    assert "没找到教“葫芦雕刻”的班" in await talker.say("想学葫芦雕刻")
    assert "东阿县现在没有在招的班" in await talker.say("东阿")


async def test_back_at_every_step_and_a_question_in_between(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    listed = await talker.say("想学电工")
    detail = await talker.say("2")
    assert await talker.say("返回") == listed
    assert await talker.say("2") == detail
    told = await talker.say(QUESTION)
    assert "500元" in told and told.splitlines()[-1].startswith("接着报名：回复“报名”就报“电工班")
    assert await talker.say("继续") == detail
    await talker.say("返回")
    assert "想学什么、在哪儿学" in await talker.say("返回")
    assert "放下" in await talker.say("取消")
    assert talker.state is None


async def test_a_tap_on_a_line_opens_the_class(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    await talker.say("想学电工")
    row = classes["养老护理员第3期"]
    told = await talker.say(row.title, tapped=f"class:{row.id}")
    assert told.startswith("养老护理员第3期（养老护理员）"), "of an older list too"


async def test_who_is_not_known_is_asked_first_and_comes_back(
    talker: Talker, classes: dict[str, TrainingClass], make_trainee: MakePerson
) -> None:
    person, talker.actor = talker.actor, Visitor(b"p" * 16)
    await talker.say("想学月嫂 阳谷")
    detail = await talker.say("1")
    assert await talker.say("报名") == "您叫什么？"
    told = await talker.say("王秀兰")
    assert told == "认好了。\n“月嫂班第1期”还没报上，还差一步：回复“报名”。"
    assert await talker.say("继续") == detail
    talker.actor = person
    assert (await talker.say("报名")).startswith("报上了")


ID_NUMBER = "371502199001011234"


@pytest.mark.parametrize("said", [ID_NUMBER, "王秀兰 3715 0219 9001 0112 34"])
async def test_an_id_is_never_said_back_but_taken_to_where_one_is_bound(
    said: str, talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    talker.actor = Visitor(b"p" * 16)
    await talker.say("我要报名")
    assert await talker.say(said) == "您叫什么？"
    told = await talker.say("王秀兰")
    assert told.startswith("认好了。\n") and "1234" not in told
    await talker.say("取消")
    assert await talker.say("我想报名学电工，王秀兰 3715 0219 9001 0112 34") == "您叫什么？"


async def test_a_long_number_is_not_said_back_whole(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    await talker.say("我要报名")
    told = await talker.say("13800001234")
    assert "1380000" not in told and "没找到教“138" in told


CARD_END = "接着报名：回复“报名”就报“月嫂班第1期”。"


@pytest.mark.parametrize(
    "said", ["多少钱", "学完给补多少", "60岁了能报吗", "要不要带饭", "谢谢", "葫芦雕刻", "俺再想想"]
)
async def test_words_about_the_class_one_looks_at_keep_it(
    said: str, talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    await talker.say("想学月嫂 阳谷")
    await talker.say("1")
    told = await talker.say(said)
    assert told.splitlines()[-1] == CARD_END and "没找到" not in told
    assert (await talker.say("报名")).startswith("报上了")


@pytest.mark.parametrize("said", ["地址在哪", "电话多少", "啥时候开班"])
async def test_what_stands_on_the_card_is_shown_again(
    said: str, talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    await talker.say("想学月嫂 阳谷")
    detail = await talker.say("1")
    assert await talker.say(said) == detail


async def test_another_number_county_or_wish_leaves_the_class(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    await talker.say("想学电工")
    await talker.say("1")
    assert "电工班" in (await talker.say("第二个")).splitlines()[0]
    assert "没找到莘县教“电工”的班" in await talker.say("莘县啥时候开班")
    await talker.say("想学电工")
    await talker.say("1")
    assert "没找到教“葫芦雕刻”的班" in await talker.say("想学葫芦雕刻")


@pytest.mark.parametrize("before", [["我要报名"], ["想学月嫂 阳谷", "1"]])
async def test_a_school_that_is_asked_about_in_between(
    before: list[str],
    talker: Talker,
    classes: dict[str, TrainingClass],
    institution: Institution,
) -> None:
    for words in before:
        last = await talker.say(words)
    told = await talker.say("巧手学校还能报名吗")
    assert told.startswith("阳谷县巧手职业培训学校（阳谷县）今天在培训机构目录里")
    assert "接着报名" in told.splitlines()[-1] and last != told


@pytest.mark.parametrize(
    "said",
    ["我要报名梨园巧手", "梨园巧手什么时候开班", "想去liyuanqiaoshou学", "梨园巧手学校有哪些班"],
)
@pytest.mark.parametrize("before", [[], ["我要报名"], ["想学月嫂 阳谷", "1"]])
async def test_a_school_that_is_named_shows_its_classes(
    said: str,
    before: list[str],
    talker: Talker,
    classes: dict[str, TrainingClass],
    make_class: MakeClass,
) -> None:
    school = await make_institution("冠县梨园巧手职业培训学校")
    for title, what in (("缝纫班", "缝纫工"), ("剪纸班", "剪纸工")):
        await make_class(title, occupation=what, institution_id=school.id, county="371525")
    talker._dispatcher._wants_class_of_school = lambda said: "什么时候" in said or "liyuan" in said
    for words in before:
        await talker.say(words)
    told = shown(await talker.say(said))
    assert told.startswith("在招的有2个班") and "缝纫班" in told and "剪纸班" in told
    assert (await talker.say("2")).startswith("剪纸班（剪纸工）")
    assert shown(await talker.say("返回")) == told
    await talker.say("取消")
    told = shown(await talker.say("我要报名梨园巧手的剪纸"))
    assert told.startswith("在招的有1个班") and "剪纸班" in told


async def test_a_school_that_has_no_class_or_may_not_says_so(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    school = await make_institution("冠县梨园巧手职业培训学校")
    told = await talker.say("我要报名梨园巧手")
    assert told.startswith("冠县梨园巧手职业培训学校现在没有在招的班。")
    await talker.say("取消")
    await write_record(school.id, "suspended", NOW.date())
    assert "现在被暂停承训资格" in await talker.say("我要报名梨园巧手")


@pytest.mark.parametrize("said", ["不报了", "算了不报了", "算了，不报了。", "取消报名", "不学了"])
@pytest.mark.parametrize("before", [["我要报名"], ["想学电工"], ["想学月嫂 阳谷", "1"]])
async def test_who_stops_is_let_go(
    before: list[str], said: str, talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    for words in before:
        await talker.say(words)
    assert (await talker.say(said)).startswith("好的，不报了")
    assert talker.state is None and not await Enrolment.all()


async def test_yes_to_a_list(talker: Talker, classes: dict[str, TrainingClass]) -> None:
    assert "想学什么、在哪儿学" in await talker.say("我要报名")
    assert "没找到" not in await talker.say("确认")
    await talker.say("想学电工")
    assert await talker.say("报名") == "接着报名：回复数字看哪个班，或者说想学什么。"
    await talker.say("想学月嫂 阳谷")
    assert (await talker.say("报名")).startswith("月嫂班第1期（")
    assert (await talker.say("报名")).startswith("报上了")


async def test_whether_one_is_enrolled_is_asked_in_between(
    talker: Talker, classes: dict[str, TrainingClass]
) -> None:
    person, talker.actor = talker.actor, Visitor(b"p" * 16)
    await talker.say("想学月嫂 阳谷")
    await talker.say("1")
    assert "“月嫂班第1期”还没报上" in await talker.say("报上了没")
    talker.actor = person
    assert (await talker.say("报名")).startswith("报上了")
    await talker.say("我要报名")
    assert "已报名，等机构确认" in await talker.say("报上了没")
    await talker.say("退班")
    assert (await talker.say("不退了")).startswith("好的，没有退")
    assert "真的要退出" in await talker.say("不报了")
    assert (await Enrolment.get()).status == "applied"


async def test_what_is_refused_says_what_to_do_next(
    talker: Talker,
    classes: dict[str, TrainingClass],
    make_trainee: MakePerson,
    institution: Institution,
) -> None:
    await talker.say("想学电工")
    await talker.say("1")
    await talker.say("报名")
    await talker.say("我要报名")
    await talker.say("养老护理")
    await talker.say("1")
    told = await talker.say("报名")
    assert "和已经报的“电工班" in told and "先退了那一个再报" in told
    await TrainingClass.filter(title="养老护理员第3期").update(capacity=1)
    other = Talker(talker._dispatcher, talker._vault, await make_trainee(2), NOW)
    third = Talker(talker._dispatcher, talker._vault, await make_trainee(3), NOW)
    for one in (other, third):
        await one.say("我要报名")
        await one.say("养老护理")
        await one.say("1")
    assert (await other.say("报名")).startswith("报上了")
    assert "名额" in await third.say("报名")
    await third.say("返回")
    await third.say("电工")
    await third.say("1")
    await write_record(institution.id, "suspended", NOW.date())
    assert "被暂停承担培训" in await third.say("报名")
    assert "现在没有在招的班" in await third.say("返回")


async def test_a_fourth_training_is_told_and_asked_again(
    talker: Talker, classes: dict[str, TrainingClass], make_class: MakeClass
) -> None:
    assert isinstance(talker.actor, Trainee)
    for month in (3, 4, 5):
        day = NOW.date().replace(month=month, day=1)
        row = await make_class(f"{month}月班", starts_on=day, ends_on=day, status="ended")
        await Enrolment.create(
            training_class_id=row.id,
            person_id=talker.actor.id,
            status="completed",
            channel="roster",
            made_by="t",
            changed_by="t",
            created_at=NOW,
            changed_at=NOW,
        )
    await talker.say("想学月嫂 阳谷")
    await talker.say("1")
    told = await talker.say("报名")
    assert "已经有3次" in told and "P33-1.1" not in told and "还是报" in told
    assert (await talker.say("好啊那我再想想")).endswith("还想报，回复“还是报”。")
    assert (await talker.say("还是报")).startswith("报上了")
    assert (await Enrolment.get(channel="chat")).beyond_three


async def test_where_nothing_recruits(talker: Talker, database: str) -> None:
    await talker.say("我要报名")
    assert "现在没有在招的班" in await talker.say("全部")
    assert talker.state is None
