"""Erasure (注销) by who has nothing but the chat: asked once more, then done, as in 我的资料."""

from datetime import date
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.calendar import local_now
from domain.vault import Vault
from models.enrolments import Enrolment
from models.training import TrainingClass
from tests.integration.bot.database import fetch, locked
from tests.integration.bot.test_privacy import drain
from tests.integration.enrolments.conftest import make_institution
from tests.integration.people.conftest import WANG, MakePhone, Time, put_on_roster
from tests.integration.people.test_bind_talk import BEGIN, Chat, chat, client, make_chat, work

__all__ = ["chat", "client", "make_chat", "work"]


@pytest.mark.parametrize("words", ["注销", "解除绑定", "注销。", "我不想用了，把我的信息删了吧"])
async def test_who_wants_to_be_forgotten_is_asked_once_more_and_then_is(
    chat: Chat, make_phone: MakePhone, work: Any, database_url: str, time: Time, words: str
) -> None:
    phone = make_phone(1)
    await phone.log_in()
    await chat.say(BEGIN, "王素梅", WANG[1], "同意")
    await work()
    assert (await phone.me())["bound"]
    told = await chat.say(words)
    assert told.startswith("真的要注销吗") and "姓名、身份证号" in told and "留到" not in told
    assert (await chat.say("好的")).startswith("要注销，请回复“确认注销”")
    assert await fetch(database_url, "SELECT FROM people WHERE erased_at IS NOT NULL") == []
    told = await chat.say("确认注销")
    assert told.startswith("注销好了，您的姓名、身份证号")
    (person,) = await fetch(
        database_url, "SELECT name_sealed, id_number_sealed, erased_at FROM people"
    )
    assert person["name_sealed"] is None and person["id_number_sealed"] is None
    assert person["erased_at"] is not None
    for table in ("identities", "session_tokens", "consents", "dialogues", "followers"):
        assert await fetch(database_url, f"SELECT FROM {table}") == [], table
    time.pass_by(seconds=20)
    assert (await phone.ask("GET", "/me")).status == 401, (
        "copies of a session are believed for 15 s"
    )
    assert (await chat.say(BEGIN)).startswith("实名绑定要姓名"), "met anew"


async def test_what_has_to_stay_is_said_before_and_after(
    chat: Chat, vault: Vault, database_url: str
) -> None:
    person = await put_on_roster(vault, *WANG)
    institution = await make_institution()
    row = await TrainingClass.create(
        title="养老护理员第1期",
        institution_id=institution.id,
        programme="elderly-care",
        occupation="养老护理员",
        county="371521",
        capacity=2,
        status="open",
        starts_on=date(2026, 11, 2),
        ends_on=date(2026, 11, 30),
        created_at=local_now(),
    )
    await Enrolment.create(
        training_class_id=row.id,
        person_id=person,
        status="confirmed",
        channel="roster",
        made_by="t",
        changed_by="t",
        created_at=local_now(),
        changed_at=local_now(),
    )
    await chat.say(BEGIN, "王素梅", WANG[1], "同意")
    told = await chat.say("注销")
    assert "实名培训记录，留到2031年11月30日" in told and len(told.splitlines()) == 4
    told = await chat.say("确认注销")
    assert told.startswith("注销好了，电话、绑定") and "实名培训记录留到2031年11月30日" in told
    (kept,) = await fetch(database_url, "SELECT name_sealed, erased_at FROM people")
    assert kept["name_sealed"] is not None and kept["erased_at"] is not None
    assert await fetch(database_url, "SELECT FROM identities") == []
    assert len(await fetch(database_url, "SELECT FROM enrolments")) == 1


async def test_a_stranger_gets_the_same_answer_and_what_they_said_goes(
    chat: Chat, redis: Redis, database_url: str
) -> None:
    await chat.say("以工代训补贴一个月多少钱")
    told = await chat.say("注销")
    assert told.startswith("您没有实名绑定") and "确认注销" in told and "执照" in told
    assert (await chat.say("取消")).startswith("好的，这件事先放下了")
    await chat.say("注销")
    assert (await chat.say("不注销")).startswith("好的，没有注销")
    assert (await chat.say("注销", "确认注销")).startswith("删好了")
    await drain(redis)
    rows = await fetch(database_url, "SELECT person, text_sealed FROM inbound_messages")
    assert rows and all(row["person"] is row["text_sealed"] is None for row in rows)


async def test_who_says_anything_else_is_not_forgotten(chat: Chat, database_url: str) -> None:
    await chat.say(BEGIN, "王素梅", WANG[1], "同意")
    await chat.say("注销")
    assert "500元" in await chat.say("以工代训补贴一个月多少钱")
    assert not (await chat.say("确认注销")).startswith("注销好了"), "it has had its turn"
    assert len(await fetch(database_url, "SELECT FROM identities")) == 1


async def test_while_erasing_fails_nothing_is_said_to_be_done(
    chat: Chat, database_url: str
) -> None:
    await chat.say(BEGIN, "王素梅", WANG[1], "同意")
    await chat.say("注销")
    async with locked(database_url, "people"):
        told = await chat.say("确认注销")
    assert told.startswith("刚才没有删成，您的资料还在")
    assert len(await fetch(database_url, "SELECT FROM identities WHERE person_id IS NOT NULL")) == 1
    assert (await chat.say("注销", "确认注销")).startswith("注销好了")
