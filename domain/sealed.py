"""Sealed columns and the blind indexes beside them, as every table has them that names people.

A value `phone` of a row is kept in `phone_sealed`, bound to table, field and the row's id, and
found by `phone_index` (models.columns: SealedField, IndexField). All indexes of a row are made
with one key, which `index_key_id` names, so that a rotation finds the rows that it has still to
do. While it runs, rows are found under every key that there is. Values are normalised before they
come here.

    id = new_id()
    await Person.create(id=id, **seal_columns(vault, Person, id, name=name, phone=phone))
    person = await Person.get_or_none(match_index(vault, Person, "phone", phone))
    phone = open_field(vault, person, "phone")

    person = await Person.filter(id=id).using_db(connection).select_for_update().get()
    await person.update_from_dict(change_columns(vault, person, phone=phone)).save(…)

    holders = await hold_value(connection, vault, Person, "id_number", id_number)
    if await holders.exclude(id=id).exists():
        raise DomainError("…")
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, overload
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from domain.vault import Vault
from models.columns import IndexField, SealedField

#: Text, bytes, or what JSON can carry; null is kept as null.
Plain = str | bytes | Mapping[str, Any] | list[Any] | None

_M = TypeVar("_M", bound=Model)


@overload
def seal_field(vault: Vault, model: type[Model], field: str, row_id: UUID, plain: None) -> None: ...
@overload
def seal_field(
    vault: Vault,
    model: type[Model],
    field: str,
    row_id: UUID,
    plain: str | bytes | Mapping[str, Any] | list[Any],
) -> bytes: ...
@overload
def seal_field(
    vault: Vault, model: type[Model], field: str, row_id: UUID, plain: Plain
) -> bytes | None: ...
def seal_field(
    vault: Vault, model: type[Model], field: str, row_id: UUID, plain: Plain
) -> bytes | None:
    """`plain` for the column `<field>_sealed` of the row `row_id` of `model`."""
    place = _place(model, field)
    return None if plain is None else vault.seal(_to_bytes(plain), place, row_id.bytes)


def open_field(vault: Vault, row: Model, field: str) -> str:
    """The text that was sealed in `<field>_sealed` of `row`. Raises domain.vault.SealBroken, and
    ValueError where there is none."""
    return _require(row, field, open_field_or_none(vault, row, field))


def open_field_or_none(vault: Vault, row: Model, field: str) -> str | None:
    """The same, None where there is none."""
    plain = open_bytes(vault, row, field)
    return None if plain is None else plain.decode("utf-8", "surrogatepass")


def open_bytes(vault: Vault, row: Model, field: str) -> bytes | None:
    """The bytes that were sealed in `<field>_sealed` of `row`. Raises domain.vault.SealBroken."""
    place = _place(type(row), field)
    sealed: bytes | None = getattr(row, f"{field}_sealed")
    return None if sealed is None else vault.open(sealed, place, row.pk.bytes)


def open_json(vault: Vault, row: Model, field: str) -> Any:
    """The object or list that was sealed in `<field>_sealed` of `row`, None where there is none."""
    plain = open_bytes(vault, row, field)
    return None if plain is None else json.loads(plain)


def seal_columns(vault: Vault, model: type[Model], row_id: UUID, **values: Plain) -> dict[str, Any]:
    """The columns of a new row: `<field>_sealed` of each value, all indexes and `index_key_id`.

    A value that is left out is null.
    """
    sealed = {
        f"{field}_sealed": seal_field(vault, model, field, row_id, plain)
        for field, plain in values.items()
    }
    return sealed | _make_indexes(vault, model, values)


def change_columns(vault: Vault, row: Model, **values: Plain) -> dict[str, Any]:
    """The columns of `row` that change with these values. Call while the row is held FOR UPDATE.

    All of its indexes are made anew, from what is sealed in it where no new value is given: they
    are one key's, and the row may be another's.
    """
    model = type(row)
    known = {
        source: values[source] if source in values else open_field_or_none(vault, row, source)
        for source in set(index_sources(model).values())
    }
    sealed = {
        f"{field}_sealed": seal_field(vault, model, field, row.pk, plain)
        for field, plain in values.items()
    }
    return sealed | _make_indexes(vault, model, known)


@overload
def index_fields(vault: Vault, model: type[Model], /, **values: str | None) -> dict[str, Any]: ...
@overload
def index_fields(vault: Vault, /, **values: tuple[str, str]) -> dict[str, Any]: ...
def index_fields(
    vault: Vault, model: type[Model] | None = None, /, **values: Any
) -> dict[str, Any]:
    """The columns by which a row is found: all its indexes, and `index_key_id`.

    `values` are those of the sealed fields that `model` has indexes of, every one. Without a
    model, (value, purpose) of each: for tables that do not say it in their columns.
    """
    if model is not None:
        sources = set(index_sources(model).values())
        if set(values) != sources:
            raise TypeError(f"{model.__name__} has indexes of {sorted(sources)}: give them all")
        return _make_indexes(vault, model, values)
    key_id = vault.index_key_ids[0]
    columns: dict[str, Any] = {"index_key_id": key_id}
    for field, (value, purpose) in values.items():
        columns[f"{field}_index"] = vault.index_with(key_id, value, purpose)
    return columns


@overload
def match_index(
    vault: Vault, model: type[Model], field: str, value: str, /, *, through: str = ""
) -> Q: ...
@overload
def match_index(vault: Vault, field: str, value: str, purpose: str, /) -> Q: ...
def match_index(
    vault: Vault, model: type[Model] | str, field: str, value: str, /, *, through: str = ""
) -> Q:
    """The condition that finds rows of `model` by `<field>_index`, whichever key made it.

    `through` is the relation that leads to `model` from where it is asked ("person").
    Without a model: field, value, purpose.
    """
    if isinstance(model, str):
        return _match(vault, model, field, value)
    prefix = f"{through}__" if through else ""
    return _match(vault, prefix + field, value, _index_of(model, field).purpose)


async def hold_value(
    connection: BaseDBAsyncClient, vault: Vault, model: type[_M], field: str, value: str
) -> QuerySet[_M]:
    """The rows that have `value` already, of which there shall be one. Until the transaction ends
    nobody else is told, for whom this function is the way to ask."""
    await lock_value(connection, vault, value, _index_of(model, field).purpose)
    return model.filter(match_index(vault, model, field, value)).using_db(connection)


async def lock_value(connection: BaseDBAsyncClient, vault: Vault, value: str, purpose: str) -> None:
    """Until the transaction ends nobody else holds this value of this purpose.

    Two rows of one value under two keys do not meet in a unique constraint: whoever writes what
    must be unique holds it first, then looks it up.
    """
    await lock_values(connection, vault, [(value, purpose)])


async def lock_values(
    connection: BaseDBAsyncClient, vault: Vault, values: Iterable[tuple[str, str]]
) -> None:
    """The same for several (value, purpose). Call once in a transaction: all take their locks in
    one order, so nobody waits in a circle.

    More than 500 at once hold all values there are, for PostgreSQL has room for some 6,400 locks:
    everybody else waits meanwhile. Where that takes longer than a moment, go in parts.
    """
    distinct = set(values)
    alone = len(distinct) > _MOST_HELD
    numbers = [] if alone else sorted(_lock_numbers(vault, distinct))
    await connection.execute_query(
        _LOCK, [_LOCK_SPACE, [_EVERYTHING, *numbers], [alone, *(True for _ in numbers)]]
    )


#: The first number of these advisory locks; domain.messaging.forgetting has another.
_LOCK_SPACE = 0x7A7075
#: Shared by all who hold some values, and alone by who holds everything.
_EVERYTHING = -1
_MOST_HELD = 500
_LOCK = """
    SELECT CASE WHEN alone THEN pg_advisory_xact_lock($1, number)
                ELSE pg_advisory_xact_lock_shared($1, number) END
    FROM unnest($2::int[], $3::bool[]) AS lock (number, alone)
