"""With Redis, PostgreSQL or both away, policy answers still come, and nothing is lost."""

import asyncio
import time
from pathlib import Path

from aiohttp import ClientSession
from redis.asyncio import Redis

from domain.faq.routing.router import Router
from models.database import open_database
from scripts.embedded.services import EmbeddedServices
from settings import Settings
from tests.integration.bot.conftest import (
    ANSWER,
    NO_DATABASE,
    NO_REDIS,
    OTHER_OPENID,
    QUESTION,
    UNCLEAR,
    Freezer,
    Phone,
    StartServer,
    first_option,
)
from tests.integration.bot.database import fetch, locked, wait_for_rows
from tests.integration.bot.test_privacy import drain
from tests.support import make_settings


async def take_time(phone: Phone, text: str) -> tuple[str, float]:
    began = time.perf_counter()
    return (await phone.say(text)).text, time.perf_counter() - began


# --- Redis ------------------------------------------------------------------------------


async def test_redis_away(
    start: StartServer, session: ClientSession, database_url: str, tmp_path: Path
) -> None:
    phone = Phone(await start(make_settings(database_url, NO_REDIS, tmp_path)), session)
    message = phone.text(QUESTION)
    first = await phone.send(message)
    assert ANSWER in first.text
    assert (await phone.send(message)).xml == first.xml, "a retry gets the same"
    options = await phone.say(UNCLEAR)
    assert (await phone.say("2")).text not in (options.text, first.text)
    rows = await wait_for_rows(
        database_url,
        "SELECT * FROM inbound_messages",
    )
    assert len(rows) == 3


async def test_redis_away_two_processes_say_the_same(
    start: StartServer, session: ClientSession, database_url: str, tmp_path: Path
) -> None:
    settings = make_settings(database_url, NO_REDIS, tmp_path)
    servers = [await start(settings) for _ in range(2)]
    phones = [Phone(server, session) for server in servers]
    message = phones[0].text(QUESTION)
    replies = [await phone.send(message) for phone in phones]
    assert replies[0].xml == replies[1].xml
    await asyncio.sleep(1.1)
    assert len(await fetch(database_url, "SELECT * FROM inbound_messages")) == 1


async def test_redis_that_hangs_costs_a_second_once(
    start: StartServer,
    session: ClientSession,
    own_settings: Settings,
    own_client: Redis,
    freezer: Freezer,
) -> None:
    server = await start(own_settings)
    phone = Phone(server, session)
    await phone.say(QUESTION)
    freezer.freeze()
    text, seconds = await take_time(phone, QUESTION)
    assert ANSWER in text
    assert seconds < 1.4
    for _ in range(3):
        text, seconds = await take_time(phone, QUESTION)
        assert ANSWER in text
        assert seconds < 0.6, "nobody waits for it again at once"
    await asyncio.sleep(0.6)
    # One asks again; others who come with it do not wait.
    phones = [Phone(server, session, f"{OTHER_OPENID}{number}") for number in range(5)]
    results = await asyncio.gather(*(take_time(one, QUESTION) for one in phones))
    assert sorted(seconds for _, seconds in results)[-2] < 0.8
    freezer.thaw()
    await asyncio.sleep(0.6)
    assert ANSWER in (await phone.say(QUESTION)).text
    left = [key async for key in own_client.scan_iter("zpt:dialogue:*")]
    assert not left, "questions have moved no talk: nobody is doubted"


async def test_redis_that_hangs_in_the_middle_of_a_message(
    start: StartServer,
    session: ClientSession,
    own_settings: Settings,
    own_client: Redis,
    freezer: Freezer,
    database_url: str,
) -> None:
    phone = Phone(await start(own_settings), session)
    await phone.say(QUESTION)
    message = phone.text(UNCLEAR)
    async with locked(database_url, "dialogues"):
        sending = asyncio.create_task(phone.send(message))
        await asyncio.sleep(0.2)
        freezer.freeze()
    reply = await sending
    assert reply.text.count("\n") >= 2
    assert (await phone.send(message)).xml == reply.xml, "the retry knows it without Redis"
    chosen = await phone.say("1")
    assert chosen.text != reply.text
    assert (await phone.send(message)).xml == reply.xml
    freezer.thaw()


