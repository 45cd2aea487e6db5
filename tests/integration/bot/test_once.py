"""A message is handled once, one person's messages in order, and always answered."""

import asyncio
import time
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot.ledger.in_redis import RedisLedger
from bot.wire.inbound import Inbound
from bot.wire.xml import read_xml
from domain.calendar import local_now
from domain.faq.routing.router import Router
from domain.messaging.dialogues import HeldDialogue
from domain.messaging.records import InboundRecord
from domain.vault import Vault
from sandbox.callback.messages import render_xml
from settings import Settings
from tests.integration.bot.conftest import (
    ANSWER,
    OPENID,
    OTHER_OPENID,
    QUESTION,
    UNCLEAR,
    Phone,
    StartServer,
    first_option,
    list_redis,
)
from tests.integration.bot.database import fetch, locked
from tests.integration.bot.test_failures import failing


async def test_werobot_167_a_retry_gets_the_very_same_reply(phone: Phone, redis: Redis) -> None:
    message = phone.text(QUESTION)
    first = await phone.send(message)
    await asyncio.sleep(1.1)  # into another second, which must not show
    again = await phone.send(message)
    assert again.xml == first.xml
    assert ANSWER in first.text
    assert await redis.xlen("zpt:inbound") == 1, "it is recorded once"


async def test_wxjava_239_a_retry_that_reaches_another_process(
    phone: Phone, second_phone: Phone, redis: Redis
) -> None:
    for text in (QUESTION, UNCLEAR):
        message = phone.text(text)
        first = await phone.send(message)
        assert (await second_phone.send(message)).xml == first.xml
    assert await redis.xlen("zpt:inbound") == 2


async def test_wxjava_333_both_people_get_their_own_answer(
    phone: Phone, server: TestServer, session: ClientSession
) -> None:
    other = Phone(server, session, OTHER_OPENID)
    mine = await phone.say(QUESTION, MsgId=42)
    theirs = await other.say("你好", MsgId=42)
    assert ANSWER in mine.text
    assert ANSWER not in theirs.text
    assert theirs.fields["ToUserName"] == OTHER_OPENID


async def test_werobot_519_while_the_first_is_at_work_the_retries_wait_for_it(
    phone: Phone, second_phone: Phone, database_url: str, redis: Redis
) -> None:
    await phone.say(QUESTION)
    message = phone.text(UNCLEAR)
    async with locked(database_url, "dialogues"):
        sending = [
            asyncio.create_task(one.send(message)) for one in (phone, second_phone, second_phone)
        ]
        await asyncio.sleep(0.4)
        assert not any(task.done() for task in sending)
    replies = await asyncio.gather(*sending)
    assert len({reply.xml for reply in replies}) == 1
    assert replies[0].text.count("\n") >= 2, "the options"
    assert await redis.xlen("zpt:inbound") == 2
    assert len(await fetch(database_url, "SELECT * FROM dialogues")) == 1


async def test_a_replay_within_the_time_window_is_answered_from_the_ledger(
    phone: Phone, redis: Redis
) -> None:
    """The very same bytes again, signature and all: allowed by the clock, handled by nobody."""
    message = phone.text(UNCLEAR)
    first = await phone.send(message, nonce="77", timestamp=int(time.time()))
    again = await phone.send(message, nonce="77", timestamp=int(time.time()))
    assert first.xml == again.xml
    assert await redis.xlen("zpt:inbound") == 1


async def test_messages_of_one_person_in_order(
    phone: Phone, second_phone: Phone, database_url: str
) -> None:
    """The choice is sent before the options have been offered; it waits for them."""
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        asking = asyncio.create_task(phone.say(UNCLEAR))
        await asyncio.sleep(0.1)
        choosing = asyncio.create_task(second_phone.say("1"))
        await asyncio.sleep(0.1)
        third = asyncio.create_task(phone.say("1"))
        await asyncio.sleep(0.3)
        assert not (asking.done() or choosing.done() or third.done())
    options, chosen, late = await asyncio.gather(asking, choosing, third)
    first_title = first_option(options.text)
    direct = await phone.say(first_title)
    assert chosen.text == direct.text
    assert late.text != chosen.text, "the dialogue was over by then"


async def test_another_person_does_not_wait(
    phone: Phone, server: TestServer, session: ClientSession, database_url: str
) -> None:
    await phone.say(QUESTION)
    other = Phone(server, session, OTHER_OPENID)
    async with locked(database_url, "dialogues"):
        asking = asyncio.create_task(phone.say(UNCLEAR))
        also_asking = asyncio.create_task(other.say(UNCLEAR))
        await asyncio.sleep(0.1)
        began = time.perf_counter()
        third = Phone(server, session, "oTESTS-third-person-000000003")
        assert ANSWER in (await third.say(QUESTION)).text
        assert time.perf_counter() - began < 0.7
    replies = await asyncio.gather(asking, also_asking)
    assert replies[0].text == replies[1].text


