"""Scans of paper sign-in sheets (纸质签到表): handed in before what stands on them is entered.

A sheet shows names and signatures as they are: whoever looks at one is on record each time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from domain.actor import Actor
from domain.attendance.classes import find_attended_class
from domain.attendance.rules import Wants
from domain.audit.log import record
from domain.employers.contacts import require_still_acting
from domain.errors import DomainError
from domain.files.keeping import find_file, keep_file, list_files, put_content, read_content
from domain.files.store import FileStore
from domain.permissions import Permission
from domain.vault import Vault
from models.files import StoredFile
from models.transactions import transaction

#: What the files belong to (models.files.StoredFile.kind).
OF_CLASS = "class"
#: A photo of a telephone, or a few pages of a scanner.
MOST_BYTES = 10 * 1024 * 1024
MEDIA_TYPES: Collection[str] = frozenset({"image/jpeg", "image/png", "application/pdf"})
#: A sheet for each session, and some again.
_MOST_FILES = 400


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan as its doors see it. media_type: by its first bytes; size in bytes."""

    id: UUID
    media_type: str
    size: int
    sha256: str
    made_by: str
    made_at: datetime


async def add_scan(
    actor: Actor,
    vault: Vault,
    store: FileStore,
    *,
    class_id: UUID,
    content: bytes,
    media_type: str,
    now: datetime,
) -> Scan:
    """Keep the scan of a sheet of the class. media_type: by its first bytes.

    The same scan once more is the one that is there.
    Raises DomainError: no_permission, not_found; unsupported_media_type, too_large;
    too_many_scans; unavailable where files lie somewhere that does not answer.
    """
    if media_type not in MEDIA_TYPES:
        raise DomainError("unsupported_media_type", accepted=sorted(MEDIA_TYPES))
    if len(content) > MOST_BYTES:
        raise DomainError("too_large", limit_bytes=MOST_BYTES)
    connection = get_connection("default")
    # Before the bytes go anywhere.
    await find_attended_class(connection, actor, Permission.ENTER_CHECK_INS, Wants(), class_id)
    put = await put_content(vault, store, content)
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        await find_attended_class(connection, actor, Permission.ENTER_CHECK_INS, Wants(), class_id)
        known = await list_files(connection, OF_CLASS, class_id)
        same = next((one for one in known if one.sha256 == put.sha256), None)
        if same is not None:
            return _show(same)
        if len(known) >= _MOST_FILES:
            raise DomainError("too_many_scans", most=_MOST_FILES)
        file = await keep_file(
            connection,
            actor,
            put,
            kind=OF_CLASS,
            about=class_id,
            media_type=media_type,
            now=now,
        )
        await record(
            connection,
            actor,
            "scan.add",
            about=("class", class_id),
            facts={"file": str(file.id), "sha256": file.sha256},
            now=now,
        )
    return _show(file)


async def find_scan(actor: Actor, class_id: UUID, file_id: UUID) -> Scan:
    """A scan of the class, without what is in it. Raises DomainError: no_permission, not_found."""
    return _show(await _find(actor, class_id, file_id))


async def list_scans(actor: Actor, class_id: UUID) -> list[Scan]:
    """The scans of the class, the newest first. Raises DomainError: no_permission, not_found."""
    connection = get_connection("default")
    await find_attended_class(connection, actor, Permission.SEE_ATTENDANCE, Wants(), class_id)
    return [_show(file) for file in await list_files(connection, OF_CLASS, class_id)]


async def see_scan(
    actor: Actor,
    vault: Vault,
    store: FileStore,
    *,
    class_id: UUID,
    file_id: UUID,
    now: datetime,
) -> tuple[Scan, bytes]:
    """A scan with what is in it; on record. Raises DomainError: no_permission, not_found; what
    domain.files.keeping.read_content raises."""
    file = await _find(actor, class_id, file_id)
    content = await read_content(vault, store, file)
    async with transaction() as connection:
        await record(
            connection,
            actor,
            "scan.see",
            about=("class", class_id),
            facts={"file": str(file.id)},
            now=now,
        )
    return _show(file), content


async def require_scan(connection: BaseDBAsyncClient, class_id: UUID, file_id: UUID) -> None:
    """Whether it is a scan of the class, until the transaction ends. Raises DomainError
    check_in_entered_wrong."""
    found = await (
        StoredFile.filter(id=file_id, kind=OF_CLASS, about=class_id)
        .using_db(connection)
        .select_for_update(no_key=True)
        .exists()
    )
    if not found:
        raise DomainError("check_in_entered_wrong", about="document")


async def _find(actor: Actor, class_id: UUID, file_id: UUID) -> StoredFile:
    connection = get_connection("default")
    await find_attended_class(connection, actor, Permission.SEE_ATTENDANCE, Wants(), class_id)
    return await find_file(connection, OF_CLASS, class_id, file_id)


def _show(file: StoredFile) -> Scan:
    return Scan(file.id, file.media_type, file.size, file.sha256, file.made_by, file.made_at)
