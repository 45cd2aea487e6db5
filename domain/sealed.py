"""Sealed columns and the blind indexes beside them, as every new table has them.

A value `phone` of a row is kept in `phone_sealed`, bound to table, field and the row's id, and
found by `phone_index`. All indexes of a row are made with one key, which `index_key_id` names, so
that a rotation finds the rows that it has still to do. While it runs, rows are found under every
key that there is.

    id = new_id()
    await Person.create(
        id=id,
        phone_sealed=seal_field(vault, Person, "phone", id, phone),
        **index_fields(vault, phone=(phone, "phone")),
    )
    person = await Person.get_or_none(match_index(vault, "phone", phone, "phone"))
    phone = open_field(vault, person, "phone")
"""

from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model

from domain.vault import Vault
from models.columns import SealedField


def seal_field(vault: Vault, model: type[Model], field: str, row_id: UUID, plain: str) -> bytes:
    """`plain` for the column `<field>_sealed` of the row `row_id` of `model`."""
    # Half a surrogate pair, which JSON can carry, is kept as it came.
    return vault.seal(plain.encode("utf-8", "surrogatepass"), _place(model, field), row_id.bytes)


def open_field(vault: Vault, row: Model, field: str) -> str:
    """What was sealed in `<field>_sealed` of `row`. Raises domain.vault.SealBroken."""
    sealed: bytes = getattr(row, f"{field}_sealed")
    plain = vault.open(sealed, _place(type(row), field), row.pk.bytes)
    return plain.decode("utf-8", "surrogatepass")


def index_fields(vault: Vault, **values: tuple[str, str]) -> dict[str, Any]:
    """The columns by which a row is found: `<field>_index` of each (value, purpose), and
    `index_key_id`.

    The purpose says what the value is ("phone"), so that one value is found in several tables.
    """
    key_id = vault.index_key_ids[0]
    columns: dict[str, Any] = {"index_key_id": key_id}
    for field, (value, purpose) in values.items():
        columns[f"{field}_index"] = vault.index_with(key_id, value, purpose)
    return columns


def match_index(vault: Vault, field: str, value: str, purpose: str) -> Q:
    """The condition that finds rows by `<field>_index`, whichever key made it."""
    found = [vault.index_with(key_id, value, purpose) for key_id in vault.index_key_ids]
    condition: dict[str, Any] = {f"{field}_index__in": found}
    return Q(**condition)


def _place(model: type[Model], field: str) -> bytes:
    if not isinstance(model._meta.fields_map.get(f"{field}_sealed"), SealedField):
        raise TypeError(f"{model.__name__} has no sealed {field}")
    return f"{model._meta.db_table}.{field}".encode()
