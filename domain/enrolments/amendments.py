"""A filed roster changes by amendments alone, each naming who allowed it (L11); the office looks
at them, and at the sessions that were moved since it approved the class."""

import contextlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from domain.actor import Actor, EmployerContact
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.employers.contacts import require_still_acting
from domain.enrolments.admission import Admission, side_of
from domain.enrolments.changing import take_out
from domain.enrolments.homes import read_homes
from domain.enrolments.locking import find_holder, hold_class, hold_enrolment, hold_row
from domain.enrolments.looking import allow_look, noting_refusal
from domain.enrolments.notice import Teller, note_telling, word_notice_of
from domain.enrolments.rules import ACTIVE, Side, Status, check_allowed, check_amendable
from domain.errors import DomainError
from domain.people.naming import Named, find_or_make_person
from domain.permissions import Permission, Reach, reach_of, require
from domain.training.life import Side as ClassSide
from domain.training.locking import sides_of
from domain.training.views import holder_of
from domain.vault import Vault
from models.columns import new_id
from models.enrolments import Amendment, Enrolment
from models.training import ClassEvent, TrainingClass
from models.transactions import transaction

#: The office has looked at all that its last look (ClassEvent, seen) says. What is looked at: the
#: roster's amendments, and sessions that were moved once the class was approved; not those that
#: the service itself has moved (domain.actor.System), as the demo does at each start.
_UNSEEN = """
    WITH made AS (
        SELECT a.id, e.training_class_id AS class_id FROM amendments a
        JOIN enrolments e ON e.id = a.enrolment_id
        UNION ALL
        SELECT id, training_class_id FROM class_events
        WHERE kind = 'sessions' AND before IN ('approved', 'open') AND made_by NOT LIKE 'system %'
    )
    SELECT a.id, c.id AS class_id FROM made a
    JOIN training_classes c ON c.id = a.class_id
    WHERE c.status NOT IN ('archived', 'cancelled')
        AND ($1::text IS NULL OR c.county = $1) AND ($2::uuid IS NULL OR c.id = $2)
        AND NOT EXISTS (
            SELECT FROM class_events v WHERE v.training_class_id = c.id AND v.kind = 'seen'
                AND (v.facts->>'upto')::uuid >= a.id
        )
    ORDER BY a.id
"""


async def amend_roster(
    actor: Actor,
    vault: Vault,
    teller: Teller,
    *,
    class_id: UUID,
    joins: Named | None = None,
    leaves: UUID | None = None,
    allowed_by: str,
    reason: str,
    told_beyond_three: bool = False,
    now: datetime,
) -> UUID:
    """Change the roster of a class that is filed: somebody `joins`, or the enrolment `leaves`.
    The enrolment's id. Names who allowed it.

    Raises DomainError: roster_not_amendable, amendment_unfounded, already_in_class, not_found,
    and what Admission.admit refuses; too_many_looks. Who joins and is refused is on the record.
    """
    allowed_by, reason = check_allowed(allowed_by, reason)
    noting = contextlib.nullcontext() if joins is None else noting_refusal(actor, class_id, now)
    async with noting, transaction() as connection:
        await require_still_acting(connection, actor)
        holder = await find_holder(connection, class_id)
        require(actor, Permission.ENROL, owner=holder)
        side = side_of(actor, holder=holder)
        if side not in (Side.HOLDER, Side.SYSTEM):
            raise DomainError("no_permission")
        if joins is not None:
            row, one = await _join(
                connection, actor, vault, teller, class_id, joins, told_beyond_three, now
            )
        else:
            found = Enrolment.filter(id=leaves, training_class_id=class_id).using_db(connection)
            known = await found.get_or_none()
            if known is None:
                raise DomainError("not_found")
            row, one = await hold_enrolment(connection, known)
            check_amendable(row.status, row.title)
            if one.status not in ACTIVE - {Status.COMPLETED}:
                raise DomainError("enrolment_stands", status=one.status)
            await take_out(connection, actor, one, side, now)
        kind = "leave" if joins is None else "join"
        await Amendment.create(
            id=new_id(),
            enrolment_id=one.id,
            kind=kind,
            reason=reason,
            allowed_by=allowed_by,
            made_by=actor.key,
            made_at=now,
            using_db=connection,
        )
        await record(
            connection,
            actor,
            "roster.amend",
            about=("enrolment", one.id),
            facts={"kind": kind, "allowed_by": allowed_by, "reason": reason},
            now=now,
        )
        facts: dict[str, Fact] = {"kind": kind, "allowed_by": allowed_by}
        await _write_event(connection, actor, row, "amend", facts, reason, now=now)
        return one.id


