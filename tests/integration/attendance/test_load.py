"""A thousand people check in at a real `zpt serve` within half a minute: none lost, none twice.

The crowd keeps a ledger of its own (scripts/bench/crowd.py), which is compared with PostgreSQL;
every tenth phone loses its first answer, and asks again. How long it took is printed, not asserted:
that is `make bench`'s.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from domain.faq.routing import Router
from domain.vault import Vault
from scripts.bench.check_ins import PEOPLE, SECONDS, SESSIONS
from scripts.bench.crowd import BROKEN, DROPPED, Crowd, Took, compare
from scripts.bench.school import open_school
from settings import read_settings
from tests.integration.door.processes import Service, make_var
from tests.support import make_environment

pytestmark = [pytest.mark.e2e, pytest.mark.alone, pytest.mark.timeout(600)]

DROP_ONE_IN = 10


class House:
    """A web server of two processes that can be killed, and comes back at the same port."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment, self._folder = environment, folder
        self.service = Service(environment, folder, "serve", "--workers", "2")

    def kill(self) -> None:
        """SIGKILL of its parent and of both processes, as near to at once as one can."""
        parent = psutil.Process(self.service.process.pid)
        ours = [parent, *parent.children(recursive=True)]
        assert len(ours) >= 3, "a parent and two processes"
        for process in ours:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.service.process.wait(10)

    async def start_again(self) -> None:
        port = self.service.port
        self.service = Service(
            self._environment, self._folder, "serve", "--workers", "2", port=port
        )
        await self.service.wait_ready()


@pytest.fixture
def environment(
    package_router: Router, models_folder: Path, database_url: str, redis_url: str, tmp_path: Path
) -> dict[str, str]:
    """The content has been learned already; the phones have addresses of their own."""
    var = make_var(tmp_path, models_folder)
    return make_environment(database_url, redis_url, var, ZPT_TRUSTED_PROXIES="127.0.0.1")


@pytest.fixture
async def crowd(database: str, environment: dict[str, str], house: House) -> Crowd:
    vault = Vault(read_settings(environment).data_keys)
    seats = await open_school(vault, people=PEOPLE, sessions=SESSIONS)
    return Crowd(house.service.base_url, vault, seats, drop_one_in=DROP_ONE_IN)


@pytest.fixture
async def house(environment: dict[str, str], tmp_path: Path) -> AsyncIterator[House]:
    house = House(environment, tmp_path)
    try:
        await house.service.wait_ready()
        yield house
    finally:
        house.service.stop()


async def test_a_thousand_people_check_in_within_half_a_minute(
    crowd: Crowd, database_url: str
) -> None:
    await crowd.come(SECONDS)
    print(Took.of(crowd.ledger))
    books = await compare(database_url, crowd.ledger)
    assert books.wrong == 0, books
    assert books.came == PEOPLE
    statuses = {one.status for arrival in crowd.ledger for one in arrival.tries}
    assert statuses == {201, DROPPED}, "nothing broke by itself"


async def test_the_web_server_is_killed_in_the_middle_of_it(
    crowd: Crowd, house: House, database_url: str
) -> None:
    """Its connections break, and for seconds nobody listens: the phones go on asking."""

    async def kill_and_start_again() -> None:
        await asyncio.sleep(SECONDS / 3)
        house.kill()
        await house.start_again()

    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.come(SECONDS))
        group.create_task(kill_and_start_again())
    print(Took.of(crowd.ledger))
    books = await compare(database_url, crowd.ledger)
    assert books.wrong == 0, books
    assert books.came == PEOPLE
    broken = sum(any(one.status == BROKEN for one in arrival.tries) for arrival in crowd.ledger)
    assert broken > DROP_ONE_IN, "else nothing was killed while anybody came"
