"""Binding in chat: one question at a time, forgiving, and nobody else's business."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from clients.wechat import AsyncWeChatClient, open_official_account
from domain.calendar import local_now
from domain.vault import Vault
from jobs.context import JobTools
from sandbox.callback.messages import build_event, build_message
from sandbox.callback.posting import PhoneAccount, send
from settings import Settings
from tests.contract.support import OFFICIAL, StandIn
from tests.integration.bot.database import OPEN_TALKS, fetch, wait_for_rows
from tests.integration.bot.test_privacy import drain, find_in_the_open
from tests.integration.people.conftest import LI, PHONE, WANG, MakePhone
from tests.support import AES_KEY, TOKEN
from tests.working import run_due_jobs

ACCOUNT = PhoneAccount(app_id=OFFICIAL.app_id, token=TOKEN, aes_key=AES_KEY, original_id="gh_tests")
BEGIN = "我要绑定身份"


class Chat:
    """One WeChat user in the official account; the same user as MiniPhone's of that number."""

    def __init__(
        self, server: TestServer, session: ClientSession, stand_in: StandIn, openid: str
    ) -> None:
        self._url = str(server.make_url("/")).rstrip("/")
        self._session = session
        self._platform = stand_in.platform
        self._platform.people.meet(openid)
        self.openid = openid
        self.app_id = ACCOUNT.app_id

    async def say(self, *words: str) -> str:
        """What is told at the end."""
        told = ""
        for one in words:
            told = await self.send(
                build_message("text", self.openid, ACCOUNT.original_id, Content=one)
            )
        return told

    async def send(self, message: Any) -> str:
        self._platform.note_act(ACCOUNT.app_id, self.openid, "message")
        reply = await send(self._url, ACCOUNT, message, attempts=1, session=self._session)
        assert reply.status == 200
        return reply.text or ""

    async def event(self, name: str) -> str:
        return await self.send(build_event(name, self.openid, ACCOUNT.original_id))


@pytest.fixture
def make_chat(server: TestServer, session: ClientSession, stand_in: StandIn) -> Any:
    return lambda user: Chat(server, session, stand_in, f"oTESTS-mini-{user:016}")


@pytest.fixture
def chat(make_chat: Any) -> Chat:
    made: Chat = make_chat(1)
    return made


@pytest.fixture
async def client(settings: Settings, stand_in: StandIn) -> AsyncIterator[AsyncWeChatClient]:
    async with open_official_account(OFFICIAL, stand_in.url, None) as opened:
        yield opened


@pytest.fixture
def work(settings: Settings, vault: Vault, client: AsyncWeChatClient, router: Any) -> Any:
    """Does all jobs that wait."""

    async def load_texts() -> Any:
        return router.content.texts

    async def run() -> None:
        assert settings.database_url is not None
        tools = JobTools(vault, client, local_now, load_texts=load_texts)
        await run_due_jobs(settings.database_url, tools)

    return run


MASKED = f"王*，3715**********{WANG[1][-4:]}"


async def test_one_question_at_a_time(chat: Chat, database_url: str) -> None:
    opening = await chat.say(BEGIN)
    assert opening.splitlines()[-1] == "不想办了，回复“取消”。"
    assert (await chat.say("王素梅")).startswith("请写身份证号")
    told = await chat.say(WANG[1])
    assert MASKED in told and WANG[1] not in told and "王素梅" not in told
    assert len(told.splitlines()) <= 6
    assert (await chat.say("隐私")).startswith("职培通隐私说明（2026-11版）")
    assert (await chat.say("同意")).startswith(f"绑定好了：{MASKED}")
    assert await fetch(database_url, OPEN_TALKS) == []
    (consent,) = await fetch(database_url, "SELECT version, channel FROM consents")
    assert tuple(consent) == ("2026-11", "chat")
    assert (await chat.say(BEGIN)).startswith(f"您已经绑定了：{MASKED}")


@pytest.mark.parametrize(
    "words",
    [
        f"王素梅 {WANG[1]}",
        f"姓名：王素梅，身份证号：{WANG[1]}",
        f"我叫王素梅，身份证{WANG[1]}。",
        f"{WANG[1]}王素梅",
        "王素梅\n" + " ".join((WANG[1][:6], WANG[1][6:14], WANG[1][14:])),
    ],
)
async def test_both_may_come_in_one_message(chat: Chat, words: str) -> None:
    assert MASKED in await chat.say(BEGIN, words)
    assert (await chat.say("好的")).startswith("绑定好了")


