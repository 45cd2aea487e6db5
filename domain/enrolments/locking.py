"""What has to stand still while somebody is put into a class.

Locks are taken in one order by everybody: values of people (domain.sealed), rows of people, the
institution, the class. The class is held by whoever changes its roster or its capacity, so its
last place is given once; the institution is shared, so that a suspension waits for those who are
enrolling, and whoever enrols behind it is refused.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.calendar import LOCAL
from domain.enrolments.notice import Teller
from domain.enrolments.rules import LOOSE, Other, Status, Times
from domain.errors import DomainError
from domain.institutions.queries import standing_of
from domain.training.views import holder_of
from models.enrolments import Enrolment
from models.training import TrainingClass

#: Ids in one query.
_BATCH = 2000

_HOLD_PEOPLE = """
    SELECT id FROM people WHERE id = ANY($1::uuid[]) AND erased_at IS NULL
    ORDER BY id FOR NO KEY UPDATE
"""
_TAKEN = """
    SELECT count(*) AS taken FROM enrolments
    WHERE training_class_id = $1 AND status <> 'withdrawn'
"""
#: Places that firms hold and have named nobody for, and how many they have named.
_RESERVED = """
    SELECT r.employer_id, r.places, count(e.id) AS named
    FROM reservations r
    LEFT JOIN enrolments e ON e.training_class_id = r.training_class_id
        AND e.employer_id = r.employer_id AND e.status <> 'withdrawn'
    WHERE r.training_class_id = $1
    GROUP BY r.employer_id, r.places
"""
_OTHERS = """
    SELECT e.person_id, e.status, c.id, c.title, c.status AS class_status, c.programme,
        c.starts_on, c.ends_on, coalesce(c.institution_id, c.employer_id) AS holder
    FROM enrolments e JOIN training_classes c ON c.id = e.training_class_id
    WHERE e.person_id = ANY($1::uuid[]) AND e.training_class_id <> $2 AND e.status <> 'withdrawn'
    ORDER BY c.starts_on NULLS LAST, c.id
"""
_SITTINGS = """
    SELECT training_class_id, starts_at, ends_at FROM class_sessions
    WHERE training_class_id = ANY($1::uuid[]) ORDER BY starts_at
