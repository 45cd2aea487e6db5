"""What keeps the queue itself in order: jobs of dead workers, late answers without a job."""

import structlog
from procrastinate import Blueprint, JobContext
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from domain.actor import System
from domain.idempotency.actions import forget_answers
from domain.messaging import actions, dialogues
from jobs import schedule
from jobs.context import TOOLS, JobTools

log = structlog.get_logger(__name__)

blueprint = Blueprint()

#: A worker says that it lives every 10 s; one that was silent for so long is dead.
_DEAD_SECONDS = 30.0
#: A job that has been begun so often and never ended kills its workers.
_MOST_ATTEMPTS = 10
#: Before the purges that wait in the same queue.
_FIRST = 10


@blueprint.periodic(cron=schedule.EVERY_MINUTE)
@blueprint.task(
    name="upkeep.take_over_jobs",
    pass_context=True,
    queue="upkeep",
    queueing_lock="upkeep.take_over_jobs",
    priority=_FIRST,
)
async def take_over_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every minute: what a killed worker left half done is queued again."""
    tools: JobTools = context.additional_context[TOOLS]
    tools.metrics.jobs_taken_over.inc(await take_over(context.app.job_manager))


@blueprint.periodic(cron=schedule.EVERY_MINUTE)
@blueprint.task(
    name="upkeep.give_up_late_replies",
    pass_context=True,
    queue="upkeep",
    queueing_lock="upkeep.give_up_late_replies",
    priority=_FIRST,
)
async def give_up_late_replies(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every minute: late answers whose job has spent its attempts are closed."""
    tools: JobTools = context.additional_context[TOOLS]
    given_up = await actions.give_up_late_replies(tools.clock())
    if given_up:
        tools.metrics.late_replies_given_up.inc(given_up)
        log.warning("late_replies_given_up", count=given_up)


@blueprint.periodic(cron=schedule.EVERY_MINUTE)
@blueprint.task(
    name="upkeep.forget_ended_dialogues",
    pass_context=True,
    queue="upkeep",
    queueing_lock="upkeep.forget_ended_dialogues",
    priority=_FIRST,
)
async def forget_ended_dialogues(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every minute: what talks that have ended leave behind for retries, and no longer."""
    tools: JobTools = context.additional_context[TOOLS]
    await dialogues.forget_ended_dialogues(tools.clock())


@blueprint.periodic(cron=schedule.EVERY_HOUR)
@blueprint.task(
    name="upkeep.forget_answers",
    pass_context=True,
    queue="upkeep",
    queueing_lock="upkeep.forget_answers",
)
async def forget_first_answers(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every hour: what was kept for requests that come again, and did not for a day."""
    tools: JobTools = context.additional_context[TOOLS]
    count = await forget_answers(System("forget_answers"), now=tools.clock())
    log.info("answers_forgotten", count=count)


async def take_over(manager: JobManager, dead_after: float = _DEAD_SECONDS) -> int:
    """Queue the jobs of workers again that were silent for `dead_after` seconds; their number.

    procrastinate lists such jobs and leaves them to us. A job may so be done twice, never not at
    all: what it does outside must bear that.
    """
    stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=dead_after)
    return sum([await _take_over_one(manager, job) for job in stalled])


async def _take_over_one(manager: JobManager, job: Job) -> bool:
    told = log.bind(task=job.task_name, job_id=job.id, attempt=job.attempts)
    try:
        if job.attempts >= _MOST_ATTEMPTS:
            await manager.finish_job(job, Status.FAILED, delete_job=False)
            told.error("job_given_up")
            return False
        await manager.retry_job(job)
    except UniqueViolation:
        # Another one with its queueing lock waits already: what it was to do will be done.
        await manager.finish_job(job, Status.ABORTED, delete_job=True)
        return False
    except ConnectorException as error:
        # It ended meanwhile, or PostgreSQL has gone: there is a next minute.
        told.warning("job_not_taken_over", exc_info=error)
        return False
    told.warning("job_taken_over")
    return True
