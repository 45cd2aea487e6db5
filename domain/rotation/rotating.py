"""Everything that is sealed gets the first key, in passes, until nothing of another is left.

What is done is seen in the rows themselves: whoever is stopped or killed begins again and finds
only what is still to do.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from domain.rotation.batches import Batch, find_window_end, rotate_batch
from domain.rotation.counting import (
    Fault,
    TableState,
    count_keys,
    count_sealed_with,
    count_to_do,
    find_wrong_keys,
)
from domain.rotation.statements import NOT_SEALED
from domain.rotation.tables import SealedTable
from domain.vault import Vault

#: After so many something is still writing with an old key, and would for ever.
MOST_PASSES = 5
#: Between two passes: whoever held a row has let it go.
_PAUSE_SECONDS = 1.0
#: Between two batches, so that others get at PostgreSQL.
_REST_SECONDS = 0.01


class KeysUnfit(Exception):  # noqa: N818 (what happened, not what kind of class)
    """Not everything can be opened: nothing was begun. By their ids: `missing` keys, with how many
    rows need them, and `wrong` ones, which are here and open nothing."""

    def __init__(self, missing: dict[str, int], wrong: Sequence[str]) -> None:
        super().__init__(*missing, *wrong)
        self.missing = missing
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `of` rows so far, in the pass `number`; `table` is being done."""

    table: str
    number: int
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`left` rows still hold something of an old key, the refused ones among them. Where it is
    more than those and nobody stopped it, a process is still writing with an old key."""

    done: int
    left: int
    refused: tuple[Fault, ...]
    stopped: bool


async def require_fit_keys(tables: Sequence[SealedTable], vault: Vault) -> list[TableState]:
    """The state of each table. Raises KeysUnfit where a key is missing or is not the right one."""
    states = [await count_keys(table) for table in tables]
    missing: dict[str, int] = {}
    for state in states:
        for key_id in state.by_key:
            if key_id != NOT_SEALED and not vault.can_open(key_id):
                rows = await count_sealed_with(state.table, key_id)
                missing[key_id] = missing.get(key_id, 0) + rows
    # A key that only indexes name is not needed: they are made from what is sealed.
    missing = {key_id: rows for key_id, rows in missing.items() if rows}
    wrong = await find_wrong_keys(states, vault)
    if missing or wrong:
        raise KeysUnfit(missing, wrong)
    return states


async def rotate(
    tables: Sequence[SealedTable],
    vault: Vault,
    stop: asyncio.Event,
    report: Callable[[Progress], object],
    *,
    pause_seconds: float = _PAUSE_SECONDS,
    rest_seconds: float = _REST_SECONDS,
) -> Outcome:
    """Until nothing is left, or `stop` is set: then it ends with the batch that is under way.

    `report` is called after each batch. Raises KeysUnfit before anything is done, and what the
    driver raises where PostgreSQL goes away.
    """
    await require_fit_keys(tables, vault)
    to_do = {table: await count_to_do(table, vault) for table in tables}
    done = 0
    refused: list[Fault] = []
    for number in range(1, MOST_PASSES + 1):
        of = done + sum(to_do.values())
        refused = []
        for table in filter(to_do.get, tables):
            async for batch in _rotate_table(table, vault, stop):
                done += batch.done
                refused += batch.refused
                report(Progress(table.name, number, done, max(of, done)))
                await asyncio.sleep(rest_seconds)
        to_do = {table: await count_to_do(table, vault) for table in tables}
        left = sum(to_do.values())
        if stop.is_set() or left <= len(refused) or number == MOST_PASSES:
            break
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_seconds):
                await stop.wait()
    return Outcome(done, left, tuple(refused), stop.is_set())


async def _rotate_table(
    table: SealedTable, vault: Vault, stop: asyncio.Event
) -> AsyncIterator[Batch]:
    """Every batch of one pass through the table, in the order of its keys, until `stop`."""
    after: object | None = None
    while not stop.is_set():
        until = await find_window_end(table, after)
        while not stop.is_set():
            batch = await rotate_batch(table, vault, after, until)
            if batch.last is None:
                break
            after = batch.last
            yield batch
        if until is None:
            return
        after = until
