"""`zpt keys`, as an operator types it: beside people at work, stopped and killed in the middle."""

import asyncio
import contextlib
import itertools
import random
import signal
from collections.abc import AsyncIterator

import asyncpg

from domain.rotation.counting import count_keys
from domain.rotation.tables import list_sealed_tables
from domain.sealed import change_columns, hold_value, match_index, open_field
from domain.vault import Vault, derive_index_key
from models.audit import AuditEntry
from models.messages import InboundMessage
from models.people import Person
from models.transactions import transaction
from settings import DataKey, KeyUse, Need, read_settings
from tests.integration.bot.database import fetch, wait_for_rows
from tests.integration.rotation.conftest import StartCommand, write_keys
from tests.integration.rotation.rows import (
    AFTER,
    BEFORE,
    DURING,
    NEW,
    OLD,
    fill,
    find_faults,
    id_number_of,
    make_message,
    make_person,
    read_person,
)

ROWS = 2000
#: People who come while it runs have numbers of their own.
_numbers = itertools.count(100_000)


class People:
    """Who works with the rows while their key changes: some programs still write with the old key
    and know the new one, others write with the new one."""

    def __init__(self, vaults: tuple[Vault, ...]) -> None:
        self._vaults = vaults
        self._stop = asyncio.Event()
        self.written: list[int] = []
        self.changed: dict[int, str] = {}
        self.faults: list[str] = []
        self.reads = 0

    def stop(self) -> None:
        self._stop.set()

    async def work(self) -> None:
        await asyncio.gather(
            *(self._write(vault) for vault in self._vaults),
            *(self._change(vault, place) for place, vault in enumerate(self._vaults)),
            *(self._read(vault) for vault in self._vaults),
        )

    async def _write(self, vault: Vault) -> None:
        while not self._stop.is_set():
            number = next(_numbers)
            async with transaction() as connection:
                wanted = id_number_of(number)
                holders = await hold_value(connection, vault, Person, "id_number", wanted)
                assert not await holders.exists()
                await make_person(vault, number).save(using_db=connection)
            self.written.append(number)
            await asyncio.sleep(0.005)

    async def _change(self, vault: Vault, place: int) -> None:
        """Each has people of its own, so that it knows what must be there at the end."""
        chance = random.Random(place)
        while not self._stop.is_set():
            number = chance.randrange(ROWS // 4) * 2 + place % 2
            name = f"改名{number}-{chance.random()}"
            async with transaction() as connection:
                found = match_index(vault, Person, "id_number", id_number_of(number))
                people = Person.filter(found).using_db(connection).select_for_update()
                person = await people.get_or_none()
                if person is None:
                    self.faults.append(f"{number} is not found to be changed")
                    continue
                columns = change_columns(vault, person, name=name)
                await person.update_from_dict(columns).save(using_db=connection)
            self.changed[number] = name
            await asyncio.sleep(0.005)

    async def _read(self, vault: Vault) -> None:
        chance = random.Random(1)
        while not self._stop.is_set():
            number = chance.randrange(ROWS // 2)
            found = match_index(vault, Person, "id_number", id_number_of(number))
            people = await Person.filter(found)
            self.reads += 1
            if [open_field(vault, one, "id_number") for one in people] != [id_number_of(number)]:
                self.faults.append(f"{number} is not found, or not who they were")
            await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def people_at_work(*vaults: Vault) -> AsyncIterator[People]:
    people = People(vaults)
    working = asyncio.create_task(people.work())
    try:
        yield people
    finally:
        people.stop()
        await working
    assert people.faults == []


async def count_under(key_id: str, but: str = "") -> int:
    tables = [table for table in list_sealed_tables() if table.name != but]
    states = [await count_keys(table) for table in tables]
    return sum(state.by_key.get(key_id, 0) for state in states)


#: Knows the new key and writes with the old one: a program that was not yet started again.
PREPARED = Vault([OLD, DataKey("k2", NEW.key, KeyUse.READ)])


INTERRUPTIONS: tuple[tuple[signal.Signals, int], ...] = (
    (signal.SIGTERM, 3),
    (signal.SIGKILL, -signal.SIGKILL),
    (signal.SIGINT, 3),
)
#: What is left of the old key when it has gone.
HALF = DataKey("k1", derive_index_key(OLD), KeyUse.INDEX)


async def test_a_key_is_rotated_while_people_work_and_it_is_stopped_and_killed(
    database: str, zpt: StartCommand
) -> None:
    await fill(BEFORE, ROWS)
    # Whom nobody works with, so that what is left of them tells what was done.
    messages = range(ROWS, 2 * ROWS)
    await InboundMessage.bulk_create([make_message(BEFORE, number) for number in messages])
    async with people_at_work(PREPARED, DURING) as people:
        left = [await count_under("k1", but="people")]
        for interruption, code in INTERRUPTIONS:
            command = await zpt("rotate")
            await command.read_until("行/秒")
            command.send(interruption)
            assert await command.end() == code
            if interruption != signal.SIGKILL:
                assert "再运行一遍 zpt keys rotate 就接着做" in command.said
            left.append(await count_under("k1", but="people"))
            # It did something, and not everything.
            assert 0 < left[-1] < left[-2]
    async with people_at_work(DURING, DURING) as more:
        # The programs have all been started again with the new key in front.
        command = await zpt("rotate")
        assert await command.end() == 0, command.said
        assert "所有个人信息都已改用 k2" in command.said
    assert await count_under("k1") == 0
    checking = await zpt("status", "--verify", keys=(NEW, HALF))
    assert await checking.end() == 0, checking.said
    changed = people.changed | more.changed
    assert (len(changed) > 10, people.reads + more.reads > 50) == (True, True)
    for number in people.written + more.written:
        assert await read_person(AFTER, number)
    for number, name in changed.items():
        person = await Person.get(match_index(AFTER, Person, "id_number", id_number_of(number)))
        assert open_field(AFTER, person, "name") == name
    renamed = {f"person {number}" for number in changed}
    assert [fault for fault in await find_faults(AFTER, ROWS) if fault not in renamed] == []


async def test_a_wrong_or_missing_key_is_said_and_nothing_is_done(
    database: str, zpt: StartCommand
) -> None:
    await fill(BEFORE, 100)
    missing = await zpt("rotate", keys=(NEW,))
    assert await missing.end() == 2
    assert "有 94 行用编号 k1 的密钥加密，ZPT_DATA_KEYS 里没有这把" in missing.said
    wrong = await zpt("rotate", keys=(NEW, DataKey("k1", bytes(32))))
    assert await wrong.end() == 2
    assert "编号 k1 的密钥不对" in wrong.said
    turned = await zpt("rotate", keys=(OLD, NEW))
    assert await turned.end() == 2
    assert "k1 要放在最后" in turned.said
    for command in (missing, wrong, turned):
        assert "什么都没有改" in command.said
        assert "Traceback" not in command.said
    assert await count_under("k2") == 0


async def test_status_says_what_is_used_where_and_what_may_go(
    database: str, zpt: StartCommand
) -> None:
    await fill(BEFORE, 200)
    before = await zpt("rotate", "--check")
    assert await before.end() == 0, before.said
    table = dict(
        line.split(maxsplit=1) for line in before.said.splitlines() if line.startswith("people ")
    )
    assert table["people"].split() == ["0", "100"]
    assert "k1：还有 190 行在用。运行 zpt keys rotate。" in before.said
    refused = await zpt("retire", "k1")
    assert await refused.end() == 2
    assert "先运行 zpt keys rotate" in refused.said
    assert await (await zpt("rotate")).end() == 0
    after = await zpt("status", "--verify")
    assert await after.end() == 0
    assert "k1：没有一行再用它" in after.said
    assert "0 处不对" in after.said
    retired = await zpt("retire", "k1")
    assert await retired.end() == 0
    assert retired.said.splitlines()[0] == write_keys(HALF)
    assert write_keys(OLD) not in retired.said
    left = await zpt("status", "--verify", keys=(NEW, HALF))
    assert await left.end() == 0
    assert "k1：公众号的人按它的索引认" in left.said
    noted = await AuditEntry.all().order_by("at")
    assert [(entry.actor, entry.event, entry.facts) for entry in noted] == [
        (
            "system zpt keys",
            "key.rotate",
            {"key": "k2", "done": 190, "left": 0, "refused": 0, "stopped": False},
        ),
        ("system zpt keys", "key.retire", {"key": "k1"}),
    ]


async def test_a_check_that_finds_something_says_where(database: str, zpt: StartCommand) -> None:
    person = make_person(BEFORE, 1)
    await person.save()
    checking = await zpt("status", "--verify")
    assert await checking.end() == 1
    assert f"people {person.id}：name_sealed 还在用旧密钥" in checking.said


async def test_a_new_key_is_one_that_settings_take(zpt: StartCommand) -> None:
    made = await zpt("new", keys=(OLD,))
    assert await made.end() == 0
    line, _, advice = made.said.partition("\n")
    assert "read" in advice
    (key,) = read_settings({"ZPT_DATA_KEYS": line}, Need.NOTHING).data_keys
    assert key.use is KeyUse.ALL
    for name in ("k1", "a b"):
        refused = await zpt("new", name)
        assert await refused.end() == 2


async def test_without_postgresql_it_says_so(zpt: StartCommand, database_url: str) -> None:
    await fetch(database_url, "ALTER TABLE people RENAME TO humans")
    await fetch(database_url, "DELETE FROM tortoise_migrations")
    command = await zpt("rotate")
    assert await command.end() == 2
    assert "zpt migrate" in command.said


async def test_postgresql_that_goes_away_in_the_middle(
    database: str, database_url: str, zpt: StartCommand
) -> None:
    await fill(BEFORE, ROWS)
    guard = await asyncpg.connect(database_url)
    try:
        # People can be read and not written, so it comes to a stop in the middle.
        await guard.execute("BEGIN; LOCK TABLE people IN EXCLUSIVE MODE")
        command = await zpt("rotate")
        await wait_for_rows(
            *(database_url, "SELECT 1 FROM pg_locks WHERE NOT granted"),
            seconds=60,
        )
        await guard.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
    finally:
        await guard.close()
    assert await command.end() == 1
    assert "数据库断开了" in command.said
    assert "Traceback" not in command.said
    assert await (await zpt("rotate")).end() == 0
    assert await find_faults(AFTER, ROWS) == []
