"""Which failures mean that PostgreSQL is away, which that it is slow, and which are ours."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tortoise.exceptions import DBConnectionError, OperationalError

from domain.errors import DomainError
from models.availability import Database, DatabaseAway, DatabaseSlow, says_away


async def fail(error: BaseException) -> str:
    raise error


async def answer() -> str:
    return "answer"


async def reach() -> bool:
    return True


async def miss() -> bool:
    return False


async def fail_to_reach() -> bool:
    raise AssertionError("nobody asked for it")


class Count:
    calls = 0

    def __call__(self) -> None:
        self.calls += 1


def caused_by(cause: Exception) -> Exception:
    error = OperationalError("tortoise's own")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        DBConnectionError("no such database"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        asyncpg.DiskFullError("could not extend file"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("pool is closing"),
        asyncpg.InterfaceError("cannot call x(): the underlying connection is closed"),
        asyncpg.InternalClientError(
            "cannot switch to state 11; another operation (2) is in progress"
        ),
        caused_by(asyncpg.AdminShutdownError("terminating connection")),
    ],
    ids=lambda error: f"{type(error).__name__}: {error}",
)
async def test_away(error: Exception) -> None:
    count = Count()
    database = Database(count, fail_to_reach)
    assert says_away(error)
    with pytest.raises(DatabaseAway) as raised:
        await database.ask(fail(error))
    assert raised.value.__cause__ is error
    assert database.is_away
    with pytest.raises(DatabaseAway):
        await database.ask(answer())
    assert count.calls == 1, "the second did not even ask"
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
        asyncpg.InterfaceError("cannot call fetch(): the prepared statement is closed"),
        asyncpg.InternalClientError("no binary format encoder for type x (OID 1)"),
        DomainError("slow_down"),
        # Of a file, of a provider: none of them is PostgreSQL.
        OSError("disk"),
        PermissionError(13, "a file"),
        FileNotFoundError(2, "a file"),
        TimeoutError("a file store"),
        ConnectionResetError("a provider"),
        socket.gaierror("a provider"),
        caused_by(ConnectionRefusedError("a provider")),
    ],
    ids=lambda error: f"{type(error).__name__}: {error}",
)
async def test_a_fault_of_ours_is_no_outage(error: Exception) -> None:
    count = Count()
    database = Database(count, fail_to_reach)
    with pytest.raises(type(error)):
        await database.ask(fail(error))
    assert not database.is_away
    assert count.calls == 0
    assert await database.ask(answer()) == "answer"


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def connect_in_vain(**where: object) -> Exception:
    """What the driver raises there."""
    try:
        await asyncpg.connect(user="x", database="x", **where)
    except Exception as error:
        return error
    raise AssertionError


async def test_what_the_driver_passes_on_of_the_system(tmp_path: Path) -> None:
    for where in (
        {"host": "127.0.0.1", "port": 1},
        {"host": "nowhere.invalid"},
        {"host": str(tmp_path)},
    ):
        error = await connect_in_vain(**where, ssl=False)
        assert isinstance(error, OSError)
        assert says_away(error), error
        assert says_away(caused_by(error))


async def test_a_connection_that_is_never_answered_is_judged_by_another(silent_port: int) -> None:
    async def connect() -> None:
        await asyncpg.connect(host="127.0.0.1", port=silent_port, user="x", timeout=0.05)

    with pytest.raises(DatabaseAway):
        await Database(can_reach=miss).ask(connect())
    with pytest.raises(DatabaseSlow):
        await Database(can_reach=reach).ask(connect())


@pytest.mark.parametrize("error", [None, asyncpg.QueryCanceledError("statement timeout")])
async def test_who_alone_takes_too_long_trips_nothing(error: Exception | None) -> None:
    count = Count()
    database = Database(count, reach)
    with pytest.raises(DatabaseSlow):
        await database.ask(fail(error) if error else asyncio.sleep(5), seconds=0.05)
    assert not database.is_away
    assert count.calls == 1
    assert await database.ask(answer()) == "answer"


@pytest.mark.parametrize("error", [None, asyncpg.QueryCanceledError("statement timeout")])
async def test_who_takes_too_long_where_nobody_gets_through_is_away(
    error: Exception | None,
) -> None:
    database = Database(can_reach=miss)
    with pytest.raises(DatabaseAway):
        await database.ask(fail(error) if error else asyncio.sleep(5), seconds=0.05)
    assert database.is_away


async def test_one_message_waits_for_one_slow_question() -> None:
    count = Count()
    database = Database(count, reach)
    one, other = database.for_one_message(), database.for_one_message()
    with pytest.raises(DatabaseSlow):
        await one.ask(asyncio.sleep(5), seconds=0.05)
    with pytest.raises(DatabaseSlow):
        await one.ask(answer())
    assert count.calls == 1, "the second did not even ask"
    assert await one.ask(answer(), also_when_away=True) == "answer"
    assert await other.ask(answer()) == "answer"
    assert await database.ask(answer()) == "answer"


async def test_all_messages_share_the_breaker() -> None:
    database = Database()
    with pytest.raises(DatabaseAway):
        await database.for_one_message().ask(fail(asyncpg.AdminShutdownError("the end")))
    assert database.is_away
    with pytest.raises(DatabaseAway):
        await database.for_one_message().ask(answer())


async def test_a_slow_one_shows_that_it_is_back() -> None:
    database = Database(can_reach=reach)
    with pytest.raises(DatabaseAway):
        await database.ask(fail(asyncpg.AdminShutdownError("terminating connection")))
    with pytest.raises(DatabaseSlow):
        await database.ask(asyncio.sleep(5), seconds=0.05, also_when_away=True)
    assert not database.is_away


async def test_who_stops_waiting_stops_the_question() -> None:
    ended = asyncio.Event()

    async def question() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    asking = asyncio.create_task(Database().ask(question(), seconds=50))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(ended.wait(), 5)


async def test_nobody_is_held_up_by_a_question_that_does_not_end() -> None:
    """A driver may take as long to give a statement up as PostgreSQL takes to answer."""
    thawed = asyncio.Event()

    async def question() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await thawed.wait()

    with pytest.raises(DatabaseAway):
        await asyncio.wait_for(Database(can_reach=miss).ask(question(), seconds=0.05), 5)
    thawed.set()
    await asyncio.sleep(0.05)