async def test_what_is_wrong_is_told_and_the_rest_kept(chat: Chat) -> None:
    wrong = WANG[1][:-1] + ("0" if WANG[1][-1] != "0" else "1")
    told = await chat.say(BEGIN, f"王素梅 {wrong}")
    assert "有一位不对" in told and wrong not in told
    assert "出生年月日" in await chat.say("371502197813160010")
    assert "老的15位" in await chat.say("371502780316902")
    assert "您输了17位" in await chat.say(WANG[1][:-1])
    assert MASKED in await chat.say(WANG[1]), "the name was kept"
    told = await chat.say("重来", "王小二2")
    assert told.startswith("姓名里只有汉字")


async def test_back_and_cancel(chat: Chat, database_url: str) -> None:
    await chat.say(BEGIN, "王素没", WANG[1])
    assert (await chat.say("返回")).startswith("请写身份证号")
    assert (await chat.say("返回")).startswith("请写姓名")
    assert (await chat.say("返回")).startswith("这是第一步，请写姓名")
    assert (await chat.say("王素梅")).startswith("请写身份证号")
    assert MASKED in await chat.say(WANG[1])
    assert "放下" in await chat.say("取消")
    await chat.say(BEGIN, f"王素梅 {WANG[1]}")
    assert (await chat.say("不同意")).startswith("好的，没有绑定")
    assert await fetch(database_url, "SELECT FROM people") == []


async def test_a_question_in_between_is_answered(chat: Chat) -> None:
    await chat.say(BEGIN)
    told = await chat.say("以工代训补贴一个月多少钱")
    assert "500元" in told and told.splitlines()[-1].startswith("接着刚才的实名绑定：请写姓名")
    assert (await chat.say("高建国")).startswith("请写身份证号"), "a name is no question"
    told = await chat.say("企业培训要不要发票")
    assert told.splitlines()[-1].startswith("接着刚才的实名绑定：请写身份证号")
    assert (await chat.say("我没带")).startswith("请写身份证号")


