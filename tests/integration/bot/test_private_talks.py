"""What is said in a private talk is nobody else's business, and is not kept beside it (law 8)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis

from bot.ledger.contract import BRIEFLY_SECONDS, CLAIM_SECONDS
from bot.talks import TALKS
from domain.calendar import local_now
from domain.faq.routing.router import Router
from domain.messaging import actions
from domain.messaging.dialogues import forget_ended_dialogues
from domain.vault import Vault
from settings import Settings
from tests.integration.bot.conftest import ANSWER, NO_REDIS, QUESTION, Phone, StartServer
from tests.integration.bot.database import OPEN_TALKS, fetch, locked, wait_for_rows
from tests.integration.bot.test_failures import list_records
from tests.integration.bot.test_late_replies import Worker, platform, said, stand_in, worker
from tests.integration.bot.test_privacy import drain, find_in_the_open
from tests.support import make_settings
from tests.talks.grievance import QUESTIONS, Grievance, make_table

__all__ = ["platform", "stand_in", "worker"]

BEGIN = "我要投诉"
WORDS = [BEGIN, "阳光职业学校", "收了五百块还不开课", "匿名", "确认"]

Say = Callable[..., Awaitable[Any]]


@pytest.fixture(autouse=True)
async def grievance(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """The talk is part of the product for this test."""
    monkeypatch.setitem(TALKS, "complaint_new", Grievance())
    await make_table(database_url)


async def list_told(redis: Redis) -> list[tuple[str, str, float | None, bytes]]:
    """Outcome, topic, score and text of the records on the stream."""
    return [(*json.loads(about)[4:], text) for about, text in await list_records(redis)]


NOTHING = ("dialogue", "", None, b"")


async def test_the_records_say_that_there_was_a_message_and_no_more(
    phone: Phone, redis: Redis, database_url: str
) -> None:
    for words in WORDS[:3]:
        await phone.say(words)
    await phone.say(QUESTION)
    await phone.message("image", PicUrl="u", MediaId="m")
    for words in WORDS[3:]:
        await phone.say(words)
    assert await list_told(redis) == [NOTHING] * 7
    await phone.say(QUESTION)
    outcome, topic, _, text = (await list_told(redis))[-1]
    assert (outcome, bool(topic), bool(text)) == ("policy", True, True), "the talk is over"
    await drain(redis)
    rows = await fetch(database_url, "SELECT * FROM inbound_messages WHERE outcome = 'dialogue'")
    assert {(row["topic"], row["score"], row["text_sealed"]) for row in rows} == {("", None, None)}
    # What the action has written is its own; it goes for the search.
    await fetch(database_url, "DELETE FROM grievances")
    assert await find_in_the_open(database_url, redis, *WORDS, "complaint_new") == []


async def test_nor_without_redis(
    start: StartServer, session: ClientSession, database_url: str, tmp_path: Any
) -> None:
    phone = Phone(await start(make_settings(database_url, NO_REDIS, tmp_path)), session)
    for words in WORDS:
        await phone.say(words)
    query = "SELECT * FROM inbound_messages WHERE (SELECT count(*) FROM inbound_messages) = 5"
    rows = await wait_for_rows(database_url, query)
    assert {(row["outcome"], row["text_sealed"]) for row in rows} == {("dialogue", None)}


async def test_what_nobody_can_tell_is_taken_for_private(
    phone: Phone, database_url: str, redis: Redis
) -> None:
    """Redis has lost everything, and PostgreSQL does not answer."""
    await phone.say(BEGIN)
    await redis.flushdb()
    async with locked(database_url, "dialogues"):
        told = await phone.say("学校骗我")
        assert told.text.startswith("这件事现在办不了")
        assert ANSWER in (await phone.say(QUESTION)).text, "answers still come"
    assert [text for *_, text in await list_told(redis)] == [b"", b""]
    assert [outcome for outcome, *_ in await list_told(redis)] == ["failed", "dialogue"]


async def test_a_reply_is_kept_for_ten_minutes_and_a_replay_meets_its_claim(
    phone: Phone, redis: Redis, database_url: str
) -> None:
    message = phone.text(BEGIN)
    first = await phone.send(message)
    (kept,) = [key async for key in redis.scan_iter("zpt:reply:*")]
    assert BRIEFLY_SECONDS - 10 < await redis.ttl(kept) <= BRIEFLY_SECONDS == 600
    claim = kept.replace(b"reply", b"claim")
    assert await redis.get(claim) == b"P"
    assert await redis.ttl(claim) > CLAIM_SECONDS - 10
    assert (await phone.send(message)).xml == first.xml
    await redis.delete(kept)
    assert (await phone.send(message)).xml == "success", "later: nothing, and no second step"
    assert (await phone.say("阳光职业学校")).text == QUESTIONS["story"]


async def test_a_talk_that_has_ended_leaves_nothing_after_ten_minutes(
    phone: Phone, database_url: str
) -> None:
    for words in WORDS:
        await phone.say(words)
    (row,) = await fetch(database_url, "SELECT * FROM dialogues")
    assert (row["name"], row["state_sealed"]) == ("", None)
    assert await forget_ended_dialogues(local_now() + timedelta(minutes=9)) == 0
    assert await forget_ended_dialogues(local_now() + timedelta(minutes=11)) == 1
    assert await fetch(database_url, "SELECT * FROM dialogues") == []


async def test_what_was_said_last_is_forgotten_in_one_that_is_open(
    phone: Phone, database_url: str
) -> None:
    await phone.say(BEGIN)
    assert await forget_ended_dialogues(local_now() + timedelta(minutes=11)) == 0
    (row,) = await fetch(database_url, OPEN_TALKS)
    assert (row["last_reply_sealed"], row["name"]) == (None, "")
    assert await forget_ended_dialogues(local_now() + timedelta(hours=24, minutes=1)) == 1


# --- late -------------------------------------------------------------------------------------


async def test_a_late_answer_goes_when_it_is_sent(
    impatient: None,
    phone: Phone,
    worker: Worker,
    redis: Redis,
    router: Router,
    database_url: str,
    vault: Vault,
    request: pytest.FixtureRequest,
) -> None:
    await phone.say(BEGIN)
    async with locked(database_url, "dialogues"):
        reply = await phone.send(phone.text("阳光职业学校"), platform_url=worker.url)
        assert reply.text == router.content.texts["bot.later"].strip()
        assert (await list_told(redis))[-1] == NOTHING, "already at the promise"
    (row,) = await wait_for_rows(database_url, "SELECT * FROM late_replies")
    assert row["private"]
    await worker.run()
    (told,) = said(request.getfixturevalue("platform"))
    assert told == QUESTIONS["story"]
    assert await fetch(database_url, "SELECT * FROM late_replies") == []


async def test_a_late_answer_goes_when_it_is_dropped(database: str, vault: Vault) -> None:
    async def queue(number: int, *, private: bool) -> None:
        await actions.queue_late_reply(
            vault,
            message_key=number.to_bytes(16),
            sender=b"p" * 16,
            openid="o",
            text="t",
            opened_by="touch",
            opened_at=local_now() - timedelta(minutes=5),
            private=private,
        )

    await queue(1, private=True)
    await queue(2, private=False)
    left = "SELECT * FROM late_replies ORDER BY id"
    first, _ = await fetch(database, left)
    nobody: Any = None  # the channel is closed: nothing is sent
    await actions.send_late_reply(vault, nobody, late_reply_id=first["id"], now=local_now())
    assert [row["private"] for row in await fetch(database, left)] == [False]
    await queue(3, private=True)
    await fetch(database, "DELETE FROM procrastinate_jobs")
    assert await actions.give_up_late_replies(local_now()) == 2
    assert [row["private"] for row in await fetch(database, left)] == [False]


async def test_an_answer_in_a_talk_is_not_swallowed_by_one_to_a_question(
    impatient: None, phone: Phone, database_url: str, router: Router
) -> None:
    """匿名 is an answer here, and a question of policy elsewhere."""
    for words in WORDS[:3]:
        await phone.say(words)
    assert router.route("匿名", local_now().date()).kind == "policy"
    async with locked(database_url, "dialogues"):
        assert (await phone.say("匿名")).text == router.content.texts["bot.later"].strip()
    await wait_for_rows(database_url, "SELECT * FROM late_replies")
    await asyncio.sleep(1.2)
    assert (await phone.say("返回")).text == QUESTIONS["contact"], "it was taken for the answer"


async def test_what_was_answered_early_and_meant_for_a_talk_is_made_good(
    impatient: None,
    phone: Phone,
    second_phone: Phone,
    database_url: str,
    vault: Vault,
) -> None:
    """When the question came no talk was open; the message before it has begun one."""
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        beginning = asyncio.create_task(phone.say(BEGIN))
        await asyncio.sleep(0.1)
        assert ANSWER in (await second_phone.say(QUESTION)).text
    await beginning
    query = "SELECT * FROM late_replies WHERE (SELECT count(*) FROM late_replies) = 2 ORDER BY id"
    rows = await wait_for_rows(database_url, query)
    told = [
        vault.open(row["text_sealed"], actions.LATE_TEXT_PLACE, row["message_key"]).decode()
        for row in rows
    ]
    assert told[0] == QUESTIONS["school"]
    assert told[1].splitlines()[-1] == f"接着刚才的：{QUESTIONS['school']}"


async def test_no_job_carries_anything_of_it(
    impatient: None, phone: Phone, database_url: str, settings: Settings
) -> None:
    await phone.say(BEGIN)
    async with locked(database_url, "dialogues"):
        await phone.say("阳光职业学校")
    (row,) = await wait_for_rows(database_url, "SELECT * FROM late_replies")
    (job,) = await fetch(database_url, "SELECT * FROM procrastinate_jobs")
    assert json.loads(job["args"]) == {"late_reply_id": row["id"]}
