"""What is done with a class before and while it is held; each is one transaction of its own.

`content` says which programmes and counties there are. `version` is the one that the actor has
seen: of two who change a class at once one wins, and the other gets class_changed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from content.schema import Content, Programme
from domain.actor import Actor
from domain.audit.rules import Fact
from domain.calendar import LOCAL
from domain.employers.contacts import require_still_acting
from domain.errors import DomainError
from domain.permissions import Permission, require
from domain.training.approving import Given, require_given
from domain.training.clashes import find_clashing, require_no_clash
from domain.training.details import (
    Details,
    Sitting,
    count_lessons,
    require_plannable,
    require_same_past,
    require_well_written,
)
from domain.training.life import EDITABLE, HELD, Side, Step, require_changeable, take_step
from domain.training.locking import (
    HeldClass,
    hold_class,
    list_sessions,
    load_facts,
    require_may_train,
    require_side,
    save_change,
    write_event,
)
from domain.training.places import count_places
from domain.training.roster import confirm_applied, read_roster
from domain.training.rules import (
    NEED_STANDING,
    HolderKind,
    require_complete,
    require_holder,
    require_hours,
    require_in_time,
)
from domain.training.views import details_of, find_programme, sitting_of
from models.training import ClassSession, TrainingClass
from models.transactions import transaction


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a class."""

    kind: HolderKind
    id: UUID


async def draft_class(
    actor: Actor, content: Content, holder: Holder, details: Details, *, now: datetime
) -> TrainingClass:
    """Begin a class (草稿). An institution that is suspended may go on writing, no more.

    Raises DomainError: no_permission, not_found, class_details_wrong, class_not_for_holder.
    """
    require(actor, Permission.FILE_CLASS, owner=holder.id)
    _require_details(content, details, holder.kind)
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        row = await TrainingClass.create(
            **asdict(details),
            **{f"{holder.kind}_id": holder.id},
            created_at=now,
            using_db=connection,
        )
        await write_event(connection, actor, row, "draft", before=None, facts={}, now=now)
    return row


async def change_class(
    actor: Actor,
    content: Content,
    class_id: UUID,
    version: int,
    details: Details,
    *,
    reason: str = "",
    now: datetime,
) -> TrainingClass:
    """Write the class's details anew; while it is held only the teacher, with a reason.

    Raises DomainError: as hold_class; no_permission, class_details_wrong, class_not_for_holder,
    class_unchangeable, class_reason_needed, class_people_overlap.
    """
    async with transaction() as connection:
        held = await hold_class(connection, actor, class_id, version)
        require_side(held, Side.HOLDER)
        known = asdict(details_of(held.row))
        changed = {name: value for name, value in asdict(details).items() if value != known[name]}
        if not changed:
            return held.row
        places = (await count_places(connection, [class_id]))[class_id]
        require_changeable(held.before, frozenset(changed), people=places.gone)
        _require_details(content, details, "institution" if held.institution else "employer")
        _require_reason(held, reason)
        if "capacity" in changed and details.capacity < places.gone:
            raise DomainError("class_details_wrong", fields={"capacity": "below_taken"})
        held.row.update_from_dict(changed)
        facts: dict[str, Fact] = {"fields": [*sorted(changed)]}
        await save_change(connection, actor, held, "change", facts=facts, reason=reason, now=now)
        if {"starts_on", "ends_on"} & set(changed):
            await require_no_clash(connection, class_id)
    return held.row