"""


def _lock_numbers(vault: Vault, values: Iterable[tuple[str, str]]) -> set[int]:
    """A number for each value under each key. Of two processes each knows the key that the other
    writes with, or they could not read one another's rows: so they meet at one number at least,
    whatever the order of their keys. A number without a key would tell PostgreSQL the value, for
    there are not many."""
    return {
        int.from_bytes(vault.index_with(key_id, value, f"lock {purpose}")[:4]) >> 1
        for value, purpose in values
        for key_id in vault.index_key_ids
    }


def index_sources(model: type[Model]) -> dict[str, str]:
    """The sealed field that each `<field>_index` of `model` is made from, by `<field>`."""
    return {
        name.removesuffix("_index"): column.of or name.removesuffix("_index")
        for name, column in model._meta.fields_map.items()
        if isinstance(column, IndexField)
    }


def _make_indexes(vault: Vault, model: type[Model], values: Mapping[str, Plain]) -> dict[str, Any]:
    """Every index of `model` with the first key, from the sealed fields' values."""
    sources = index_sources(model)
    if not sources:
        return {}
    key_id = vault.index_key_ids[0]
    columns: dict[str, Any] = {"index_key_id": key_id}
    for field, source in sources.items():
        value = values.get(source)
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{model.__name__}.{source} has an index, and is not text")
        purpose = _index_of(model, field).purpose
        made = None if value is None else vault.index_with(key_id, value, purpose)
        columns[f"{field}_index"] = made
    return columns


def _match(vault: Vault, field: str, value: str, purpose: str) -> Q:
    found = [vault.index_with(key_id, value, purpose) for key_id in vault.index_key_ids]
    condition: dict[str, Any] = {f"{field}_index__in": found}
    return Q(**condition)


def _index_of(model: type[Model], field: str) -> IndexField[Any]:
    column = model._meta.fields_map.get(f"{field}_index")
    if not isinstance(column, IndexField):
        raise TypeError(f"{model.__name__} has no index of {field}")
    return column


def _place(model: type[Model], field: str) -> bytes:
    column = model._meta.fields_map.get(f"{field}_sealed")
    if not isinstance(column, SealedField):
        raise TypeError(f"{model.__name__} has no sealed {field}")
    if column.bound_to:
        raise TypeError(f"{model.__name__}.{field} is bound to {column.bound_to}, not to the id")
    return f"{model._meta.db_table}.{field}".encode()


def _to_bytes(plain: str | bytes | Mapping[str, Any] | list[Any]) -> bytes:
    if isinstance(plain, bytes):
        return plain
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    # Half a surrogate pair, which JSON can carry, is kept as it came.
    return text.encode("utf-8", "surrogatepass")


def _require(row: Model, field: str, plain: str | None) -> str:
    if plain is None:
        raise ValueError(f"{type(row).__name__} {row.pk} has no {field}")
    return plain
