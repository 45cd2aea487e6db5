"""Tries to sign in, counted before they are made: a hundred at once are a hundred counted.

What turns out right is taken back, or forgotten with all failures before it. Two things are
counted: a name from one place, and a name from everywhere. A place is an address, or a browser in
which the account has signed in before; the latter is not counted with everywhere, so a stranger's
tries never shut out who comes from there. Names that no account has are counted alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.errors import DomainError
from domain.staff.waiting import (
    CODES_FROM_ANYWHERE,
    FROM_ANYWHERE,
    FROM_ONE_PLACE,
    Count,
    Policy,
    add_failure,
    seconds_to_wait,
    take_back,
)
from domain.vault import Vault
from models.staff import SignInAttempts
from models.transactions import transaction

_KEEP = timedelta(days=1)

#: What is tried: a password, or a code behind a right password.
Tried = Literal["password", "code"]


@dataclass(frozen=True, slots=True)
class Place:
    """Whence somebody tries. `name` is an address or the mark of a browser; `known` says that it
    is one in which this account has signed in before."""

    name: str
    known: bool = False


@dataclass(frozen=True, slots=True)
class _Counted:
    key: bytes
    policy: Policy


def _counted(vault: Vault, username: str, place: Place, tried: Tried) -> Sequence[_Counted]:
    """In the order in which they are locked: by key, so that nobody waits in a circle."""
    here = _Counted(vault.index(f"{username}\n{place.name}", "sign-in place"), FROM_ONE_PLACE)
    if place.known:
        return (here,)
    policy = FROM_ANYWHERE if tried == "password" else CODES_FROM_ANYWHERE
    anywhere = _Counted(vault.index(username, f"sign-in {tried}"), policy)
    return sorted((here, anywhere), key=lambda counted: counted.key)


async def count_try(vault: Vault, username: str, place: Place, tried: Tried, now: datetime) -> bool:
    """Count one try as if it had failed; True where it begins a pause.

    Raises DomainError sign_in_paused where there is one already; that try is not made and not
    counted.
    """
    pauses = False
    async with transaction() as connection:
        for counted in _counted(vault, username, place, tried):
            (row,) = await connection.execute_query_dict(_TAKE, [counted.key, now])
            count = Count(row["failures"], row["last_at"], row["paused_until"])
            seconds = seconds_to_wait(count, now)
            if seconds:
                raise DomainError("sign_in_paused", retry_after=seconds)
            count = add_failure(count, counted.policy, now)
            await _save(connection, counted, count)
            pauses = pauses or count.paused_until is not None
    return pauses


async def take_try_back(vault: Vault, username: str, place: Place, tried: Tried) -> None:
    """The last one was right; those before stay counted until the whole way in is done."""
    async with transaction() as connection:
        for counted in _counted(vault, username, place, tried):
            for row in await connection.execute_query_dict(_LOCK, [counted.key]):
                count = Count(row["failures"], row["last_at"], row["paused_until"])
                await _save(connection, counted, take_back(count))


async def forget_tries(vault: Vault, username: str, place: Place) -> None:
    """Somebody has signed in from there: what failed there before is no longer held against it."""
    key = vault.index(f"{username}\n{place.name}", "sign-in place")
    await SignInAttempts.filter(key=key).delete()


async def purge_tries(now: datetime) -> int:
    """Delete the counts that say nothing any more; answers how many."""
    return await SignInAttempts.filter(last_at__lt=now - _KEEP).delete()


async def _save(connection: BaseDBAsyncClient, counted: _Counted, count: Count) -> None:
    values = [counted.key, count.failures, count.last_at, count.paused_until]
    await connection.execute_query(_SAVE, values)


#: The row, locked, and made where there is none: somebody may delete it at the same moment.
_TAKE = """
    INSERT INTO staff_attempts (key, failures, last_at) VALUES ($1, 0, $2)
    ON CONFLICT (key) DO UPDATE SET failures = staff_attempts.failures
    RETURNING failures, last_at, paused_until
"""
_LOCK = "SELECT failures, last_at, paused_until FROM staff_attempts WHERE key = $1 FOR UPDATE"
_SAVE = """
    UPDATE staff_attempts SET failures = $2, last_at = $3, paused_until = $4 WHERE key = $1
"""
