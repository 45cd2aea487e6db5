"""Lists by pages: `?limit=&cursor=` answers `{"items": […], "next": cursor or null}`."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from domain.errors import DomainError

Item = TypeVar("Item")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


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


def encode_cursor(key: str) -> str:
    """An opaque cursor that stands behind the item called `key`."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The key in `cursor`. Raises DomainError invalid_input where it is not one of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None


def _position(items: Sequence[Item], key: Callable[[Item], str], cursor: str) -> int:
    wanted = decode_cursor(cursor)
    for position, item in enumerate(items):
        if key(item) == wanted:
            return position
    raise _bad_cursor()


def _bad_cursor() -> DomainError:
    field = {"field": "cursor", "place": "query", "reason": "unknown_cursor", "limits": {}}
    return DomainError("invalid_input", fields=[field])