def make_record(vault: Vault, sender: bytes, message: dict[str, Any]) -> InboundRecord:
    inbound = Inbound(read_xml(render_xml(message).encode()))
    key = vault.index(inbound.identity(), "message")
    return InboundRecord(key, sender, local_now(), "text", "clarify", "", None, b"")


async def test_when_a_process_dies_its_lease_expires_and_the_next_message_goes_on(
    phone: Phone, redis: Redis, vault: Vault, sender: bytes
) -> None:
    await phone.say(QUESTION)
    dead = phone.text(UNCLEAR)
    ledger = RedisLedger(redis)
    record = make_record(vault, sender, dead)
    key = record.key
    assert (await ledger.open(key, sender, b"", record)).verdict == "queued"
    assert await ledger.take_turn(key, sender) is not None
    # Nobody renews it from here on: what is left of the three seconds is cut short.
    assert 2000 < await redis.pttl(f"zpt:lease:{key.hex()}") <= 3000
    sending = asyncio.create_task(phone.say(QUESTION))
    await asyncio.sleep(0.2)
    assert not sending.done(), "as long as the lease runs, the order holds"
    await redis.pexpire(f"zpt:lease:{key.hex()}", 100)
    began = time.perf_counter()
    assert ANSWER in (await sending).text
    assert time.perf_counter() - began < 0.5
    # WeChat sends the dead one again: somebody takes it over.
    reply = await phone.send(dead)
    assert "1" in reply.text
    assert (await phone.send(dead)).xml == reply.xml


async def test_a_retry_takes_over_from_a_dead_process(
    phone: Phone, redis: Redis, vault: Vault, sender: bytes
) -> None:
    await phone.say(QUESTION)
    dead = phone.text(UNCLEAR)
    record = make_record(vault, sender, dead)
    await RedisLedger(redis).open(record.key, sender, b"", record)
    await redis.pexpire(f"zpt:lease:{record.key.hex()}", 200)
    first, second = await asyncio.gather(phone.send(dead), phone.send(dead))
    assert first.xml == second.xml
    assert "\n" in first.text


async def test_a_retry_right_after_the_death_of_its_process_is_not_met_with_silence(
    phone: Phone, redis: Redis, vault: Vault, sender: bytes
) -> None:
    """A load balancer sends it to the next process at once: the whole lease is still to run, and
    silence would tell WeChat that the message is done."""
    await phone.say(QUESTION)
    dead = phone.text(UNCLEAR)
    record = make_record(vault, sender, dead)
    await RedisLedger(redis).open(record.key, sender, b"", record)
    assert "回复数字" in (await phone.send(dead, patience=30)).text


async def test_a_failure_nobody_thought_of_is_said_and_blocks_nobody(
    phone: Phone, router: Router, monkeypatch: pytest.MonkeyPatch, redis: Redis
) -> None:
    await phone.say(UNCLEAR)
    with monkeypatch.context() as patch:
        patch.setattr(HeldDialogue, "end", failing(ZeroDivisionError()))
        broken = await phone.say("1")
    assert broken.text == router.content.texts["bot.unavailable"].strip()
    assert not [key for key in await list_redis(redis) if b"lease" in key or b"queue" in key]
    began = time.perf_counter()
    assert (await phone.say("1")).text not in ("", broken.text)
    assert time.perf_counter() - began < 0.5, "the next message does not wait for a lease"


async def test_nothing_is_left_in_the_queue(phone: Phone, redis: Redis) -> None:
    for text in (QUESTION, UNCLEAR, "1", "取消"):
        await phone.say(text)
    await phone.event("subscribe", EventKey="")
    kept = await list_redis(redis)
    assert not [key for key in kept if b"lease" in key or b"queue" in key or b"dialogue:" in key]
    for key in kept:
        if key not in (b"zpt:inbound", b"zpt:dialogues-loaded"):
            assert 0 < await redis.ttl(key) <= 1260, key


async def test_the_sender_of_many_messages_at_once(
    phone: Phone, second_phone: Phone, redis: Redis
) -> None:
    """Thirty messages at once through two applications: each answered once, in some order."""
    texts = [QUESTION, UNCLEAR, "1"] * 10
    phones = [phone, second_phone] * 15
    replies = await asyncio.gather(
        *(one.say(text) for one, text in zip(phones, texts, strict=True))
    )
    assert all(reply.kind == "text" for reply in replies)
    assert await redis.xlen("zpt:inbound") == 30


async def test_followers_from_two_processes_at_once(
    start: StartServer, settings: Settings, session: ClientSession, database_url: str
) -> None:
    phones = [Phone(await start(settings), session) for _ in range(2)]
    replies = await asyncio.gather(
        *(phones[n % 2].event("subscribe", EventKey=f"qrscene_{n}") for n in range(8))
    )
    assert all(reply.kind == "text" for reply in replies)
    rows = await fetch(database_url, "SELECT * FROM followers")
    assert len(rows) == 1
    assert OPENID.encode() not in rows[0]["openid_sealed"]