async def test_redis_back_again_empty_the_dialogues_are_loaded(
    start: StartServer,
    session: ClientSession,
    own_settings: Settings,
    own_redis: EmbeddedServices,
    own_client: Redis,
) -> None:
    application = await start(own_settings)
    phone = Phone(application, session)
    other = Phone(application, session, OTHER_OPENID)
    options = await phone.say(UNCLEAR)
    (server,) = own_redis.servers
    await server.stop(3)
    assert ANSWER in (await other.say(QUESTION)).text
    await server.start()
    # A record that was kept back may have come into it already, where it took long to start.
    assert not await own_client.exists("zpt:dialogues-loaded")
    await asyncio.sleep(0.6)
    assert ANSWER in (await other.say(QUESTION)).text
    assert await own_client.exists("zpt:dialogues-loaded")
    assert len([key async for key in own_client.scan_iter("zpt:dialogue:*")]) == 1
    chosen = await phone.say("1")
    direct = await phone.say(first_option(options.text))
    assert chosen.text == direct.text


async def test_redis_back_again_with_an_old_copy(
    start: StartServer,
    session: ClientSession,
    own_settings: Settings,
    own_client: Redis,
    freezer: Freezer,
) -> None:
    """The dialogue ended in PostgreSQL while Redis, out of reach, kept its copy."""
    phone = Phone(await start(own_settings), session)
    await phone.say(UNCLEAR)
    freezer.freeze()
    choice = phone.text("1")
    chosen = await phone.send(choice)
    freezer.thaw()
    await asyncio.sleep(0.6)
    assert (await phone.send(choice)).xml == chosen.xml, "a retry gets what was said before"
    began = time.perf_counter()
    again = await phone.say("1")
    assert time.perf_counter() - began < 0.5, "nobody waits for a turn that Redis took up late"
    assert again.text != chosen.text, "the choice was made: 1 is no answer to anything now"
    assert not [key async for key in own_client.scan_iter("zpt:dialogue:*")]


async def test_redis_back_again_with_a_dialogue_it_never_saw(
    start: StartServer,
    session: ClientSession,
    own_settings: Settings,
    own_client: Redis,
    freezer: Freezer,
) -> None:
    phone = Phone(await start(own_settings), session)
    await phone.say(QUESTION)
    freezer.freeze()
    options = await phone.say(UNCLEAR)
    freezer.thaw()
    await asyncio.sleep(0.6)
    chosen = await phone.say("1")
    assert "回复数字" in options.text
    direct = await phone.say(first_option(options.text))
    assert chosen.text == direct.text


async def test_redis_that_hangs_nobody_overtakes_himself(
    start: StartServer, session: ClientSession, own_settings: Settings, freezer: Freezer
) -> None:
    """Whoever finds out whether Redis is back does so for a second: his next message waits."""
    phone = Phone(await start(own_settings), session)
    await phone.say(QUESTION)
    freezer.freeze()
    options = await phone.say(UNCLEAR)
    assert "回复数字" in options.text
    await asyncio.sleep(1)
    choosing = asyncio.create_task(phone.say("1"))
    await asyncio.sleep(0.1)
    assert ANSWER in (await phone.say(QUESTION)).text
    chosen = await choosing
    freezer.thaw()
    direct = await phone.say(first_option(options.text))
    assert chosen.text == direct.text


async def test_records_of_an_outage_reach_redis_when_it_is_back(
    start: StartServer,
    session: ClientSession,
    own_redis: EmbeddedServices,
    own_client: Redis,
    tmp_path: Path,
    freezer: Freezer,
) -> None:
    settings = make_settings(NO_DATABASE, own_redis.redis_url, tmp_path)
    phone = Phone(await start(settings), session)
    await phone.say(QUESTION)
    freezer.freeze()
    await phone.say(QUESTION)
    freezer.thaw()
    async with asyncio.timeout(6):
        while await own_client.xlen("zpt:inbound") < 2:
            await asyncio.sleep(0.05)


# --- PostgreSQL ---------------------------------------------------------------------------


async def test_postgres_away(
    start: StartServer, session: ClientSession, redis_url: str, redis: Redis, tmp_path: Path
) -> None:
    phone = Phone(await start(make_settings(NO_DATABASE, redis_url, tmp_path)), session)
    message = phone.text(QUESTION)
    first = await phone.send(message)
    assert ANSWER in first.text
    assert (await phone.send(message)).xml == first.xml
    _, seconds = await take_time(phone, QUESTION)
    assert seconds < 0.5
    options = await phone.say(UNCLEAR)
    assert "回复数字" in options.text
    assert await redis.xlen("zpt:inbound") == 3, "records wait"
    assert (await phone.event("subscribe", EventKey="")).kind == "text"
    assert (await phone.event("unsubscribe")).xml == "success"


