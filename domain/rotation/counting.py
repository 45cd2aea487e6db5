"""How much is sealed with which key, and whether what the keys say is true."""

from collections.abc import Iterable
from dataclasses import dataclass

from tortoise.connection import get_connection

from domain.rotation import statements
from domain.rotation.tables import Row, SealedColumn, SealedTable
from domain.vault import SealBroken, Vault

#: Of one key in one column so many values are opened, to see whether the key is the right one.
_SAMPLES = 3
#: Rows that are checked with one statement.
_CHECKED = 2000


@dataclass(frozen=True, slots=True)
class TableState:
    """How many rows of a table hold something of each key, by the key's id (`NOT_SEALED` for what
    no vault has written); a row in the middle of a change counts under several."""

    table: SealedTable
    by_key: dict[str, int]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, named by its primary key."""

    table: str
    row: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that were opened one by one. `last` is the key to go on behind, None at the end."""

    rows: int
    faults: tuple[Fault, ...]
    last: object | None


async def count_keys(table: SealedTable) -> TableState:
    """Reads the whole table once."""
    rows = await _ask(statements.count_rows_by_key(table))
    return TableState(table, {row["key"]: row["rows"] for row in rows})


async def count_sealed_with(table: SealedTable, key_id: str) -> int:
    """Rows of which something could not be opened without the key. Reads the whole table once."""
    rows = await _ask(statements.count_rows_sealed_with(table), key_id)
    return int(rows[0]["rows"])


async def count_to_do(table: SealedTable, vault: Vault) -> int:
    """Rows with anything that is not the first key's. Reads the whole table once."""
    rows = await _ask(statements.count_rows_to_do(table), vault.header, vault.writing_key_id)
    return int(rows[0]["rows"])


async def find_wrong_keys(states: Iterable[TableState], vault: Vault) -> list[str]:
    """The ids of keys that are here and open nothing that was sealed under their name, as far as
    some values of each column tell."""
    opens: dict[str, bool] = {}
    for state in states:
        for key_id in filter(vault.can_open, state.by_key):
            for column in state.table.sealed:
                statement = statements.list_rows_of_key(state.table, column.name, _SAMPLES)
                for row in await _ask(statement, key_id):
                    opens[key_id] = opens.get(key_id, False) or _opens(column, vault, row)
    return sorted(key_id for key_id, any_opened in opens.items() if not any_opened)


async def check_rows(table: SealedTable, vault: Vault, after: object | None) -> Checked:
    """Open the next rows behind the key `after` and compare their indexes: whether each can be
    read and found with the first key alone."""
    bounds = [] if after is None else [after]
    rows = await _ask(statements.list_rows(table, _CHECKED, behind=bool(bounds)), *bounds)
    faults = tuple(
        Fault(table.name, name_row(table, row), reason)
        for row in rows
        for reason in _list_faults(table, vault, row)
    )
    return Checked(len(rows), faults, rows[-1][table.key] if len(rows) == _CHECKED else None)


def name_row(table: SealedTable, row: Row) -> str:
    """The row's primary key, as whoever looks for it writes it."""
    key = row[table.key]
    return key.hex() if isinstance(key, bytes) else str(key)


def _list_faults(table: SealedTable, vault: Vault, row: Row) -> list[str]:
    faults: list[str] = []
    plains: dict[str, bytes | None] = {}
    for column in table.sealed:
        try:
            plains[column.name] = column.open(vault, row)
        except SealBroken:
            faults.append(f"{column.name} 打不开")
            continue
        if row[column.name] is not None and not row[column.name].startswith(vault.header):
            faults.append(f"{column.name} 还在用旧密钥")
    if table.key_id and row[table.key_id] != vault.writing_key_id:
        faults.append(f"{table.key_id} 还是旧密钥")
    else:
        faults += [
            f"{index.name} 和内容对不上"
            for index in table.indexes
            if index.source in plains and row[index.name] != index.make(vault, plains[index.source])
        ]
    return faults


def _opens(column: SealedColumn, vault: Vault, row: Row) -> bool:
    try:
        column.open(vault, row)
    except SealBroken:
        return False
    return True


async def _ask(statement: str, *values: object) -> list[Row]:
    rows: list[Row] = await get_connection("default").execute_query_dict(statement, list(values))
    return rows