async def plan_sessions(
    actor: Actor,
    class_id: UUID,
    version: int,
    sittings: Sequence[Sitting],
    *,
    reason: str = "",
    now: datetime,
) -> TrainingClass:
    """Plan all sessions of a class anew; one whose times stay keeps its id.

    While the class is held a reason is needed, what has begun stays as it is, and so do the hours
    that were approved; the office is called to the change (domain.enrolments.amendments). Whoever
    is in another class at the new times is only counted, in the class's history.
    Raises DomainError: as hold_class; no_permission, class_unchangeable, class_reason_needed,
    class_sessions_wrong, class_hours_short, class_people_overlap; class_session_attended for
    moving or taking out one that somebody has checked in to.
    """
    async with transaction() as connection:
        held = await hold_class(connection, actor, class_id, version)
        require_side(held, Side.HOLDER)
        if held.before not in EDITABLE | HELD:
            raise DomainError("class_unchangeable", status=held.before.value, fields=["sessions"])
        _require_reason(held, reason)
        require_plannable(sittings, held.row.starts_on, held.row.ends_on)
        known = await list_sessions(connection, class_id)
        facts: dict[str, Fact] = {"sessions": len(sittings), "lessons": count_lessons(sittings)}
        if held.before in HELD:
            before = [sitting_of(session) for session in known]
            require_same_past(sittings, before, now)
            require_hours(sittings, before, held.row.hours)
            facts |= {"sessions_before": len(before), "lessons_before": count_lessons(before)}
        await _replace_sessions(connection, class_id, known, sittings)
        if held.before in EDITABLE:
            await require_no_clash(connection, class_id)
        elif clashing := await find_clashing(connection, class_id):
            # What is held already goes on: who is in it can no longer leave by themselves, so
            # that they are named to whoever holds it, and the office is told how many there are.
            facts["clashing"] = len(clashing)
        await save_change(connection, actor, held, "sessions", facts=facts, reason=reason, now=now)
    return held.row


async def open_recruiting(
    actor: Actor, content: Content, class_id: UUID, version: int, *, now: datetime
) -> TrainingClass:
    """Begin to recruit (开始招生): from now on everybody sees the class.

    Raises DomainError: as take; institution_not_listed, class_incomplete, class_dates_past.
    """
    return await take(actor, content, class_id, version, Step.RECRUIT, now=now)


async def file_class(
    actor: Actor, content: Content, class_id: UUID, version: int, *, now: datetime
) -> TrainingClass:
    """Hand the class in for filing (备案), which confirms all who have applied and freezes the
    roster (L11).

    Raises DomainError: as open_recruiting; class_people_overlap.
    """
    return await take(actor, content, class_id, version, Step.FILE, now=now)


async def approve_class(
    actor: Actor,
    content: Content,
    class_id: UUID,
    version: int,
    *,
    given: Given | None = None,
    now: datetime,
) -> TrainingClass:
    """Agree that the class opens (L11). `given`: what the office says of it then.

    Raises DomainError: as file_class: everything is looked at again on the day; require_given.
    """
    return await take(actor, content, class_id, version, Step.APPROVE, given=given, now=now)


async def return_class(
    actor: Actor, content: Content, class_id: UUID, version: int, reason: str, *, now: datetime
) -> TrainingClass:
    """Give a filed class back to be put right, which thaws its roster.

    Raises DomainError: class_reason_needed.
    """
    return await take(actor, content, class_id, version, Step.RETURN, reason, now=now)


async def open_class(
    actor: Actor, content: Content, class_id: UUID, version: int, *, now: datetime
) -> TrainingClass:
    """Open the class on its first day or later (先备案、后开班, L11).

    Raises DomainError: institution_not_listed, class_too_early, class_dates_past.
    """
    return await take(actor, content, class_id, version, Step.OPEN, now=now)


async def end_class(
    actor: Actor, content: Content, class_id: UUID, version: int, *, now: datetime
) -> TrainingClass:
    """Close the class behind its last session. Raises DomainError class_still_running."""
    return await take(actor, content, class_id, version, Step.END, now=now)


async def archive_class(
    actor: Actor, content: Content, class_id: UUID, version: int, *, now: datetime
) -> TrainingClass:
    """Put the class away for good, with its video and its test (L02, L10).

    Raises DomainError class_incomplete.
    """
    return await take(actor, content, class_id, version, Step.ARCHIVE, now=now)


async def cancel_class(
    actor: Actor, content: Content, class_id: UUID, version: int, reason: str, *, now: datetime
) -> TrainingClass:
    """Call the class off. Raises DomainError class_reason_needed."""
    return await take(actor, content, class_id, version, Step.CANCEL, reason, now=now)


