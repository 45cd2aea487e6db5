"""Which failures mean that PostgreSQL is away, and which are ours."""

import asyncio

import asyncpg
import pytest
from tortoise.exceptions import DBConnectionError, OperationalError

from bot.database import Database, DatabaseAway
from domain.errors import DomainError


async def fail(error: Exception) -> str:
    raise error


async def answer() -> str:
    return "answer"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        DBConnectionError("no such database"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.QueryCanceledError("canceling statement"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        asyncpg.DiskFullError("could not extend file"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("pool is closing"),
        asyncpg.InternalClientError("cannot switch to state 11; another operation is in progress"),
    ],
    ids=lambda error: f"{type(error).__name__}: {error}",
)
async def test_away(error: Exception) -> None:
    counted: list[None] = []
    database = Database(lambda: counted.append(None))
    with pytest.raises(DatabaseAway):
        await database.ask(fail(error))
    assert database.is_away
    with pytest.raises(DatabaseAway):
        await database.ask(answer())
    assert len(counted) == 1, "the second did not even ask"
    assert await database.ask(answer(), also_when_away=True) == "answer"
    assert await database.ask(answer()) == "answer", "one success mends it"


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError(),
        KeyError("x"),
        OperationalError("relation does not exist"),
        asyncpg.UniqueViolationError("duplicate key"),
        asyncpg.DeadlockDetectedError("deadlock"),
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        DomainError("slow_down"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_fault_of_ours_is_no_outage(error: Exception) -> None:
    counted: list[None] = []
    database = Database(lambda: counted.append(None))
    with pytest.raises(type(error)):
        await database.ask(fail(error))
    assert not database.is_away
    assert counted == []
    assert await database.ask(answer()) == "answer"


async def test_who_takes_too_long_is_away() -> None:
    database = Database()
    with pytest.raises(DatabaseAway):
        await database.ask(asyncio.sleep(5), seconds=0.05)
    assert database.is_away
