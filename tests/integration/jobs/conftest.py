"""Workers as processes of their own, and a stand-in for the WeChat platform that they talk to."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from domain.calendar import local_now
from domain.messaging import actions
from domain.vault import Vault
from sandbox.platform.inputs import PLATFORM
from sandbox.platform.memory import Platform
from sandbox.server import create_application
from tests.support import APP_ID, make_environment, make_settings

ROOT = Path(__file__).parents[3]
SEND = "/cgi-bin/message/custom/send"
#: Fictional.
OPENIDS = tuple(f"oTESTS-a-person-number-{number:05}" for number in range(10))


class WorkerProcess:
    """`zpt worker`, and what it has written."""

    def __init__(self, log: Path, environment: dict[str, str]) -> None:
        self._log = log
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts", "worker"],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=stream,
                stderr=stream,
            )

    def kill(self) -> None:
        """As the kernel does where memory runs out."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """As an operator does; answers the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def read_log(self) -> str:
        return self._log.read_text(encoding="utf-8")


StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """Starts a worker with the environment that is given; what still runs at the end is killed."""
    workers: list[WorkerProcess] = []

    def start(database_url: str, redis_url: str, **more: str) -> WorkerProcess:
        environment = make_environment(
            database_url, redis_url, tmp_path / "var", **{"ZPT_WORKER_LISTEN": "", **more}
        )
        workers.append(WorkerProcess(tmp_path / f"worker-{len(workers)}.log", environment))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.poll() is None:
            worker.kill()


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
async def stand_in(tmp_path: Path) -> AsyncIterator[TestServer]:
    """The platform, which knows OPENIDS and has their windows open."""
    settings = make_settings("postgres://localhost/none", "redis://127.0.0.1:9", tmp_path)
    server = TestServer(create_application(settings))
    await server.start_server(access_log=None)
    platform = server.app[PLATFORM]
    for openid in OPENIDS:
        platform.people.meet(openid)
        platform.windows.open(APP_ID, openid, "message")
    yield server
    await server.close()


@pytest.fixture
def platform(stand_in: TestServer) -> Platform:
    return stand_in.app[PLATFORM]


@pytest.fixture
def platform_url(stand_in: TestServer) -> str:
    return str(stand_in.make_url("")).rstrip("/")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    settings = make_settings("postgres://localhost/none", "redis://127.0.0.1:9", tmp_path)
    return Vault(settings.data_keys)


async def queue_late_reply(vault: Vault, number: int = 0) -> None:
    """As the door does, to person `number`; the models must be connected."""
    await actions.queue_late_reply(
        vault,
        message_key=number.to_bytes(16),
        sender=(1000 + number).to_bytes(16),
        openid=OPENIDS[number],
        text=f"答复{number}",
        opened_by="message",
        opened_at=local_now(),
    )
