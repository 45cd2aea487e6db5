"""Was it useful: the tap below an answer is kept, counted once a person, and thanked for."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.faq.routing import Router
from domain.messaging.actions import store_records
from domain.messaging.queries import Opinions, count_opinions
from domain.messaging.records import STREAM, InboundRecord
from tests.integration.bot.conftest import ANSWER, QUESTION, UNCLEAR, Phone
from tests.integration.messaging.conftest import OTHER, SENDER, make_record

TAP = re.compile('msgmenucontent=([^"&]+)&msgmenuid=([^"&]+)"')


async def list_outcomes(redis: Redis) -> list[tuple[str, str]]:
    """(outcome, topic) of each record on its way to PostgreSQL, once three are there."""
    async with asyncio.timeout(5):
        while await redis.xlen(STREAM) < 3:
            await asyncio.sleep(0.02)
    entries: Any = await redis.xrange(STREAM)
    about = [json.loads(fields[b"m"]) for _, fields in entries]
    return [(record[4], record[5]) for record in about]


async def test_tap_below_an_answer_is_kept(phone: Phone, router: Router, redis: Redis) -> None:
    reply = await phone.say(QUESTION)
    assert ANSWER in reply.text
    (yes, useful), (no, useless) = TAP.findall(reply.text)
    texts = router.content.texts
    thanked = await phone.say(yes, bizmsgmenuid=useful)
    assert thanked.text == texts["bot.useful"].strip()
    sorry = await phone.say(no, bizmsgmenuid=useless)
    assert sorry.text == texts["bot.useless"].strip()
    assert (await list_outcomes(redis))[-2:] == [
        ("useful", "work-training-amount"),
        ("useless", "work-training-amount"),
    ]


async def test_tap_on_what_is_no_longer_there(phone: Phone, router: Router) -> None:
    reply = await phone.say("有用", bizmsgmenuid="useful:never-was")
    assert reply.text == router.content.texts["bot.gone"].strip()


async def test_options_of_a_question_back_are_taps(phone: Phone, router: Router) -> None:
    reply = await phone.say(UNCLEAR)
    taps = TAP.findall(reply.text)
    assert 2 <= len(taps) <= 3
    for title, target in taps:
        assert target.startswith(("entry:", "intent:"))
        chosen = await phone.say(title, bizmsgmenuid=target)
        assert chosen.text not in (reply.text, router.content.texts["bot.gone"].strip())


@pytest.mark.usefixtures("database")
async def test_last_tap_of_a_person_counts() -> None:
    def tap(number: int, outcome: str, topic: str, sender: bytes = SENDER) -> InboundRecord:
        return make_record(number, outcome=outcome, topic=topic, sender=sender)

    await store_records(
        [
            tap(1, "useless", "a"),
            tap(2, "useful", "a"),
            tap(3, "useful", "a", OTHER),
            tap(4, "useless", "b"),
            tap(5, "policy", "a"),
        ]
    )
    since = make_record(0).received_at
    assert await count_opinions(since) == {"a": Opinions(2, 0), "b": Opinions(0, 1)}
    assert await count_opinions(since + timedelta(seconds=3)) == {"b": Opinions(0, 1)}
