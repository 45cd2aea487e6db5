"""Records are stored so that a person who asked to be forgotten stays forgotten.

Several workers store at once, so a farewell may be stored before what came ahead of it. Who asks
to be forgotten is therefore marked before anything is stored, and the marks are read after:
either the late batch is there when the farewell forgets, or it finds the mark.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.messaging.actions import forget_person, store_records
from domain.messaging.records import FORGETTING_KINDS, InboundRecord

#: A mark must outlive any record that waits in Redis.
MARK_LASTS = timedelta(days=2)


class ForgettingMarks(Protocol):
    """Who has asked to be forgotten, and when, for MARK_LASTS."""

    async def put(self, asked: Mapping[bytes, datetime]) -> None:
        """Mark persons (blind indexes); a later time replaces an earlier one."""

    async def read(self, persons: Sequence[bytes]) -> Mapping[bytes, datetime]:
        """The marks of those of `persons` that have one."""


async def store_and_forget(
    records: Sequence[InboundRecord], marks: ForgettingMarks
) -> list[InboundRecord]:
    """Keep `records`, in order, and forget whom they or the marks say; answers those refused.

    May be done again for the same records after any failure.
    """
    farewells = [record for record in records if record.kind in FORGETTING_KINDS]
    if farewells:
        await marks.put({record.person: record.received_at for record in farewells})
    refused = await store_records(records)
    persons = sorted({record.person for record in records})
    if persons:
        for person, asked_at in (await marks.read(persons)).items():
            await forget_person(person, asked_at)
    return refused
