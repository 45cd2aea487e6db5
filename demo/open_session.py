"""The session that is open at every start of the demo: whoever tries it can check in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from content.schema import Content
from demo.world import World
from domain.actor import System
from domain.attendance.wanting import change_attendance_settings, usual_wants
from domain.errors import DomainError
from domain.training import actions
from domain.training.details import LONGEST_SITTING, Sitting
from domain.training.life import Status
from domain.training.queries import ClassCard, ClassFile, find_class

SEEDING = System("demo")
#: As long as anybody would need a session that can be checked in to.
OPEN_FOR = timedelta(hours=4)


async def ensure_open_session(world: World, content: Content, classes: Sequence[UUID]) -> None:
    """One of `classes` has a session that goes on for OPEN_FOR, and lets people in until its end.
    A session that has begun stays as it is; where there is too little left of it, the other class
    has one."""
    for class_id in classes:
        await _let_in_until_the_end(world, content, class_id)
    found = [await _find(world, content, one) for one in classes]
    if any(_open_sessions(one, world.now) for one in found):
        return
    begins = (world.now - timedelta(minutes=10)).replace(second=0, microsecond=0)
    fresh = Sitting(begins, begins + LONGEST_SITTING, "实操练习（演示：随时可以签到）")
    for one in found:
        if all(sitting.ends_at <= begins for sitting in one.sessions):
            await actions.plan_sessions(
                SEEDING,
                one.row.id,
                one.row.version,
                [*one.sessions, fresh],
                reason="演示：每次启动都有一节正在上的课",
                now=begins - timedelta(minutes=1),
            )
            return


async def describe_open_session(
    world: World, content: Content, cards: Sequence[ClassCard]
) -> Mapping[str, object] | None:
    """It and where it is held, of the first of `cards` that has one; None where none has."""
    for card in cards:
        if card.row.status != Status.OPEN.value or card.row.latitude is None:
            continue
        found = await _find(world, content, card.row.id)
        for session in _open_sessions(found, world.now):
            return {
                "id": str(session),
                "class_id": str(card.row.id),
                "latitude": card.row.latitude,
                "longitude": card.row.longitude,
            }
    return None


async def _let_in_until_the_end(world: World, content: Content, class_id: UUID) -> None:
    """Elsewhere nobody comes in after half time; here whoever tries may come at any hour."""
    usual = usual_wants(content)
    wants = replace(usual, late_until_percent=100)
    try:
        await change_attendance_settings(SEEDING, usual, class_id, wants, 0, now=world.now)
    except DomainError as error:
        # What somebody has set since stays.
        if error.code != "attendance_settings_changed":
            raise


async def _find(world: World, content: Content, class_id: UUID) -> ClassFile:
    return await find_class(SEEDING, content, class_id, now=world.now)


def _open_sessions(found: ClassFile, now: datetime) -> list[UUID]:
    return [
        one.id for one in found.sessions if one.starts_at <= now and now + OPEN_FOR <= one.ends_at
    ]
