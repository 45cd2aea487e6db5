"""What lies outside of a process: the keys, Redis, PostgreSQL, the WeChat platform.

Nothing here connects before it is used, so that a process starts with any of them away.
"""

import contextlib
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from clients import shared_state
from clients.files import Files
from clients.wechat import AsyncWeChatClient
from clients.wechat import open_mini_program as open_mini_client
from clients.wechat import open_official_account as open_client
from domain.audit.checkpoints import CheckpointFile
from domain.vault import Vault
from models.database import STATEMENT_SECONDS, close_database, open_database
from settings import OfficialAccount, Settings


class PartMissing(ValueError):  # noqa: N818 (what happened, not what kind of class)
    """The settings leave out something that this process cannot do without: a fault of ours, for
    a command says what it needs when it reads them (settings.Need, scripts/beside.py)."""


def make_vault(settings: Settings) -> Vault:
    """Seals and opens personal data with the keys of the settings. Raises ValueError for none."""
    return Vault(settings.data_keys)


def connect_redis(settings: Settings, *, patient: bool = False) -> Redis:
    """A client that gives up soon, for who has a way on without Redis; to be closed.

    `patient`: whoever asks has a limit of his own, and a better one (models/patience.py).
    """
    return shared_state.connect_redis(_redis_url(settings), patient=patient)


def connect_redis_for_worker(settings: Settings) -> Redis:
    """A client that may wait for Redis; to be closed."""
    return shared_state.connect_redis_for_worker(_redis_url(settings))


@contextlib.asynccontextmanager
async def database(
    settings: Settings,
    *,
    most_connections: int = 5,
    statement_seconds: float = STATEMENT_SECONDS,
) -> AsyncIterator[None]:
    """The models are usable within."""
    await open_database(
        database_url_of(settings),
        most_connections=most_connections,
        statement_seconds=statement_seconds,
    )
    try:
        yield
    finally:
        await close_database()


def database_url_of(settings: Settings) -> str:
    """Where PostgreSQL is. Raises PartMissing."""
    if settings.database_url is None:
        raise PartMissing("DATABASE_URL")
    return settings.database_url


def official_account_of(settings: Settings) -> OfficialAccount:
    """The official account that the service speaks as. Raises PartMissing."""
    if settings.official_account is None:
        raise PartMissing("WECHAT_MP_APP_ID")
    return settings.official_account


def open_checkpoints(settings: Settings) -> CheckpointFile:
    """Where the checkpoints of the audit log are kept on this machine."""
    return CheckpointFile(settings.var / "audit" / "checkpoints.txt")


def open_files(settings: Settings) -> Files:
    """Where files that people hand in lie."""
    return Files(settings.files)


def open_official_account(settings: Settings, redis: Redis | None) -> AsyncWeChatClient:
    """The platform as the official account reaches it; to be closed.

    `redis` None: the access token stays in this process.
    """
    account = official_account_of(settings)
    return open_client(account, settings.wechat_api_base, redis)


def open_mini_program(settings: Settings, redis: Redis | None) -> AsyncWeChatClient | None:
    """The platform as the mini-program reaches it; to be closed. None where there is none."""
    if settings.mini_program is None:
        return None
    return open_mini_client(settings.mini_program, settings.wechat_api_base, redis)


def _redis_url(settings: Settings) -> str:
    if settings.redis_url is None:
        raise PartMissing("REDIS_URL")
    return settings.redis_url
