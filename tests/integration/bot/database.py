"""Looking at PostgreSQL from outside the application, and standing in its way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

#: One that has ended leaves its row for ten minutes, for a message that comes again.
OPEN_TALKS = "SELECT * FROM dialogues WHERE state_sealed IS NOT NULL"


async def fetch(url: str, query: str, *values: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(query, *values)
        return rows
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def locked(url: str, table: str) -> AsyncIterator[None]:
    """Nobody reads or writes `table` meanwhile."""
    connection = await asyncpg.connect(url)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
        yield
    finally:
        await transaction.rollback()
        await connection.close()


async def list_values(url: str) -> dict[str, list[bytes]]:
    """Everything in PostgreSQL: the values of each column of each table, as bytes."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname NOT IN"
            " ('pg_catalog', 'information_schema')"
        )
        found: dict[str, list[bytes]] = {}
        for (table,) in tables:
            for row in await connection.fetch(f'SELECT * FROM "{table}"'):
                for column, value in row.items():
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    found.setdefault(f"{table}.{column}", []).append(raw)
        return found
    finally:
        await connection.close()


async def wait_for_rows(url: str, query: str, *values: Any, seconds: float = 5.0) -> list[Any]:
    """The rows, once there are some. Fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not (rows := await fetch(url, query, *values)):
            await asyncio.sleep(0.03)
    return rows
