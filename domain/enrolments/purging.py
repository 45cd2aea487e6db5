"""What of rosters has had its day (content/retention.yaml) goes, every night."""

from datetime import datetime, timedelta

from domain.actor import System
from domain.calendar import LOCAL
from domain.enrolments.holdings import KIND
from domain.holdings import Periods
from models.transactions import transaction

#: Whoever was named within it may be about to be put into a class.
_NEW = timedelta(days=1)
#: Enrolments whose last day, as /me has told it, is over.
_PAST = """
    SELECT e.id FROM enrolments e JOIN training_classes c ON c.id = e.training_class_id
    WHERE coalesce(c.ends_on, (e.created_at AT TIME ZONE 'Asia/Shanghai')::date)
        + $1::int < $2::date
    ORDER BY e.id LIMIT 1000 FOR UPDATE OF e
"""
#: Whoever others named, who has never bound, and of whom nothing is left.
_UNNEEDED = """
    DELETE FROM people WHERE id IN (
        SELECT p.id FROM people p
        WHERE p.bound_at IS NULL AND p.erased_at IS NULL AND p.created_at < $1
            AND NOT EXISTS (SELECT FROM enrolments WHERE person_id = p.id)
            AND NOT EXISTS (SELECT FROM identities WHERE person_id = p.id)
            AND NOT EXISTS (SELECT FROM employer_contacts WHERE person_id = p.id)
            AND NOT EXISTS (SELECT FROM requests WHERE person_id = p.id)
            AND NOT EXISTS (SELECT FROM check_ins WHERE person_id = p.id)
        ORDER BY p.id FOR UPDATE SKIP LOCKED
    )
"""


async def purge_enrolments(
    actor: System,  # noqa: ARG001
    periods: Periods,
    *,
    now: datetime,
) -> int:
    """Delete the enrolments whose day is over, with what was told, amended and tested, then
    whoever was only ever named by others and is in no class any more. Answers how many
    enrolments went."""
    period, gone = periods.get(KIND), 0
    today = now.astimezone(LOCAL).date()
    while period is not None and period.keep_days:
        async with transaction() as connection:
            rows = await connection.execute_query_dict(_PAST, [period.keep_days, today])
            ids = [row["id"] for row in rows]
            for table in ("test_results", "amendments", "informed"):
                await connection.execute_query(
                    f"DELETE FROM {table} WHERE enrolment_id = ANY($1::uuid[])",  # noqa: S608
                    [ids],
                )
            await connection.execute_query(
                "DELETE FROM enrolments WHERE id = ANY($1::uuid[])", [ids]
            )
        gone += len(ids)
        if not ids:
            break
    async with transaction() as connection:
        await connection.execute_query(_UNNEEDED, [now - _NEW])
    return gone
