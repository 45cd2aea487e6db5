"""Reads of the directory. A city has some hundred institutions: a look-up reads the names of all,
and what decides is computed here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.institutions import names
from domain.institutions.names import Named, Places
from domain.institutions.rules import Standing, Status, standing_on
from domain.paging import Page, Position
from models.institutions import Institution, InstitutionRecord

_HOLD = "SELECT 1 FROM institutions WHERE id = $1 FOR SHARE"


@dataclass(frozen=True, slots=True)
class Listing:
    """An institution as the public may see it, and how it stands on the day that was asked for."""

    id: UUID
    name: str
    uscc: str
    county: str
    address: str
    may_teach: tuple[str, ...]
    phone: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """One dated record as the public may see it: not who made it."""

    kind: str
    valid_from: date
    valid_until: date | None
    reason: str
    document: str


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `query`: any part of a name, letters of its sound; "" finds all."""

    query: str = ""
    county: str | None = None
    status: Status | None = None


async def standing_of(
    institution_id: UUID, day: date, connection: BaseDBAsyncClient | None = None
) -> Standing | None:
    """How the institution stands on `day`; None where it is not, or not yet, in the directory.

    With the `connection` of a transaction it cannot be suspended, restored or removed until that
    ends: what is allowed by this answer and what forbids it do not pass each other.
    """
    if connection is not None:
        await connection.execute_query(_HOLD, [institution_id])
    query = InstitutionRecord.filter(institution_id=institution_id)
    records = await (query if connection is None else query.using_db(connection))
    return standing_on(records, day)


async def standings_of(institution_ids: Iterable[UUID], day: date) -> Mapping[UUID, Standing]:
    """The same of several; who is not in the directory is not in the answer."""
    return await _read_standings(
        await InstitutionRecord.filter(institution_id__in=list(institution_ids)), day
    )


async def search_institutions(
    search: Search, places: Places, day: date, *, limit: int, position: Position | None = None
) -> Page[Listing]:
    """A page of those that fit, the nearest first, then by name; `position` as Page gives it."""
    ranked = await _rank(search, places, day)
    keys = [(rank, one.name, one.id) for rank, one in ranked]
    start = 0
    if position is not None:
        start = sum(key <= tuple(position) for key in keys)
    page = ranked[start : start + limit]
    more = start + limit < len(ranked)
    return Page([one for _, one in page], keys[start + limit - 1] if more else None)


async def find_institution(institution_id: UUID, day: date) -> Listing | None:
    """The one of this id; None where it is not, or not yet, in the directory."""
    row = await Institution.get_or_none(id=institution_id)
    standing = await standing_of(institution_id, day)
    return None if row is None or standing is None else _show(row, standing)


async def list_records(institution_id: UUID, until: date) -> Sequence[PublicRecord]:
    """Its public records that have begun by `until`, the latest first: what was listed, suspended,
    restored, removed."""
    rows = (
        await InstitutionRecord.filter(institution_id=institution_id, valid_from__lte=until)
        .exclude(kind="changed")
        .order_by("-valid_from", "-made_at")
    )
    return [
        PublicRecord(row.kind, row.valid_from, row.valid_until, row.reason, row.document)
        for row in rows
    ]


async def list_listings(day: date) -> list[Listing]:
    """All that are or were in the directory on `day`, by name."""
    rows = await Institution.all().order_by("name", "id")
    standings = await _read_standings(await InstitutionRecord.all(), day)
    return [_show(row, standings[row.id]) for row in rows if row.id in standings]


async def list_names(day: date) -> list[str]:
    """The names of all that are or were in the directory on `day`, in order."""
    query = Institution.filter(records__valid_from__lte=day).distinct().order_by("name")
    return [row.name for row in await query.only("id", "name")]


def name_listings(rows: Iterable[Institution]) -> list[Named]:
    """What they are found by."""
    return [Named(row.id, row.name, row.county, row.pinyin, row.initials) for row in rows]


async def _rank(search: Search, places: Places, day: date) -> list[tuple[int, Listing]]:
    filters = {} if search.county is None else {"county": search.county}
    rows = {row.id: row for row in await Institution.filter(**filters)}
    standings = await _read_standings(await InstitutionRecord.all(), day)
    found = names.search(name_listings(rows.values()), search.query, places)
    ranked = []
    for rank, named in found:
        standing = standings.get(named.id)
        if standing is None or (search.status is not None and standing.status != search.status):
            continue
        ranked.append((rank, _show(rows[named.id], standing)))
    return ranked


async def _read_standings(records: Iterable[InstitutionRecord], day: date) -> dict[UUID, Standing]:
    by_institution: dict[UUID, list[InstitutionRecord]] = defaultdict(list)
    for record in records:
        by_institution[record.institution_id].append(record)  # type: ignore[attr-defined]
    standings = {key: standing_on(own, day) for key, own in by_institution.items()}
    return {key: standing for key, standing in standings.items() if standing is not None}


def _show(row: Institution, standing: Standing) -> Listing:
    return Listing(
        id=row.id,
        name=row.name,
        uscc=row.uscc,
        county=row.county,
        address=row.address,
        may_teach=tuple(row.may_teach),
        phone=row.phone,
        standing=standing,
    )
