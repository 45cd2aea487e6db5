"""The way to PostgreSQL: connect, migrate, and ask whether everything is there."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.migrations.api import migrate as migrate_models
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from models import MODEL_MODULES, queue_schema

#: One migration at a time, whoever starts it ("zpt" as a number).
_MIGRATION_LOCK = 0x7A7074
#: A statement that takes longer than this has failed, as far as a person waiting is concerned.
STATEMENT_SECONDS = 10
_CONNECT_SECONDS = 3


def tortoise_config(
    url: str, *, most_connections: int = 5, statement_seconds: float = STATEMENT_SECONDS
) -> dict[str, Any]:
    """Tortoise's configuration for `url` (postgres://…, a unix socket as ?host=/folder)."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {
                    "host": options.pop("host", None) or unquote(parts.hostname or ""),
                    "port": int(options.pop("port", None) or parts.port or 5432),
                    "user": options.pop("user", None) or unquote(parts.username or "postgres"),
                    "password": unquote(parts.password) if parts.password else None,
                    "database": unquote(parts.path.lstrip("/")),
                    "minsize": 1,
                    "maxsize": most_connections,
                    "command_timeout": statement_seconds,
                    "timeout": _CONNECT_SECONDS,
                    **({"ssl": options["sslmode"]} if "sslmode" in options else {}),
                },
            }
        },
        "apps": {
            "models": {
                "models": list(MODEL_MODULES),
                "migrations": "models.migrations",
                "default_connection": "default",
            }
        },
        "use_tz": True,
        "timezone": "Asia/Shanghai",
    }


#: What `tortoise makemigrations` reads; the address does not matter to it.
TORTOISE_ORM = tortoise_config("postgres://postgres@localhost/zhipeitong")


def _say_nothing(_line: str) -> None:
    """No report is wanted."""


async def open_database(
    url: str, *, most_connections: int = 5, statement_seconds: float = STATEMENT_SECONDS
) -> None:
    """Make the models usable in this process. Connects with the first query, not before."""
    await Tortoise.init(
        config=tortoise_config(
            url, most_connections=most_connections, statement_seconds=statement_seconds
        ),
        _enable_global_fallback=True,
    )


async def close_database() -> None:
    """Give the connections back."""
    await Tortoise.close_connections()


async def migrate_database(url: str, report: Callable[[str], object] = _say_nothing) -> None:
    """Bring the tables of the models and of the job queue up to date; safe to call at any time."""
    guard = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        await queue_schema.apply(guard, report)
        await migrate_models(
            config=tortoise_config(url),
            progress=lambda event, app, name: (
                report(f"{app}.{name}") if event == "apply_done" else None
            ),
        )
        await Tortoise.close_connections()
    finally:
        await guard.close()


def refuses_values(error: BaseException) -> bool:
    """True where `error` is about the values of a statement, so that trying again cannot help.

    The driver refuses some before they are sent, PostgreSQL others: a data exception (SQLSTATE
    class 22) or a broken constraint (23).
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, asyncpg.InterfaceError) and isinstance(cause, ValueError):
            return True
        if str(getattr(cause, "sqlstate", None))[:2] in ("22", "23"):
            return True
        cause = cause.__cause__
    return False


async def missing_migrations() -> list[str]:
    """Names of migrations that this program has and the open database lacks."""
    executor = MigrationExecutor(get_connection("default"), TORTOISE_ORM["apps"])
    plan = await executor.plan([MigrationTarget(app_label="models", name="__latest__")])
    return [step.migration.name for step in plan]


async def ping_database() -> None:
    """One trip to PostgreSQL and back. Raises what the driver raises."""
    await get_connection("default").execute_query("SELECT 1")
