"""Keeping a file, reading it again, letting it go with what it belongs to.

What may be done to the thing is asked by the area that the thing is of, before it comes here; so is
the audit log. Names of files are never asked for: a file is known by its id.

    file = await put_content(vault, store, content)
    async with transaction() as connection:
        …
        await keep_file(connection, file, kind="class", about=class_id, …)

The bytes come before the row. Where the row is not written they are left over, and nobody has the
key; sweeping.py takes them away. A row that is deleted takes the key with it: from that moment on
nobody reads the file, also in a copy of the store.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.errors import DomainError
from domain.files.sealing import make_key, open_content, seal_content
from domain.files.store import FileStore
from domain.sealed import open_bytes, seal_columns
from domain.vault import Vault
from models.columns import new_id
from models.files import StoredFile

#: Whatever area it is of: no file is larger, for it is sealed in one piece.
MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Put:
    """What lies in the store and has no row yet. columns: those of the row, `key_sealed` too."""

    id: UUID
    size: int
    sha256: str
    key_sealed: bytes


async def put_content(vault: Vault, store: FileStore, content: bytes) -> Put:
    """Seal `content` under a key of its own and hand it to the store.

    Raises DomainError: too_large; unavailable where the store does not take it.
    """
    if len(content) > MOST_BYTES:
        raise DomainError("too_large", limit_bytes=MOST_BYTES)
    file_id, key = new_id(), make_key()
    sealed = await asyncio.to_thread(seal_content, key, file_id, content)
    try:
        await store.put(name_of(file_id), sealed)
    except OSError:
        raise DomainError("unavailable", about="files") from None
    digest = await asyncio.to_thread(hashlib.sha256, content)
    columns = seal_columns(vault, StoredFile, file_id, key=key)
    return Put(file_id, len(content), digest.hexdigest(), columns["key_sealed"])


async def keep_file(
    connection: BaseDBAsyncClient,
    actor: Actor,
    put: Put,
    *,
    kind: str,
    about: UUID,
    media_type: str,
    now: datetime,
) -> StoredFile:
    """Write down what was put, as belonging to the thing `about` of `kind`. media_type: what its
    first bytes say that it is."""
    return await StoredFile.create(
        id=put.id,
        kind=kind,
        about=about,
        media_type=media_type,
        size=put.size,
        sha256=put.sha256,
        key_sealed=put.key_sealed,
        made_by=actor.key,
        made_at=now,
        using_db=connection,
    )


async def list_files(connection: BaseDBAsyncClient, kind: str, about: UUID) -> list[StoredFile]:
    """The files of one thing, the newest first."""
    return await StoredFile.filter(kind=kind, about=about).order_by("-id").using_db(connection)


async def find_file(
    connection: BaseDBAsyncClient, kind: str, about: UUID, file_id: UUID
) -> StoredFile:
    """The file, if it is that thing's. Raises DomainError not_found."""
    query = StoredFile.filter(id=file_id, kind=kind, about=about).using_db(connection)
    file = await query.get_or_none()
    if file is None:
        raise DomainError("not_found", about="file")
    return file


async def read_content(vault: Vault, store: FileStore, file: StoredFile) -> bytes:
    """What was handed in. Raises DomainError: file_missing where the store has lost it,
    unavailable where it does not answer; domain.vault.SealBroken where it was changed."""
    key = open_bytes(vault, file, "key")
    if key is None:
        raise ValueError(f"file {file.id} has no key")
    try:
        sealed = await store.get(name_of(file.id))
    except FileNotFoundError:
        raise DomainError("file_missing") from None
    except OSError:
        raise DomainError("unavailable", about="files") from None
    return await asyncio.to_thread(open_content, key, file.id, sealed)


async def let_go(connection: BaseDBAsyncClient, kind: str, about: Sequence[UUID]) -> int:
    """Delete the rows of all files of these things, and their keys with them; how many there
    were. The bytes go with the next sweep."""
    return await StoredFile.filter(kind=kind, about__in=list(about)).using_db(connection).delete()


def name_of(file_id: UUID) -> str:
    """Where it lies in the store: what was made last does not all lie in one folder."""
    return f"{file_id.hex[-2:]}/{file_id}"


def id_in(name: str) -> UUID | None:
    """The file that lies there; None for what is none of ours."""
    try:
        file_id = UUID(name.rpartition("/")[2])
    except ValueError:
        return None
    return file_id if name_of(file_id) == name else None
