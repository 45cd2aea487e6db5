"""PostgreSQL under `var/`: made once, recovered after a crash, reached by a unix socket only."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path
from urllib.parse import quote

import asyncpg

from scripts.embedded.account import Account
from scripts.embedded.binaries import Binaries
from scripts.embedded.errors import EmbeddedError
from scripts.embedded.processes import (
    end_leftovers,
    end_process,
    find_by_command,
    log_size,
    spawn,
    wait_exit,
)
from scripts.embedded.progress import Progress
from scripts.embedded.server import SERVER_ENVIRONMENT, Server

DATABASE = "zhipeitong"
USER = "zhipeitong"
PORT = 5432
#: What still holds the shared memory of a killed server are its last children, and they go soon.
SHARED_MEMORY_PATIENCE_SECONDS = 30.0
LEFTOVER_PATIENCE_SECONDS = 10.0

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    # Compiling a query costs more than any query of ours takes.
    "jit": "off",
    "log_checkpoints": "off",
}
#: For data that the test that made it throws away.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # A database that is copied file by file (each test makes one) then goes into no log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def postgres_url(sockets: Path, database: str = DATABASE) -> str:
    """A URL that asyncpg, psycopg and tortoise-orm take: the sockets' folder is the host."""
    return f"postgres://{USER}@/{database}?host={quote(str(sockets))}&port={PORT}"


class PostgresServer(Server):
    name = "postgres"
    title = "PostgreSQL"
    #: The fast shutdown: connections are ended, nothing is lost, no recovery is needed.
    ask_to_stop = signal.SIGINT

    def __init__(
        self,
        binaries: Binaries,
        data: Path,
        sockets: Path,
        log: Path,
        account: Account,
        progress: Progress,
        *,
        durable: bool = True,
    ) -> None:
        super().__init__(data, log, account, progress)
        self._binaries = binaries
        self._sockets = sockets
        self._durable = durable
        self.url = postgres_url(sockets)

    async def start(self) -> None:
        await self._end_leftovers()
        self._remove_half_made()
        if not (self.data / "PG_VERSION").exists():
            await self._make_data_folder()
        self._require_our_version()
        loop = asyncio.get_running_loop()
        until = loop.time() + SHARED_MEMORY_PATIENCE_SECONDS
        while not await self._try_to_start():
            if "pre-existing shared memory block" not in self._read_output():
                raise self._refusal("PostgreSQL 启动不了")
            if loop.time() > until:
                raise self._refusal("上次的 PostgreSQL 还有进程没退出，新的启动不了")
            self._progress("上次的 PostgreSQL 正在退出，稍等再启动…")
            await asyncio.sleep(0.5)
        await self._make_database()

    async def _try_to_start(self) -> bool:
        self._remove_stale_locks()
        settings = {
            **SETTINGS,
            "unix_socket_directories": str(self._sockets),
            **({} if self._durable else THROWAWAY_SETTINGS),
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        program = str(self._binaries.postgres)
        self._spawn([program, "-D", str(self.data), "-p", str(PORT), *options])
        return await self._wait_until_it_answers()

    async def _ask(self) -> str | None:
        try:
            connection = await asyncpg.connect(postgres_url(self._sockets, "postgres"), timeout=5)
        except asyncpg.CannotConnectNowError:
            return "正在从上次的意外中断里恢复"
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return "还没有应答"
        await connection.close()
        return None

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(postgres_url(self._sockets, "postgres"), timeout=30)
        try:
            found = await connection.fetchval(
                "SELECT 1 FROM pg_database WHERE datname = $1", DATABASE
            )
            if not found:
                await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            await connection.close()

    async def _make_data_folder(self) -> None:
        """initdb beside the final place, then a rename: half of one is never taken for whole."""
        self._progress("第一次启动：正在建数据库文件…")
        if self.data.exists() and any(self.data.iterdir()):
            raise EmbeddedError(f"{self.data} 里有东西，但不是完整的数据库；请先把它移走再启动。")
        unfinished = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.data.parent))
        self._account.own(unfinished)
        self._log_start = log_size(self.log)
        process = spawn(
            [
                *(str(self._binaries.initdb), "-D", str(unfinished), "-U", USER),
                *("--auth=trust", "--encoding=UTF8", "--locale=C"),
                # The same order of text on every machine: by code point, cases as Unicode has them.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(() if self._durable else ("--no-sync",)),
            ],
            self.log,
            SERVER_ENVIRONMENT,
            death_signal=signal.SIGKILL,
            account=self._account,
        )
        try:
            if await wait_exit(process) != 0:
                raise self._refusal("建数据库文件没有成功")
            _put_in_place(unfinished, self.data)
        except BaseException:
            await end_process(process, signal.SIGKILL, 1)
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def _remove_half_made(self) -> None:
        for unfinished in self.data.parent.glob("postgres.new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)

    def _require_our_version(self) -> None:
        try:
            version = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except PermissionError:
            raise EmbeddedError(f"{self.data} 属于另一个用户；请换回当初启动的用户。") from None
        if version != self._binaries.major:
            raise EmbeddedError(
                f"{self.data} 是 PostgreSQL {version} 的数据，"
                f"现在装的是 {self._binaries.major}；请先用旧版本导出再导入，或把它移走。"
            )

    async def _end_leftovers(self) -> None:
        """Stop a server on our data that outlived its supervisor (we hold the folder's lock)."""
        if self._find_leftovers():
            self._progress("发现上次留下的 PostgreSQL 还在运行，先让它停下…")
            await end_leftovers(
                self._find_leftovers, signal.SIGINT, patience=LEFTOVER_PATIENCE_SECONDS
            )

    def _find_leftovers(self) -> list[int]:
        data = str(self.data)
        return find_by_command(
            lambda argv: Path(argv[0]).name == "postgres" and "-D" in argv and data in argv
        )

    def _remove_stale_locks(self) -> None:
        """Remove the lock files of a server that has gone.

        PostgreSQL itself would refuse to start where their process id has been given to another
        process of the same user. No server of ours lives on this data: `_end_leftovers` has seen
        to it.
        """
        socket = self._sockets / f".s.PGSQL.{PORT}"
        for path in (self.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
            path.unlink(missing_ok=True)


def _put_in_place(unfinished: Path, data: Path) -> None:
    """Rename the finished folder: it is there whole or not at all, after a power cut too."""
    with contextlib.suppress(FileNotFoundError):
        data.rmdir()
    unfinished.rename(data)
    descriptor = os.open(data.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
