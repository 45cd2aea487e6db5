"""Hashing passwords: Argon2id, off the event loop, and never many at once."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import DomainError

_Answer = TypeVar("_Answer")

#: Hashes at one time in a process: each takes 64 MiB and some 60 ms of two cores.
_AT_ONCE = 2
#: Who would be further back in the line is told to come again: a flood of sign-ins must not
#: fill the memory, nor keep staff waiting for a minute.
MOST_WAITING = 32
_RETRY_SECONDS = 5


class Hasher:
    """Makes and checks the hashes of passwords. The parameters are RFC 9106's second choice.

    To be closed. The hash names its parameters, so old ones are checked with theirs.
    """

    def __init__(
        self, *, time_cost: int = 3, memory_kib: int = 64 * 1024, parallelism: int = 4
    ) -> None:
        self._argon2 = PasswordHasher(time_cost, memory_kib, parallelism)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="passwords")
        self._waiting = 0
        #: Checked where there is no account, so that this takes as long.
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises DomainError slow_down where too many wait."""
        return await self._run(lambda: self._argon2.hash(_bytes_of(password)))

    async def matches(self, hash: str | None, password: str) -> bool:
        """Whether `hash` was made of `password`; takes as long where there is none.

        Raises DomainError slow_down where too many wait.
        """
        return await self._run(lambda: self._matches(hash, _bytes_of(password)))

    def is_outdated(self, hash: str) -> bool:
        """Whether it was made with other parameters than today's: make it anew when its password
        is at hand."""
        return self._argon2.check_needs_rehash(hash)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def _matches(self, hash: str | None, password: bytes) -> bool:
        if hash is None:
            self._nobody = self._nobody or self._argon2.hash(b"nobody")
        try:
            return self._argon2.verify(hash or self._nobody, password) and hash is not None
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], _Answer]) -> _Answer:
        if self._waiting >= MOST_WAITING:
            raise DomainError("slow_down", retry_after=_RETRY_SECONDS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _bytes_of(password: str) -> bytes:
    """One form for what looks alike, however a keyboard composes it; half a surrogate pair too."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
