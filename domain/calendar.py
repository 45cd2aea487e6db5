"""Asia/Shanghai, the only time zone of the service (law 7)."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")

#: Where a door or a job gets the time from; domain code takes `now` as an argument.
Clock = Callable[[], datetime]


def local_now() -> datetime:
    """The time on the city's clocks."""
    return datetime.now(LOCAL)
