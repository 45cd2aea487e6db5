"""Enrolments as something that is held of a person: how long, a copy, what erasure takes.

A roster that was filed is a voucher for public money and stays its time. What was never filed
goes: whoever is erased gives their places back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from domain.calendar import LOCAL
from domain.enrolments.locking import hold_people, hold_row
from domain.enrolments.results import find_results
from domain.enrolments.rules import LOOSE, NEVER_HELD
from domain.holdings import Holding, Periods, Whose, keep_until
from domain.vault import Vault
from models.enrolments import Amendment, Enrolment, Informed, NoticeWords
from models.training import TrainingClass

#: A key of content/retention.yaml.
KIND = "training"

#: Enrolments that were on no roster that was filed.
_NEVER_FILED = """
    SELECT e.id FROM enrolments e JOIN training_classes c ON c.id = e.training_class_id
    WHERE e.person_id = $1
        AND (c.status = ANY($2::text[]) OR e.status = 'withdrawn')
        AND NOT EXISTS (SELECT FROM amendments a WHERE a.enrolment_id = e.id)
"""


class EnrolmentRecords:
    """Enrolments with what the person was told, amendments of rosters, results of tests."""

    async def list_held(
        self,
        whose: Whose,
        periods: Periods,
        now: datetime,  # noqa: ARG002
    ) -> list[Holding]:
        """As Holder."""
        if whose.person is None:
            return []
        rows = await Enrolment.filter(person_id=whose.person)
        classes = await _classes_of(rows)
        goes = await _find_never_filed(get_connection("default"), whose.person)
        stays = [row for row in rows if row.id not in goes]
        until = [
            keep_until(periods.get(KIND), classes[row.training_class_id].ends_on or row.created_at)
            for row in stays or rows
        ]
        last = max((day for day in until if day is not None), default=None)
        return [Holding(KIND, len(rows), last, survives=bool(stays))] if rows else []

    async def copy(
        self,
        vault: Vault,  # noqa: ARG002
        whose: Whose,
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """As Holder."""
        if whose.person is None:
            return {}
        rows = await Enrolment.filter(person_id=whose.person).order_by("id")
        classes = await _classes_of(rows)
        told = await Informed.filter(enrolment_id__in=[row.id for row in rows]).order_by("id")
        words = {
            kept.digest: kept.words
            for kept in await NoticeWords.filter(digest__in=[one.notice_digest for one in told])
        }
        amended = await Amendment.filter(enrolment_id__in=[row.id for row in rows]).order_by("id")
        titles = {row.id: classes[row.training_class_id].title for row in rows}
        return {
            "enrolments": [
                {
                    "class": classes[row.training_class_id].title,
                    "status": row.status,
                    "unfinished": row.unfinished,
                    "channel": row.channel,
                    "beyond_three": row.beyond_three,
                    "created_at": row.created_at.astimezone(LOCAL),
                    "changed_at": row.changed_at.astimezone(LOCAL),
                }
                for row in rows
            ],
            "notices_told": [
                {
                    "words": words.get(one.notice_digest, ""),
                    "channel": one.channel,
                    "told_at": one.told_at and one.told_at.astimezone(LOCAL),
                }
                for one in told
            ],
            "roster_amendments": [
                {
                    "kind": one.kind,
                    "reason": one.reason,
                    "allowed_by": one.allowed_by,
                    "made_at": one.made_at.astimezone(LOCAL),
                }
                for one in amended
            ],
            "test_results": [
                {
                    "class": titles[enrolment],
                    "kind": one.kind,
                    "held_on": one.held_on,
                    "result": one.result,
                    "certificate": one.certificate,
                }
                for enrolment, one in await find_results(titles)
            ],
        }

    async def erase(
        self,
        connection: BaseDBAsyncClient,
        whose: Whose,
        periods: Periods,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> None:
        """As Holder. What was filed meanwhile stays."""
        if whose.person is None:
            return
        await hold_people(connection, [whose.person])
        rows = await Enrolment.filter(person_id=whose.person).using_db(connection)
        for class_id in sorted({row.training_class_id for row in rows}):
            await hold_row(connection, class_id)
        found = await _find_never_filed(connection, whose.person)
        await Enrolment.filter(id__in=list(found)).using_db(connection).delete()


async def _find_never_filed(connection: BaseDBAsyncClient, person: UUID) -> set[UUID]:
    """The person's enrolments that an erasure takes."""
    never_filed = [*LOOSE, *NEVER_HELD, "draft"]
    rows = await connection.execute_query_dict(_NEVER_FILED, [person, never_filed])
    return {row["id"] for row in rows}


async def _classes_of(rows: Sequence[Enrolment]) -> dict[object, TrainingClass]:
    ids = [row.training_class_id for row in rows]
    return {one.id: one for one in await TrainingClass.filter(id__in=ids)}
