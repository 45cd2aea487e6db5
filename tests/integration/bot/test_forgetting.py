"""A farewell reaches what lies elsewhere: in another process, on the disk, in a copy."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis

from bot.records.spool import claim_spool_files
from tests.integration.bot.conftest import (
    NO_DATABASE,
    NO_REDIS,
    QUESTION,
    UNCLEAR,
    Phone,
    StartServer,
    first_option,
    list_redis,
)
from tests.integration.bot.database import fetch, list_values, locked, wait_for_rows
from tests.integration.bot.test_privacy import SECRET, drain
from tests.support import make_settings


async def find_traces(database_url: str, sender: bytes) -> list[str]:
    """The columns that lead to `sender`, and those that hold what anybody said."""
    everywhere = await list_values(database_url)
    leads = [name for name, values in everywhere.items() if sender in values]
    texts = await fetch(database_url, "SELECT FROM inbound_messages WHERE text_sealed IS NOT NULL")
    return [*leads, *("text_sealed" for _ in texts)]


@pytest.mark.parametrize("through_redis", [True, False], ids=["through redis", "past redis"])
async def test_words_of_before_a_farewell_that_come_from_a_spool_file(
    start: StartServer,
    session: ClientSession,
    database_url: str,
    redis_url: str,
    redis: Redis,
    tmp_path: Path,
    sender: bytes,
    through_redis: bool,
) -> None:
    """Everything was away from the first process; the second took the farewell; the third finds
    what the first has left on the disk."""
    first = await start(make_settings(NO_DATABASE, NO_REDIS, tmp_path / "first"))
    phone = Phone(first, session)
    await phone.event("subscribe", EventKey="qrscene_1")
    await phone.say(SECRET)
    await phone.say(UNCLEAR)
    await first.close()
    spool = tmp_path / "first" / "spool"
    assert len(list(spool.iterdir())) == 1
    second = await start(make_settings(database_url, NO_REDIS, tmp_path / "second"))
    await Phone(second, session).event("unsubscribe")
    await second.close()
    assert await find_traces(database_url, sender) == ["forgotten.person"]
    third_redis = redis_url if through_redis else NO_REDIS
    third = await start(make_settings(database_url, third_redis, tmp_path / "first"))
    async with asyncio.timeout(20):
        while list(spool.iterdir()):
            await asyncio.sleep(0.05)
    if through_redis:
        await drain(redis)
    count = "SELECT FROM inbound_messages HAVING count(*) = 4"
    await wait_for_rows(database_url, count, seconds=20)
    assert await find_traces(database_url, sender) == ["forgotten.person"]
    for table in ("followers", "dialogues", "late_replies"):
        assert await fetch(database_url, f"SELECT FROM {table}") == [], table
    assert not [key for key in await list_redis(redis) if sender.hex().encode() in key]
    # Who comes back begins anew.
    phone = Phone(third, session)
    await phone.event("subscribe", EventKey="")
    await phone.say(QUESTION)
    if through_redis:
        await drain(redis)
    await wait_for_rows(database_url, count.replace("4", "6"), seconds=20)
    assert len(await fetch(database_url, "SELECT FROM followers")) == 1
    mine = "SELECT kind FROM inbound_messages WHERE person = $1 ORDER BY received_at"
    kinds = [row["kind"] for row in await fetch(database_url, mine, sender)]
    assert kinds == ["event.subscribe", "text"]


async def test_words_that_another_process_still_holds(
    start: StartServer,
    session: ClientSession,
    database_url: str,
    tmp_path: Path,
    sender: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Redis is away. The process that takes the farewell stores it first."""
    monkeypatch.setattr("bot.records.buffer._EVERY_SECONDS", 3600.0)
    slow = await start(make_settings(database_url, NO_REDIS, tmp_path / "slow"))
    await Phone(slow, session).say(SECRET)
    monkeypatch.setattr("bot.records.buffer._EVERY_SECONDS", 0.05)
    quick = await start(make_settings(database_url, NO_REDIS, tmp_path / "quick"))
    await Phone(quick, session).event("unsubscribe")
    await wait_for_rows(database_url, "SELECT FROM inbound_messages", seconds=20)
    await slow.close()
    assert len(await fetch(database_url, "SELECT FROM inbound_messages")) == 2
    assert not claim_spool_files(tmp_path / "slow" / "spool")
    assert await find_traces(database_url, sender) == ["forgotten.person"]


async def test_a_dialogue_is_over_though_postgres_could_not_forget_it(
    phone: Phone, database_url: str
) -> None:
    """The row is deleted behind the record; until then the copy in Redis says that none is open."""
    options = await phone.say(UNCLEAR)
    async with locked(database_url, "forgotten"):
        assert (await phone.event("unsubscribe")).xml == "success"
    assert len(await fetch(database_url, "SELECT FROM dialogues")) == 1
    await asyncio.sleep(1.1)
    chosen = await phone.say("1")
    assert chosen.text != (await phone.say(first_option(options.text))).text
