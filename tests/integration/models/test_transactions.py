"""Whatever stops a transaction, its connection goes back and its context is left clean."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError, TransactionManagementError

from domain.calendar import local_now
from domain.messaging import actions
from domain.vault import Vault
from models.accounts import Follower
from models.availability import Database, DatabaseUnavailable
from models.messages import Dialogue
from models.transactions import transaction
from tests.integration.bot.database import fetch, locked
from tests.integration.messaging.conftest import keep_dialogue
from tests.integration.road import Road
from tests.support import make_settings

#: In the service 1.5 s; here nobody wants to wait for so long.
PATIENCE = 0.2
HANGS = 7  # more than the pool has connections


def follow(number: int) -> Coroutine[Any, Any, None]:
    return actions.remember_follower(
        sender=number.to_bytes(16), openid_sealed=b"x", scene="", now=local_now()
    )


async def hurry(awaitable: Awaitable[Any]) -> None:
    """Give up after PATIENCE, in this very context. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        await awaitable


def in_use() -> int:
    """How many connections of the pool somebody holds."""
    pool: Any = get_connection("default")._pool
    return sum(not holder.is_idle() for holder in pool._holders)


def assert_context_clean() -> None:
    assert not hasattr(get_connection("default"), "_parent"), "no transaction is left in it"


async def assert_whole() -> None:
    """Nobody holds a connection, and the context knows of no transaction.

    A connection on its way back may need a moment, and does not hold up its caller.
    """
    assert_context_clean()
    async with asyncio.timeout(5):
        while in_use():
            await asyncio.sleep(0.02)


async def test_hangs_at_the_beginning_one_after_another(road: Road) -> None:
    for number in range(HANGS):
        with road.shut(), pytest.raises(TimeoutError):
            await hurry(follow(number))
        await assert_whole()
    await follow(100)
    assert await Follower.filter(sender=(100).to_bytes(16)).exists()


async def test_hangs_that_the_door_gives_up(road: Road) -> None:
    database = Database()
    for number in range(HANGS):
        with road.shut(), pytest.raises(DatabaseUnavailable):
            await database.ask(follow(number), seconds=PATIENCE, also_when_away=True)
        await assert_whole()
    await database.ask(follow(100), also_when_away=True)
    assert not database.is_away


async def test_a_saved_dialogue_hangs(road: Road, tmp_path: Path) -> None:
    vault = Vault(make_settings("", "", tmp_path).data_keys)

    def save() -> Awaitable[bool]:
        return keep_dialogue(vault, said_at=local_now())

    for _ in range(HANGS):
        with road.shut(), pytest.raises(TimeoutError):
            await hurry(save())
        await assert_whole()
    for _ in range(2):
        await save()
    assert await Dialogue.all().count() == 1


async def act(moment: str, reached: asyncio.Event) -> None:
    """A transaction that tells when it has come to `moment`."""
    async with transaction() as connection:
        await connection.execute_query("SELECT 1")
        reached.set()
        await asyncio.sleep(0)
        if moment == "statement":
            await connection.execute_query("SELECT 1")
        elif moment == "savepoint":
            async with transaction():
                pass
        elif moment == "rollback":
            raise KeyError


async def act_inside(moment: str, reached: asyncio.Event) -> None:
    async with transaction():
        await act(moment, reached)


@pytest.mark.parametrize("action", [act, act_inside])
@pytest.mark.parametrize("moment", ["statement", "commit", "rollback", "savepoint"])
async def test_hangs_later_on(
    road: Road, moment: str, action: Callable[[str, asyncio.Event], Awaitable[None]]
) -> None:
    async def check() -> None:
        try:
            await action(moment, reached)
        finally:
            assert_context_clean()

    for _ in range(HANGS):
        reached = asyncio.Event()
        acting = asyncio.create_task(check())
        await reached.wait()
        with road.shut():
            await asyncio.wait({acting}, timeout=PATIENCE)
            acting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await acting
        await assert_whole()
    await follow(100)