async def _write_event(
    connection: BaseDBAsyncClient,
    actor: Actor,
    row: TrainingClass,
    kind: str,
    facts: Mapping[str, Fact],
    reason: str = "",
    *,
    now: datetime,
) -> None:
    """The line in the history of the class, which is held, with the version that it makes: an
    officer who decides on an earlier one is told and looks again."""
    row.version += 1
    await row.save(using_db=connection, update_fields=["version"])
    await ClassEvent.create(
        training_class_id=row.id,
        version=row.version,
        kind=kind,
        before=row.status,
        after=row.status,
        facts=dict(facts),
        reason=reason,
        made_by=actor.key,
        made_at=now,
        using_db=connection,
    )


async def _join(
    connection: BaseDBAsyncClient,
    actor: Actor,
    vault: Vault,
    teller: Teller,
    class_id: UUID,
    named: Named,
    told: bool,
    now: datetime,
) -> tuple[TrainingClass, Enrolment]:
    await allow_look(connection, actor, teller.content, 1, now)
    of_firm = isinstance(actor, EmployerContact)
    source, channel = ("employer", "employer") if of_firm else ("roster", "console")
    homes = await read_homes(connection, teller.content, class_id)
    person = await find_or_make_person(
        connection, vault, named, source=source, homes=homes, now=now
    )
    held = await hold_class(connection, teller, class_id, now)
    admission = await Admission.prepare(connection, teller, held, [person])
    check_amendable(held.row.status, held.row.title)
    if admission.find(person) is not None:
        raise DomainError("already_in_class")
    side = side_of(actor, holder=held.holder)
    one = admission.admit(
        actor, person, side=side, channel=channel, told=told, now=now, amending=True
    )
    await admission.save(connection)
    words = await word_notice_of(teller, held.row, now)
    await note_telling(
        connection, [one.id], words, channel=channel, shown=False, made_by=actor.key, now=now
    )
    return held.row, one


async def count_unseen(actor: Actor) -> dict[UUID, int]:
    """How many changes nobody of the office has looked at, by class, where `actor` decides on
    classes; of what is put away or was called off none.

    Raises DomainError no_permission.
    """
    reach = reach_of(actor, Permission.DECIDE_CLASS)
    if reach is None:
        raise DomainError("no_permission")
    county = getattr(actor, "county", None) or "" if reach is Reach.COUNTY else None
    rows = await get_connection("default").execute_query_dict(_UNSEEN, [county, None])
    return dict(Counter(row["class_id"] for row in rows))


async def list_unseen(actor: Actor, class_id: UUID) -> list[UUID]:
    """The changes of one class that nobody of the office has looked at, the oldest first; none
    for who does not decide on the class."""
    row = await TrainingClass.get_or_none(id=class_id)
    if row is None or ClassSide.OFFICER not in sides_of(actor, row):
        return []
    rows = await get_connection("default").execute_query_dict(_UNSEEN, [None, class_id])
    return [one["id"] for one in rows]


async def note_seen(actor: Actor, *, class_id: UUID, upto: UUID, now: datetime) -> int:
    """The office has looked at the changes of a class as far as `upto`; how many of them nobody
    had looked at before. Those that are made later wait again.

    Raises DomainError: no_permission, not_found.
    """
    async with transaction() as connection:
        row = await TrainingClass.filter(id=class_id).using_db(connection).get_or_none()
        if row is None:
            require(actor, Permission.DECIDE_CLASS)
            raise DomainError("not_found")
        require(actor, Permission.DECIDE_CLASS, owner=holder_of(row), county=row.county)
        row = await hold_row(connection, class_id)
        rows = await connection.execute_query_dict(_UNSEEN, [None, class_id])
        seen = [one["id"] for one in rows if one["id"] <= upto]
        if seen:
            facts: dict[str, Fact] = {"amendments": len(seen)}
            about = ("class", class_id)
            await record(connection, actor, "roster.seen", about=about, facts=facts, now=now)
            await _write_event(
                connection, actor, row, "seen", facts | {"upto": str(seen[-1])}, now=now
            )
        return len(seen)