"""


@dataclass(slots=True)
class HeldClass:
    """A class that nobody else enrols into, or changes, until the transaction ends.

    begun: its first day is over. standing: of its institution today; None for a firm's class.
    taken: places that are gone, those that firms hold among them. reserved: employer ->
    (places, named).
    """

    row: TrainingClass
    times: Times
    begun: bool
    standing: str | None
    counts: bool
    taken: int
    reserved: dict[UUID, tuple[int, int]]

    @property
    def holder(self) -> UUID:
        """Whose class it is: the institution, or the firm."""
        return holder_of(self.row)

    @property
    def for_own_people(self) -> bool:
        """A firm trains its own people (L02): nobody else comes in."""
        return self.row.institution_id is None


async def hold_people(connection: BaseDBAsyncClient, people: Collection[UUID]) -> None:
    """Hold the rows of `people`; what else they enrol in waits. Raises DomainError not_found
    where one is not there, or was erased."""
    ids = sorted(people)
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        # tortoise leaves the lock out of a query for values.
        found = await _select(connection, _HOLD_PEOPLE, part)
        if len(found) < len(part):
            raise DomainError("not_found")


async def hold_class(
    connection: BaseDBAsyncClient, teller: Teller, class_id: UUID, now: datetime
) -> HeldClass:
    """Hold a class. Raises DomainError not_found."""
    found = await TrainingClass.filter(id=class_id).using_db(connection).get_or_none()
    if found is None:
        raise DomainError("not_found")
    institution = found.institution_id
    if institution is not None:
        await connection.execute_query(
            "SELECT 1 FROM institutions WHERE id = $1 FOR SHARE", [institution]
        )
    row = (
        await TrainingClass.filter(id=class_id)
        .using_db(connection)
        .select_for_update(no_key=True)
        .get()
    )
    standing: str | None = None
    day = now.astimezone(LOCAL).date()
    if institution is not None:
        found_standing = await standing_of(institution, day, connection)
        standing = found_standing.status if found_standing else "unlisted"
    sittings = await _load_sittings(connection, [class_id])
    reserved: dict[UUID, tuple[int, int]] = {}
    if row.status in LOOSE:
        # With the filing places that nobody was named for are nobody's any more.
        reserved = {
            one["employer_id"]: (one["places"], one["named"])
            for one in await _select(connection, _RESERVED, class_id)
        }
    (count,) = await _select(connection, _TAKEN, class_id)
    unnamed = sum(max(0, places - named) for places, named in reserved.values())
    return HeldClass(
        row=row,
        times=Times(row.starts_on, row.ends_on, sittings.get(class_id, ())),
        begun=row.starts_on is not None and day > row.starts_on,
        standing=standing,
        counts=teller.counts(row.programme),
        taken=int(count["taken"]) + unnamed,
        reserved=reserved,
    )


async def load_others(
    connection: BaseDBAsyncClient, teller: Teller, people: Sequence[UUID], except_class: UUID
) -> dict[UUID, list[Other]]:
    """The other classes of each of `people`, the earliest first; withdrawn ones are none."""
    rows: list[Mapping[str, Any]] = []
    for start in range(0, len(people), _BATCH):
        part = list(people[start : start + _BATCH])
        rows += await _select(connection, _OTHERS, part, except_class)
    sittings = await _load_sittings(connection, list({row["id"] for row in rows}))
    others: dict[UUID, list[Other]] = {}
    for row in rows:
        times = Times(row["starts_on"], row["ends_on"], sittings.get(row["id"], ()))
        others.setdefault(row["person_id"], []).append(
            Other(
                class_id=row["id"],
                title=row["title"],
                status=Status(row["status"]),
                class_status=row["class_status"],
                counts=teller.counts(row["programme"]),
                times=times,
                holder=row["holder"],
            )
        )
    return others


async def _load_sittings(
    connection: BaseDBAsyncClient, classes: Sequence[UUID]
) -> dict[UUID, list[tuple[datetime, datetime]]]:
    sittings: dict[UUID, list[tuple[datetime, datetime]]] = {}
    if not classes:
        return sittings
    for row in await _select(connection, _SITTINGS, list(classes)):
        span = row["starts_at"].astimezone(LOCAL), row["ends_at"].astimezone(LOCAL)
        sittings.setdefault(row["training_class_id"], []).append(span)
    return sittings


async def _select(
    connection: BaseDBAsyncClient, query: str, *values: object
) -> list[dict[str, Any]]:
    return await connection.execute_query_dict(query, list(values))


async def hold_row(connection: BaseDBAsyncClient, class_id: UUID) -> TrainingClass:
    """The class alone, for changes that bring nobody in. Raises DomainError not_found."""
    held: Any = TrainingClass.filter(id=class_id).using_db(connection)
    row: TrainingClass | None = await held.select_for_update(no_key=True).get_or_none()
    if row is None:
        raise DomainError("not_found")
    return row


async def find_holder(connection: BaseDBAsyncClient, class_id: UUID) -> UUID:
    """Whose class it is; that never changes. Raises DomainError not_found."""
    row = await TrainingClass.filter(id=class_id).using_db(connection).get_or_none()
    if row is None:
        raise DomainError("not_found")
    return holder_of(row)


async def hold_enrolment(
    connection: BaseDBAsyncClient, known: Enrolment
) -> tuple[TrainingClass, Enrolment]:
    """Its class and the enrolment itself, held in this order."""
    row = await hold_row(connection, known.training_class_id)
    one = await (
        Enrolment.filter(id=known.id).using_db(connection).select_for_update(no_key=True).get()
    )
    return row, one
