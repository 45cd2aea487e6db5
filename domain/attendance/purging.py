"""What of check-ins has had its day (content/retention.yaml) goes, every night."""

from datetime import date, datetime, timedelta

from domain.actor import System
from domain.attendance.holdings import KIND, TRACES
from domain.attendance.misses import purge_misses
from domain.attendance.scans import OF_CLASS
from domain.calendar import LOCAL
from domain.holdings import Periods
from models.transactions import transaction

_BATCH = 5000
#: A purge that did not run for so long makes up for it; older rows were looked at before.
_MAKES_UP = timedelta(days=100)
#: Of classes that ended before a day; one without an end by its session's day.
_ENDED = """
    FROM training_classes c JOIN class_sessions s ON s.training_class_id = c.id
    JOIN check_ins i ON i.session_id = s.id
    WHERE coalesce(c.ends_on, (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date) < $1::date
"""
_DELETE = f"""
    DELETE FROM check_ins WHERE id IN (SELECT i.id {_ENDED} LIMIT {_BATCH})
"""  # noqa: S608 (nothing of it comes from outside)
#: Scans of paper sheets go with what was entered from them, and their keys first of all.
_LET_GO = f"""
    DELETE FROM stored_files WHERE id IN (
        SELECT f.id FROM stored_files f JOIN training_classes c ON c.id = f.about
        WHERE f.kind = '{OF_CLASS}' AND coalesce(
            c.ends_on, (f.made_at AT TIME ZONE 'Asia/Shanghai')::date
        ) < $1::date AND NOT EXISTS (SELECT FROM check_ins i WHERE i.document_id = f.id)
        LIMIT {_BATCH}
    )
"""  # noqa: S608
_FORGET = f"""
    UPDATE check_ins SET device = NULL, address = NULL, place = NULL WHERE id IN (
        SELECT i.id {_ENDED}
            AND coalesce(c.ends_on, (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date) >= $2::date
            AND (i.device IS NOT NULL OR i.address IS NOT NULL OR i.place IS NOT NULL)
        LIMIT {_BATCH}
    )
"""  # noqa: S608


async def purge_check_ins(
    actor: System,  # noqa: ARG001
    periods: Periods,
    *,
    now: datetime,
) -> int:
    """Delete the check-ins whose day is over, forget on which phones and whence the others of long
    ago were made, the scans of paper sheets, and the wrong codes of yesterday. Answers how many
    check-ins went."""
    await purge_misses(now)
    before = _day_of(TRACES, periods, now)
    if before is not None:
        await _repeat(_FORGET, before, before - _MAKES_UP)
    over = _day_of(KIND, periods, now)
    if over is None:
        return 0
    gone = await _repeat(_DELETE, over)
    await _repeat(_LET_GO, over)
    return gone


def _day_of(kind: str, periods: Periods, now: datetime) -> date | None:
    """What ended before it has had its day; None where it stays."""
    period = periods.get(kind)
    if period is None or period.keep_days is None:
        return None
    return now.astimezone(LOCAL).date() - timedelta(days=period.keep_days)


async def _repeat(statement: str, *days: date) -> int:
    """Run it in batches until nothing is left; how many rows it touched."""
    total = 0
    while True:
        async with transaction() as connection:
            touched, _ = await connection.execute_query(statement, list(days))
        total += touched
        if touched < _BATCH:
            return total
