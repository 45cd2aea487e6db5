"""Both servers together: one lock, one account, one scratch folder, started and stopped as one."""

import asyncio
import os
import shutil
from pathlib import Path
from types import TracebackType

from scripts.embedded.account import Account, choose_account
from scripts.embedded.binaries import find_binaries
from scripts.embedded.errors import EmbeddedError
from scripts.embedded.lock import FolderLock
from scripts.embedded.postgres_server import PostgresServer
from scripts.embedded.progress import Progress, keep_silent
from scripts.embedded.redis_server import RedisServer
from scripts.embedded.scratch import (
    open_scratch,
    prepare_folder,
    read_recorded_scratch,
    remove_scratch,
    sockets_in,
)
from scripts.embedded.server import Server

LOCK = "supervisor.lock"
STOP_PATIENCE_SECONDS = 8.0


class EmbeddedServices:
    """PostgreSQL and Redis under `var`, running from `start` to `stop` (or as a context manager).

    `postgres=False` or `redis=False` leaves one out. `keep_data=False` has `stop`
    remove the data (it may lie outside `var`, in the scratch folder); `durable=False` also spares
    the flush to disk. Start it from the main thread.
    """

    def __init__(
        self,
        var: Path,
        progress: Progress = keep_silent,
        *,
        postgres: bool = True,
        redis: bool = True,
        keep_data: bool = True,
        durable: bool = True,
        temporary_folder: str | None = None,
    ) -> None:
        self.var = var.absolute()
        self._progress = progress
        self._wants_postgres = postgres
        self._wants_redis = redis
        self._durable = durable
        self._keeps_data = keep_data and durable
        self._temporary_folder = temporary_folder or os.environ.get("TMPDIR")
        self._locks = [FolderLock(self.var / LOCK)]
        self._scratch: Path | None = None
        self._postgres: PostgresServer | None = None
        self._redis: RedisServer | None = None

    @property
    def database_url(self) -> str:
        """For asyncpg, psycopg and tortoise-orm. Known once started."""
        assert self._postgres is not None, "start comes first"
        return self._postgres.url

    @property
    def redis_url(self) -> str:
        """For redis-py. Known once started."""
        assert self._redis is not None, "start comes first"
        return self._redis.url

    @property
    def servers(self) -> list[Server]:
        """Those started, each with `name`, `pid`, `wait_exit` and `start` to start it again."""
        return [server for server in (self._postgres, self._redis) if server is not None]

    def claim(self) -> None:
        """Take the lock of `var` (made where missing). Raises AlreadyRunningError."""
        try:
            self.var.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(f"建不了文件夹 {self.var}：{error.strerror}") from None
        self._locks[0].take()

    async def start(self) -> None:
        """Start both and return when both answer. Raises EmbeddedError; then nothing runs."""
        self.claim()
        try:
            self._prepare()
            results = await asyncio.gather(
                *(server.start() for server in self.servers), return_exceptions=True
            )
            for result in results:
                if isinstance(result, BaseException):
                    raise result
        except OSError as error:
            await self.stop()
            raise EmbeddedError(
                f"准备数据文件夹时出错：{error.strerror}（{error.filename}）"
            ) from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self, patience: float = STOP_PATIENCE_SECONDS) -> None:
        """Stop both, killing what is left after `patience` seconds; let go of the lock."""
        await asyncio.gather(*(server.stop(patience) for server in self.servers))
        if not self._keeps_data:
            for server in self.servers:
                shutil.rmtree(server.data, ignore_errors=True)
        self._postgres = self._redis = None
        if self._scratch is not None:
            remove_scratch(self._scratch, with_data=not self._keeps_data)
            self._scratch = None
        for lock in self._locks:
            lock.release()
        del self._locks[1:]

    async def __aenter__(self) -> "EmbeddedServices":
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    def _prepare(self) -> None:
        """Choose user and folders, find the programs, and build the servers."""
        recorded = read_recorded_scratch(self.var)
        folders = [self.var, *([recorded] if recorded else [])]
        account = choose_account(tuple(folder / "postgres" for folder in folders))
        self._scratch = scratch = open_scratch(self.var, account, self._temporary_folder)
        # A folder of data that was copied with its record leads to the same scratch folder.
        lock = FolderLock(scratch / LOCK)
        lock.take()
        self._locks.append(lock)
        if recorded is None:
            self._set_aside(scratch)
        home = self._choose_home(scratch, account)
        sockets = sockets_in(scratch)
        binaries = find_binaries(account, scratch)
        prepare_folder(sockets, account)
        if self._wants_postgres:
            self._postgres = PostgresServer(
                binaries,
                home / "postgres",
                sockets,
                self.var / "log" / "postgres.log",
                account,
                self._progress,
                durable=self._durable,
            )
        if self._wants_redis:
            prepare_folder(home / "redis", account)
            self._redis = RedisServer(
                binaries,
                home / "redis",
                sockets,
                self.var / "log" / "redis.log",
                account,
                self._progress,
                durable=self._durable,
            )

    def _set_aside(self, scratch: Path) -> None:
        """Move away the data of a `var` that has been removed since, and with it its keys."""
        for name in ("postgres", "redis"):
            old = scratch / name
            if old.exists():
                aside = scratch / f"{name}.aside-{int(old.stat().st_mtime)}"
                old.rename(aside)
                self._progress(f"{self.var} 是新的；以前的数据移到了 {aside}。")

    def _choose_home(self, scratch: Path, account: Account) -> Path:
        """The folder that holds the data: `var`, or scratch where the user cannot reach `var`."""
        in_var = (self.var / "postgres" / "PG_VERSION").exists()
        in_scratch = (scratch / "postgres" / "PG_VERSION").exists()
        if in_scratch and not in_var:
            return scratch
        if account.can_enter(self.var):
            return self.var
        if in_var:
            raise EmbeddedError(
                f"数据在 {self.var}，但服务用的用户（{account.uid}）进不去它上面的文件夹；"
                "请放开那个文件夹的进入权限，或换回当初启动的用户。"
            )
        self._progress(f"别的用户进不了 {self.var}，数据放在 {scratch}。")
        return scratch
