"""Ids that sort by time, sealed columns and blind indexes, in PostgreSQL."""

import time
from collections.abc import AsyncIterator
from uuid import RFC_4122, UUID

import pytest
from tortoise import Tortoise
from tortoise.migrations.writer import ImportManager, render_value

from domain.sealed import index_fields, match_index, open_field, seal_field
from domain.vault import SealBroken, Vault
from models.columns import OpaqueId, new_id
from models.database import tortoise_config
from settings import DataKey
from tests.integration.models.holding import Holder, Thing

OLD, NEW = DataKey("k1", bytes(range(32))), DataKey("k2", bytes(range(32, 64)))
PHONE = "13800138000"


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[None]:
    config = tortoise_config(database_url)
    config["apps"] = {
        "trial": {"models": ["tests.integration.models.holding"], "default_connection": "default"}
    }
    await Tortoise.init(config=config, _enable_global_fallback=True)
    await Tortoise.generate_schemas()
    yield
    await Tortoise.close_connections()


async def keep(vault: Vault, phone: str = PHONE) -> Holder:
    id = new_id()
    return await Holder.create(
        id=id,
        name_sealed=seal_field(vault, Holder, "name", id, "王素梅"),
        phone_sealed=seal_field(vault, Holder, "phone", id, phone),
        **index_fields(vault, phone=(phone, "phone")),
    )


async def find(vault: Vault, phone: str = PHONE) -> list[UUID]:
    return [row.id for row in await Holder.filter(match_index(vault, "phone", phone, "phone"))]


def test_an_id_is_of_version_7_and_tells_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    id = new_id()
    assert (id.version, id.variant) == (7, RFC_4122)
    assert before <= id.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_are_all_different_and_later_ones_greater() -> None:
    ids = []
    for _ in range(2000):
        ids.append(new_id())
        # Two within a quarter of a microsecond stand in the order of chance.
        until = time.time_ns() + 1000
        while time.time_ns() < until:
            pass
    assert ids == sorted(ids)
    assert len({new_id() for _ in range(20_000)}) == 20_000


async def test_postgresql_sorts_them_as_we_do(tables: None) -> None:
    vault = Vault([OLD])
    made = []
    for number in range(5):
        made.append((await keep(vault, f"1380013800{number}")).id)
        time.sleep(0.002)
    rows = await Holder.all().order_by("id")
    assert [row.id for row in rows] == made


async def test_a_key_to_another_table_is_no_id_of_its_own(tables: None) -> None:
    holder = await keep(Vault([OLD]))
    thing = await Thing.create(holder=holder)
    assert (await Thing.get(id=thing.id)).holder_id == holder.id  # type: ignore[attr-defined]
    assert Thing._meta.fields_map["holder_id"].default is None


def test_a_migration_can_write_the_column_down() -> None:
    path, _, kwargs = OpaqueId().deconstruct()
    assert path == "models.columns.OpaqueId"
    imports = ImportManager()
    assert render_value(kwargs["default"], imports) == "new_id"
    assert imports.render() == ["from models.columns import new_id"]
    assert OpaqueId(**kwargs).pk


async def test_what_is_sealed_opens_in_its_row_and_column_alone(tables: None) -> None:
    vault = Vault([OLD])
    one, other = await keep(vault), await keep(vault)
    row = await Holder.get(id=one.id)
    assert (open_field(vault, row, "name"), open_field(vault, row, "phone")) == ("王素梅", PHONE)
    for sealed in (other.phone_sealed, one.name_sealed):
        row.phone_sealed = sealed
        with pytest.raises(SealBroken):
            open_field(vault, row, "phone")


def test_only_sealed_columns_are_sealed() -> None:
    with pytest.raises(TypeError, match="no sealed index_key_id"):
        seal_field(Vault([OLD]), Holder, "index_key_id", new_id(), "k1")


async def test_half_a_surrogate_pair_is_kept_as_it_came(tables: None) -> None:
    vault = Vault([OLD])
    row = Holder(id=new_id())
    row.name_sealed = seal_field(vault, Holder, "name", row.id, "王\ud83d")
    assert open_field(vault, row, "name") == "王\ud83d"


async def test_rows_are_found_while_keys_are_rotated(tables: None) -> None:
    before, during, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    old = await keep(before)
    new = await keep(during)
    assert (old.index_key_id, new.index_key_id) == ("k1", "k2")
    assert sorted(await find(during)) == sorted([old.id, new.id])
    assert await find(before) == [old.id]
    # The rotation makes the old row's index anew.
    columns = index_fields(during, phone=(open_field(during, old, "phone"), "phone"))
    await Holder.filter(id=old.id, index_key_id="k1").update(**columns)
    assert sorted(await find(after)) == sorted([old.id, new.id])
    assert await find(during, "13900139000") == []


def test_indexes_that_stand_alone_stay_the_last_keys() -> None:
    """Those of senders are in tables that do not say which key made them."""
    during = Vault([NEW, OLD])
    assert during.index(PHONE, "phone") == Vault([OLD]).index(PHONE, "phone")
    assert during.index(PHONE, "phone") != during.index_with("k2", PHONE, "phone")
