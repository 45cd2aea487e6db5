"""One action that is slow, or whose file store fails, is no outage for anybody else."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import structlog.testing
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from domain.messaging import actions
from observing.metrics import Metrics
from settings import Settings
from tests.integration.bot.conftest import (
    OPENID,
    OTHER_OPENID,
    QUESTION,
    UNCLEAR,
    Phone,
    StartServer,
)
from tests.integration.bot.database import OPEN_TALKS, fetch, locked, wait_for_rows
from tests.integration.bot.test_failures import count_alarms, failing


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


def events(logs: list[Any]) -> set[str]:
    return {line["event"] for line in logs if line["event"].startswith("database")}


async def test_who_waits_for_a_lock_takes_postgres_from_nobody(
    phone: Phone, server: TestServer, session: ClientSession, database_url: str, logs: list[Any]
) -> None:
    """A's action waits for its table; B's choice meanwhile is understood and written down."""
    other = Phone(server, session, OTHER_OPENID)
    options = await other.say(UNCLEAR)
    assert len(await fetch(database_url, "SELECT 1 FROM dialogues")) == 1
    async with locked(database_url, "followers"):
        following = asyncio.create_task(phone.event("subscribe", EventKey=""))
        async with asyncio.timeout(5):
            while "database_slow" not in events(logs):
                await asyncio.sleep(0.05)
        chosen = await other.say("1")
        assert chosen.text != options.text
        assert await fetch(database_url, OPEN_TALKS) == [], "it has ended"
        assert (await following).kind == "text", "A reads the welcome all the same"
    assert events(logs) == {"database_slow"}


async def test_a_message_waits_for_one_slow_question(
    phone: Phone, session: ClientSession, database_url: str, logs: list[Any]
) -> None:
    """The state cannot be read; writing that the talk is over is not tried after that."""
    await phone.say(UNCLEAR)
    async with locked(database_url, "dialogues"):
        await phone.say(QUESTION)
    assert [line["event"] for line in logs].count("database_slow") == 1


@pytest.mark.parametrize("error", [PermissionError(13, "a file"), TimeoutError("a file store")])
async def test_a_file_store_that_fails_is_a_fault_and_no_outage(
    error: Exception,
    start: StartServer,
    settings: Settings,
    session: ClientSession,
    database_url: str,
    logs: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics = Metrics()
    server = await start(settings, metrics=metrics)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "remember_follower", failing(error))
        await Phone(server, session, OPENID).event("subscribe", EventKey="")
    assert count_alarms(metrics) == 1
    assert events(logs) == set()
    await Phone(server, session, OTHER_OPENID).say(UNCLEAR)
    await wait_for_rows(database_url, "SELECT 1 FROM dialogues")


async def test_a_pool_that_is_all_taken_is_there_again(
    phone: Phone, server: TestServer, session: ClientSession, database_url: str
) -> None:
    """More people at the lock than there are connections; all are given back."""
    await phone.say(QUESTION)
    people = [Phone(server, session, f"oTESTS-person-{n:015}") for n in range(8)]
    async with locked(database_url, "followers"):
        replies = await asyncio.gather(*(one.event("subscribe", EventKey="") for one in people))
        assert {reply.kind for reply in replies} == {"text"}
    async with asyncio.timeout(10):
        while not await fetch(database_url, "SELECT 1 FROM followers"):
            await phone.event("subscribe", EventKey="")