async def take(
    actor: Actor,
    content: Content,
    class_id: UUID,
    version: int,
    step: Step,
    reason: str = "",
    *,
    given: Given | None = None,
    now: datetime,
) -> TrainingClass:
    """Lead the class on by `step`; the functions above are this with a step's own conditions.

    Raises DomainError: as hold_class; class_step_refused, no_permission, class_reason_needed,
    and what the step's own conditions raise."""
    reason = reason.strip()[:_LONGEST_REASON]
    async with transaction() as connection:
        held = await hold_class(connection, actor, class_id, version)
        row = held.row
        after = take_step(held.before, step, held.sides, reason)
        if step in NEED_STANDING and held.institution is not None:
            await require_may_train(connection, held.institution, row.occupation, now)
        facts = await load_facts(connection, row, find_programme(content, row.programme))
        require_complete(step, facts)
        require_in_time(step, facts, now)
        if step in (Step.FILE, Step.APPROVE):
            await require_no_clash(connection, class_id)
        told = await _note_step(connection, actor, row, step, now)
        if given is not None:
            require_given(actor, row, given)
            told |= given.facts
        await save_change(
            connection, actor, held, step.value, after=after, facts=told, reason=reason, now=now
        )
    return row


_LONGEST_REASON = 500


async def _note_step(
    connection: BaseDBAsyncClient, actor: Actor, row: TrainingClass, step: Step, now: datetime
) -> dict[str, Fact]:
    """What the step leaves behind in the row beside its status; what its event tells of it."""
    if step is Step.RECRUIT:
        row.recruiting_since = now
    elif step is Step.FILE:
        confirmed = await confirm_applied(connection, row.id, actor.key, now)
        roster = await read_roster(connection, row.id)
        row.filed_at, row.roster_digest, row.roster_size = now, roster.digest, len(roster.lines)
        told: dict[str, Fact] = {"roster": roster.digest, "people": len(roster.lines)}
        return told | ({"confirmed": confirmed} if confirmed else {})
    elif step is Step.RETURN:
        row.roster_digest, row.roster_size = "", None
    return {}


def _require_details(content: Content, details: Details, kind: HolderKind) -> None:
    programmes = {programme.key: programme for programme in content.programmes}
    require_well_written(details, programmes, {county.code for county in content.counties})
    programme: Programme = programmes[details.programme]
    require_holder(programme, kind)


def _require_reason(held: HeldClass, reason: str) -> None:
    if held.before in HELD and not reason.strip():
        raise DomainError("class_reason_needed", step="change")


async def _replace_sessions(
    connection: BaseDBAsyncClient,
    class_id: UUID,
    known: Sequence[ClassSession],
    sittings: Sequence[Sitting],
) -> None:
    at = {(session.starts_at, session.ends_at): session for session in known}
    for sitting in sittings:
        session = at.pop((sitting.starts_at, sitting.ends_at), None)
        if session is None:
            await ClassSession.create(
                training_class_id=class_id, **asdict(sitting), using_db=connection
            )
        elif session.topic != sitting.topic:
            session.topic = sitting.topic
            await session.save(using_db=connection, update_fields=["topic"])
    gone = [session.id for session in at.values()]
    if gone:
        await _require_unattended(connection, gone)
        await ClassSession.filter(id__in=gone).using_db(connection).delete()


#: Held first: whoever checks in at this moment is waited for, and whoever comes later finds that
#: the session is gone.
_HOLD_SESSIONS = "SELECT FROM class_sessions WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
_ATTENDED = """
    SELECT s.starts_at FROM class_sessions s
    WHERE s.id = ANY($1::uuid[]) AND EXISTS (SELECT FROM check_ins WHERE session_id = s.id)
    ORDER BY s.starts_at LIMIT 1
"""


async def _require_unattended(connection: BaseDBAsyncClient, sessions: Sequence[UUID]) -> None:
    """Raises DomainError class_session_attended where somebody has checked in to one of them: what
    people came to does not go away under them."""
    await connection.execute_query(_HOLD_SESSIONS, [list(sessions)])
    rows = await connection.execute_query_dict(_ATTENDED, [list(sessions)])
    if rows:
        starts_at = rows[0]["starts_at"].astimezone(LOCAL)
        raise DomainError(
            "class_session_attended",
            starts_at=starts_at.isoformat(),
            time=f"{starts_at.month}月{starts_at.day}日{starts_at:%H:%M}",
        )
