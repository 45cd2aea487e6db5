"""Waiting for one's turn: not too busily, not in too long a queue, and not for ever."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.ledger.contract import MOST_WAITING
from bot.ledger.in_redis import RedisLedger
from domain.calendar import local_now
from domain.faq.routing.router import Router
from domain.messaging.records import InboundRecord
from tests.integration.bot.conftest import QUESTION, UNCLEAR, Phone
from tests.integration.bot.database import locked


async def list_outcomes(redis: Redis) -> list[str]:
    entries: Any = await redis.xrange("zpt:inbound")
    return [json.loads(fields[b"m"])[4] for _, fields in entries]


async def test_only_so_many_messages_of_one_person_wait(
    phone: Phone, redis: Redis, router: Router, database_url: str
) -> None:
    slow_down = router.content.texts["bot.slow_down"].strip()
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        first = asyncio.create_task(phone.say(UNCLEAR))
        await asyncio.sleep(0.2)
        messages = [phone.text(QUESTION) for _ in range(MOST_WAITING + 4)]
        waiting = [asyncio.create_task(phone.send(message)) for message in messages]
        await asyncio.sleep(0.7)
        told = [task.result() for task in waiting if task.done()]
        assert [reply.text for reply in told] == [slow_down] * 5
        refused = next(m for m, task in zip(messages, waiting, strict=True) if task.done())
        assert (await phone.send(refused)).xml in [reply.xml for reply in told], "a retry"
        assert (await phone.event("unsubscribe")).xml == "success", "nobody is told"
    await asyncio.gather(first, *waiting)
    outcomes = Counter(await list_outcomes(redis))
    assert outcomes["slow_down"] == 6, "recorded, once"
    assert outcomes.total() == 2 + MOST_WAITING + 4 + 1


async def test_the_dead_do_not_shut_anybody_out(redis: Redis, sender: bytes) -> None:
    ledger = RedisLedger(redis)
    await redis.set("zpt:dialogues-loaded", "1")

    async def open_one(number: int) -> str:
        key = number.to_bytes(16)
        record = InboundRecord(key, sender, local_now(), "text", "clarify", "", None, b"")
        return (await ledger.open(key, sender, b"", record)).verdict

    verdicts = [await open_one(number) for number in range(MOST_WAITING + 1)]
    assert verdicts == ["queued"] * MOST_WAITING + ["full"]
    assert await open_one(3) == "working", "one of those is no newcomer"
    # A process dies with two of them.
    await redis.delete(*(f"zpt:lease:{number.to_bytes(16).hex()}" for number in (0, 7)))
    assert [await open_one(number) for number in (50, 51, 52)] == ["queued", "queued", "full"]


async def test_a_turn_that_never_comes_is_a_failure(
    phone: Phone,
    redis: Redis,
    router: Router,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.handling.turn.TURN_SECONDS", 0.4)
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        first = asyncio.create_task(phone.say(UNCLEAR))
        await asyncio.sleep(0.1)
        second = await phone.say(QUESTION)
        assert second.text == router.content.texts["bot.unavailable_private"].strip()
        assert await list_outcomes(redis) == ["policy", "failed"]
    assert "\n" in (await first).text
    assert not [key async for key in redis.scan_iter("zpt:queue:*")]


async def test_who_waits_asks_less_and_less_often(
    phone: Phone, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    take_turn = RedisLedger.take_turn

    async def count(ledger: RedisLedger, key: bytes, sender: bytes) -> Any:
        asked.append(key)
        return await take_turn(ledger, key, sender)

    monkeypatch.setattr(RedisLedger, "take_turn", count)
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        first = asyncio.create_task(phone.say(UNCLEAR))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(phone.say(QUESTION))
        await asyncio.sleep(1.2)
        assert 5 <= Counter(asked)[asked[-1]] <= 9, "0, 30, 90, 210, 450, 700, 950 ms"
    await asyncio.gather(first, second)


async def test_a_policy_question_is_answered_when_its_turn_does_not_come(
    impatient: None, phone: Phone, redis: Redis, database_url: str
) -> None:
    """The answer is known; only whether a dialogue is open is not. Nobody is promised it later."""
    expected = (await phone.say(QUESTION)).text
    async with locked(database_url, "dialogues"):
        first = asyncio.create_task(phone.say(UNCLEAR))
        await asyncio.sleep(0.1)
        message = phone.text(QUESTION)
        reply = await phone.send(message)
        assert reply.text == expected
        assert (await phone.send(message)).xml == reply.xml
    await first
    await asyncio.sleep(0.5)
    # What stands before it may begin a private talk, so nothing of its words is recorded.
    assert sorted(await list_outcomes(redis)) == ["clarify", "dialogue", "policy"]
    assert (await phone.send(message)).xml == reply.xml, "also after its turn has come"
