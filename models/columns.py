"""Column types of ours.

What a row is known by: an OpaqueId wherever a door, an audit line or another table names it. A
bigint where rows are many and are found by other columns (inbound_messages, message_counts), or
live for days (late_replies). docs/decisions/0008 has the reasons.
"""

import secrets
import time
from typing import Any, Literal, TypeVar, overload
from uuid import UUID

from tortoise import fields

#: Characters of a key's name (settings.DataKey).
KEY_ID_LENGTH = 16
_RANDOM_BITS = 62

_Bytes = TypeVar("_Bytes", bytes, bytes | None)


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562): ids that are made later are greater.

    Milliseconds, then 12 bits of a millisecond (its section 6.2, method 3), then chance. Within
    a quarter of a microsecond, and between machines, the order is that of chance or of their
    clocks: nothing may be decided by it.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000
    version, variant = 7, 0b10
    return UUID(
        int=milliseconds << 80
        | version << 76
        | fraction << 64
        | variant << _RANDOM_BITS
        | secrets.randbits(_RANDOM_BITS)
    )


class OpaqueId(fields.UUIDField[UUID]):
    """The primary key of a table whose rows are named outside of it; made here, by `new_id`.

    Whoever seals fields of the row makes the id first, for they are bound to it (domain.sealed).
    """

    def __init__(self, **kwargs: Any) -> None:
        # A key to another table is a copy of the field, whose default tortoise takes away.
        super().__init__(**{"primary_key": True, "default": new_id, **kwargs})


class DigestField(fields.BinaryField[_Bytes]):
    """A digest (a blind index, a message key, the hash of a token) that may be unique and indexed.

    tortoise refuses indexes on BinaryField because other databases do; PostgreSQL's bytea takes
    them.
    """

    indexable = True


class IndexField(DigestField[_Bytes]):
    """A blind index that domain.sealed makes of the sealed value in the same row, so that a
    rotation of keys can make it anew; named `…_index`.

    `purpose` says what the value is ("phone"): indexes of one purpose can be compared, also those
    of several tables. `of` is the sealed value's name; "" where it is the index's own:
    `phone_index` of `phone_sealed`.
    """

    @overload
    def __init__(
        self: "IndexField[bytes]",
        purpose: str,
        of: str = "",
        *,
        null: Literal[False] = False,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: "IndexField[bytes | None]",
        purpose: str,
        of: str = "",
        *,
        null: Literal[True],
        **kwargs: Any,
    ) -> None: ...
    def __init__(self, purpose: str, of: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[misc]
        self.purpose = purpose
        self.of = of


class SealedField(fields.BinaryField[_Bytes]):
    """A value that domain.sealed has sealed for this column and this row; named `…_sealed`.

    `bound_to` is the field that says which row it is, and keeps its value for as long as the row
    lives: the primary key where nothing else is said.
    """

    @overload
    def __init__(
        self: "SealedField[bytes]",
        bound_to: str = "",
        *,
        null: Literal[False] = False,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: "SealedField[bytes | None]", bound_to: str = "", *, null: Literal[True], **kwargs: Any
    ) -> None: ...
    def __init__(self, bound_to: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[misc]
        self.bound_to = bound_to


class KeyIdField(fields.CharField[str]):
    """Which key made the blind indexes of the row; its column is `index_key_id`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": KEY_ID_LENGTH, "db_index": True, **kwargs})
