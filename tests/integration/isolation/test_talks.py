"""Two people in the talks of one service: nothing of the one ever reaches the other.

Every talk keeps a state, options by number, and what was replied: all of it is somebody's.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from tortoise.expressions import Q

from assembly.official_account import SCHOOLS
from domain.people.identities import hold_identities, take_person
from models.enrolments import Enrolment
from models.institutions import Institution
from models.training import TrainingClass
from models.transactions import transaction
from sandbox.callback.messages import build_message
from tests.integration.enrolments.conftest import make_institution
from tests.integration.enrolments.test_api import MakeRow, make_row
from tests.integration.people.conftest import (
    LI,
    WANG,
    metrics,
    router,
    server,
    session,
    settings,
    stand_in,
    start,
    time,
)
from tests.integration.people.test_bind_talk import ACCOUNT, Chat, make_chat

__all__ = [
    "make_chat",
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

#: A's class is recruited no longer: only who is in it hears of it.
TITLE, PLACE = "月嫂甲字班", "阳谷县槐荫里77号"
OWN_TITLE, OWN_PLACE = "电工乙字班", "阳谷县柳林路5号"
#: Where A may stand when B speaks: in every talk, at every step that has something of A's.
STANDS: Sequence[Sequence[str]] = (
    ("我的班",),
    ("我的班", "详情"),
    ("我的班", "退班"),
    ("我要报名",),
    ("想学焊工 阳谷", "1"),
    ("我要绑定身份",),
    ("鸿翔学校在不在目录里",),
    ("补贴",),
)
#: What picks, goes on, repeats or ends whatever is open.
SPOKEN = (
    *("1", "2", "第一个", "详情", "退班", "确认", "是", "同意", "报名", "还是报", "更多", "返回"),
    *("继续", "重来", "我的班", "1", "详情", "返回", "取消", "绑定", "注销", "报上了没", "取消"),
    *("我要报名", "全部", "1", "报上没", "取消", "鸿翔还能报吗", "1", "取消", TITLE, "取消"),
)


@dataclass
class Two:
    """A and B, both known by name, each in one class."""

    one: Chat
    other: Chat
    classes: dict[str, str]
    enrolments: dict[str, str]

    @property
    def secrets(self) -> list[str]:
        """All by which A, and A's class, could be told."""
        name, number = WANG
        return [
            *(name, "王*", number, number[-4:], TITLE, PLACE, self.one.openid),
            *(self.classes[TITLE], self.enrolments[TITLE]),
        ]

    def check(self, told: str, said: object) -> None:
        """That `told` to B has nothing of A's but what B has said."""
        leaked = [secret for secret in self.secrets if secret in told and secret != said]
        assert not leaked, f"{said}: {told}"


@pytest.fixture
async def institution(database: str) -> Institution:
    return await make_institution("阳谷县鸿翔职业培训学校")


@pytest.fixture
async def two(make_chat: Any, make_row: MakeRow, server: Any) -> AsyncIterator[Two]:
    await make_institution("东阿县鸿翔技工学校")
    await server.app[SCHOOLS].look()
    await make_row("焊工丙字班", occupation="焊工")
    rows = {
        title: await make_row(title, occupation=taught, address=place)
        for title, taught, place in (
            (TITLE, "母婴护理员", PLACE),
            (OWN_TITLE, "电工", OWN_PLACE),
        )
    }
    one, other = make_chat(1), make_chat(2)
    for chat, who, wish in ((one, WANG, "想学月嫂"), (other, LI, "想学电工")):
        told = await chat.say(wish, "1", "报名", *who, "同意")
        assert "报上了" in told
    await TrainingClass.all().exclude(title="焊工丙字班").update(status="filed")
    await Enrolment.all().update(status="confirmed")
    yield Two(
        one,
        other,
        {title: str(row.id) for title, row in rows.items()},
        {
            title: str((await Enrolment.get(training_class_id=row.id)).id)
            for title, row in rows.items()
        },
    )


@pytest.mark.parametrize("stand", STANDS, ids="，".join)
async def test_whatever_is_said_while_the_other_stands_somewhere(
    two: Two, stand: Sequence[str]
) -> None:
    await two.one.say(*stand)
    for words in SPOKEN:
        two.check(await two.other.say(words), words)
    assert OWN_TITLE in await two.other.say("我的班")
    told = await two.one.say("我的班")
    assert TITLE in told and OWN_TITLE not in told, "and the other way round"
    assert sorted([one.status for one in await Enrolment.all()])[:2] == ["confirmed", "confirmed"]


async def test_the_numbers_are_ones_own(two: Two) -> None:
    """Both have options open, and each number is of one's own."""
    await two.one.say("想学焊工 阳谷")
    assert (await two.other.say("鸿翔学校在不在目录里")).startswith("对得上的有2家")
    assert (await two.one.say("1")).startswith("焊工丙字班")
    assert (await two.other.say("1")).startswith("东阿县鸿翔技工学校")
    assert TITLE in await two.one.say("我的班")
    two.check(await two.other.say("1"), "1")


async def test_a_tap_on_the_others_class(two: Two) -> None:
    """Whoever writes by hand what a line of A's carries."""
    tap = f"class:{two.classes[TITLE]}"
    for before in ("我要报名", "全部", "我的班", "取消"):
        await two.other.say(before)
        message = build_message(
            "text", two.other.openid, ACCOUNT.original_id, Content="看看", bizmsgmenuid=tap
        )
        two.check(await two.other.send(message), before)
        two.check(await two.other.say("详情"), "详情")
        two.check(await two.other.say("退班"), "退班")
        two.check(await two.other.say("确认"), "确认")
    assert await Enrolment.filter(status="confirmed").count() == 2


async def test_the_others_message_id(two: Two) -> None:
    """Replies are kept by message: one's own alone, though the platform gave the id to another."""
    for words in ("我的班", "详情", "鸿翔学校在不在目录里"):
        sent = build_message("text", two.one.openid, ACCOUNT.original_id, Content=words)
        told = await two.one.send(sent)
        again = {**sent, "FromUserName": two.other.openid}
        two.check(await two.other.send(again), words)
        assert await two.one.send(sent) == told, "who has it, has it again"
        two.check(await two.other.send(again), words)


@pytest.mark.parametrize("stand", STANDS, ids="，".join)
async def test_who_has_been_moved_away_is_gone_from_where_they_were(
    two: Two, make_chat: Any, stand: Sequence[str]
) -> None:
    """A is known by another WeChat now; whoever holds the old one is nobody, and then B."""
    await two.one.say(*stand)
    async with transaction() as connection:
        held = await hold_identities(connection, Q(account="official"))
        person = (await Enrolment.get(training_class_id=two.classes[TITLE])).person_id
        (row,) = (one for one in held.values() if one.person_id == person)
        await take_person(connection, row)
    for words in SPOKEN:
        two.check(await two.one.say(words), words)
    moved: Chat = make_chat(3)
    assert (await moved.say("我要绑定身份", *WANG, "同意")).startswith("绑定好了：王*")
    assert TITLE in await moved.say("我的班")
    told = await two.one.say("取消", "我的班")
    two.check(told, "我的班")
    assert await Enrolment.filter(status="confirmed").count() == 2
