"""Wrong codes, and the pause behind too many of them. Pure."""

import math
from datetime import datetime, timedelta

from domain.attendance.rules import show_time
from domain.calendar import LOCAL
from domain.errors import DomainError

#: Wrong codes within the first duration that begin a pause of the second.
MOST_MISSES, MISSES_WITHIN, PAUSE = 5, timedelta(minutes=10), timedelta(minutes=15)


def require_not_paused(paused_until: datetime | None, now: datetime) -> None:
    """Raises DomainError check_in_paused while no code is looked at."""
    if paused_until is None or now >= paused_until:
        return
    raise DomainError(
        "check_in_paused",
        until=paused_until.astimezone(LOCAL).isoformat(),
        # At the minute before it would be refused once more.
        again=show_time(paused_until + timedelta(seconds=59)),
        retry_after=max(1, math.ceil((paused_until - now).total_seconds())),
    )


def add_miss(times: list[datetime], now: datetime) -> tuple[list[datetime], datetime | None, int]:
    """The wrong codes of late with one more; until when no code is looked at, where that makes
    too many; how many more there may be. Behind a pause the count begins anew."""
    recent = [*(time for time in times if now - time < MISSES_WITHIN), now]
    left = MOST_MISSES - len(recent)
    return (recent, None, left) if left > 0 else ([], now + PAUSE, 0)
