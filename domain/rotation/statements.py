# ruff: noqa: S608 (the names are those of our own models, and values are parameters)
"""The SQL of a rotation: its tables are known only when it runs."""

from domain.rotation.tables import SealedTable

#: Instead of a key's id: a value that no vault has sealed.
NOT_SEALED = "?"

#: The id of the key that has sealed a value (domain.vault: version, length, id); null for null.
_KEY_OF = """CASE WHEN {0} IS NULL THEN NULL
    WHEN octet_length({0}) > 2 AND get_byte({0}, 0) = 1 AND get_byte({0}, 1) > 0
        AND octet_length({0}) >= 2 + get_byte({0}, 1)
    THEN encode(substring({0} from 3 for get_byte({0}, 1)), 'escape')
    ELSE '?' END"""


def count_rows_by_key(table: SealedTable) -> str:
    """(key, rows): how many rows hold something of each key; a row may count under several."""
    keys = [_KEY_OF.format(_quote(column.name)) for column in table.sealed]
    if table.key_id:
        keys.append(_quote(table.key_id))
    values = ", ".join(f"({key})" for key in keys)
    # A column of the table may have any name, so the names of ours say where they are from.
    return f"""
        SELECT found.key, count(*) AS rows FROM {_quote(table.name)} AS sealed, LATERAL (
            SELECT DISTINCT used.key FROM (VALUES {values}) AS used (key)
            WHERE used.key IS NOT NULL
        ) AS found GROUP BY found.key
    """


def count_rows_sealed_with(table: SealedTable) -> str:
    """(rows) of which any value was sealed with the key $1."""
    keys = ", ".join(_KEY_OF.format(_quote(column.name)) for column in table.sealed)
    return f"SELECT count(*) AS rows FROM {_quote(table.name)} WHERE $1 IN ({keys})"


def count_rows_to_do(table: SealedTable) -> str:
    """(rows) with anything that is not the first key's. $1 is its header, $2 its id."""
    return f"SELECT count(*) AS rows FROM {_quote(table.name)} WHERE {_to_do(table)}"


def take_rows_to_do(table: SealedTable, most: int, bounds: list[str]) -> str:
    """The rows themselves, by their key, held; `bounds` are signs of comparison with $3, $4 …

    FOR UPDATE, though NO KEY UPDATE would let rows of other tables that point here be written
    meanwhile: where an index is unique its change needs the whole lock, and would wait for those
    while others wait for it.
    """
    between = "".join(
        f" AND {_quote(table.key)} {sign} ${place}" for place, sign in enumerate(bounds, 3)
    )
    return f"""
        SELECT {_columns(table)} FROM {_quote(table.name)} WHERE {_to_do(table)}{between}
        ORDER BY {_quote(table.key)} LIMIT {most} FOR UPDATE SKIP LOCKED
    """


def write_row(table: SealedTable) -> str:
    """$1 is the row's key; then the sealed columns, the indexes and the key's id, in order."""
    names = [column.name for column in table.sealed] + [column.name for column in table.indexes]
    if table.key_id:
        names.append(table.key_id)
    columns = ", ".join(f"{_quote(name)} = ${place}" for place, name in enumerate(names, 2))
    return f"UPDATE {_quote(table.name)} SET {columns} WHERE {_quote(table.key)} = $1"


def find_key_of_row(table: SealedTable, number: int, *, behind: bool) -> str:
    """The key of the row `number` in the order of keys; `behind` the key $1."""
    return f"""
        SELECT {_quote(table.key)} FROM {_quote(table.name)} {_behind(table, behind)}
        ORDER BY {_quote(table.key)} LIMIT 1 OFFSET {number - 1}
    """


def list_rows(table: SealedTable, most: int, *, behind: bool) -> str:
    """The next rows by their key; `behind` the key $1."""
    return f"""
        SELECT {_columns(table)} FROM {_quote(table.name)} {_behind(table, behind)}
        ORDER BY {_quote(table.key)} LIMIT {most}
    """


def list_rows_of_key(table: SealedTable, column: str, most: int) -> str:
    """Some rows whose value in `column` the key $1 has sealed."""
    return f"""
        SELECT {_columns(table)} FROM {_quote(table.name)}
        WHERE {_KEY_OF.format(_quote(column))} = $1 LIMIT {most}
    """


def _to_do(table: SealedTable) -> str:
    conditions = [
        f"({_quote(column.name)} IS NOT NULL AND"
        f" substring({_quote(column.name)} from 1 for octet_length($1::bytea)) <> $1::bytea)"
        for column in table.sealed
    ]
    key_id = _quote(table.key_id) if table.key_id else "$2"
    return f"({' OR '.join(conditions)} OR {key_id} <> $2::text)"


def _behind(table: SealedTable, behind: bool) -> str:
    return f"WHERE {_quote(table.key)} > $1" if behind else ""


def _columns(table: SealedTable) -> str:
    return ", ".join(map(_quote, table.columns))


def _quote(name: str) -> str:
    return f'"{name}"'
