"""Whatever a table seals can be sealed anew (0008): a rotation of keys finds it by its columns."""

import ast
from collections.abc import Iterator

import pytest
from tortoise import Tortoise, fields
from tortoise.context import TortoiseContext
from tortoise.models import Model

from domain.rotation.tables import BrokenConvention, describe_table, list_sealed_tables
from models.columns import DigestField, IndexField, KeyIdField, OpaqueId, SealedField
from models.database import TORTOISE_ORM
from tests.test_architecture import ROOT, source_files


async def test_every_sealed_column_follows_the_convention() -> None:
    """A failure names the model and what to write: models/columns.py has the columns."""
    async with TortoiseContext() as context:
        await context.init(config=TORTOISE_ORM)
        assert Tortoise.apps is not None
        names = {table.name for table in list_sealed_tables()}
        # Those of the official account, and one that is found by blind indexes.
        assert names >= {"followers", "inbound_messages", "dialogues", "late_replies", "people"}


def indexes_named_in(source: str, names: set[str]) -> Iterator[tuple[int, str | None]]:
    """(line, argument) of each call that is given one of these columns by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in names:
            yield node.value.lineno, node.arg


async def test_blind_indexes_are_written_and_asked_for_in_one_place() -> None:
    """`filter(phone_index=…)` finds what one key made, and misses the rest while keys are rotated;
    `update(phone_index=…)` leaves the row's other indexes to an old key: use domain.sealed.
    `phone_index__in=…` is for who asks for many at once, under every key of the vault."""
    sample = "Person.filter(phone_index__in=[x]).update(phone_index=y, name=z)"
    assert list(indexes_named_in(sample, {"phone_index"})) == [(1, "phone_index")]
    async with TortoiseContext() as context:
        await context.init(config=TORTOISE_ORM)
        names = {index.name for table in list_sealed_tables() for index in table.indexes}
    assert "phone_index" in names
    found = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in source_files()
        if file != ROOT / "domain" / "sealed.py"
        for line, name in indexes_named_in(file.read_text(encoding="utf-8"), names)
    ]
    assert not found, "\n" + "\n".join(found)


class Plain(Model):
    """Nothing sealed."""

    id = fields.BigIntField(primary_key=True)
    sender = DigestField(unique=True)


class Sealed(Model):
    """As it should be, each in another way."""

    id = OpaqueId()
    phone_sealed = SealedField(null=True)
    phone_index = IndexField("phone", null=True)
    called_index = IndexField("called", of="phone", unique=True)
    note_sealed = SealedField(bound_to="sender")
    sender = DigestField(unique=True, source_field="person")
    index_key_id = KeyIdField()

    class Meta:
        table = "sealed_things"
        indexes = (("phone_index", "id"),)


def test_a_table_is_described_by_its_columns() -> None:
    assert describe_table(Plain) is None
    table = describe_table(Sealed)
    assert table is not None
    assert (table.name, table.key, table.key_id) == ("sealed_things", "id", "index_key_id")
    assert [(column.name, column.place, column.bound_to) for column in table.sealed] == [
        ("phone_sealed", b"sealed_things.phone", "id"),
        ("note_sealed", b"sealed_things.note", "person"),
    ]
    assert [(index.name, index.source, index.purpose) for index in table.indexes] == [
        ("phone_index", "phone_sealed", "phone"),
        ("called_index", "phone_sealed", "called"),
    ]


class NotAField(Model):
    id = OpaqueId()
    phone_sealed = fields.BinaryField()


class Misnamed(Model):
    id = OpaqueId()
    phone = SealedField()


class BareIndex(Model):
    id = OpaqueId()
    phone_sealed = SealedField()
    phone_index = DigestField(db_index=True)
    index_key_id = KeyIdField()


class NoKeyId(Model):
    id = OpaqueId()
    phone_sealed = SealedField()
    phone_index = IndexField("phone", db_index=True)


class NeedlessKeyId(Model):
    id = OpaqueId()
    phone_sealed = SealedField()
    index_key_id = KeyIdField()


class OfNothing(Model):
    id = OpaqueId()
    phone_sealed = SealedField()
    phone_index = IndexField("phone", db_index=True)
    openid_index = IndexField("openid", db_index=True)
    index_key_id = KeyIdField()


class Slow(Model):
    id = OpaqueId()
    phone_sealed = SealedField()
    phone_index = IndexField("phone")
    index_key_id = KeyIdField()


class ByNumber(Model):
    id = fields.BigIntField(primary_key=True)
    phone_sealed = SealedField()


class ByItsName(Model):
    id = OpaqueId()
    name = fields.CharField(max_length=9)
    phone_sealed = SealedField(bound_to="name")


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (NotAField, "must be a SealedField"),
        (Misnamed, "call it phone_sealed"),
        (BareIndex, "must be an IndexField"),
        (NoKeyId, "no index_key_id"),
        (NeedlessKeyId, "no blind index"),
        (OfNothing, "openid_index is an index of openid_sealed"),
        (Slow, "not indexed"),
        (ByNumber, "neither an OpaqueId nor a digest"),
        (ByItsName, "neither an OpaqueId nor a digest"),
    ],
)
def test_a_broken_convention_is_found(model: type[Model], reason: str) -> None:
    with pytest.raises(BrokenConvention, match=reason):
        describe_table(model)
