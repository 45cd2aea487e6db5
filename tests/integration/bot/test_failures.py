"""What was promised is kept, and a failure is told as one: nothing is lost behind a kind word."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
import structlog.testing
from aiohttp import ClientSession
from redis.asyncio import Redis
from tortoise.connection import get_connection

from bot.inbox import Inbox
from bot.talks.clarify import Clarify
from bot.taps import word_routing
from domain.calendar import local_now
from domain.errors import DomainError
from domain.faq.routing.router import Router
from domain.messaging import actions
from domain.messaging.dialogues import HeldDialogue
from domain.vault import Vault
from models.availability import Database, DatabaseAway
from observing.metrics import Metrics
from settings import Settings
from tests.integration.bot.conftest import (
    ANSWER,
    QUESTION,
    UNCLEAR,
    Phone,
    StartServer,
    list_redis,
)
from tests.integration.bot.database import OPEN_TALKS, fetch, locked, wait_for_rows


@pytest.fixture
def texts(router: Router) -> dict[str, str]:
    """What the bot says, as it reaches a phone."""
    return {key: text.strip() for key, text in router.content.texts.items()}


def failing(error: Exception, after: float = 0.0) -> Callable[..., Awaitable[Any]]:
    """An action that fails."""

    async def fail(*_: Any, **__: Any) -> None:
        await asyncio.sleep(after)
        raise error

    return fail


def count_alarms(metrics: Metrics) -> float:
    labels = {"door": "bot"}
    return metrics.registry.get_sample_value("zpt_unexpected_errors_total", labels) or 0


async def list_outcomes(redis: Redis) -> list[str]:
    """What the records on the stream say has become of the messages."""
    return [json.loads(about)[4] for about, _ in await list_records(redis)]


async def list_records(redis: Redis) -> list[tuple[bytes, bytes]]:
    """The records on the stream: what is about the message, and its sealed text."""
    # redis-py's types cover both protocols and both kinds of text; ours is one of each.
    entries: Any = await redis.xrange("zpt:inbound")
    return [(fields[b"m"], fields[b"x"]) for _, fields in entries]


async def read_late(database_url: str, vault: Vault) -> str:
    """The one late answer."""
    (row,) = await wait_for_rows(database_url, "SELECT * FROM late_replies", seconds=8)
    return vault.open(row["text_sealed"], actions.LATE_TEXT_PLACE, row["message_key"]).decode()


# --- a promise ----------------------------------------------------------------------------


@pytest.mark.parametrize("fails", [False, True])
async def test_a_promise_that_redis_did_not_take_is_known_to_other_processes(
    fails: bool,
    impatient: None,
    phone: Phone,
    second_phone: Phone,
    redis: Redis,
    database_url: str,
    texts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Redis hangs when the promise is made, and is back when the answer is there."""
    await phone.say(QUESTION)
    await second_phone.say(QUESTION)
    message = phone.text(UNCLEAR)
    if fails:
        monkeypatch.setattr(HeldDialogue, "keep", failing(RuntimeError("a fault of ours")))
    async with locked(database_url, "dialogues"):
        sending = asyncio.create_task(phone.send(message))
        await asyncio.sleep(0.3)
        # What is asked now is not asked any more when it goes on: its asker has hung up.
        await redis.client_pause(800)
        reply = await sending
        assert reply.text == texts["bot.later"]
        await asyncio.sleep(0.4)
        (claim,) = [
            name async for name in redis.scan_iter("zpt:claim:*") if await redis.get(name) == b"W"
        ]
    async with asyncio.timeout(5):
        while await redis.exists(claim.replace(b"claim", b"lease")):
            await asyncio.sleep(0.05)
    monkeypatch.undo()
    assert (await second_phone.send(message)).xml == reply.xml
    assert (await phone.send(message)).xml == reply.xml


