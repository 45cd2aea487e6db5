"""Reads of messages and dialogues."""

from dataclasses import dataclass
from datetime import datetime

from models.messages import Dialogue

#: Place (domain.vault) of what was said in a dialogue.
STATE_PLACE = b"dialogues.state"


@dataclass(frozen=True, slots=True)
class OpenDialogue:
    """A dialogue as it is stored; the state is sealed."""

    person: bytes
    state_sealed: bytes
    expires_at: datetime


async def find_dialogue(person: bytes, now: datetime) -> OpenDialogue | None:
    """The open dialogue of one person, None where there is none."""
    row = await Dialogue.get_or_none(person=person, expires_at__gt=now)
    return None if row is None else OpenDialogue(row.person, row.state_sealed, row.expires_at)


async def list_open_dialogues(now: datetime) -> list[OpenDialogue]:
    """All open dialogues: what Redis is filled with when it has lost its copy."""
    rows = await Dialogue.filter(expires_at__gt=now).values_list(
        "person", "state_sealed", "expires_at"
    )
    return [OpenDialogue(*row) for row in rows]
