"""When periodic tasks run. procrastinate reads cron in UTC; people read Asia/Shanghai.

China has no summer time, so that one shift holds all the year.
"""

#: Asia/Shanghai is so far ahead of UTC.
_HOURS_AHEAD = 8

#: For `periodic(cron=…)`.
EVERY_MINUTE = "* * * * *"
EVERY_HOUR = "23 * * * *"


def at(hour: int, minute: int) -> str:
    """The cron line for every day at hour:minute in Asia/Shanghai."""
    if not (0 <= hour < 24 and 0 <= minute < 60):
        raise ValueError(f"{hour}:{minute} is no time of day")
    return f"{minute} {(hour - _HOURS_AHEAD) % 24} * * *"
