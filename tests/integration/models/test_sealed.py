"""Sealed columns, their blind indexes, and values of which there shall be one."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise.exceptions import IntegrityError

from domain.sealed import (
    Plain,
    change_columns,
    hold_value,
    index_fields,
    lock_values,
    match_index,
    open_bytes,
    open_field,
    open_field_or_none,
    open_json,
    seal_columns,
    seal_field,
)
from domain.vault import SealBroken, Vault
from models.columns import new_id
from models.transactions import transaction
from settings import DataKey, KeyUse
from tests.integration.bot.database import fetch, wait_for_rows
from tests.integration.models.trial_tables import Holder

OLD, NEW = DataKey("k1", bytes(range(32))), DataKey("k2", bytes(range(32, 64)))
PHONE = "13800138000"
BEFORE, DURING, AFTER = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
#: Knows the new key and does not write with it yet.
PREPARED = Vault([OLD, DataKey("k2", NEW.key, KeyUse.READ)])


async def keep(vault: Vault, phone: str | None = PHONE, **more: Plain) -> Holder:
    id = new_id()
    columns = seal_columns(vault, Holder, id, name="王素梅", phone=phone, **more)
    return await Holder.create(id=id, **columns)


async def find(vault: Vault, phone: str = PHONE) -> list[UUID]:
    return [row.id for row in await Holder.filter(match_index(vault, Holder, "phone", phone))]


JSON = st.dictionaries(st.text(max_size=5), st.integers() | st.text() | st.none(), max_size=4)


@given(st.text())
def test_any_text_comes_back(plain: str) -> None:
    row = Holder(id=new_id())
    row.name_sealed = seal_field(BEFORE, Holder, "name", row.id, plain)
    assert open_field(DURING, row, "name") == plain


@given(st.binary() | JSON | st.lists(st.text()))
def test_so_do_bytes_and_json(plain: Any) -> None:
    row = Holder(id=new_id())
    row.notes_sealed = seal_field(BEFORE, Holder, "notes", row.id, plain)
    read = open_bytes if isinstance(plain, bytes) else open_json
    assert read(BEFORE, row, "notes") == plain


def test_half_a_surrogate_pair_is_kept_as_it_came() -> None:
    row = Holder(id=new_id())
    for plain in ("王\ud83d", {"说": "\ud83d"}):
        row.notes_sealed = seal_field(BEFORE, Holder, "notes", row.id, plain)
        read = open_field if isinstance(plain, str) else open_json
        assert read(BEFORE, row, "notes") == plain


async def test_null_stays_null(tables: None) -> None:
    row = await keep(BEFORE, None)
    row = await Holder.get(id=row.id)
    assert (row.phone_sealed, row.phone_index, row.called_index) == (None, None, None)
    assert row.index_key_id == "k1"
    assert open_field_or_none(BEFORE, row, "phone") is None
    assert open_json(BEFORE, row, "notes") is None
    with pytest.raises(ValueError, match="has no phone"):
        open_field(BEFORE, row, "phone")
    # The name has no index, and the empty text is a value.
    row.notes_sealed = seal_field(BEFORE, Holder, "notes", row.id, "")
    assert open_field(BEFORE, row, "notes") == ""


async def test_what_is_sealed_opens_in_its_row_and_column_alone(tables: None) -> None:
    one, other = await keep(BEFORE), await keep(BEFORE, "13900139000")
    row = await Holder.get(id=one.id)
    assert (open_field(BEFORE, row, "name"), open_field(BEFORE, row, "phone")) == ("王素梅", PHONE)
    for sealed in (other.phone_sealed, one.name_sealed):
        row.phone_sealed = sealed
        with pytest.raises(SealBroken):
            open_field(BEFORE, row, "phone")


def test_columns_that_are_not_there() -> None:
    with pytest.raises(TypeError, match="no sealed index_key_id"):
        seal_field(BEFORE, Holder, "index_key_id", new_id(), "k1")
    with pytest.raises(TypeError, match="no index of name"):
        match_index(BEFORE, Holder, "name", "王素梅")
    with pytest.raises(TypeError, match="is not text"):
        seal_columns(BEFORE, Holder, new_id(), phone=b"13800138000")


async def test_rows_are_found_under_every_key(tables: None) -> None:
    old, new = await keep(BEFORE), await keep(DURING, "13900139000")
    assert (old.index_key_id, new.index_key_id) == ("k1", "k2")
    for vault in (DURING, PREPARED):
        assert await find(vault) == [old.id]
        assert await find(vault, "13900139000") == [new.id]
    assert (await find(AFTER), await find(BEFORE, "13900139000")) == ([], [])
    called = await Holder.get(match_index(DURING, Holder, "called", PHONE))
    assert called.id == old.id
    assert called.called_index != called.phone_index


async def test_a_change_makes_all_indexes_anew_with_one_key(tables: None) -> None:
    """`called` is also under the old key; left alone it would be lost with it."""
    row = await keep(BEFORE)
    await row.update_from_dict(change_columns(DURING, row, name="王素萍")).save()
    row = await Holder.get(id=row.id)
    assert row.index_key_id == "k2"
    assert await find(AFTER) == [row.id]
    assert await Holder.exists(match_index(AFTER, Holder, "called", PHONE))
    assert (open_field(DURING, row, "name"), open_field(DURING, row, "phone")) == ("王素萍", PHONE)
    await row.update_from_dict(change_columns(DURING, row, phone=None)).save()
    assert await find(DURING) == []
    assert (await Holder.get(id=row.id)).called_index is None


def test_some_of_a_tables_indexes_are_refused() -> None:
    with pytest.raises(TypeError, match="give them all"):
        index_fields(BEFORE, Holder, name="王素梅")
    columns = index_fields(BEFORE, Holder, phone=PHONE)
    assert sorted(columns) == ["called_index", "index_key_id", "phone_index"]


def test_the_form_without_a_model() -> None:
    columns = index_fields(DURING, phone=(PHONE, "phone"))
    assert columns == {
        "index_key_id": "k2",
        "phone_index": DURING.index_with("k2", PHONE, "phone"),
    }
    assert (
        match_index(DURING, "phone", PHONE, "phone").filters
        == match_index(DURING, Holder, "phone", PHONE).filters
    )


async def write_once(vault: Vault, entered: asyncio.Event, may_go_on: asyncio.Event) -> bool:
    """Keep PHONE where nobody has it; answers whether it did."""
    async with transaction() as connection:
        entered.set()
        if await (await hold_value(connection, vault, Holder, "phone", PHONE)).exists():
            return False
        await may_go_on.wait()
        id = new_id()
        await Holder.create(
            id=id, using_db=connection, **seal_columns(vault, Holder, id, phone=PHONE)
        )
        return True


PAIRS = [(BEFORE, DURING), (DURING, BEFORE), (PREPARED, DURING), (DURING, AFTER), (DURING, DURING)]


@pytest.mark.parametrize(("first", "second"), PAIRS)
async def test_of_two_who_write_one_value_one_is_told(
    tables: None, database_url: str, first: Vault, second: Vault
) -> None:
    """Under two keys, so that no constraint stands between them."""
    go_on, entered = asyncio.Event(), asyncio.Event()
    writing = asyncio.create_task(write_once(first, asyncio.Event(), go_on))
    await wait_for_rows(database_url, f"SELECT 1 {_HELD}")
    late = asyncio.create_task(write_once(second, entered, go_on))
    await entered.wait()
    # It waits, and does not look too early.
    try:
        await wait_for_rows(database_url, f"SELECT 1 {_HELD} AND NOT granted")
    finally:
        go_on.set()
        written = list(await asyncio.gather(writing, late))
    # Who knows the old key alone cannot see what the new one has written; it waited all the same.
    assert written == [True, second is BEFORE]
    assert await Holder.all().count() == sum(written)


_HELD = "FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"


async def test_the_constraint_is_the_second_fence(tables: None) -> None:
    await keep(BEFORE)
    with pytest.raises(IntegrityError):
        await keep(BEFORE)
    # 0008: under another key it would not hold.
    await keep(DURING)


async def test_many_values_are_one_lock_that_keeps_others_out(
    tables: None, database_url: str
) -> None:
    async def hold(values: int, then: asyncio.Event) -> None:
        async with transaction() as connection:
            await lock_values(connection, BEFORE, [(str(n), "phone") for n in range(values)])
            await then.wait()

    many, one = asyncio.Event(), asyncio.Event()
    holding = asyncio.create_task(hold(20_000, many))
    await wait_for_rows(database_url, f"SELECT 1 {_HELD}")
    assert len(await fetch(database_url, f"SELECT 1 {_HELD}")) == 1
    waiting = asyncio.create_task(hold(1, one))
    await wait_for_rows(database_url, "SELECT 1 FROM pg_locks WHERE NOT granted")
    many.set()
    await holding
    one.set()
    await waiting


async def test_two_with_the_same_values_never_wait_in_a_circle(tables: None) -> None:
    values = [(str(number), "phone") for number in range(50)]

    async def hold(order: list[tuple[str, str]], vault: Vault) -> None:
        async with transaction() as connection:
            await lock_values(connection, vault, order)

    try:
        await asyncio.gather(
            *(hold(values[:: (1, -1)[n % 2]], (DURING, PREPARED)[n % 2]) for n in range(40))
        )
    except asyncpg.DeadlockDetectedError:
        pytest.fail("they waited for one another")
