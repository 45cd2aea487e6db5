"""Some rows are sealed and indexed anew in one short transaction."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError

from domain.rotation import statements
from domain.rotation.counting import Fault, name_row
from domain.rotation.tables import Row, SealedTable
from domain.vault import SealBroken, Vault
from models.transactions import transaction

#: Rows held at once: some ten milliseconds, for which whoever wants one of them waits.
MOST_ROWS = 200
#: Rows that one statement looks through for such as are still to do.
_WINDOW = 5000


@dataclass(frozen=True, slots=True)
class Batch:
    """What a transaction did. A row that was refused stays as it was: nothing of it is lost, and
    it still needs its old key. `last` is the key of the last row taken, None where none was found.
    """

    done: int
    refused: tuple[Fault, ...]
    last: object | None


async def find_window_end(table: SealedTable, after: object | None) -> object | None:
    """The key of the 5,000th row behind the key `after`, None where there are fewer."""
    bounds = [] if after is None else [after]
    rows = await get_connection("default").execute_query_dict(
        statements.find_key_of_row(table, _WINDOW, behind=bool(bounds)), bounds
    )
    return rows[0][table.key] if rows else None


async def rotate_batch(
    table: SealedTable, vault: Vault, after: object | None, until: object | None
) -> Batch:
    """Seal and index anew what is not the first key's, of the next 200 rows at most whose keys
    are behind `after` and up to `until`.

    Rows that somebody holds are left out: the next pass finds them.
    """
    async with transaction() as connection:
        rows = await _take_rows(connection, table, vault, after, until)
        if not rows:
            return Batch(0, (), None)
        changes: list[tuple[Row, list[object]]] = []
        refused: list[Fault] = []
        for row in rows:
            try:
                changes.append((row, _change(table, vault, row)))
            except SealBroken:
                reason = "打不开：内容已经损坏，或者密钥不对"
                refused.append(Fault(table.name, name_row(table, row), reason))
        refused += await _write(connection, table, changes)
    return Batch(len(rows) - len(refused), tuple(refused), rows[-1][table.key])


async def _take_rows(
    connection: BaseDBAsyncClient,
    table: SealedTable,
    vault: Vault,
    after: object | None,
    until: object | None,
) -> Sequence[Row]:
    bounds = {sign: key for sign, key in ((">", after), ("<=", until)) if key is not None}
    rows: Sequence[Row] = await connection.execute_query_dict(
        statements.take_rows_to_do(table, MOST_ROWS, list(bounds)),
        [vault.header, vault.writing_key_id, *bounds.values()],
    )
    return rows


def _change(table: SealedTable, vault: Vault, row: Row) -> list[object]:
    """What `statements.write_row` writes. Raises SealBroken."""
    plains = {column.name: column.open(vault, row) for column in table.sealed}
    changed: list[object] = []
    for column in table.sealed:
        plain, sealed = plains[column.name], row[column.name]
        if plain is not None and not sealed.startswith(vault.header):
            sealed = column.seal(vault, row, plain)
        changed.append(sealed)
    changed += [index.make(vault, plains[index.source]) for index in table.indexes]
    return [*changed, vault.writing_key_id] if table.key_id else changed


async def _write(
    connection: BaseDBAsyncClient, table: SealedTable, changes: list[tuple[Row, list[object]]]
) -> list[Fault]:
    """All together; where PostgreSQL refuses one, each for itself. Answers those refused."""
    statement = statements.write_row(table)
    with contextlib.suppress(IntegrityError):
        async with transaction():
            values = [[row[table.key], *changed] for row, changed in changes]
            await connection.execute_many(statement, values)
        return []
    refused = []
    for row, changed in changes:
        try:
            async with transaction():
                await connection.execute_query(statement, [row[table.key], *changed])
        except IntegrityError:
            # Somebody has written one value twice under two keys without holding it
            # (domain.sealed.hold_value).
            reason = "和另一行重复，两行要先由人处理成一行"
            refused.append(Fault(table.name, name_row(table, row), reason))
    return refused