async def test_postgres_away_a_choice_is_still_understood(
    start: StartServer, session: ClientSession, database_url: str, settings: Settings
) -> None:
    """The copy in Redis suffices as long as Redis has not lost the dialogues."""
    server = await start(settings)
    phone = Phone(server, session)
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        options = await phone.say(UNCLEAR)
        assert "回复数字" in options.text
        chosen = await phone.say("1")
        assert "标准目录" in chosen.text
        assert "回复数字" not in chosen.text


async def test_postgres_that_hangs_and_a_redis_that_knows_nothing(
    phone: Phone, database_url: str, redis: Redis
) -> None:
    async with locked(database_url, "dialogues"):
        text, seconds = await take_time(phone, QUESTION)
        assert ANSWER in text
        # Half a second for the load of all dialogues, then PostgreSQL's time for one person's.
        assert seconds < 2.9
        text, seconds = await take_time(phone, QUESTION)
        assert ANSWER in text
        assert seconds < 2.4, "the load goes on; nobody waits for it again"
    assert await redis.xlen("zpt:inbound") == 2, "Redis was not taken for lost"


async def test_postgres_back_again_stores_what_waited(
    start: StartServer,
    session: ClientSession,
    redis_url: str,
    redis: Redis,
    tmp_path: Path,
    database: str,
) -> None:
    await redis.flushdb()
    phone = Phone(await start(make_settings(NO_DATABASE, redis_url, tmp_path)), session)
    await phone.say(QUESTION)
    assert await redis.xlen("zpt:inbound") == 1
    # The worker has a database of its own; this process's models go there now.
    await open_database(database)
    await drain(redis)
    assert len(await fetch(database, "SELECT * FROM inbound_messages")) == 1


# --- both, and the end of the process --------------------------------------------------------


async def test_both_away(
    start: StartServer,
    session: ClientSession,
    settings: Settings,
    redis: Redis,
    tmp_path: Path,
    router: Router,
) -> None:
    first = await start(make_settings(NO_DATABASE, NO_REDIS, tmp_path))
    phone = Phone(first, session)
    message = phone.text(QUESTION)
    reply = await phone.send(message)
    assert ANSWER in reply.text
    assert (await phone.send(message)).xml == reply.xml
    _, seconds = await take_time(phone, QUESTION)
    assert seconds < 0.5
    assert "回复数字" in (await phone.say(UNCLEAR)).text
    assert (await phone.event("unsubscribe")).xml == "success"
    began = time.perf_counter()
    await first.close()
    assert time.perf_counter() - began < 2.5
    (spooled,) = (tmp_path / "spool").iterdir()
    lines = spooled.read_text()
    assert len(lines.splitlines()) == 4
    assert phone.openid not in lines
    assert QUESTION not in lines
    second = await start(settings)
    await second.close()
    assert list((tmp_path / "spool").iterdir()) == []
    assert await redis.xlen("zpt:inbound") == 4


async def test_what_was_acknowledged_is_not_lost_at_the_end(
    start: StartServer, session: ClientSession, settings: Settings, database_url: str, redis: Redis
) -> None:
    """The application stops while a message waits for PostgreSQL."""
    server = await start(settings)
    phone = Phone(server, session)
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        sending = asyncio.create_task(phone.say(UNCLEAR))
        await asyncio.sleep(0.2)
        stopping = asyncio.create_task(server.close())
        await asyncio.sleep(0.2)
    reply = await sending
    await stopping
    assert "回复数字" in reply.text
    assert await redis.xlen("zpt:inbound") == 2
    assert len(await fetch(database_url, "SELECT * FROM dialogues")) == 1


async def test_a_late_answer_is_queued_before_the_end(
    impatient: None,
    start: StartServer,
    session: ClientSession,
    settings: Settings,
    database_url: str,
    redis: Redis,
) -> None:
    server = await start(settings)
    phone = Phone(server, session)
    await phone.say(QUESTION)
    async with locked(database_url, "dialogues"):
        await phone.say(UNCLEAR)
        stopping = asyncio.create_task(server.close())
        await asyncio.sleep(0.1)
    await stopping
    assert len(await fetch(database_url, "SELECT * FROM late_replies")) == 1
    assert await redis.xlen("zpt:inbound") == 2


async def test_redis_lost_with_nothing_else_records_reach_postgres_at_the_end(
    start: StartServer, session: ClientSession, database_url: str, tmp_path: Path
) -> None:
    server = await start(make_settings(database_url, NO_REDIS, tmp_path))
    await Phone(server, session).say(QUESTION)
    await server.close()
    assert len(await fetch(database_url, "SELECT * FROM inbound_messages")) == 1
    assert list((tmp_path / "spool").iterdir()) == []
