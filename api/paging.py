"""Lists by pages: `?limit=&cursor=` answers `{"items": […], "next": cursor or null}`.

A list that lies in memory is cut by `cut_page`; its cursor is the key of an item, for all to
see. One that lies in PostgreSQL comes by domain.paging, and its cursor is sealed: it holds
values of a row, and would otherwise show them and let anyone make up others.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from domain.errors import DomainError
from domain.paging import Page, Position, Value
from domain.vault import SealBroken, Vault
from web.fields import refuse_field

Item = TypeVar("Item")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
#: Characters of a sealed cursor, for the schema of the query.
MAX_CURSOR = 1000

#: The place (domain.vault) of a position; its row is the list.
_PLACE = b"cursor"


def cut_page(
    items: Sequence[Item], key: Callable[[Item], str], limit: int, cursor: str
) -> dict[str, Any]:
    """One page of `items`, which lie in memory in their order; `key` names an item for good.

    An empty `cursor` is the first page.
    Raises DomainError invalid_input for a cursor that this list never gave.
    """
    start = _position(items, key, cursor) + 1 if cursor else 0
    page = items[start : start + limit]
    more = start + limit < len(items)
    return {"items": list(page), "next": encode_cursor(key(page[-1])) if more else None}


def page_after(
    items: Sequence[Item], key: Callable[[Item], Position], position: Position | None, limit: int
) -> Page[Item]:
    """One page of `items`, which lie in memory in the order of `key`, behind `position`; they may
    come and go between two pages."""
    rest = [item for item in items if position is None or key(item) > position]
    page = rest[:limit]
    return Page(page, key(page[-1]) if len(rest) > limit else None)


def show_page(
    vault: Vault, page: Page[Item], of: str, show: Callable[[Item], object]
) -> dict[str, Any]:
    """`page` as it goes out, each row through `show`; `of` as in encode_position."""
    following = encode_position(vault, page.position, of)
    return {"items": [show(row) for row in page.rows], "next": following}


def encode_position(vault: Vault, position: Position | None, of: str) -> str | None:
    """The cursor for `position`, which shows nothing; None where the list is at its end.

    `of` names the list and all that makes it this one: its order, its filters, whose it is. A
    cursor opens for the same `of` alone.
    """
    if position is None:
        return None
    plain = json.dumps([_to_plain(value) for value in position], ensure_ascii=False)
    sealed = vault.seal(plain.encode(), _PLACE, of.encode())
    return _to_text(sealed)


def decode_position(vault: Vault, cursor: str, of: str) -> Position | None:
    """The position in `cursor`; None, the beginning, for an empty one.

    Raises DomainError invalid_input for a cursor that this list never gave.
    """
    if not cursor:
        return None
    try:
        plain = vault.open(_to_bytes(cursor), _PLACE, of.encode())
    except SealBroken:
        raise _bad_cursor() from None
    return tuple(_from_plain(*value) for value in json.loads(plain))


def encode_cursor(key: str) -> str:
    """A cursor that stands behind the item called `key`."""
    return _to_text(key.encode())


def decode_cursor(cursor: str) -> str:
    """The key in `cursor`. Raises DomainError invalid_input where it is not one of ours."""
    try:
        return _to_bytes(cursor).decode()
    except UnicodeDecodeError:
        raise _bad_cursor() from None


def _position(items: Sequence[Item], key: Callable[[Item], str], cursor: str) -> int:
    wanted = decode_cursor(cursor)
    for position, item in enumerate(items):
        if key(item) == wanted:
            return position
    raise _bad_cursor()


#: How values that JSON does not have are written down, by a letter. A datetime is a date too,
#: so it stands first.
_WRITTEN: dict[str, tuple[type[Any], Callable[[Any], str], Callable[[str], Value]]] = {
    "t": (datetime, datetime.isoformat, datetime.fromisoformat),
    "d": (date, date.isoformat, date.fromisoformat),
    "u": (UUID, str, UUID),
}


def _to_plain(value: Value) -> tuple[str, Any]:
    for letter, (kind, write, _) in _WRITTEN.items():
        if isinstance(value, kind):
            return letter, write(value)
    if not isinstance(value, str | int | float):
        raise TypeError(f"a position cannot hold a {type(value).__name__}")
    return "", value


def _from_plain(letter: str, written: Any) -> Value:
    if letter not in _WRITTEN:
        plain: Value = written
        return plain
    return _WRITTEN[letter][2](written)


def _to_text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _to_bytes(cursor: str) -> bytes:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None


def _bad_cursor() -> DomainError:
    return refuse_field("cursor", "unknown_cursor", place="query")
