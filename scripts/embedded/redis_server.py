"""Redis under `var/`: an append-only file, a unix socket, nothing evicted."""

import signal
from pathlib import Path
from urllib.parse import quote

import redis.asyncio
from redis.exceptions import BusyLoadingError, RedisError

from scripts.embedded.account import Account
from scripts.embedded.binaries import Binaries
from scripts.embedded.processes import end_leftovers, find_by_command
from scripts.embedded.progress import Progress
from scripts.embedded.server import Server

SOCKET = "redis.sock"
LEFTOVER_PATIENCE_SECONDS = 5.0


def redis_url(sockets: Path) -> str:
    """The URL that redis-py takes."""
    return f"unix://{quote(str(sockets / SOCKET))}?db=0"


class RedisServer(Server):
    name = "redis"
    title = "Redis"
    #: Writes what is outstanding, then ends.
    ask_to_stop = signal.SIGTERM

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
        self._program = str(binaries.redis_server)
        self._socket = sockets / SOCKET
        self._durable = durable
        self.url = redis_url(sockets)

    async def start(self) -> None:
        await end_leftovers(
            self._find_leftovers, self.ask_to_stop, patience=LEFTOVER_PATIENCE_SECONDS
        )
        self._socket.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            # The append-only file is the copy that is kept; a second one would only cost.
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        options = [part for key, value in settings.items() for part in (f"--{key}", value)]
        self._spawn([self._program, *options])
        if not await self._wait_until_it_answers():
            raise self._refusal("Redis 启动不了")

    async def _ask(self) -> str | None:
        client = redis.asyncio.Redis(unix_socket_path=str(self._socket), socket_timeout=5)
        try:
            await client.ping()
        except BusyLoadingError:
            return "正在读回数据"
        except (RedisError, OSError, TimeoutError):
            return "还没有应答"
        finally:
            await client.aclose()
        return None

    def _find_leftovers(self) -> list[int]:
        # Redis rewrites its command line to the program and the socket.
        socket = str(self._socket)
        return find_by_command(
            lambda argv: "redis-server" in argv[0] and any(socket in part for part in argv)
        )
