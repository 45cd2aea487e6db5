"""What a class wants of check-ins: its own settings, or the usual ones."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from content.schema import Content
from domain.actor import Actor
from domain.attendance.classes import find_attended_class
from domain.attendance.rules import Wants
from domain.audit.log import record
from domain.audit.rules import Fact
from domain.employers.contacts import require_still_acting
from domain.errors import DomainError
from domain.permissions import Permission
from models.columns import new_id
from models.transactions import transaction

#: What the columns take.
_MINUTES, _PERCENT = range(121), range(101)
#: Of a class that is over the settings say how its hours were counted.
_OVER = frozenset({"ended", "archived", "cancelled"})
_SAVE = """
    INSERT INTO attendance_settings (
        id, training_class_id, opens_before_min, closes_after_min, late_until_percent,
        wants_place, refuses_far, wants_out, version, changed_by, changed_at, outs_turned
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::timestamptz[])
    ON CONFLICT (training_class_id) DO UPDATE SET
        (opens_before_min, closes_after_min, late_until_percent, wants_place, refuses_far,
            wants_out, version, changed_by, changed_at, outs_turned)
        = (excluded.opens_before_min, excluded.closes_after_min, excluded.late_until_percent,
            excluded.wants_place, excluded.refuses_far, excluded.wants_out, excluded.version,
            excluded.changed_by, excluded.changed_at,
            attendance_settings.outs_turned || excluded.outs_turned)
    WHERE attendance_settings.version = excluded.version - 1
    RETURNING version
"""


def usual_wants(content: Content) -> Wants:
    """What classes want that do not say it themselves (content/attendance.yaml)."""
    return Wants(**content.attendance.defaults.model_dump())


async def change_attendance_settings(
    actor: Actor, usual: Wants, class_id: UUID, wants: Wants, version: int, *, now: datetime
) -> int:
    """Say what a class wants from now on. `version`: of the settings that `actor` has seen, 0 for
    the usual ones; the new one.

    What has been taken stays as it was taken, and a session that has begun asks for what it asked
    for when it began. A class that is over is not changed.
    Raises DomainError: no_permission, not_found; attendance_settings_wrong;
    class_unchangeable for one that is over; attendance_settings_changed.
    """
    _require_within(wants)
    async with transaction() as connection:
        await require_still_acting(connection, actor)
        asked = (Permission.ENTER_CHECK_INS, usual, class_id)
        seen = await find_attended_class(connection, actor, *asked)
        if seen.status in _OVER:
            raise DomainError("class_unchangeable", status=seen.status, fields=["attendance"])
        turned = [now] if wants.wants_out != seen.wants.wants_out else []
        values = [new_id(), class_id, *asdict(wants).values(), version + 1, actor.key, now, turned]
        if seen.settings_version != version or not await connection.execute_query_dict(
            _SAVE, values
        ):
            raise DomainError("attendance_settings_changed")
        before, after = asdict(seen.wants), asdict(wants)
        facts: dict[str, Fact] = {
            name: value for name, value in after.items() if before[name] != value
        }
        await record(
            connection,
            actor,
            "attendance.settings",
            about=("class", class_id),
            facts=facts,
            now=now,
        )
    return version + 1


def _require_within(wants: Wants) -> None:
    """Raises DomainError attendance_settings_wrong with the fields."""
    wrong = [
        *(
            name
            for name in ("opens_before_min", "closes_after_min")
            if getattr(wants, name) not in _MINUTES
        ),
        *(["late_until_percent"] if wants.late_until_percent not in _PERCENT else []),
    ]
    if wrong:
        raise DomainError("attendance_settings_wrong", fields=wrong)
