"""People who are named by others: found by their citizen ID, or made, one or thousands at once.

Reading, indexing and sealing are computation and done beforehand (`read_person`, `make_person`);
inside the transaction there are a few queries for a thousand people.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.errors import DomainError
from domain.people.phone import phone_columns
from domain.people.rules import (
    PROOFS,
    county_of,
    normalise_id_number,
    normalise_name,
    normalise_phone,
)
from domain.sealed import lock_values, seal_columns
from domain.vault import Vault
from models.columns import new_id
from models.people import Person

_BATCH = 1000
#: Purposes of blind indexes (domain.sealed).
_ID, _NAME, _PHONE = "citizen id", "name", "phone"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as others name them, normalised. phone: "" where nobody said."""

    name: str
    id_number: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The person whom a name and an ID mean, whose row is held. made: it is not stored yet."""

    row: Person
    made: bool

    @property
    def id(self) -> UUID:
        """The person's."""
        return self.row.id


@dataclass(frozen=True, slots=True)
class Homes:
    """Where people who are made live, so that the officers there find them: what their ID says,
    else `county`. counties: the city's, by code."""

    counties: frozenset[str]
    county: str

    def find(self, id_number: str) -> str:
        """The county's code of whoever has this ID."""
        return county_of(id_number, self.counties) or self.county


def read_person(name: str, id_number: str, phone: str, now: datetime) -> Named:
    """As people write it, normalised. Raises DomainError id_number_wrong, name_wrong,
    phone_wrong: the first of them."""
    named = judge_person(name, id_number, phone, now)
    if isinstance(named, Named):
        return named
    raise named[0]


def judge_person(name: str, id_number: str, phone: str, now: datetime) -> Named | list[DomainError]:
    """The same, or all that is wrong with it."""
    faults: list[DomainError] = []
    number = _try(faults, lambda: normalise_id_number(id_number, now.date()))
    called = _try(faults, lambda: normalise_name(name))
    reached = _try(faults, lambda: normalise_phone(phone) if phone.strip() else "")
    return faults or Named(called, number, reached)


def _try(faults: list[DomainError], normalise: Callable[[], str]) -> str:
    try:
        return normalise()
    except DomainError as fault:
        faults.append(fault)
        return ""


def make_person(
    vault: Vault, named: Named, *, source: str, id: UUID | None = None, now: datetime
) -> Person:
    """A row for `named`, sealed, not stored; the phone is what others told. id: where somebody
    must know it before."""
    id = id or new_id()
    told = {"name": named.name, "id_number": named.id_number, "phone": named.phone or None}
    columns = seal_columns(vault, Person, id, **told)
    columns["phone_origin"] = "told" if named.phone else ""
    return Person(id=id, source=source, created_at=now, **columns)


async def find_or_make_person(
    connection: BaseDBAsyncClient,
    vault: Vault,
    named: Named,
    *,
    source: str,
    homes: Homes,
    now: datetime,
) -> UUID:
    """Who `named` is, stored by now; held. Raises DomainError name_differs."""
    answers = await meet_people(connection, vault, [named], source=source, homes=homes, now=now)
    found = answers[named.id_number]
    if isinstance(found, DomainError):
        raise found
    await store_people(connection, [found])
    return found.id


async def meet_people(
    connection: BaseDBAsyncClient,
    vault: Vault,
    people: Sequence[Named],
    *,
    source: str,
    homes: Homes,
    prepared: Mapping[str, Person] | None = None,
    now: datetime,
) -> dict[str, Found | DomainError]:
    """Who each of `people` is, by their ID; name_differs where the one with this ID has another
    name, which is not told. All are held until the transaction ends: call before the class is.

    `prepared`: rows that were made beforehand for whoever is unknown, by ID.
    """
    wanted = {one.id_number: one for one in people}
    known = await _find(connection, vault, list(wanted))
    unknown = [number for number in wanted if number not in known]
    if unknown:
        # Whoever binds, or is named by another, meanwhile: found once more below the locks.
        await lock_values(connection, vault, [(number, _ID) for number in unknown])
        known |= await _find(connection, vault, unknown)
    answers: dict[str, Found | DomainError] = {}
    for number, one in wanted.items():
        person = known.get(number)
        if person is None:
            row = (prepared or {}).get(number) or make_person(vault, one, source=source, now=now)
            row.county = homes.find(number)
            answers[number] = Found(row, made=True)
        elif _is_called(vault, person, one.name):
            answers[number] = Found(person, made=False)
        else:
            answers[number] = DomainError("name_differs")
    return answers


async def store_people(connection: BaseDBAsyncClient, people: Iterable[Found]) -> None:
    """Store those of `people` who were just made: only whoever is wanted, for what is kept of
    nobody's use is kept wrongly."""
    made = [one.row for one in people if one.made]
    await Person.bulk_create(made, batch_size=_BATCH, using_db=connection)


def correct_phone(vault: Vault, person: Person, phone: str) -> dict[str, Any] | None:
    """The columns by which the phone of somebody who has not bound themselves is another; None
    where nothing changes, as it does not where a phone was checked. Call while the row is held."""
    if person.bound_at is not None or person.phone_origin in PROOFS or not phone:
        return None
    if person.phone_index == vault.index_with(person.index_key_id, phone, _PHONE):
        return None
    return phone_columns(vault, person, phone, "told")


async def store_corrections(
    connection: BaseDBAsyncClient, corrections: Mapping[UUID, Mapping[str, Any]]
) -> None:
    """Write what `correct_phone` has made, by the people's ids."""
    if not corrections:
        return
    columns = list(next(iter(corrections.values())))
    changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, 2))
    await connection.execute_many(
        f"UPDATE people SET {changes} WHERE id = $1",  # noqa: S608 (columns of ours)
        [[person, *(values[name] for name in columns)] for person, values in corrections.items()],
    )


async def _find(
    connection: BaseDBAsyncClient, vault: Vault, numbers: Sequence[str]
) -> dict[str, Person]:
    """The rows of `numbers`, held, in the order of their ids."""
    number_of = {
        vault.index_with(key_id, number, _ID): number
        for number in numbers
        for key_id in vault.index_key_ids
    }
    indexes = list(number_of)
    ids: list[UUID] = []
    for start in range(0, len(indexes), _BATCH):
        part = indexes[start : start + _BATCH]
        rows = Person.filter(id_number_index__in=part).using_db(connection)
        ids += await rows.values_list("id", flat=True)  # type: ignore[arg-type]
    ids.sort()
    found: dict[str, Person] = {}
    for start in range(0, len(ids), _BATCH):
        rows = Person.filter(id__in=ids[start : start + _BATCH]).using_db(connection)
        for person in await rows.order_by("id").select_for_update(no_key=True):
            # Meanwhile it may have been erased.
            number = number_of.get(bytes(person.id_number_index or b""))
            if number is not None:
                found[number] = person
    return found


def _is_called(vault: Vault, person: Person, name: str) -> bool:
    """By the name's own index: nobody's name has to be opened for it."""
    return bool(person.name_index == vault.index_with(person.index_key_id, name, _NAME))
