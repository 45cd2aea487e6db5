"""Files: sealed each with its own key, the thing's own, gone with it."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tortoise.connection import get_connection

from clients.files import Files
from domain.actor import Role, Staff, System
from domain.errors import DomainError
from domain.files.keeping import (
    MOST_BYTES,
    find_file,
    keep_file,
    let_go,
    list_files,
    name_of,
    put_content,
    read_content,
)
from domain.files.sweeping import sweep_files
from domain.rotation.batches import rotate_batch
from domain.rotation.tables import describe_table
from domain.vault import SealBroken, Vault
from models.columns import new_id
from models.files import StoredFile
from models.transactions import transaction
from settings import DataKey

pytestmark = pytest.mark.usefixtures("database")

CLERK = Staff(UUID(int=7), Role.INSTITUTION, institution=UUID(int=8))
NOW = datetime(2026, 12, 7, 8, 20, tzinfo=UTC)
CONTENT = b"\xff\xd8\xff" + "纸质签到表，张三".encode() * 100


async def keep(vault: Vault, store: Files, about: UUID, content: bytes = CONTENT) -> StoredFile:
    put = await put_content(vault, store, content)
    async with transaction() as connection:
        return await keep_file(
            *(connection, CLERK, put),
            kind="class",
            about=about,
            media_type="image/jpeg",
            now=NOW,
        )


async def test_what_was_kept_is_read_and_lies_sealed(
    vault: Vault, store: Files, tmp_path: Path
) -> None:
    about = new_id()
    file = await keep(vault, store, about)
    assert await read_content(vault, store, file) == CONTENT
    assert (file.size, file.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert file.made_by == CLERK.key
    lying = (tmp_path / "files" / name_of(file.id)).read_bytes()
    assert "张三".encode() not in lying
    again = await keep(vault, store, about)
    # Nobody sees that two are the same.
    assert (tmp_path / "files" / name_of(again.id)).read_bytes()[1:13] != lying[1:13]
    connection = get_connection("default")
    assert [one.id for one in await list_files(connection, "class", about)] == [again.id, file.id]


async def test_a_file_is_that_things_alone(vault: Vault, store: Files) -> None:
    about = new_id()
    file = await keep(vault, store, about)
    connection = get_connection("default")
    assert (await find_file(connection, "class", about, file.id)).id == file.id
    for kind, other in (("class", new_id()), ("complaint", about)):
        with pytest.raises(DomainError, match="not_found"):
            await find_file(connection, kind, other, file.id)


async def test_one_file_in_the_place_of_another_does_not_open(
    vault: Vault, store: Files, tmp_path: Path
) -> None:
    file, other = [await keep(vault, store, new_id()) for _ in range(2)]
    folder = tmp_path / "files"
    (folder / name_of(file.id)).write_bytes((folder / name_of(other.id)).read_bytes())
    with pytest.raises(SealBroken):
        await read_content(vault, store, file)
    await StoredFile.filter(id=file.id).update(key_sealed=other.key_sealed)
    with pytest.raises(SealBroken):
        await read_content(vault, store, await StoredFile.get(id=file.id))


async def test_what_the_store_has_lost_is_told(vault: Vault, store: Files) -> None:
    file = await keep(vault, store, new_id())
    await store.delete(name_of(file.id))
    with pytest.raises(DomainError, match="file_missing"):
        await read_content(vault, store, file)


async def test_nothing_is_kept_that_is_too_large(vault: Vault, store: Files) -> None:
    with pytest.raises(DomainError, match="too_large"):
        await put_content(vault, store, bytes(MOST_BYTES + 1))


async def test_it_opens_after_the_keys_were_rotated(vault: Vault, store: Files) -> None:
    file = await keep(vault, store, new_id())
    both = Vault([DataKey("k2", bytes(32)), DataKey("k1", bytes(range(32)))])
    table = describe_table(StoredFile)
    assert table is not None
    assert [column.name for column in table.sealed] == ["key_sealed"]
    await rotate_batch(table, both, None, None)
    fresh = await StoredFile.get(id=file.id)
    assert fresh.key_sealed != file.key_sealed
    assert await read_content(Vault([DataKey("k2", bytes(32))]), store, fresh) == CONTENT


async def test_what_belongs_to_nothing_any_more_is_swept(
    vault: Vault, store: Files, tmp_path: Path
) -> None:
    about = new_id()
    gone, stays = await keep(vault, store, about), await keep(vault, store, new_id())
    # Bytes whose row was never written, and what somebody else has laid there.
    left = await put_content(vault, store, CONTENT)
    await store.put("readme.txt", b"not ours")
    async with transaction() as connection:
        assert await let_go(connection, "class", [about]) == 1
    nightly, later = System("files.sweep"), datetime.now(UTC) + timedelta(days=2)
    # Within a day a request may still be under way.
    assert await sweep_files(nightly, store, now=datetime.now(UTC)) == 0
    assert await sweep_files(nightly, store, now=later) == 2
    lying = {path.name for path in (tmp_path / "files").rglob("*") if path.is_file()}
    assert lying == {str(stays.id), "readme.txt"}
    assert await read_content(vault, store, stays) == CONTENT
    assert not {str(gone.id), str(left.id)} & lying
