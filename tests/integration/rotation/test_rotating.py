"""Everything sealed gets the new key; what is in the way is told and left as it was."""

import asyncio
import contextvars
import itertools
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.rotation import batches
from domain.rotation.batches import MOST_ROWS, _write, rotate_batch
from domain.rotation.counting import TableState, check_rows, count_keys, count_to_do
from domain.rotation.identities import find_identity_key
from domain.rotation.rotating import (
    MOST_PASSES,
    KeysUnfit,
    Outcome,
    Progress,
    require_fit_keys,
    rotate,
)
from domain.rotation.tables import SealedTable, list_sealed_tables
from domain.sealed import match_index, seal_columns
from domain.vault import SealBroken, Vault, derive_index_key
from models.columns import new_id
from models.messages import InboundMessage
from models.people import Person
from models.transactions import transaction
from settings import DataKey, KeyUse
from tests.integration.bot.database import fetch
from tests.integration.rotation.rows import (
    AFTER,
    BEFORE,
    DURING,
    NEW,
    OLD,
    fill,
    find_faults,
    make_person,
    phone_of,
    read_person,
)
from tests.support import APP_ID


async def run(vault: Vault = DURING, stop: asyncio.Event | None = None) -> Outcome:
    return await rotate(
        *(list_sealed_tables(), vault, stop or asyncio.Event(), lambda _progress: None),
        pause_seconds=0.0,
        rest_seconds=0.0,
    )


async def count_under(key_id: str) -> int:
    states = [await count_keys(table) for table in list_sealed_tables()]
    return sum(state.by_key.get(key_id, 0) for state in states)


async def list_check_faults(vault: Vault) -> list[str]:
    faults = []
    for table in list_sealed_tables():
        after: object | None = None
        while True:
            part = await check_rows(table, vault, after)
            faults += [fault.reason for fault in part.faults]
            if (after := part.last) is None:
                break
    return faults


def table_of(name: str) -> SealedTable:
    return next(table for table in list_sealed_tables() if table.name == name)


async def test_everything_is_found_and_opened_without_the_old_key(database: str) -> None:
    rows = await fill(BEFORE, 1000)
    assert await find_faults(BEFORE, 1000) == []
    outcome = await run()
    # An event without a text has nothing sealed.
    assert outcome == Outcome(rows - 50, 0, (), stopped=False)
    assert await count_under("k1") == 0
    assert await find_faults(AFTER, 1000) == []
    assert await list_check_faults(DURING) == []
    with pytest.raises(SealBroken):
        await find_faults(BEFORE, 1000)
    assert await run() == Outcome(0, 0, (), stopped=False)


async def test_the_old_keys_half_for_indexes_is_enough_afterwards(database: str) -> None:
    await fill(BEFORE, 200)
    await run()
    retired = Vault([NEW, DataKey("k1", derive_index_key(OLD), KeyUse.INDEX)])
    assert retired.index("wx", "person") == BEFORE.index("wx", "person")
    assert await find_faults(retired, 200) == []


async def test_progress_is_told_batch_by_batch(database: str) -> None:
    await fill(BEFORE, 1000)
    told: list[Progress] = []
    await rotate(list_sealed_tables(), DURING, asyncio.Event(), told.append, rest_seconds=0.0)
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert told[-1].done == told[-1].of == 950
    assert {progress.number for progress in told} == {1}
    steps = [b.done - a.done for a, b in itertools.pairwise(told)]
    assert max(steps) == MOST_ROWS


async def test_it_stops_after_the_batch_and_goes_on_where_it_was(database: str) -> None:
    await fill(BEFORE, 1000)
    stop = asyncio.Event()
    outcome = await rotate(list_sealed_tables(), DURING, stop, lambda _: stop.set())
    assert outcome.stopped
    assert (outcome.done + outcome.left, 0 < outcome.done <= MOST_ROWS) == (950, True)
    # In the middle of it everything is there for who knows both keys.
    assert await find_faults(DURING, 1000) == []
    again = await run()
    assert (again.done, again.left) == (outcome.left, 0)


