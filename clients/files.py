"""Where files lie: a folder of this machine, or a bucket of whoever speaks S3 (obstore).

Whatever goes wrong is an OSError: FileNotFoundError for what is not there, ConnectionError for a
store that is away. Nothing connects before it is used.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from settings import Bucket

#: Of one call to a bucket, its retries with it: a person waits for it.
_CALL_SECONDS, _CONNECT_SECONDS = 20, 3
_RETRIES = 2


class Files:
    """The store that `place` names: a folder, which is made where it is not there, or a bucket."""

    def __init__(self, place: Path | Bucket) -> None:
        self._place = place

    @cached_property
    def _store(self) -> ObjectStore:
        if isinstance(self._place, Bucket):
            return _open_bucket(self._place)
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(self._place)

    async def put(self, name: str, content: bytes) -> None:
        """Write a new file, whole or not at all."""
        with _telling():
            await obstore.put_async(self._store, name, content)

    async def get(self, name: str) -> bytes:
        """What was put."""
        with _telling():
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())

    async def delete(self, name: str) -> None:
        """Away with it; one that is not there is none."""
        with _telling():
            try:
                await obstore.delete_async(self._store, name)
            except FileNotFoundError:
                return

    async def list_before(self, moment: datetime) -> AsyncIterator[str]:
        """The names of all that were put before `moment`."""
        with _telling():
            async for found in obstore.list(self._store, chunk_size=500):
                for one in found:
                    if one["last_modified"] < moment:
                        yield one["path"]


def _open_bucket(bucket: Bucket) -> S3Store:
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        endpoint=bucket.endpoint,
        region=bucket.region,
        access_key_id=bucket.key_id,
        secret_access_key=bucket.secret,
        virtual_hosted_style_request=bucket.name_in_host,
        client_options={
            "allow_http": bucket.endpoint.startswith("http://"),
            "timeout": timedelta(seconds=_CALL_SECONDS),
            "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
        },
        retry_config={
            "max_retries": _RETRIES,
            "retry_timeout": timedelta(seconds=_CALL_SECONDS),
        },
    )


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        raise ConnectionError(f"files: {type(error).__name__}") from error
