"""The migrations build exactly what the models say, once, whoever runs them."""

import asyncio
import importlib
import subprocess
import sys
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.migrations.api import migrate

from domain.calendar import LOCAL
from models import queue_schema
from models.database import migrate_database, missing_migrations, tortoise_config
from models.messages import InboundMessage

ROOT = Path(__file__).parents[2]


def test_models_and_migrations_agree() -> None:
    """Fails after a change of a model until `tortoise makemigrations` has been run."""
    from tortoise.context import TortoiseContext
    from tortoise.migrations.autodetector import MigrationAutodetector

    from models.database import TORTOISE_ORM

    async def changes() -> list[str]:
        async with TortoiseContext() as context:
            await context.init(config=TORTOISE_ORM)
            assert context.apps is not None
            writers = await MigrationAutodetector(context.apps, TORTOISE_ORM["apps"]).changes()
            return [writer.as_string() for writer in writers]

    assert asyncio.run(changes()) == []


def test_a_column_that_is_added_has_a_value_for_the_rows_that_are_there() -> None:
    """PostgreSQL refuses one without: an installation that has rows could not be upgraded."""
    from tortoise.migrations.operations import AddField

    added: list[tuple[str, AddField, Any]] = []
    for file in sorted((ROOT / "models" / "migrations").glob("0*.py")):
        migration = importlib.import_module(f"models.migrations.{file.stem}").Migration
        added.extend(
            (file.stem, one, one.field) for one in migration.operations if isinstance(one, AddField)
        )
    assert len(added) > 5
    without = [
        f"{name}: {one.model_name}.{one.name}"
        for name, one, field in added
        if not field.null and not field.has_db_default()
    ]
    assert not without, without


async def test_nothing_is_missing_after_migrating(database: str) -> None:
    assert await missing_migrations() == []


async def test_migrating_again_does_nothing(database_url: str) -> None:
    lines: list[str] = []
    await migrate_database(database_url, lines.append)
    assert lines == []


async def test_two_may_migrate_at_once(database_url: str) -> None:
    """As when two machines are upgraded together."""
    script = (
        "import asyncio, sys; from models.database import migrate_database;"
        "asyncio.run(migrate_database(sys.argv[1]))"
    )
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    runs = [
        subprocess.Popen([sys.executable, "-c", script, database_url], cwd=ROOT) for _ in range(2)
    ]
    assert [await asyncio.to_thread(run.wait, 60) for run in runs] == [0, 0]


async def test_a_dialogue_of_the_version_before_knows_when_it_went_on(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await migrate(config=tortoise_config(database_url), target="models.0001_initial")
        await Tortoise.close_connections()
        save = (
            "INSERT INTO dialogues (person, name, state_sealed, expires_at)"
            " VALUES ($1, 'clarify', '', '2026-11-22 12:30+08')"
        )
        await connection.execute(save, b"p" * 16)
        await migrate_database(database_url)
        assert await connection.fetchval("SELECT updated_at FROM dialogues") == datetime(
            2026, 11, 22, 12, 0, tzinfo=LOCAL
        )
        await connection.execute(save, b"q" * 16)
    finally:
        await connection.close()


async def test_a_program_of_the_version_before_writes_beside_this_one(database_url: str) -> None:
    """Its dialogues and late answers know nothing of what 0003 has added, and stay open. What is
    called `sender` since 0004 it finds under the name that it knows."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await migrate(config=tortoise_config(database_url), target="models.0002_forgotten")
        await Tortoise.close_connections()
        save = (
            "INSERT INTO dialogues (person, name, state_sealed, expires_at)"
            " VALUES ($1, 'clarify', 'x', now() + interval '30 minutes')"
        )
        owe = (
            "INSERT INTO late_replies (message_key, person, openid_sealed, text_sealed, opened_by,"
            " opened_at, status, reason) VALUES ($1, $1, '', '', 'message', now(), 'waiting', '')"
        )
        await connection.execute(save, b"p" * 16)
        await connection.execute(owe, b"p" * 16)
        await migrate_database(database_url)
        await connection.execute(save, b"q" * 16)
        await connection.execute(owe, b"q" * 16)
        rows = await connection.fetch("SELECT * FROM dialogues")
        assert {(row["private"], row["active_until"], row["last_key"]) for row in rows} == {
            (False, None, None)
        }
        assert [row["private"] for row in await connection.fetch("SELECT * FROM late_replies")] == [
            False,
            False,
        ]
        await connection.execute("UPDATE dialogues SET state_sealed = NULL, last_key = person")
        for table in ("followers", "forgotten", "inbound_messages"):
            await connection.execute(f"SELECT person FROM {table}")
    finally:
        await connection.close()


async def test_the_queue_is_upgraded_by_its_own_changes(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE queue_schema_version SET version = '3.9.9'")
        await queue_schema.apply(connection, lambda _line: None)
        stored = await connection.fetchval("SELECT version FROM queue_schema_version")
        assert stored == metadata.version("procrastinate")
    finally:
        await connection.close()


async def test_a_release_rolled_back_leaves_a_newer_queue_alone(database_url: str) -> None:
    """Else the next upgrade would apply what is there already, and fail."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE queue_schema_version SET version = '99.2.0'")
        lines: list[str] = []
        with capture_logs() as logged:
            await queue_schema.apply(connection, lines.append)
        assert await connection.fetchval("SELECT version FROM queue_schema_version") == "99.2.0"
        assert lines == []
        assert [(line["event"], line["log_level"]) for line in logged] == [
            ("queue_schema_is_newer", "warning")
        ]
    finally:
        await connection.close()


async def test_every_constraint_of_the_models_is_in_the_database(database: str) -> None:
    """tortoise's CREATE TABLE leaves constraints out: a migration must add each. One that is unique
    under a condition is an index."""
    declared = {
        constraint.name
        for model in Tortoise.apps["models"].values()
        for constraint in model._meta.constraints
    }
    rows = await get_connection("default").execute_query_dict(
        "SELECT conname AS name FROM pg_constraint"
        " UNION SELECT indexname FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE INDEX%'"
    )
    assert declared
    assert declared <= {row["name"] for row in rows}


async def test_postgresql_itself_keeps_a_message_single(database: str) -> None:
    async def keep(key: bytes) -> None:
        await InboundMessage.create(
            key=key, received_at="2026-11-22T00:00:00+08:00", kind="text", outcome="policy"
        )

    await keep(b"k" * 16)
    with pytest.raises(IntegrityError):
        await keep(b"k" * 16)
    with pytest.raises(IntegrityError):
        await keep(b"short")
