"""Asking about a school in chat, from the phone to PostgreSQL and back."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest
from stdnum.cn.uscc import calc_check_digit

from domain.actor import System
from domain.calendar import local_now
from domain.institutions.actions import list_institution, remove_institution, suspend_institution
from domain.institutions.rules import Entry
from domain.institutions.writing import Dated
from domain.vault import Vault
from tests.integration.bot.conftest import ANSWER, QUESTION, Phone
from tests.integration.bot.database import OPEN_TALKS, fetch

TESTS = System("tests")
NOW = local_now()
TODAY = NOW.date()
LISTED = Dated(date(2024, 3, 1), document="聊人社字〔2024〕12号")
#: As a phone shows it before one must scroll.
MOST_LINES = 6

Add = Callable[..., Awaitable[None]]


@pytest.fixture
def add(vault: Vault, server: object) -> Add:
    """Lists institutions; `server` has connected the models."""
    count = 0

    async def add_one(name: str, county: str, *teaches: str, **how: Dated) -> None:
        nonlocal count
        count += 1
        base = f"52{county}MJ{count:07}"
        uscc = base + calc_check_digit(base)
        entry = Entry(
            name, uscc, county, "谷山北路18号", teaches, "0635-1000001", "王某 13800000000"
        )
        counties = frozenset({county})
        one = await list_institution(TESTS, vault, entry, LISTED, counties=counties, now=NOW)
        for action, key in ((suspend_institution, "suspended"), (remove_institution, "removed")):
            if key in how:
                await action(TESTS, institution_id=one, dated=how[key], now=NOW)

    return add_one


@pytest.fixture
async def directory(add: Add) -> None:
    await add("阳谷县鸿翔职业培训学校", "371521", "电工", "焊工", "叉车司机", "钳工", "起重工")
    await add("东阿县鸿翔技工学校", "371524", "养老护理员")
    await add(
        *("冠县梨园巧手职业培训学校", "371525", "缝纫工"),
        suspended=Dated(TODAY, TODAY + timedelta(days=30), "招生时许诺补贴", "聊人社字〔2026〕9号"),
    )
    await add(
        "临清市金手指职业培训学校", "371581", "美发师", removed=Dated(TODAY, None, "材料造假")
    )


async def say(phone: Phone, words: str) -> str:
    told = (await phone.say(words)).text
    assert told is not None
    assert len(told.strip().splitlines()) <= MOST_LINES, told
    assert "{" not in told and "13800000000" not in told
    return told


def in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


async def test_a_listed_school(directory: None, phone: Phone, database_url: str) -> None:
    told = await say(phone, "阳谷鸿翔学校还能报名吗")
    assert told.startswith("阳谷县鸿翔职业培训学校（阳谷县）今天在培训机构目录里，没有被停。\n")
    for part in ("2024年3月1日起列入，依据聊人社字〔2024〕12号", "电工、焊工、叉车司机、钳工等5种",
                 "谷山北路18号", "12345投诉", "聊城通知第12条"):  # fmt: skip
        assert part in told


async def test_the_next_name_after_an_answer(
    directory: None, add: Add, phone: Phone, database_url: str
) -> None:
    await add("东昌府区百姓家职业培训学校", "371502", "育婴员")
    assert "今天在培训机构目录里" in await say(phone, "阳谷鸿翔学校还能报名吗")
    assert (await say(phone, "梨园巧手")).startswith("冠县梨园巧手职业培训学校（冠县）现在被暂停")
    assert "东昌府区百姓家职业培训学校" in await say(phone, "百姓佳")
    await say(phone, "阳谷鸿翔学校还能报名吗")
    assert ANSWER in (await phone.say(QUESTION)).text, "a question ends it"
    assert await fetch(database_url, OPEN_TALKS) == []
    for words in ("谢谢", "好嘞知道了", "1"):
        await say(phone, "阳谷鸿翔学校还能报名吗")
        told = await say(phone, words)
        assert "没有查到" not in told and "没有叫" not in told and "接着刚才" not in told
        assert await fetch(database_url, OPEN_TALKS) == []


async def test_a_suspended_one(directory: None, phone: Phone) -> None:
    told = await say(phone, "查一下梨园巧手学校正规不")
    assert "现在被暂停承训资格" in told.splitlines()[0]
    assert f"到{in_words(TODAY + timedelta(days=30))}为止，依据聊人社字〔2026〕9号" in told
    assert "招生时许诺补贴" in told and "先别报名、别交钱" in told
    assert told.splitlines()[-1] == "想换一家，可以问我“冠县有哪些学校”。"
    again = await say(phone, "冠县有哪些学校")
    assert "没有查到在目录里的学校" in again


async def test_a_removed_one(directory: None, phone: Phone) -> None:
    told = await say(phone, "金手指学校被停了没")
    assert "已经不在培训机构目录里了" in told and "材料造假" in told and "骗" not in told


async def test_one_of_two_by_number_tap_and_title(directory: None, phone: Phone) -> None:
    for choose in ("1", "我选第一个", "东阿县鸿翔技工学校"):
        told = await say(phone, "红翔培训靠谱吗")
        assert told.startswith("对得上的有2家") and "东阿县鸿翔技工学校" in told.splitlines()[1]
        assert (await say(phone, choose)).startswith("东阿县鸿翔技工学校（东阿县）今天在")
    told = await say(phone, "鸿翔学校在不在目录里")
    tap = told.splitlines()[2].split("msgmenuid=")[1].split('"')[0]
    picked = await phone.say("阳谷县鸿翔职业培训学校", bizmsgmenuid=tap)
    assert picked.text.startswith("阳谷县鸿翔职业培训学校（阳谷县）今天在")


async def test_wrong_numbers_none_of_them_and_cancel(directory: None, phone: Phone) -> None:
    await say(phone, "鸿翔学校在不在目录里")
    assert "1到2" in await say(phone, "5")
    assert "全名" in await say(phone, "都不是")
    assert (await say(phone, "阳谷县鸿翔")).startswith("阳谷县鸿翔职业培训学校")
    await say(phone, "鸿翔学校在不在目录里")
    assert "放下" in await say(phone, "取消")
    assert "没有正在办的事" in await say(phone, "取消")


async def test_a_school_that_is_not_there(directory: None, phone: Phone) -> None:
    told = await say(phone, "查一下蓝天职业培训学校正规不正规")
    assert told.startswith("目录里没有查到“蓝天职业培训学校”。\n不在目录里，不等于是骗子")
    assert "12333" in told and "取消" not in told
    assert (await say(phone, "梨园巧手")).startswith("冠县梨园巧手职业培训学校（冠县）现在被暂停")


async def test_the_nearest_names_are_offered(directory: None, phone: Phone) -> None:
    told = await say(phone, "查一下金手艺职业培训学校在不在目录里")
    assert told.startswith("目录里没有叫“金手艺职业培训学校”的。是不是下面的？")
    assert "已经不在培训机构目录里了" in await say(phone, "1")


async def test_all_of_a_county_by_threes(directory: None, add: Add, phone: Phone) -> None:
    for char in "安平永泰":
        await add(f"阳谷县{char}和职业培训学校", "371521", "电工")
    told = await say(phone, "阳谷县有哪些学校")
    assert told.startswith("阳谷县在目录里、没被停的有5家：") and "“更多”" in told
    more = await say(phone, "更多")
    assert len(more.splitlines()) == 4 and "阳谷县鸿翔职业培训学校" in told + more
    assert "后面没有了" in await say(phone, "更多")
    assert "今天在培训机构目录里" in await say(phone, "2")
    told = await say(phone, "能教电工的学校有哪几家")
    assert told.startswith("全市能教电工、没被停的有5家：")


async def test_asked_by_the_menu(directory: None, phone: Phone) -> None:
    asked = await phone.event("CLICK", EventKey="intent:institution_lookup")
    assert "想查哪家学校" in asked.text and "取消" in asked.text
    assert ANSWER in (await phone.say(QUESTION)).text, "a question ends it"
    assert "想查哪家学校" in await say(phone, "查学校")
    assert (await say(phone, "临清市")).startswith("临清市现在没有查到")
    assert (await say(phone, "东阿")).startswith("东阿县在目录里、没被停的有1家")
    assert "想查哪家学校" in await say(phone, "返回")
    assert (await say(phone, "东阿鸿翔")).startswith("东阿县鸿翔技工学校")


async def test_thanks_are_no_name_of_a_school(directory: None, phone: Phone) -> None:
    await phone.event("CLICK", EventKey="intent:institution_lookup")
    told = await say(phone, "谢谢")
    assert "没有查到" not in told and "没有叫" not in told


async def test_an_empty_directory(phone: Phone) -> None:
    assert "不等于是骗子" in await say(phone, "阳谷县鸿翔职业培训学校")


async def test_the_standing_is_that_of_the_day(add: Add, phone: Phone) -> None:
    over = Dated(TODAY - timedelta(days=9), TODAY - timedelta(days=1))
    await add("莘县绿野职业培训学校", "371522", suspended=over)
    assert "今天在培训机构目录里，没有被停" in await say(phone, "绿野职业培训学校被停了没")


async def test_the_whole_directory_and_what_nobody_teaches(directory: None, phone: Phone) -> None:
    assert (await say(phone, "机构名单")).startswith("目录里现在有2家学校在册、没被停。")
    assert "东阿县现在没有查到能教叉车司机的学校" in await say(
        phone, "东阿县能教叉车司机的学校有哪几家"
    )
