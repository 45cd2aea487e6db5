"""The job about files: what belongs to nothing any more goes, every night."""

import structlog
from procrastinate import Blueprint, JobContext

from domain.actor import System
from domain.files.sweeping import sweep_files
from jobs import schedule
from jobs.context import TOOLS, JobTools

log = structlog.get_logger(__name__)

blueprint = Blueprint()


# After people.purge, which lets go of what has had its day.
@blueprint.periodic(cron=schedule.at(4, 17))
@blueprint.task(name="files.sweep", pass_context=True, queue="upkeep", queueing_lock="files.sweep")
async def sweep(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every night: bytes without a row. Raises OSError where the store is away."""
    tools: JobTools = context.additional_context[TOOLS]
    if tools.files is None:
        raise ValueError("this worker knows no place for files")
    swept = await sweep_files(System("files.sweep"), tools.files, now=tools.clock())
    log.info("files_swept", count=swept)