async def test_a_rollback_that_hangs_holds_up_nobody_for_long(road: Road) -> None:
    for _ in range(HANGS):
        reached = asyncio.Event()
        acting = asyncio.create_task(act("rollback", reached))
        await reached.wait()
        with road.shut(), pytest.raises(KeyError):
            # The driver by itself waits for ten seconds.
            async with asyncio.timeout(5):
                await acting
        await assert_whole()
    await follow(100)


async def test_a_statement_behind_a_lock_is_given_up_and_holds_nothing(
    road: Road, database_url: str
) -> None:
    """PostgreSQL answers, so it is told to stop: nobody is left waiting for the lock over there."""
    async with locked(database_url, "followers"):
        for number in range(HANGS):
            with pytest.raises(TimeoutError):
                await hurry(follow(number))
            await assert_whole()
        assert await fetch(database_url, "SELECT 1 FROM pg_locks WHERE NOT granted") == []
    await follow(100)
    assert await Follower.all().count() == 1


async def test_waiting_for_a_connection_is_given_up(road: Road) -> None:
    async def hold() -> None:
        async with transaction():
            await asyncio.sleep(3 * PATIENCE)

    holding = [asyncio.create_task(hold()) for _ in range(5)]
    await asyncio.sleep(0)
    for _ in range(HANGS):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await follow(1)
    await asyncio.gather(*holding)
    await assert_whole()
    await follow(100)


async def cut_all(database_url: str) -> None:
    await fetch(
        database_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


@pytest.mark.parametrize("statement", [True, False], ids=["statement", "commit"])
async def test_a_connection_that_is_cut_says_so(
    road: Road, database_url: str, statement: bool
) -> None:
    for _ in range(HANGS):
        with pytest.raises(asyncpg.PostgresConnectionError):
            await ask_when_cut(database_url, statement)
        await assert_whole()
    await follow(100)


async def ask_when_cut(database_url: str, statement: bool) -> None:
    async with transaction() as connection:
        await connection.execute_query("SELECT 1")
        await cut_all(database_url)
        # The driver needs a moment to learn of it.
        await asyncio.sleep(0.1)
        if statement:
            await connection.execute_query("SELECT 1")


async def test_what_the_body_raises_is_what_the_caller_gets(database: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await follow(1)
            raise ZeroDivisionError
    assert await Follower.all().count() == 0
    await assert_whole()


async def test_a_savepoint_undoes_its_own_part(database: str) -> None:
    async with transaction():
        await follow(1)
        with pytest.raises(ZeroDivisionError):
            async with transaction():
                await follow(2)
                raise ZeroDivisionError
        with pytest.raises(OperationalError):
            async with transaction() as connection:
                await connection.execute_query("SELECT 1 / 0")
        await follow(3)
    assert await Follower.all().count() == 2
    await assert_whole()


async def test_a_savepoint_that_postgres_refuses(database: str) -> None:
    with pytest.raises(TransactionManagementError):
        async with transaction() as connection:
            with pytest.raises(OperationalError):
                await connection.execute_query("SELECT 1 / 0")
            async with transaction():
                pass
    await assert_whole()


async def test_a_commit_that_postgres_refuses(database: str) -> None:
    """The answer is an error of PostgreSQL, and the connection is as good as before."""
    await fetch(database, "ALTER TABLE followers ADD COLUMN twin int UNIQUE DEFERRABLE")
    insert = (
        "INSERT INTO followers (person, openid_sealed, scene, followed_at, twin)"
        " VALUES ($1, 'x', '', now(), 1)"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction() as connection:
            await connection.execute_query("SET CONSTRAINTS ALL DEFERRED")
            for number in range(2):
                await connection.execute_query(insert, [number.to_bytes(16)])
    assert await Follower.all().count() == 0
    await assert_whole()
