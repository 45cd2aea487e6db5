"""A schedule in local time, whatever zone the machine is set to."""

from datetime import datetime

import pytest

from domain.calendar import LOCAL
from jobs.queue import make_job_app
from jobs.schedule import at


@pytest.mark.parametrize(
    ("hour", "minute", "cron"),
    [(3, 17, "17 19 * * *"), (0, 0, "0 16 * * *"), (8, 5, "5 0 * * *"), (23, 59, "59 15 * * *")],
)
def test_local_time_becomes_utc(hour: int, minute: int, cron: str) -> None:
    assert at(hour, minute) == cron


@pytest.mark.parametrize(("hour", "minute"), [(24, 0), (-1, 0), (3, 60)])
def test_what_is_no_time_of_day_is_refused(hour: int, minute: int) -> None:
    with pytest.raises(ValueError, match="no time of day"):
        at(hour, minute)


def test_the_purge_runs_at_night() -> None:
    """As procrastinate itself reckons: it hands croniter a number of seconds."""
    app = make_job_app("postgres://localhost/none")
    purge = app.periodic_registry.periodic_tasks["messaging.purge_messages", ""]
    now = datetime(2026, 11, 22, 12, 0, tzinfo=LOCAL).timestamp()
    due = purge.croniter.get_next(ret_type=float, start_time=now)
    assert datetime.fromtimestamp(due, LOCAL) == datetime(2026, 11, 23, 3, 17, tzinfo=LOCAL)