async def test_a_promise_puts_the_record_away_before_anything_else(
    impatient: None, phone: Phone, redis: Redis, database_url: str, texts: dict[str, str]
) -> None:
    """The process may be killed at any moment from here on."""
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        assert (await phone.say(UNCLEAR)).text == texts["bot.later"]
        assert await list_outcomes(redis) == ["policy", "clarify"]
    await wait_for_rows(database_url, "SELECT * FROM late_replies")
    await asyncio.sleep(0.1)
    assert await redis.xlen("zpt:inbound") == 2, "recorded once"


async def test_a_failure_after_the_promise_is_told(
    impatient: None,
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    redis: Redis,
    database_url: str,
    vault: Vault,
    texts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics = Metrics()
    phone = Phone(await start(settings, metrics=metrics), session)
    await phone.say(QUESTION)
    monkeypatch.setattr(HeldDialogue, "keep", failing(ZeroDivisionError(), after=0.9))
    assert (await phone.say(UNCLEAR)).text == texts["bot.later"]
    assert (await read_late(database_url, vault)).strip() == texts["bot.unavailable"]
    assert await redis.xlen("zpt:inbound") == 2
    assert count_alarms(metrics) == 1


async def test_who_is_given_up_at_the_end_is_told(
    impatient: None,
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    redis: Redis,
    database_url: str,
    vault: Vault,
    texts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given up while it still waits for PostgreSQL, as it is after 4.5 s.
    monkeypatch.setattr(Inbox.close, "__defaults__", (0.4,))
    server = await start(settings)
    phone = Phone(server, session)
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        assert (await phone.say(UNCLEAR)).text == texts["bot.later"]
        began = time.perf_counter()
        await server.close()
        assert time.perf_counter() - began < 2.5, "web.serving leaves no more"
    assert (await read_late(database_url, vault)).strip() == texts["bot.unavailable"]
    assert await redis.xlen("zpt:inbound") == 2


async def test_a_late_answer_waits_for_postgres_and_holds_up_nobody(
    impatient: None,
    phone: Phone,
    router: Router,
    redis: Redis,
    database_url: str,
    vault: Vault,
    texts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.handling.late.PAUSES", (0.1,) * 40)
    await phone.say(QUESTION)
    async with locked(database_url, "late_replies"), locked(database_url, "dialogues"):
        assert (await phone.say(UNCLEAR)).text == texts["bot.later"]
        await asyncio.sleep(2.2)
        assert await fetch(database_url, "SELECT 1 FROM pg_locks WHERE NOT granted"), "it tries"
        held = [key for key in await list_redis(redis) if b"lease" in key or b"queue" in key]
        assert held == [], "its turn is over meanwhile"
    late = await read_late(database_url, vault)
    assert late == word_routing(router.route(UNCLEAR, local_now().date()), router.content.texts)


@pytest.mark.parametrize(
    ("pauses", "reason"), [((0.05,), "database_away"), ((60.0,), "process_stopped")]
)
async def test_a_late_answer_that_postgres_never_takes_is_an_error(
    pauses: tuple[float, ...],
    reason: str,
    impatient: None,
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    database_url: str,
    texts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.handling.late.PAUSES", pauses)
    server = await start(settings)
    phone = Phone(server, session)
    await phone.say(QUESTION)
    async with locked(database_url, "late_replies"), locked(database_url, "dialogues"):
        with structlog.testing.capture_logs() as logs:
            assert (await phone.say(UNCLEAR)).text == texts["bot.later"]
            await asyncio.sleep(3.4)
            await server.close()
    lost = [line for line in logs if line["event"] == "late_reply_lost"]
    assert [(line["log_level"], line["reason"]) for line in lost] == [("error", reason)]
    assert await fetch(database_url, "SELECT * FROM late_replies") == []


# --- a failure ----------------------------------------------------------------------------


async def test_what_a_failed_message_said_is_kept(
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    redis: Redis,
    texts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ "您发的话我们收到了，没有丢" is true."""
    metrics = Metrics()
    phone = Phone(await start(settings, metrics=metrics), session)
    await phone.say(QUESTION)
    monkeypatch.setattr(HeldDialogue, "keep", failing(KeyError("a fault of ours")))
    with structlog.testing.capture_logs() as logs:
        assert (await phone.say(UNCLEAR)).text == texts["bot.unavailable"]
    assert await list_outcomes(redis) == ["policy", "failed"]
    assert all(text for _, text in await list_records(redis)), "with its text"
    (line,) = [line for line in logs if line["event"] == "message_failed"]
    assert isinstance(line["exc_info"], KeyError), "with its place"
    assert count_alarms(metrics) == 1
    assert not [line for line in logs if line["event"] == "database_away"]
    labels = {"type": "text", "outcome": "failed"}
    assert metrics.registry.get_sample_value("zpt_bot_messages_total", labels) == 1


async def test_a_dialogue_that_breaks_ends_and_the_words_are_answered(
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    redis: Redis,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics = Metrics()
    phone = Phone(await start(settings, metrics=metrics), session)
    await phone.say(UNCLEAR)
    with monkeypatch.context() as patch:
        patch.setattr(Clarify, "step", failing(ZeroDivisionError()))
        assert ANSWER in (await phone.say(QUESTION)).text
    assert count_alarms(metrics) == 1
    assert await fetch(database_url, OPEN_TALKS) == []
    assert not [key async for key in redis.scan_iter("zpt:dialogue:*")]
    assert (await list_outcomes(redis))[-1] == "policy"


async def test_a_state_that_no_version_wrote_breaks_nothing(
    phone: Phone, redis: Redis, database_url: str, vault: Vault, sender: bytes
) -> None:
    for state in (b"7", b"{", b'{"dialogue": "clarify"}', b"[]"):
        await phone.say(UNCLEAR)
        await redis.flushdb()
        sealed = vault.seal(state, b"dialogues.state", sender)
        await fetch(database_url, "UPDATE dialogues SET state_sealed = $1", sealed)
        assert ANSWER in (await phone.say(QUESTION)).text
        assert await fetch(database_url, OPEN_TALKS) == []


@pytest.mark.parametrize("code", ["slow_down", "too_large"])
async def test_a_refusal_is_told_in_this_doors_words(
    code: str,
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    redis: Redis,
    texts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics = Metrics()
    phone = Phone(await start(settings, metrics=metrics), session)
    monkeypatch.setattr(actions, "remember_follower", failing(DomainError(code, retry_after=3)))
    reply = await phone.event("subscribe", EventKey="")
    assert reply.text == texts.get(f"bot.errors.{code}", texts[f"errors.{code}.detail"])
    assert await list_outcomes(redis) == ["refused"]
    assert count_alarms(metrics) == 0


@pytest.mark.parametrize("code", ["no_such_code", "unexpected", "fields"])
async def test_a_refusal_that_no_table_knows_is_a_failure(
    code: str,
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    redis: Redis,
    texts: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics = Metrics()
    phone = Phone(await start(settings, metrics=metrics), session)
    monkeypatch.setattr(actions, "remember_follower", failing(DomainError(code)))
    reply = await phone.event("subscribe", EventKey="")
    assert reply.text == texts["bot.unavailable"]
    assert await list_outcomes(redis) == ["failed"]
    assert count_alarms(metrics) == 1


async def test_a_connection_that_is_cut_means_away(database: str) -> None:
    door = Database()
    for query in ("SELECT pg_sleep(5)", "SELECT pg_terminate_backend(pg_backend_pid())"):
        asking = asyncio.create_task(
            door.ask(get_connection("default").execute_query(query), also_when_away=True)
        )
        await asyncio.sleep(0.2)
        other = await asyncpg.connect(database)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await other.close()
        with pytest.raises(DatabaseAway):
            await asking
        assert door.is_away
    assert await ask_until_answered(door) == 1
    assert not door.is_away


async def ask_until_answered(door: Database) -> int:
    """Ask again while the pool still hands out connections that were cut, 3 s at most.

    The server has ended all of them; the driver learns it of an idle one only when it next reads.
    """
    async with asyncio.timeout(3.0):
        while True:
            query = get_connection("default").execute_query("SELECT 1")
            with contextlib.suppress(DatabaseAway):
                rows: int = (await door.ask(query, also_when_away=True))[0]
                return rows
            await asyncio.sleep(0.05)
