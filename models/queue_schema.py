"""The tables of the job queue (procrastinate), kept beside our own in the same database.

procrastinate ships its schema and one SQL file for each later change, named by version. We write
down which version the database has, so that an upgrade applies what is new and nothing twice.
"""

import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import asyncpg
import structlog
from procrastinate.schema import SchemaManager, migrations_path

log = structlog.get_logger(__name__)

_CREATE_LEDGER = """
    CREATE TABLE IF NOT EXISTS queue_schema_version (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        version text NOT NULL
    )
"""


async def apply(connection: asyncpg.Connection, report: Callable[[str], object]) -> None:
    """Create or upgrade the queue's tables, in one transaction. Call while holding the lock.

    Tables that a newer procrastinate has made stay as they are: this is a release rolled back, and
    a lower version written over theirs would have the next upgrade apply its changes twice.
    """
    installed = metadata.version("procrastinate")
    async with connection.transaction():
        await connection.execute(_CREATE_LEDGER)
        stored = await connection.fetchval("SELECT version FROM queue_schema_version")
        if stored == installed:
            return
        if stored is None:
            await connection.execute(SchemaManager.get_schema())
        elif _version_key(stored) > _version_key(installed):
            log.warning("queue_schema_is_newer", version=stored)
            return
        else:
            for file in _newer_than(stored):
                await connection.execute(file.read_text(encoding="utf-8"))
                report(f"procrastinate {file.name}")
        await connection.execute(
            "INSERT INTO queue_schema_version (version) VALUES ($1)"
            " ON CONFLICT (only_row) DO UPDATE SET version = excluded.version",
            installed,
        )
        report(f"procrastinate {installed}")


def _newer_than(version: str) -> list[Path]:
    """procrastinate's change files of later versions, oldest first."""
    files = (Path(str(item)) for item in migrations_path.iterdir())
    changes = sorted(file for file in files if re.match(r"\d+\.\d+\.\d+_", file.name))
    return [file for file in changes if _version_key(file.name) > _version_key(version)]


def _version_key(text: str) -> tuple[int, ...]:
    """ "03.04.00_50_post_x.sql" and "3.10.0" as (3, 4, 0) and (3, 10, 0)."""
    return tuple(int(part) for part in text.split("_")[0].split(".")[:3])
