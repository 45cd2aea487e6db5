"""Who was there to the end of a class, and who was not; said by whoever holds it, once it ended."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor, Staff
from domain.audit.log import record
from domain.employers.contacts import require_still_acting
from domain.enrolments.admission import side_of
from domain.enrolments.lines import RosterLine, make_lines
from domain.enrolments.locking import hold_row
from domain.enrolments.queries import require_roster
from domain.enrolments.rules import Side, Status, check_move
from domain.errors import DomainError
from domain.permissions import Permission, require
from domain.training.views import holder_of
from domain.vault import Vault
from models.enrolments import Enrolment
from models.transactions import transaction


class Completed(NamedTuple):
    """Of how many it was said now; those of whom it was known already are not counted."""

    completed: int
    unfinished: int


async def complete(
    actor: Actor,
    *,
    class_id: UUID,
    enrolments: Collection[UUID] | None = None,
    unfinished: Collection[UUID] = (),
    now: datetime,
) -> Completed:
    """`enrolments` were there to the end, or None: all who are confirmed; but not `unfinished`.

    Whoever was marked as unfinished by mistake may be completed later, until the class is put
    away; who has completed stays. Raises DomainError: no_permission; not_found for another's;
    enrolment_stands before the class has ended, and for who is not confirmed.
    """
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        row = await hold_row(connection, class_id)
        holder = holder_of(row)
        require(actor, Permission.ENROL, owner=holder)
        side = side_of(actor, holder=holder)
        known = await _hold_people(connection, class_id)
        missed = set(unfinished)
        named = _open(known) if enrolments is None else set(enrolments)
        if not missed | named <= known.keys():
            raise DomainError("not_found")
        done = [known[one] for one in named - missed if known[one].status != Status.COMPLETED]
        not_done = [known[one] for one in missed if not known[one].unfinished]
        for one in (*done, *not_done):
            _check(one, side, row.status, row.title)
        await _write(connection, actor, done, now, status=Status.COMPLETED.value, unfinished=False)
        await _write(connection, actor, not_done, now, unfinished=True)
        if (done or not_done) and isinstance(actor, Staff):
            facts = {"people": len(done), "unfinished": len(not_done)}
            about = ("class", class_id)
            await record(connection, actor, "roster.complete", about=about, facts=facts, now=now)
        return Completed(len(done), len(not_done))


async def list_confirmed(
    actor: Actor, vault: Vault, class_id: UUID, *, most: int | None = None
) -> tuple[list[RosterLine], int]:
    """Those of whom nobody has said yet whether they were there to the end, masked, at most
    `most`; and how many they are. Raises DomainError: no_permission, not_found."""
    await require_roster(actor, class_id, Permission.SEE_ROSTER)
    rows = Enrolment.filter(
        training_class_id=class_id, status=Status.CONFIRMED.value, unfinished=False
    )
    shown = rows.order_by("id") if most is None else rows.order_by("id").limit(most)
    return await make_lines(vault, await shown), await rows.count()


async def _hold_people(connection: BaseDBAsyncClient, class_id: UUID) -> dict[UUID, Enrolment]:
    rows = Enrolment.filter(training_class_id=class_id).using_db(connection).order_by("id")
    return {one.id: one for one in await rows.select_for_update(no_key=True)}


def _open(known: dict[UUID, Enrolment]) -> set[UUID]:
    return {
        one.id for one in known.values() if one.status == Status.CONFIRMED and not one.unfinished
    }


def _check(one: Enrolment, side: Side, class_status: str, title: str) -> None:
    """To say that somebody was not there is who may say that they were, and when."""
    before = Status(one.status)
    check_move(before, Status.COMPLETED, side=side, class_status=class_status, title=title)


async def _write(
    connection: BaseDBAsyncClient,
    actor: Actor,
    people: Sequence[Enrolment],
    now: datetime,
    **values: object,
) -> None:
    rows = Enrolment.filter(id__in=[one.id for one in people]).using_db(connection)
    await rows.update(**values, changed_by=actor.key, changed_at=now)
