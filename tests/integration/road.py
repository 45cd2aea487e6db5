"""A way to PostgreSQL that can stop: the connections stay open, and nothing passes any more."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from tortoise.connection import get_connection


class Road:
    """Between the models and PostgreSQL, over TCP. What comes while it is shut waits."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._folder = options.get("host")
        self._host, self._port = parts.hostname, int(options.get("port") or parts.port or 5432)
        self._parts = parts
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        #: PostgreSQL's side of each connection, to be cut.
        self._ends: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry_both_ways, "127.0.0.1", 0)

    @property
    def url(self) -> str:
        """The same database, over this road."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        user = f"{self._parts.username or 'postgres'}"
        if self._parts.password:
            user += f":{self._parts.password}"
        return urlunsplit(("postgres", f"{user}@127.0.0.1:{port}", self._parts.path, "", ""))

    @contextlib.contextmanager
    def shut(self) -> Iterator[None]:
        """Nothing passes meanwhile; what was sent arrives afterwards."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)
        for end in self._ends:
            end.close()

    async def _carry_both_ways(
        self, near: asyncio.StreamReader, near_end: asyncio.StreamWriter
    ) -> None:
        if self._folder:
            socket = os.fspath(Path(self._folder) / f".s.PGSQL.{self._port}")
            far, far_end = await asyncio.open_unix_connection(socket)
        else:
            far, far_end = await asyncio.open_connection(self._host, self._port)
        self._ends += [near_end, far_end]
        for reader, writer in ((near, far_end), (far, near_end)):
            task = asyncio.create_task(self._carry(reader, writer))
            self._carrying.add(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


async def fill_pool() -> None:
    """Open all connections, as a busy process has."""
    naps = (get_connection("default").execute_query("SELECT pg_sleep(0.1)") for _ in range(5))
    await asyncio.gather(*naps)
