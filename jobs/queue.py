"""The queue with the tasks of all areas, and the lanes in which they run."""

from dataclasses import dataclass

import procrastinate
import psycopg_pool

from domain.followup import Queue
from jobs import audit, files, messaging, notices, people, requests, staff, training, upkeep

_BLUEPRINTS = (
    audit.blueprint,
    files.blueprint,
    messaging.blueprint,
    notices.blueprint,
    people.blueprint,
    requests.blueprint,
    staff.blueprint,
    training.blueprint,
    upkeep.blueprint,
)

#: Fetching and finishing jobs takes milliseconds: eight jobs do not need eight connections.
_MOST_CONNECTIONS = 6
#: Longer than a busy PostgreSQL needs, short beside the wait for one that has gone.
_CONNECTION_SECONDS = 3
#: A connection whose other end is gone without a word (a machine lost, a network cut) fails after
#: some 25 s instead of hours. Without effect on unix sockets.
_NOTICE_SILENCE = {
    "connect_timeout": _CONNECTION_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


@dataclass(frozen=True, slots=True)
class Lane:
    """A queue, and how many of its jobs run at once in one worker process."""

    queue: Queue
    concurrency: int


#: What people wait for never stands behind a purge.
LANES = (Lane("default", 8), Lane("upkeep", 1))


class _Pool(psycopg_pool.AsyncConnectionPool):
    """Opens soon or not at all: the caller tries again, and sooner than a pool that waits longer
    and longer between its attempts."""

    async def open(self, wait: bool = False, timeout: float = _CONNECTION_SECONDS) -> None:
        await super().open(wait, timeout)


def make_job_app(database_url: str) -> procrastinate.App:
    """The queue as the worker runs it; to be opened. Task names carry their area themselves.

    One at a time in a process: a task knows one app, the last that was made.
    """
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            pool_factory=_Pool,
            conninfo=database_url,
            min_size=1,
            max_size=_MOST_CONNECTIONS,
            timeout=_CONNECTION_SECONDS,
            kwargs=_NOTICE_SILENCE,
        )
    )
    for blueprint in _BLUEPRINTS:
        app.add_tasks_from(blueprint, namespace="")
    return app
