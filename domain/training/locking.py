"""A class as an action holds it: read and locked, with its facts, and the one way of changing it.

Locks are taken in one order by everybody: whoever acts for a firm, people, the institution, the
class. The institution is shared, so that a suspension waits for what is under way and whatever
comes behind it is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from content.schema import Programme
from domain.actor import Actor
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.calendar import LOCAL
from domain.employers.contacts import require_still_acting
from domain.errors import DomainError
from domain.institutions.queries import standing_of
from domain.permissions import Permission, may, require
from domain.training.details import Video
from domain.training.life import Side, Status
from domain.training.rules import ClassFacts, require_listed, require_taught
from domain.training.views import details_of, holder_of, sitting_of
from models.final_tests import FinalTest
from models.institutions import Institution
from models.training import ClassEvent, ClassSession, TrainingClass

_TAKEN = """
    SELECT count(*) AS taken, count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM test_results WHERE test_results.enrolment_id = enrolments.id
    )) AS untested,
    count(*) FILTER (WHERE status <> 'completed' AND NOT unfinished) AS unsettled
    FROM enrolments WHERE training_class_id = $1 AND status <> 'withdrawn'
"""


@dataclass(slots=True)
class HeldClass:
    """A class that nobody else changes, or enrols in, until the transaction ends."""

    row: TrainingClass
    sides: frozenset[Side]
    before: Status

    @property
    def institution(self) -> UUID | None:
        """Who holds it, where that is an institution."""
        return self.row.institution_id

    @property
    def holder(self) -> UUID:
        """Who holds it: the institution or the firm."""
        return holder_of(self.row)


def sides_of(actor: Actor, row: TrainingClass) -> frozenset[Side]:
    """On which sides of this class `actor` stands; none where it is out of reach."""
    asked = ((Permission.FILE_CLASS, Side.HOLDER), (Permission.DECIDE_CLASS, Side.OFFICER))
    return frozenset(side for permission, side in asked if _reaches(actor, permission, row))


def _reaches(actor: Actor, permission: Permission, row: TrainingClass) -> bool:
    try:
        require(actor, permission, owner=holder_of(row), county=row.county)
    except DomainError:
        return False
    return True


async def hold_class(
    connection: BaseDBAsyncClient, actor: Actor, class_id: UUID, version: int
) -> HeldClass:
    """Hold a class that `actor` has seen as `version`.

    Who acts for a firm is asked again whether they still do: they may have been removed since
    the door asked, and whoever removes them waits from here on.

    Raises DomainError: no_permission; not_found for what is out of reach; class_changed where
    somebody was faster, with what they did: status, version, and the kinds of their events.
    """
    if not (may(actor, Permission.FILE_CLASS) or may(actor, Permission.DECIDE_CLASS)):
        raise DomainError("no_permission")
    await require_still_acting(connection, actor)
    seen = await TrainingClass.filter(id=class_id).using_db(connection).get_or_none()
    sides = frozenset[Side]() if seen is None else sides_of(actor, seen)
    if seen is None or not sides:
        raise DomainError("not_found")
    if seen.institution_id is not None:
        await connection.execute_query(
            "SELECT FROM institutions WHERE id = $1 FOR SHARE",
            [seen.institution_id],
        )
    query = TrainingClass.filter(id=class_id).using_db(connection)
    row = await query.select_for_update(no_key=True).get()
    if row.version != version:
        since = ClassEvent.filter(training_class_id=class_id, version__gt=version)
        kinds = await since.using_db(connection).order_by("version").values_list("kind", flat=True)
        raise DomainError(
            "class_changed", status=row.status, version=row.version, since=list(kinds)
        )
    return HeldClass(row, sides, Status(row.status))


def require_side(held: HeldClass, side: Side) -> None:
    """Raises DomainError no_permission unless the actor stands on `side` of the class."""
    if side not in held.sides:
        raise DomainError("no_permission")


async def require_may_train(
    connection: BaseDBAsyncClient, institution_id: UUID, occupation: str, now: datetime
) -> None:
    """The institution is listed today, for this occupation among others.

    Raises DomainError institution_not_listed, class_occupation_not_taught.
    """
    day = now.astimezone(LOCAL).date()
    require_listed(await standing_of(institution_id, day, connection))
    institution = await Institution.get(id=institution_id, using_db=connection)
    require_taught(occupation, institution.may_teach)


async def load_facts(
    connection: BaseDBAsyncClient, row: TrainingClass, programme: Programme
) -> ClassFacts:
    """The class as the rules see it."""
    (counts,) = await connection.execute_query_dict(_TAKEN, [row.id])
    tests = FinalTest.filter(training_class_id=row.id).using_db(connection)
    return ClassFacts(
        details=details_of(row),
        programme=programme,
        sittings=[sitting_of(one) for one in await list_sessions(connection, row.id)],
        taken=counts["taken"],
        untested=counts["untested"],
        unsettled=counts["unsettled"],
        tests=await tests.count(),
        video=Video(row.video_location, row.video_sha256, row.video_holder),
    )


async def list_sessions(connection: BaseDBAsyncClient, class_id: UUID) -> list[ClassSession]:
    """The sessions of a class, the earliest first."""
    return await (
        ClassSession.filter(training_class_id=class_id)
        .using_db(connection)
        .order_by("starts_at", "id")
    )


async def save_change(
    connection: BaseDBAsyncClient,
    actor: Actor,
    held: HeldClass,
    kind: str,
    *,
    after: Status | None = None,
    facts: Mapping[str, Fact] | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    """Save the held row as its next version, with its line in the class's history and in the
    audit log. `after`: the status that it has from now on; None: as before."""
    row, told = held.row, dict(facts or {})
    row.status = (after or held.before).value
    row.version += 1
    await row.save(using_db=connection)
    await write_event(
        connection, actor, row, kind, before=held.before, facts=told, reason=reason, now=now
    )


async def write_event(
    connection: BaseDBAsyncClient,
    actor: Actor,
    row: TrainingClass,
    kind: str,
    *,
    before: Status | None,
    facts: Mapping[str, Fact],
    reason: str = "",
    now: datetime,
) -> None:
    """The line in the class's history, and in the audit log, for the version that `row` has."""
    await ClassEvent.create(
        training_class_id=row.id,
        version=row.version,
        kind=kind,
        before=before.value if before else "",
        after=row.status,
        facts=dict(facts),
        reason=reason,
        made_by=actor.key,
        made_at=now,
        using_db=connection,
    )
    told: dict[str, Fact] = {**facts, "version": row.version, "status": row.status}
    if reason:
        told["reason"] = reason
    await record(connection, actor, f"class.{kind}", about=("class", row.id), facts=told, now=now)
