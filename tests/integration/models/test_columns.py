"""Ids that sort by time, in PostgreSQL; indexes that stand alone."""

import time
from uuid import RFC_4122

from tortoise.migrations.writer import ImportManager, render_value

from domain.sealed import seal_columns
from domain.vault import Vault
from models.columns import OpaqueId, new_id
from settings import DataKey
from tests.integration.models.trial_tables import Holder, Thing

OLD, NEW = DataKey("k1", bytes(range(32))), DataKey("k2", bytes(range(32, 64)))
PHONE = "13800138000"


async def keep(vault: Vault, phone: str = PHONE) -> Holder:
    id = new_id()
    return await Holder.create(id=id, **seal_columns(vault, Holder, id, name="王素梅", phone=phone))


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


def test_indexes_that_stand_alone_stay_the_last_keys() -> None:
    """Those of senders are in tables that do not say which key made them."""
    during = Vault([NEW, OLD])
    assert during.index(PHONE, "phone") == Vault([OLD]).index(PHONE, "phone")
    assert during.index(PHONE, "phone") != during.index_with("k2", PHONE, "phone")
