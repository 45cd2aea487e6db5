"""What lies in the store and belongs to nothing any more goes, every night."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.actor import System
from domain.files.keeping import id_in, name_of
from domain.files.store import FileStore
from models.files import StoredFile

#: Between the bytes and the row lies a request; a day is more than any takes.
_LEFT_OVER = timedelta(days=1)
_BATCH = 500


async def sweep_files(
    actor: System,  # noqa: ARG001
    store: FileStore,
    *,
    now: datetime,
) -> int:
    """Delete what has no row. Answers how many files that were; raises OSError where the store is
    away, and whatever was deleted by then is."""
    swept, batch = 0, list[UUID]()
    async for name in store.list_before(now - _LEFT_OVER):
        file_id = id_in(name)
        # What is not ours we leave alone.
        if file_id is not None:
            batch.append(file_id)
        if len(batch) >= _BATCH:
            swept += await _sweep(store, batch)
            batch.clear()
    return swept + await _sweep(store, batch)


async def _sweep(store: FileStore, batch: Sequence[UUID]) -> int:
    known = set(await StoredFile.filter(id__in=list(batch)).values_list("id", flat=True))
    gone = [one for one in batch if one not in known]
    for one in gone:
        await store.delete(name_of(one))
    return len(gone)
