"""Lists out of PostgreSQL by pages: each page begins behind the last row of the one before.

Positions are values of that row, not numbers of rows: what is inserted or deleted in between
moves nothing, and the hundredth page costs what the first does, given an index on the order.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from tortoise.expressions import Expression, Q, RawSQL
from tortoise.models import Model
from tortoise.queryset import QuerySet

from domain.errors import DomainError

Row = TypeVar("Row")
Kept = TypeVar("Kept", bound=Model)

#: What a row is ordered by; api/paging.py can put each of these into a cursor.
Value = str | int | float | bool | date | datetime | UUID

#: The values of one row in the list's order, its id last.
Position = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the position behind them; None where no more follow."""

    rows: Sequence[Row]
    position: Position | None


class _Key(NamedTuple):
    field: str
    descending: bool


async def after(
    query: QuerySet[Kept],
    order: Sequence[str],
    position: Position | None,
    limit: int,
    *,
    computed: Mapping[str, Expression | RawSQL] | None = None,
) -> Page[Kept]:
    """The first `limit` rows of `query` behind `position`, or from the beginning.

    `order` names fields of the model, "-" before one for the other direction; they must not be
    null and must not change while a row lives, or the row may be met twice. The id is added as
    the last, in the direction of the one before it. `query` has no order of its own and gives
    each row once. `computed`: what PostgreSQL works out of a row to order by, by the name that
    `order` has for it; never null either.
    A row that is there all the time comes exactly once, whatever is inserted in between.
    Raises DomainError invalid_input for a position of another order, ValueError for an order
    that the model cannot have.
    """
    keys = _keys_of(query.model, order, computed or {})
    if computed:
        query = query.annotate(**computed)
    if position is not None:
        query = query.filter(_is_behind(keys, position))
    ordered = query.order_by(*(f"-{key.field}" if key.descending else key.field for key in keys))
    rows = await ordered.limit(limit + 1)
    page = rows[:limit]
    if len(rows) <= limit:
        return Page(page, None)
    return Page(page, tuple(getattr(page[-1], key.field) for key in keys))


def _keys_of(model: type[Model], order: Sequence[str], computed: Collection[str]) -> list[_Key]:
    keys = [_Key(name.removeprefix("-"), name.startswith("-")) for name in order]
    for key in keys:
        if key.field in computed:
            continue
        field = model._meta.fields_map.get(key.field)
        if field is None or field.null or key.field not in model._meta.fields_db_projection:
            raise ValueError(f"{model.__name__} cannot be paged by {key.field}")
    identity = model._meta.pk_attr
    if identity not in {key.field for key in keys}:
        keys.append(_Key(identity, keys[-1].descending if keys else False))
    return keys


def _is_behind(keys: Sequence[_Key], position: Position) -> Q:
    """Rows behind `position`: the first key is further, or equal and the next further, …"""
    if len(position) != len(keys):
        raise DomainError("invalid_input")
    condition: Q | None = None
    for key, value in reversed(list(zip(keys, position, strict=True))):
        further = _is(f"{key.field}__{'lt' if key.descending else 'gt'}", value)
        if condition is not None:
            further |= _is(key.field, value) & condition
        condition = further
    assert condition is not None
    # Says nothing new, but PostgreSQL finds the place in an index by it.
    first = keys[0]
    return _is(f"{first.field}__{'lte' if first.descending else 'gte'}", position[0]) & condition


def _is(name: str, value: Value) -> Q:
    filters: dict[str, Any] = {name: value}
    return Q(**filters)
