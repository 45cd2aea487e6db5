"""Puts right what an office said of a class when it agreed: the number of the filing, 市直.

The line of the agreement stays as it is. A line of its own says what holds from now on, what was
there before, and why; whoever holds the class reads it too.
"""

from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from domain.actor import Actor
from domain.audit.rules import Fact
from domain.errors import DomainError
from domain.training.approving import CORRECT, Given, given_in, may_run_by_city, require_number
from domain.training.life import Side, Status
from domain.training.locking import hold_class, require_side, save_change
from models.training import ClassEvent, TrainingClass
from models.transactions import transaction

#: Those that an office has agreed to; one that was archived is still asked about.
CORRECTABLE = frozenset({Status.APPROVED, Status.OPEN, Status.ENDED, Status.ARCHIVED})
_LONGEST_REASON = 500


async def correct_approval(
    actor: Actor,
    class_id: UUID,
    version: int,
    *,
    filing_number: str,
    city_run: bool | None,
    reason: str,
    now: datetime,
) -> None:
    """Say anew which number the filing has ("": none), and whether the city organises the class;
    None: as it was said.

    Raises DomainError: as hold_class; no_permission for whoever does not decide on the class, or
    on 市直 (may_run_by_city); class_step_refused for one that is not agreed to;
    class_reason_needed, nothing_to_correct, class_details_wrong.
    """
    reason = reason.strip()[:_LONGEST_REASON]
    async with transaction() as connection:
        held = await hold_class(connection, actor, class_id, version)
        require_side(held, Side.OFFICER)
        if held.before not in CORRECTABLE:
            raise DomainError("class_step_refused", step=CORRECT, status=held.before.value)
        if not reason:
            raise DomainError("class_reason_needed", about="correct", step=CORRECT)
        known = await _read_given(connection, class_id)
        given = Given(filing_number, known.city_run if city_run is None else city_run)
        if given.city_run != known.city_run:
            # Who may not say that the city organises it may not say either that it does not.
            _require_city(actor, held.row)
        require_number(given)
        told = _tell(known, given)
        if not told:
            raise DomainError("nothing_to_correct", about="approval")
        await save_change(connection, actor, held, CORRECT, facts=told, reason=reason, now=now)


def _require_city(actor: Actor, row: TrainingClass) -> None:
    if not may_run_by_city(actor, is_project=row.is_project):
        raise DomainError("no_permission")


def _tell(before: Given, after: Given) -> dict[str, Fact]:
    """All that holds now, and of what was changed how it was; nothing where nothing was."""
    told: dict[str, Fact] = {}
    if after.number != before.number:
        told |= {"filing_number_before": before.number}
    if after.city_run != before.city_run:
        told |= {"city_run_before": before.city_run, "city_run": after.city_run}
    return {**after.facts, **told} if told else {}


async def _read_given(connection: BaseDBAsyncClient, class_id: UUID) -> Given:
    lines = ClassEvent.filter(training_class_id=class_id).using_db(connection)
    return given_in([(one.kind, one.facts) for one in await lines.order_by("version")])