async def test_nothing_of_it_reaches_the_records(
    chat: Chat, database_url: str, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    await chat.say(BEGIN, "王素梅", "37150219781316902", WANG[1], "隐私", "同意", BEGIN)
    await drain(redis)
    rows = await fetch(database_url, "SELECT * FROM inbound_messages")
    assert len(rows) == 7
    assert {(row["outcome"], row["topic"], row["text_sealed"]) for row in rows} == {
        ("dialogue", "", None)
    }
    secrets = ("王素梅", WANG[1], "37150219781316902", chat.openid)
    assert await find_in_the_open(database_url, redis, *secrets) == []
    assert not any(secret in caplog.text for secret in secrets)


async def test_who_is_taken_is_told_the_ways(make_chat: Any, vault: Vault) -> None:
    assert (await make_chat(1).say(BEGIN, f"王素梅 {WANG[1]}", "同意")).startswith("绑定好了")
    thief = make_chat(2)
    told = await thief.say(BEGIN, f"王素梅 {WANG[1]}", "同意")
    assert told.startswith("这个身份证号已经绑在另一个微信上") and "12333" in told
    told = await thief.say(BEGIN, f"王淑梅 {WANG[1]}", "同意")
    assert told.startswith("这个身份证号登记的姓名，和您写的不一样") and "素" not in told
    assert (await thief.say("王素梅", "同意")).startswith("这个身份证号已经绑在另一个")


# --- the two accounts of one user ------------------------------------------------------------


async def test_bound_in_the_mini_program_is_bound_in_chat(
    chat: Chat, make_phone: MakePhone, work: Any, database_url: str
) -> None:
    """While the talk asks for the name, WeChat tells who it is."""
    phone = make_phone(1)
    await phone.log_in()
    await phone.bind(*WANG)
    await chat.say(BEGIN)
    await work()
    assert (await chat.say("王素梅")).startswith(f"您已经绑定了：{MASKED}")
    assert len(await fetch(database_url, "SELECT FROM people")) == 1
    me = await phone.me()
    assert [one["account"] for one in me["accounts"]] == ["mini", "official"]


async def test_bound_in_chat_is_bound_in_the_mini_program(
    chat: Chat, make_phone: MakePhone, work: Any
) -> None:
    phone = make_phone(1)
    await phone.log_in()
    await chat.say(BEGIN)
    await work()
    await chat.say(f"王素梅 {WANG[1]}", "同意")
    assert (await phone.me())["bound"], "a session that is open, too"
    assert [notice["kind"] for notice in (await phone.me())["notices"]] == ["joined"]
    assert (await make_phone(1).log_in()).data["bound"]


async def test_a_new_login_finds_the_one_bound_in_chat(
    chat: Chat, make_phone: MakePhone, work: Any, stand_in: StandIn
) -> None:
    await chat.say(BEGIN)
    await work()
    await chat.say(f"王素梅 {WANG[1]}", "同意")
    assert (await make_phone(1).log_in()).data["bound"]
    await work()
    (told,) = [one for one in stand_in.platform.sent if one["endpoint"].endswith("custom/send")]
    assert "小程序和公众号里都生效" in str(told)


async def test_another_user_who_binds_in_chat_is_found_out(
    make_chat: Any, make_phone: MakePhone, work: Any, stand_in: StandIn
) -> None:
    """WeChat answers only after the binding; then it is undone, and both are told."""
    phone = make_phone(1)
    await phone.log_in()
    await phone.bind(*WANG)
    thief = make_chat(2)
    assert (await thief.say(BEGIN, f"王素梅 {WANG[1]}", "同意")).startswith("绑定好了")
    assert [one["kind"] for one in (await phone.me())["notices"]] == ["bound_elsewhere"]
    await work()
    await work()
    assert [one["account"] for one in (await phone.me())["accounts"]] == ["mini"]
    assert (await thief.say(BEGIN)).startswith("实名绑定要姓名"), "a stranger again"
    sent = [str(one) for one in stand_in.platform.sent]
    assert any("已经解除" in one for one in sent)


async def test_another_user_is_refused_where_wechat_has_said_so(
    make_chat: Any, make_phone: MakePhone, work: Any
) -> None:
    phone = make_phone(1)
    await phone.log_in()
    await phone.bind(*WANG)
    thief = make_chat(2)
    await thief.say(BEGIN)
    await work()
    told = await thief.say(f"王素梅 {WANG[1]}", "同意")
    assert told.startswith("这个身份证号已经绑在另一个微信上")


async def test_who_unfollows_is_forgotten_in_chat_alone(
    chat: Chat, make_phone: MakePhone, work: Any, database_url: str
) -> None:
    phone = make_phone(1)
    await phone.log_in()
    await phone.give_phone(PHONE)
    await phone.bind(*WANG)
    await chat.say(BEGIN)
    await work()
    await chat.event("unsubscribe")
    (row,) = await fetch(database_url, "SELECT account FROM identities")
    assert row["account"] == "mini"
    assert (await phone.me())["bound"]
    assert (await chat.say(BEGIN)).startswith("实名绑定要姓名")


async def test_a_moved_official_identity_is_told_by_message(
    make_chat: Any, work: Any, stand_in: StandIn, vault: Vault, database_url: str
) -> None:
    """Of an identity that has written within 48 hours; the wording is the content's."""
    from tortoise.expressions import Q

    from domain.notices.news import leave_notice
    from domain.people.identities import hold_identities, take_person
    from models.transactions import transaction

    chat = make_chat(1)
    await chat.say(BEGIN, f"李建国 {LI[1]}", "同意")
    async with transaction() as connection:
        (row,) = (await hold_identities(connection, Q(account="official"))).values()
        await take_person(connection, row)
        await leave_notice(connection, row, "moved_away", local_now())
    await work()
    await work()
    assert any("换到了另一个微信" in str(one) for one in stand_in.platform.sent)
    rows = await wait_for_rows(database_url, "SELECT settled_at FROM identity_notices")
    assert rows[0]["settled_at"] is not None
    assert await fetch(database_url, "SELECT FROM late_replies") == []
