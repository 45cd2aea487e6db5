"""What was done with keys stands in the audit log, as all that staff do."""

from datetime import datetime

from domain.actor import System
from domain.audit.log import record
from domain.audit.rules import Facts
from domain.rotation.rotating import Outcome
from models.transactions import transaction


async def note_rotation(actor: System, key_id: str, outcome: Outcome, *, now: datetime) -> None:
    """Rows were sealed anew with the key of this id; how many, and how many are left."""
    facts: Facts = {
        "key": key_id,
        "done": outcome.done,
        "left": outcome.left,
        "refused": len(outcome.refused),
        "stopped": outcome.stopped,
    }
    async with transaction() as connection:
        await record(connection, actor, "key.rotate", facts=facts, now=now)


async def note_retirement(actor: System, key_id: str, *, now: datetime) -> None:
    """The key of this id was found to be needed no more, and what stays of it was shown."""
    async with transaction() as connection:
        await record(connection, actor, "key.retire", facts={"key": key_id}, now=now)
