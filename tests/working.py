"""A worker that does what is due and stops: the real queue with its real tasks."""

from typing import Any

from domain.followup import Queue
from jobs.context import TOOLS, JobTools
from jobs.queue import make_job_app


async def run_due_jobs(
    database_url: str, tools: JobTools, queue: Queue = "default", **more: Any
) -> None:
    """Run every job of `queue` that is due. `more`: of procrastinate's run_worker_async."""
    async with make_job_app(database_url).open_async() as app:
        await app.run_worker_async(
            queues=[queue],
            wait=False,
            install_signal_handlers=False,
            listen_notify=False,
            additional_context={TOOLS: tools},
            **more,
        )
