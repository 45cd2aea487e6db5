"""People whom others name: on a roster, at the hotline, by a firm. They need not know of it yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q

from domain.people.rules import county_of
from domain.sealed import lock_values, match_index, open_field_or_none, seal_columns
from domain.vault import Vault
from models.columns import new_id
from models.people import Person

#: Persons in one statement.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person as they were named; every value is normalised (rules.py).

    id: of the row that is made, where somebody must know it before.
    """

    name: str
    id_number: str
    phone: str | None = None
    county: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """The person's row. name_differs: this ID is known with another name, which is not told; then
    nothing was made. is_new: nobody knew this ID before."""

    id: UUID
    is_new: bool = False
    name_differs: bool = False


async def meet_people(
    connection: BaseDBAsyncClient,
    vault: Vault,
    newcomers: Sequence[Newcomer],
    *,
    source: str,
    counties: Collection[str] = (),
    now: datetime,
) -> list[Met]:
    """The rows of these people, in their order; made for those whom nobody knows.

    What is known stays as it is: a roster corrects nobody. Of one ID that comes twice the second
    meets the first. In the caller's transaction, and before it holds any row: up to 500 IDs are
    locked one by one, more lock everybody out until it ends.
    """
    numbers = {one.id_number for one in newcomers}
    await lock_values(connection, vault, [(number, "citizen id") for number in numbers])
    known = await _find_known(connection, vault, sorted(numbers))
    made: list[Person] = []
    met: list[Met] = []
    for one in newcomers:
        if one.id_number in known:
            person, name = known[one.id_number]
            met.append(Met(person, name_differs=name not in (None, one.name)))
            continue
        row = _make(vault, one, source, counties, now)
        made.append(row)
        known[one.id_number] = (row.id, one.name)
        met.append(Met(row.id, is_new=True))
    await Person.bulk_create(made, batch_size=_AT_ONCE, using_db=connection)
    return met


async def _find_known(
    connection: BaseDBAsyncClient, vault: Vault, numbers: Sequence[str]
) -> dict[str, tuple[UUID, str | None]]:
    known: dict[str, tuple[UUID, str | None]] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        same = (match_index(vault, Person, "id_number", number) for number in part)
        for row in await Person.filter(Q(*same, join_type="OR")).using_db(connection):
            number = open_field_or_none(vault, row, "id_number")
            if number is not None:
                known[number] = (row.id, open_field_or_none(vault, row, "name"))
    return known


def _make(
    vault: Vault, one: Newcomer, source: str, counties: Collection[str], now: datetime
) -> Person:
    row_id = one.id or new_id()
    values = {"name": one.name, "id_number": one.id_number, "phone": one.phone}
    return Person(
        id=row_id,
        county=one.county or county_of(one.id_number, counties),
        source=source,
        created_at=now,
        **seal_columns(vault, Person, row_id, **values),
    )
