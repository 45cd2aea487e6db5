"""Which tables have something sealed: their own columns say it, so a new table is rotated too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise import Tortoise
from tortoise.fields import Field
from tortoise.models import Model

from domain.vault import Vault
from models.columns import DigestField, IndexField, KeyIdField, SealedField

#: How rows come from the driver: by the names of their columns.
Row = dict[str, Any]


class BrokenConvention(TypeError):  # noqa: N818 (what happened, not what kind of class)
    """A model has a sealed column or a blind index that a rotation could not make anew: a fault of
    ours, which tests/test_architecture_of_sealing.py finds."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One sealed value of a row. `bound_to` is the column that says which row it is."""

    name: str
    place: bytes
    bound_to: str

    def open(self, vault: Vault, row: Row) -> bytes | None:
        """What is sealed in `row`. Raises domain.vault.SealBroken."""
        sealed: bytes | None = row[self.name]
        return None if sealed is None else vault.open(sealed, self.place, _digest(self, row))

    def seal(self, vault: Vault, row: Row, plain: bytes) -> bytes:
        """`plain` for `row`, with the first key."""
        return vault.seal(plain, self.place, _digest(self, row))


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """One blind index of a row, made from what is sealed in the column `source`."""

    name: str
    source: str
    purpose: str

    def make(self, vault: Vault, plain: bytes | None) -> bytes | None:
        """The index of what is sealed, with the first key."""
        if plain is None:
            return None
        text = plain.decode("utf-8", "surrogatepass")
        return vault.index_with(vault.writing_key_id, text, self.purpose)


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns. `key` is its primary key's column, `key_id` the column that
    names the key of its indexes, "" where it has none. All names are columns of the database."""

    name: str
    key: str
    sealed: tuple[SealedColumn, ...]
    indexes: tuple[IndexColumn, ...]
    key_id: str

    @property
    def columns(self) -> list[str]:
        """What a row must be read with, each once."""
        names = [self.key]
        for column in self.sealed:
            names += [column.bound_to, column.name]
        names += [column.name for column in self.indexes]
        return list(dict.fromkeys([*names, self.key_id] if self.key_id else names))


def list_sealed_tables() -> list[SealedTable]:
    """Those of all models that are open now, by name. Raises BrokenConvention."""
    assert Tortoise.apps is not None
    models = [model for app in Tortoise.apps.values() for model in app.values()]
    described = (describe_table(model) for model in models)
    return sorted((table for table in described if table), key=lambda table: table.name)


def describe_table(model: type[Model]) -> SealedTable | None:
    """The sealed columns of `model`, None where it has none. Raises BrokenConvention."""
    meta = model._meta
    known = meta.fields_map
    _refuse_look_alikes(model.__name__, known)
    sealed_names = [name for name, field in known.items() if isinstance(field, SealedField)]
    index_names = [name for name, field in known.items() if isinstance(field, IndexField)]
    key_ids = [name for name, field in known.items() if isinstance(field, KeyIdField)]
    if index_names and key_ids != ["index_key_id"]:
        raise BrokenConvention(f"{model.__name__} has blind indexes and no index_key_id")
    if key_ids and not index_names:
        raise BrokenConvention(f"{model.__name__} has index_key_id and no blind index")
    if not sealed_names:
        if index_names:
            raise BrokenConvention(f"{model.__name__} has blind indexes of nothing that is sealed")
        return None
    column_of = meta.fields_db_projection
    return SealedTable(
        meta.db_table,
        column_of[meta.pk_attr],
        tuple(_describe_sealed(model, name) for name in sealed_names),
        tuple(_describe_index(model, name) for name in index_names),
        column_of[key_ids[0]] if key_ids else "",
    )


def _describe_sealed(model: type[Model], name: str) -> SealedColumn:
    meta = model._meta
    field = meta.fields_map[name]
    assert isinstance(field, SealedField)
    if not name.endswith("_sealed"):
        raise BrokenConvention(f"{model.__name__}.{name} is sealed, so call it {name}_sealed")
    bound_to = field.bound_to or meta.pk_attr
    binding = meta.fields_map.get(bound_to)
    if not isinstance(binding, DigestField) and not _holds_uuid(binding):
        raise BrokenConvention(
            f"{model.__name__}.{name} is bound to {bound_to}, which is neither an OpaqueId nor a"
            " digest: the row would not be told from another"
        )
    place = f"{meta.db_table}.{name.removesuffix('_sealed')}".encode()
    column_of = meta.fields_db_projection
    return SealedColumn(column_of[name], place, column_of[bound_to])


def _describe_index(model: type[Model], name: str) -> IndexColumn:
    meta = model._meta
    field = meta.fields_map[name]
    assert isinstance(field, IndexField)
    if not name.endswith("_index"):
        raise BrokenConvention(f"{model.__name__}.{name} is a blind index: call it {name}_index")
    if not (field.index or field.unique or _leads_an_index(model, name)):
        raise BrokenConvention(f"{model.__name__}.{name} is not indexed: db_index=True or unique")
    source = f"{field.of or name.removesuffix('_index')}_sealed"
    if not isinstance(meta.fields_map.get(source), SealedField):
        raise BrokenConvention(
            f"{model.__name__}.{name} is an index of {source}, which is no sealed column of the"
            " table: nobody could make it anew"
        )
    column_of = meta.fields_db_projection
    return IndexColumn(column_of[name], column_of[source], field.purpose)


def _refuse_look_alikes(model: str, known: Mapping[str, Field[Any]]) -> None:
    for name, field in known.items():
        if name.endswith("_sealed") and not isinstance(field, SealedField):
            raise BrokenConvention(f"{model}.{name} must be a SealedField, or have another name")
        bare = isinstance(field, DigestField) and not isinstance(field, IndexField)
        if bare and name.endswith("_index"):
            raise BrokenConvention(f"{model}.{name} must be an IndexField: what is it of?")


def _holds_uuid(field: Field[Any] | None) -> bool:
    # A primary key that is another table's keeps that table's value.
    return field is not None and field.field_type is UUID


def _leads_an_index(model: type[Model], name: str) -> bool:
    meta = model._meta
    groups: Iterable[Any] = (
        *meta.unique_together,
        *(getattr(index, "fields", index) for index in meta.indexes),
        *(getattr(constraint, "fields", ()) for constraint in getattr(meta, "constraints", ())),
    )
    return any(tuple(group)[:1] == (name,) for group in groups)


def _digest(column: SealedColumn, row: Row) -> bytes:
    value = row[column.bound_to]
    return value.bytes if isinstance(value, UUID) else bytes(value)
