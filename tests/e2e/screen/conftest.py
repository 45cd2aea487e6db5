"""The service in a process of its own that can be killed, and a class that is taught now."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest
from playwright.sync_api import Browser, expect
from redis.asyncio import Redis

from domain.actor import Role, Staff, Trainee
from domain.attendance.actions import Sent, check_in
from domain.attendance.rules import Place, Wants
from domain.attendance.screens import list_screen_links, make_screen_link, revoke_screen_link
from domain.calendar import local_now
from domain.faq.routing import Router
from domain.people.naming import make_person
from domain.vault import Vault
from models.columns import new_id
from models.database import close_database, open_database
from models.training import ClassSession, TrainingClass
from scripts.pictures.browser import open_browser
from tests.conftest import Servers, replace_database
from tests.consoles import VAULT
from tests.integration.attendance.conftest import enrol
from tests.integration.door.processes import find_free_port, make_var
from tests.integration.enrolments.conftest import COUNTY, make_institution, named
from tests.support import make_environment

ROOT = Path(__file__).parents[3]
#: A machine that others keep busy starts slowly.
START_SECONDS = 180.0
PATIENCE_MS = 20_000
NAMES = ("王秀兰", "欧阳建国", "李桂芹", "张晓雨", "赵文博", "孙玉兰", "周立新", "买买提·艾山")

_T = TypeVar("_T")


@pytest.fixture(autouse=True)
def no_task_left_behind() -> None:
    """Instead of the one for all tests, as in tests/e2e/phone."""


class Server:
    """`zpt serve` on one port, killed and started again."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = find_free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, **environment, "PORT": str(self.port)}
        self._environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scripts", "serve", "--workers", "1"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self._process.poll() is None, self._log.read_text("utf-8")[-3000:]
            try:
                with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError(self._log.read_text("utf-8")[-3000:])

    def kill(self) -> None:
        """Master and worker at once, as where the power fails."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
            self._process = None


class Lesson:
    """A session that begins in a few minutes, and what happens in it meanwhile.

    The browser's driver keeps a loop in the test's thread: what we do here happens in another.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._people: list[Trainee] = []
        self._came = 0
        self.session = ""
        self._class = new_id()
        self._teacher = Staff(new_id(), Role.INSTITUTION)

    def do(self, work: Coroutine[Any, Any, _T]) -> _T:
        """In the other thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    async def fill(self, people: int) -> None:
        institution = await make_institution()
        self._teacher = Staff(new_id(), Role.INSTITUTION, institution=institution.id)
        starts = local_now().replace(second=0, microsecond=0) + timedelta(minutes=12)
        row = await TrainingClass.create(
            title="养老护理员（初级）第3期",
            institution_id=institution.id,
            programme="elderly-care",
            occupation="养老护理员",
            county=COUNTY,
            capacity=100,
            starts_on=starts.date(),
            ends_on=starts.date(),
            status="open",
            created_at=local_now(),
        )
        session = await ClassSession.create(
            id=new_id(),
            training_class_id=row.id,
            starts_at=starts,
            ends_at=starts + timedelta(hours=3),
            topic="护理基础",
        )
        self._class, self.session = row.id, str(session.id)
        for number in range(people):
            name = NAMES[number % len(NAMES)]
            person = make_person(self._vault, named(number, name), source="bound", now=local_now())
            await person.save()
            self._people.append(Trainee(person.id))
            await enrol(row, self._people[-1])

    async def check_in(self, code: str) -> None:
        """The next one reads the code off the screen."""
        who = self._people[self._came]
        self._came += 1
        sent = Sent(code, place=Place(36.1, 115.7), device=f"phone {self._came}")
        await check_in(who, self._vault, Wants(wants_place=False), sent, now=local_now())

    async def begin(self, minutes: int) -> None:
        """As if it began so many minutes from now; before, below 0."""
        starts = local_now().replace(second=0, microsecond=0) + timedelta(minutes=minutes)
        times = {"starts_at": starts, "ends_at": starts + timedelta(hours=3)}
        await ClassSession.filter(id=self.session).update(**times)

    async def make_link(self) -> str:
        token = await make_screen_link(self._teacher, UUID(self.session), now=local_now())
        return f"/screen/{self.session}?link={token}"

    async def revoke(self) -> None:
        officer = Staff(new_id(), Role.COUNTY_OFFICER, county=COUNTY)
        for link in await list_screen_links(officer, self._class, now=local_now()):
            await revoke_screen_link(officer, link.id, now=local_now())


@pytest.fixture
def database_name(servers: Servers, template_database: str) -> Iterator[str]:
    name = f"zpt_test_{secrets.token_hex(6)}"

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(servers.database_url)
        await connection.execute(statement)
        await connection.close()
        redis = Redis.from_url(servers.redis_url)
        await redis.flushdb()
        await redis.aclose()

    def do(statement: str) -> None:
        thread = threading.Thread(target=lambda: asyncio.run(run(statement)))
        thread.start()
        thread.join(60)

    do(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}" STRATEGY FILE_COPY')
    yield name
    do(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def lesson(servers: Servers, database_name: str) -> Iterator[Lesson]:
    made = Lesson(VAULT)
    made.do(open_database(replace_database(servers.database_url, database_name)))
    made.do(made.fill(48))
    yield made
    made.do(close_database())
    made.stop()


@pytest.fixture
def server(
    servers: Servers,
    database_name: str,
    tmp_path: Path,
    package_router: Router,
    models_folder: Path,
    lesson: Lesson,
) -> Iterator[Server]:
    var = make_var(tmp_path, models_folder)
    url = replace_database(servers.database_url, database_name)
    made = Server(make_environment(url, servers.redis_url, var), tmp_path / "serve.log")
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with open_browser() as started:
        yield started
