"""A class's sign-in sheet (学员签到表, P33-2.4): masked, or with names, or whole, for a reason
that is kept; on the record, for it leaves the house."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from content.schema import Content
from domain.actor import Actor
from domain.attendance.classes import AttendedClass
from domain.attendance.queries import Attendance, read_attendance
from domain.attendance.signin_form import Named, SigninClass, draw_signin
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.enrolments.rules import FROZEN
from domain.errors import DomainError
from domain.permissions import Permission, Reach, may, reach_of, require
from domain.reasons import clean_reason
from domain.sealed import open_field_or_none
from domain.training.views import find_programme
from domain.vault import Vault
from models.people import Person
from models.transactions import transaction

_CLASS = """
    SELECT c.programme, c.occupation, c.level, c.address, c.teacher, c.hours, c.county,
        c.starts_on, c.ends_on, coalesce(i.name, f.name) AS holder, g.facts, a.made_at
    FROM training_classes c
    LEFT JOIN institutions i ON i.id = c.institution_id
    LEFT JOIN employers f ON f.id = c.employer_id
    LEFT JOIN LATERAL (
        SELECT made_at FROM class_events
        WHERE training_class_id = c.id AND kind = 'approve' ORDER BY version DESC LIMIT 1
    ) a ON true
    LEFT JOIN LATERAL (
        SELECT facts FROM class_events
        WHERE training_class_id = c.id AND kind IN ('approve', 'correct')
        ORDER BY version DESC LIMIT 1
    ) g ON true
    WHERE c.id = $1
"""


class Shown(Enum):
    """How much of people a sheet shows: names and numbers masked; names; both whole."""

    MASKED = "masked"
    NAMES = "names"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file, and the class that it is of."""

    title: str
    content: bytes


def may_name(actor: Actor, status: str) -> bool:
    """Whether `actor` may have names or numbers of a class that stands so, for a reason: as of its
    roster (domain.enrolments.exporting.may_open_whole)."""
    reach = reach_of(actor, Permission.EXPORT_ROSTER)
    return reach is not None and (reach is not Reach.OWN or status in FROZEN)


async def export_signin(
    actor: Actor,
    vault: Vault,
    content: Content,
    *,
    class_id: UUID,
    shown: Shown = Shown.MASKED,
    reason: str = "",
    now: datetime,
) -> Sheet:
    """The sheet as an xlsx file.

    Masked it is what SEE_ATTENDANCE sees on a page; names need EXPORT_ROSTER and a reason, whoever
    asks. Raises DomainError: no_permission, not_found; roster_not_filed (may_name),
    reason_missing.
    """
    if shown is not Shown.MASKED and not may(actor, Permission.EXPORT_ROSTER):
        raise DomainError("no_permission")
    attendance = await read_attendance(actor, vault, content, class_id, now=now)
    of = attendance.of
    facts: dict[str, Fact] = {}
    if shown is not Shown.MASKED:
        require(actor, Permission.EXPORT_ROSTER, owner=of.holder, county=of.county)
        if not may_name(actor, of.status):
            raise DomainError("roster_not_filed", title=of.title)
        facts |= {"reason": clean_reason(reason)}
    # Who was erased is kept for those who audit the money, not for whoever held the class.
    erased = reach_of(actor, Permission.EXPORT_ROSTER) is not Reach.OWN
    return await take_out(
        actor, vault, content, attendance, shown, erased=erased, facts=facts, now=now
    )


async def take_out(
    actor: Actor,
    vault: Vault,
    content: Content,
    attendance: Attendance,
    shown: Shown,
    *,
    erased: bool,
    facts: Mapping[str, Fact],
    now: datetime,
) -> Sheet:
    """Write down that it leaves the house, and draw it; for callers that have asked who may.
    `erased`: whoever was erased is named too. `facts`: what the log says beside how much is
    shown."""
    of = attendance.of
    told: dict[str, Fact] = {"unmasked": shown is not Shown.MASKED}
    if shown is not Shown.MASKED:
        told |= {"numbers": shown is Shown.WHOLE}
    async with transaction() as connection:
        held = await _read_class(connection, content, of)
        await record(
            connection,
            actor,
            "signin.export",
            about=("class", of.id),
            facts={**told, **facts, "people": len(attendance.people)},
            now=now,
        )
    named = await _name_people(vault, attendance, shown, erased=erased)
    made = await asyncio.to_thread(draw_signin, content.texts, held, attendance, named, now)
    return Sheet(of.title, made)


async def _read_class(
    connection: BaseDBAsyncClient, content: Content, of: AttendedClass
) -> SigninClass:
    (row,) = await connection.execute_query_dict(_CLASS, [of.id])
    programme = find_programme(content, row["programme"])
    facts = _read_facts(row["facts"])
    approved: datetime | None = row["made_at"]
    return SigninClass(
        id=of.id,
        title=of.title,
        county=row["county"],
        holder=row["holder"],
        programme=programme.name,
        online=programme.online,
        occupation=f"{row['occupation']} {row['level']}".strip(),
        address=row["address"],
        teacher=row["teacher"],
        hours=row["hours"],
        first=row["starts_on"],
        last=row["ends_on"],
        filing_number=str(facts.get("filing_number") or ""),
        approved_at=approved,
    )


async def _name_people(
    vault: Vault, attendance: Attendance, shown: Shown, *, erased: bool
) -> dict[UUID, Named]:
    """By person, as the sheet has them."""
    named = {one.person: Named(one.name, one.id_number) for one in attendance.people}
    if shown is Shown.MASKED:
        return named
    rows = Person.filter(id__in=list(named))
    if not erased:
        rows = rows.filter(erased_at__isnull=True)
    for row in await rows.using_db(get_connection("default")):
        name = open_field_or_none(vault, row, "name") or named[row.id].name
        number = named[row.id].id_number
        if shown is Shown.WHOLE:
            number = open_field_or_none(vault, row, "id_number") or number
        named[row.id] = Named(name, number)
    return named


def _read_facts(facts: str | Mapping[str, object] | None) -> Mapping[str, object]:
    """What an event tells, as the driver gives it."""
    if facts is None:
        return {}
    read = json.loads(facts) if isinstance(facts, str) else facts
    return read if isinstance(read, Mapping) else {}
