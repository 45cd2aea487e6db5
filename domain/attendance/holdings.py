"""Check-ins as something that is held of a person: how long, a copy, what erasure takes.

They are vouchers for public money, as rosters are, and stay their time. What shows on which phone,
from which address and at which spot somebody checked in is there to find what is made up; it goes
much earlier.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from domain.calendar import LOCAL
from domain.holdings import Holding, Periods, Whose, keep_until
from domain.vault import Vault
from models.attendance import CheckIn, CodeMisses

#: Keys of content/retention.yaml.
KIND, TRACES = "check-in", "check-in-trace"

_COUNTS = """
    SELECT count(*) AS rows,
        count(*) FILTER (
            WHERE i.device IS NOT NULL OR i.address IS NOT NULL OR i.place IS NOT NULL
        ) AS traces,
        max(coalesce(c.ends_on, (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date)) AS last
    FROM check_ins i JOIN class_sessions s ON s.id = i.session_id
    JOIN training_classes c ON c.id = s.training_class_id
    WHERE i.person_id = $1
"""


class CheckInRecords:
    """Check-ins, and what they leave behind of phones."""

    async def list_held(
        self,
        whose: Whose,
        periods: Periods,
        now: datetime,  # noqa: ARG002
    ) -> list[Holding]:
        """As Holder: counted from the end of the class."""
        if whose.person is None:
            return []
        (row,) = await get_connection("default").execute_query_dict(_COUNTS, [whose.person])
        counts = ((KIND, row["rows"]), (TRACES, row["traces"]))
        return [_hold(kind, count, row["last"], periods) for kind, count in counts if count]

    async def copy(
        self,
        vault: Vault,  # noqa: ARG002
        whose: Whose,
    ) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """As Holder."""
        if whose.person is None:
            return {}
        rows = await (
            CheckIn.filter(person_id=whose.person)
            .order_by("at", "id")
            .prefetch_related("session__training_class")
        )
        return {"check_ins": [_copy(row) for row in rows]}

    async def erase(
        self,
        connection: BaseDBAsyncClient,
        whose: Whose,
        periods: Periods,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> None:
        """As Holder. Check-ins stay with the roster that they belong to; what is in the midst of
        being counted goes."""
        if whose.person is not None:
            await CodeMisses.filter(person_id=whose.person).using_db(connection).delete()


def _hold(kind: str, count: int, last: date, periods: Periods) -> Holding:
    return Holding(kind, count, keep_until(periods.get(kind), last), survives=True)


def _copy(row: CheckIn) -> dict[str, object]:
    session: Any = row.session
    return {
        "class": session.training_class.title,
        "session_starts_at": session.starts_at.astimezone(LOCAL),
        "kind": row.kind,
        "at": row.at.astimezone(LOCAL),
        "received_at": row.made_at.astimezone(LOCAL),
        "phone_at": row.phone_at and row.phone_at.astimezone(LOCAL),
        "channel": row.channel,
        "late": row.late,
        "distance_m": row.distance_m,
        "accuracy_m": row.accuracy_m,
        "flags": row.flags,
        "state": row.state,
        "reason": row.reason,
        "decision_reason": row.decision_reason,
        "phone_known": row.device is not None,
        "address_known": row.address is not None,
    }
