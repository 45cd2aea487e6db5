"""A thousand people check in to twenty sessions within thirty seconds, at a real `zpt serve`."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from domain.vault import Vault
from models.database import close_database, open_database
from scripts.bench.crowd import Books, Crowd, Took, compare, wait_ready
from scripts.bench.school import open_school
from settings import read_settings

PEOPLE, SESSIONS, SECONDS = 1000, 20, 30.0
_READY_SECONDS = 120.0


class Measured(NamedTuple):
    """What the crowd found, and whether its ledger and PostgreSQL agree."""

    took: Took
    books: Books


async def measure_check_ins(environment: Mapping[str, str]) -> Measured:
    """On the migrated database of `environment`; what it makes stays there."""
    settings = read_settings(environment)
    assert settings.database_url is not None
    vault = Vault(settings.data_keys)
    await open_database(settings.database_url)
    try:
        seats = await open_school(vault, people=PEOPLE, sessions=SESSIONS)
    finally:
        await close_database()
    async with _serving(environment) as url:
        crowd = Crowd(url, vault, seats)
        await crowd.come(SECONDS)
    return Measured(Took.of(crowd.ledger), await compare(settings.database_url, crowd.ledger))


@contextlib.asynccontextmanager
async def _serving(environment: Mapping[str, str]) -> AsyncIterator[str]:
    """`zpt serve` as it runs for a city, until the end of the block; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    # The crowd's phones have addresses of their own.
    own = {"HOST": "127.0.0.1", "PORT": str(port), "ZPT_TRUSTED_PROXIES": "127.0.0.1"}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scripts", "serve"),
        env=os.environ | environment | own,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await wait_ready(f"http://127.0.0.1:{port}", _READY_SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        await child.wait()
