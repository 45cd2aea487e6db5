"""The queue with the tasks of all areas."""

import procrastinate

from jobs import messaging

_BLUEPRINTS = (messaging.blueprint,)


def make_job_app(database_url: str) -> procrastinate.App:
    """The queue as the worker runs it; to be opened. Task names carry their area themselves."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=4)
    )
    for blueprint in _BLUEPRINTS:
        app.add_tasks_from(blueprint, namespace="")
    return app
