"""Transactions that give their connection back, whatever happens to them.

Tortoise takes a connection out of the pool and sets its context variable before it begins. Where
beginning is cancelled (PostgreSQL hung, and our caller's time was up) it gives neither back: five
such hangs empty the pool for good, and whatever runs in that context later meets the dead
connection again. Nothing else of the house opens transactions (tests/test_architecture.py).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import structlog
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContextPooled
from tortoise.connection import get_connections
from tortoise.transactions import in_transaction

log = structlog.get_logger(__name__)

#: A rollback, or a connection on its way back to the pool, may take this long. PostgreSQL needs
#: some milliseconds for it; one that hangs must not hold the caller, whose time may be up already.
_END_SECONDS = 0.5


@contextlib.asynccontextmanager
async def transaction() -> AsyncIterator[BaseDBAsyncClient]:
    """One transaction; inside another one, a savepoint. Whatever cancels it, the pool stays whole.

    Rolled back where the body raises, and what the body raises is what the caller gets. Where the
    commit itself fails without an answer of PostgreSQL, nobody knows whether it was done.
    """
    context: Any = in_transaction()
    if not isinstance(context, TransactionContextPooled):
        async with _savepoint(context) as client:
            yield client
        return
    try:
        client = await context.__aenter__()
    except BaseException:
        # Before the connection there is nothing to give back, and after it what the connection
        # was in the middle of nobody knows.
        if hasattr(context, "token"):
            _terminate(context.client)
            await _give_back(context)
        raise
    try:
        async with _ended(client):
            yield client
    except asyncpg.InterfaceError as error:
        if not _is_cut(client):
            raise
        # The driver speaks of a connection given back to the pool; it was we who held it.
        message = "the connection was cut in the middle of a transaction"
        raise asyncpg.ConnectionDoesNotExistError(message) from error
    finally:
        await _give_back(context)


@contextlib.asynccontextmanager
async def _savepoint(context: Any) -> AsyncIterator[BaseDBAsyncClient]:
    """Part of a transaction. Its connection is the outer one's to give back."""
    try:
        client = await context.__aenter__()
    except BaseException as error:
        if not _is_an_answer(error):
            _terminate(context.client)
        raise
    async with _ended(client):
        yield client


@contextlib.asynccontextmanager
async def _ended(client: Any) -> AsyncIterator[None]:
    """Commit after the body, or roll back; where neither can be, the connection is cut."""
    try:
        yield
    except BaseException:
        await _roll_back(client)
        raise
    if client._finalized:
        return
    try:
        await client.commit()
    except BaseException as error:
        # Where PostgreSQL refuses, for a deferred constraint, it has rolled back by itself.
        if not _is_an_answer(error):
            _terminate(client)
        raise


async def _roll_back(client: Any) -> None:
    """Undo, for as long as it may take. Raises only what cancels it."""
    if client._finalized or _is_cut(client):
        # PostgreSQL rolls back by itself where the connection is gone.
        return
    try:
        async with asyncio.timeout(_END_SECONDS):
            await client.rollback()
    except Exception as error:
        log.warning("rollback_failed", error=type(error).__name__)
        _terminate(client)
    except BaseException:
        _terminate(client)
        raise


def _is_an_answer(error: BaseException) -> bool:
    """Whether it is PostgreSQL that refuses, so that nothing is under way on the connection."""
    return isinstance(error, asyncpg.PostgresError) or isinstance(
        error.__cause__, asyncpg.PostgresError
    )


def _is_cut(client: Any) -> bool:
    """Whether the connection that we hold is closed; the pool has taken it back then."""
    try:
        closed: bool = client._connection.is_closed()
    except asyncpg.InterfaceError:
        return True
    return closed


def _terminate(client: Any) -> None:
    """Cut the connection; its place in the pool is free at once, for a new one."""
    if not _is_cut(client):
        client._connection.terminate()


async def _give_back(context: Any) -> None:
    """Reset the context variable and give the connection back; a failure of that is the pool's."""
    get_connections().reset(context.token)
    pool = context.client._parent._pool
    if pool is None:
        # Closed meanwhile, with all its connections.
        return
    with contextlib.suppress(Exception):
        # The pool goes on with it, or cuts the connection, where we no longer wait.
        async with asyncio.timeout(_END_SECONDS):
            await pool.release(context.client._connection)
