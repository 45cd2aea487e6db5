"""Jobs about accounts of the console: the end of what is kept for a while."""

import structlog
from procrastinate import Blueprint, JobContext

from domain.staff.attempts import purge_tries
from domain.staff.sessions import purge_sessions
from jobs import schedule
from jobs.context import TOOLS, JobTools

log = structlog.get_logger(__name__)

blueprint = Blueprint()


@blueprint.periodic(cron=schedule.at(3, 27))
@blueprint.task(name="staff.purge", pass_context=True, queue="upkeep", queueing_lock="staff.purge")
async def purge(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every night: sessions that are over, and counts of wrong tries that say nothing any more."""
    tools: JobTools = context.additional_context[TOOLS]
    now = tools.clock()
    log.info("staff_purged", count=await purge_sessions(now) + await purge_tries(now))