async def test_rows_that_somebody_holds_are_left_for_the_next_pass(database: str) -> None:
    await fill(BEFORE, 40)
    held = await Person.get(match_index(BEFORE, Person, "phone", phone_of(1)))
    people = table_of("people")
    async with transaction() as connection:
        await Person.filter(id=held.id).using_db(connection).select_for_update().get()

        async with asyncio.timeout(10):
            # A context of its own, or it would be inside of this transaction.
            outcome = await asyncio.create_task(run(), context=contextvars.Context())
    assert outcome.left == 1
    assert await count_to_do(people, DURING) == 1
    assert (await run()).left == 0


async def test_a_row_that_is_being_changed_is_changed_by_nobody_else(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody wrote between our reading and our writing would be written over."""
    await make_person(BEFORE, 1).save()
    refused = []

    async def write(*given: Any) -> Any:
        for lock in ("NO KEY UPDATE", "KEY SHARE"):
            with pytest.raises(asyncpg.LockNotAvailableError):
                await fetch(database, f"SELECT FROM people FOR {lock} NOWAIT")
            refused.append(lock)
        return await _write(*given)

    monkeypatch.setattr(batches, "_write", write)
    assert (await run()).done == 1
    assert len(refused) == 2


async def test_it_never_waits_for_a_row_while_it_holds_others(database: str) -> None:
    """With a unique index it would: somebody who adds something of a person's holds the person's
    row (FOR KEY SHARE), and may want the next, which the rotation holds."""
    await fetch(database, "CREATE UNIQUE INDEX ON people (id_number_index)")
    await Person.bulk_create([make_person(BEFORE, number) for number in range(5)])
    last = (await Person.all().order_by("-id").limit(1))[0]
    other = await asyncpg.connect(database)
    try:
        await other.execute("BEGIN")
        await other.fetch("SELECT FROM people WHERE id = $1 FOR KEY SHARE", last.id)
        async with asyncio.timeout(10):
            outcome = await run()
    finally:
        await other.close()
    assert (outcome.done, outcome.left) == (4, 1)
    assert (await run()).left == 0


@pytest.mark.parametrize("missing", [True, False])
async def test_without_the_right_key_nothing_is_begun(database: str, missing: bool) -> None:
    await fill(BEFORE, 100)
    before = await _everything(database)
    unfit = Vault([NEW]) if missing else Vault([NEW, DataKey("k1", bytes(32))])
    with pytest.raises(KeysUnfit) as raised:
        await run(unfit)
    assert (raised.value.missing, list(raised.value.wrong)) == (
        ({"k1": 94}, []) if missing else ({}, ["k1"])
    )
    assert await _everything(database) == before


async def test_another_key_of_the_new_ones_name_is_found_before_it_writes(database: str) -> None:
    """Else what this command seals would be lost to the service."""
    await fill(BEFORE, 40)
    await make_person(DURING, 1000).save()
    with pytest.raises(KeysUnfit) as raised:
        await run(Vault([DataKey("k2", bytes(32)), OLD]))
    assert raised.value.wrong == ["k2"]


async def test_a_key_that_only_indexes_name_is_not_needed(database: str) -> None:
    """Of somebody whose data was erased the key's name is left."""
    await Person.create(
        *(),
        source="bound",
        **seal_columns(BEFORE, Person, new_id()),
        created_at="2026-11-22T12:00:00+08:00",
    )
    assert await require_fit_keys(list_sealed_tables(), AFTER)
    assert (await run(AFTER)).left == 0
    assert await count_under("k1") == 0


async def test_a_broken_row_is_told_and_left(database: str) -> None:
    await fill(BEFORE, 400)
    broken = await Person.get(match_index(BEFORE, Person, "phone", phone_of(3)))
    assert broken.name_sealed is not None
    spoilt = broken.name_sealed[:-1] + bytes([broken.name_sealed[-1] ^ 1])
    await Person.filter(id=broken.id).update(name_sealed=spoilt)
    nonsense = await InboundMessage.filter(text_sealed__not_isnull=True).first()
    assert nonsense is not None
    await InboundMessage.filter(id=nonsense.id).update(text_sealed=b"never sealed")
    outcome = await run()
    assert {(fault.table, fault.row) for fault in outcome.refused} == {
        ("people", str(broken.id)),
        ("inbound_messages", str(nonsense.id)),
    }
    assert outcome.left == 2
    assert (await Person.get(id=broken.id)).name_sealed == spoilt
    assert sorted(await list_check_faults(DURING)) == [
        "id_number_sealed 还在用旧密钥",
        "index_key_id 还是旧密钥",
        "name_sealed 打不开",
        "phone_sealed 还在用旧密钥",
        "text_sealed 打不开",
    ]


async def test_one_value_written_twice_under_two_keys_is_told_and_left(database: str) -> None:
    """0008: whoever writes what must be unique holds it. Here somebody did not."""
    await fetch(database, "CREATE UNIQUE INDEX ON people (id_number_index)")
    first = make_person(BEFORE, 1)
    await first.save()
    await make_person(DURING, 1).save()
    await Person.bulk_create([make_person(BEFORE, number) for number in range(2, 50)])
    outcome = await run()
    assert [(fault.row, fault.reason) for fault in outcome.refused] == [
        (str(first.id), "和另一行重复，两行要先由人处理成一行")
    ]
    assert (outcome.done, outcome.left) == (48, 1)


async def test_who_goes_on_writing_with_the_old_key_is_told(database: str) -> None:
    """It does not go on for ever."""
    passes: set[int] = set()
    writing: list[asyncio.Task[None]] = []
    number = 0

    def write(progress: Progress) -> None:
        nonlocal number
        passes.add(progress.number)
        number += 1
        # Before the rows that are there: this pass will not come by again.
        person = make_person(BEFORE, number, UUID(int=1000 - number))
        writing.append(asyncio.create_task(person.save()))

    await make_person(BEFORE, 0).save()
    outcome = await rotate(list_sealed_tables(), DURING, asyncio.Event(), write, pause_seconds=0.0)
    await asyncio.gather(*writing)
    assert passes == set(range(1, MOST_PASSES + 1))
    assert outcome.left == 1
    assert not outcome.refused
    assert (await run()).left == 0


async def test_a_mixed_row_is_found_by_the_check(database: str) -> None:
    """An index changed alone, past domain.sealed."""
    person = make_person(DURING, 1)
    await person.save()
    await Person.filter(id=person.id).update(phone_index=BEFORE.index_with("k1", "x", "phone"))
    assert await list_check_faults(DURING) == ["phone_index 和内容对不上"]


async def test_a_table_of_many_windows(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.rotation.batches._WINDOW", 7)
    monkeypatch.setattr("domain.rotation.counting._CHECKED", 7)
    await Person.bulk_create(
        # Some windows have nothing to do.
        [make_person(DURING if 20 <= number < 40 else BEFORE, number) for number in range(70)]
    )
    assert await run() == Outcome(50, 0, (), stopped=False)
    assert await list_check_faults(DURING) == []
    assert all([await read_person(AFTER, number) for number in range(70)])


async def test_a_batch_is_all_or_nothing(database: str) -> None:
    await Person.bulk_create([make_person(BEFORE, number) for number in range(10)])
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await rotate_batch(table_of("people"), DURING, None, None)
            raise ZeroDivisionError
    assert await count_under("k1") == 10


async def test_states_count_what_is_in_the_middle_of_a_change_twice(database: str) -> None:
    person = make_person(BEFORE, 1)
    person.name_sealed = make_person(DURING, 1, person.id).name_sealed
    await person.save()
    state: TableState = await count_keys(table_of("people"))
    assert state.by_key == {"k1": 1, "k2": 1}


async def _everything(url: str) -> Sequence[object]:
    return await fetch(url, "SELECT * FROM people ORDER BY id")


async def test_whose_indexes_the_senders_have(database: str) -> None:
    assert await find_identity_key(DURING, APP_ID) is None
    await fill(BEFORE, 50)
    turned = Vault([OLD, NEW])
    for vault in (BEFORE, DURING, turned):
        assert await find_identity_key(vault, APP_ID) == "k1"
    assert (DURING.identity_key_id, turned.identity_key_id) == ("k1", "k2")
    await run()
    # What is sealed is the new key's now, and the index is still the old one's.
    retired = Vault([NEW, DataKey("k1", derive_index_key(OLD), KeyUse.INDEX)])
    for vault in (DURING, retired):
        assert await find_identity_key(vault, APP_ID) == "k1"
    assert await find_identity_key(AFTER, APP_ID) is None
    assert await find_identity_key(DURING, "wx-another") is None
